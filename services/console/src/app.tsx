// Who is signed in sees the alerts, or another page; everybody else signs in.
import { useEffect, useRef, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { address, go, SHOWS } from "./data/address";
import * as alerts from "./data/alerts";
import { may, ownPush, session, whoAmI } from "./data/api";
import { judgeAnew } from "./data/appearance";
import { attend } from "./data/presence";
import { follow } from "./data/push";
import { listen } from "./data/sound";
import * as status from "./data/status";
import { useStore } from "./data/store";
import { Speak, speaking } from "./i18n";
import { notice, perform } from "./components/acting";
import { type Asking, undoable } from "./components/actions";
import { Detail, watched } from "./components/detail";
import { MustEnrol } from "./components/factor";
import { SEARCH_ID } from "./components/filters";
import { enlarge } from "./components/enlarged";
import { Header, Statement } from "./components/header";
import { Help } from "./components/help";
import { useKeys } from "./components/keys";
import { List, type Rows, reveal } from "./components/list";
import { Page } from "./components/page";
import { MustChange } from "./components/password";
import { People } from "./components/people";
import { REMARK_ID } from "./components/remark";
import { SignIn } from "./components/signin";

const ASK_AGAIN_MS = 1_500;

export function App() {
  const { language } = useStore(address);
  const words = speaking(language);
  const user = useStore(session);
  useEffect(() => {
    document.documentElement.lang = language;
    if (!user) document.title = `${words.t("app")} · ${words.t("app.subtitle")}`;
  }, [language, words, user]);
  useEffect(() => {
    let current = true;
    async function ask() {
      while (current && session.get() === undefined) {
        try {
          await whoAmI();
        } catch {
          await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
        }
      }
    }
    void ask();
    return () => {
      current = false;
    };
  }, []);
  return (
    <I18nProvider locale={words.locale}>
      <Speak value={words}>
        {user === undefined && <p className="asking">{words.t("header.unknown")}</p>}
        {user === null && <SignIn />}
        {user?.must_change_password && <MustChange />}
        {user && !user.must_change_password && user.must_enrol && <MustEnrol />}
        {user && !user.must_change_password && !user.must_enrol && <Console />}
      </Speak>
    </I18nProvider>
  );
}

function Console() {
  const [asking, setAsking] = useState<Asking>("");
  const [help, setHelp] = useState(false);
  const [people, setPeople] = useState(false);
  const rows = useRef<Rows>({ ids: [], waiting: [], take: () => undefined });
  const { byId } = useStore(alerts.known);
  const { live } = useStore(alerts.connection);
  const { away } = useStore(status.health);
  const { language, page, alert } = useStore(address);
  const lost = !live || away !== "";
  // What was shown of another area goes.
  const area = JSON.stringify(useStore(session)?.wards);
  useEffect(() => {
    const { t, number } = speaking(language);
    const loud = [...byId.values()].filter(alerts.isUnacknowledged).length;
    const signs = [lost ? "⚠" : "", loud > 0 ? `(${number(loud)})` : ""].filter(Boolean);
    document.title = [...signs, `${t("app")} · ${t("app.subtitle")}`].join(" ");
  }, [byId, lost, language]);
  useEffect(() => {
    alerts.start();
    status.start();
    const leave = attend();
    return () => {
      leave();
      alerts.stop();
      status.stop();
    };
  }, [area]);

  useEffect(listen, []);
  useEffect(() => follow(go), []);
  useEffect(() => void ownPush().catch(() => undefined), []);
  useEffect(judgeAnew, []);

  const selected = () => alerts.known.get().byId.get(address.get().alert);
  const choose = (id: string | undefined) => {
    if (id === undefined) return;
    go({ alert: id });
    reveal(rows.current.ids.indexOf(id));
  };
  const move = (step: number) => {
    const { ids } = rows.current;
    const at = ids.indexOf(address.get().alert);
    if (at < 0) choose(ids[0]);
    else choose(ids[Math.min(ids.length - 1, Math.max(0, at + step))]);
  };
  const next = () => {
    const { ids } = rows.current;
    const at = ids.indexOf(address.get().alert);
    const order = [...ids.slice(at + 1), ...ids.slice(0, Math.max(0, at))];
    choose(
      order.find((id) => {
        const alert = alerts.known.get().byId.get(id);
        return alert && alerts.isUnacknowledged(alert);
      }),
    );
  };
  const ask = (what: Asking) => {
    const alert = selected();
    if (!alert || alert.state === "resolved" || !alert.own || !may("alerts:act")) return;
    notice.set(null);
    setAsking(what);
  };
  const everywhere = {
    l: () => go({ language: address.get().language === "vi" ? "en" : "vi" }),
    "?": () => setHelp(true),
  };
  const ofAlerts = {
    j: () => move(1),
    k: () => move(-1),
    arrowdown: () => move(1),
    arrowup: () => move(-1),
    n: next,
    a: () => {
      const alert = selected();
      if (alert?.own && may("alerts:act")) void perform(alert.id, "acknowledge");
    },
    r: () => ask("resolve"),
    c: () => document.getElementById(REMARK_ID)?.focus(),
    f: enlarge,
    s: () => {
      const alert = selected();
      if (!alert?.shelf) ask("shelve");
      else if (alert.own && may("alerts:act")) void perform(alert.id, "unshelve");
    },
    u: () => {
      const alert = selected();
      if (alert && undoable(alert) && may("alerts:act")) void perform(alert.id, "undo");
    },
    w: () => rows.current.take(),
    "/": () => document.getElementById(SEARCH_ID)?.focus(),
    escape: () => (watched.get() ? watched.set("") : go({ alert: "" })),
    ...Object.fromEntries(SHOWS.map((show, n) => [String(n + 1), () => go({ show })])),
  };
  useKeys(page === "" ? { ...ofAlerts, ...everywhere } : everywhere);
  return (
    <div className="console" data-shows={page ? "page" : alert ? "alert" : "list"}>
      <Header onHelp={() => setHelp(true)} onPeople={() => setPeople(true)} />
      <Statement />
      {page === "" ? (
        <main className="alerts">
          <List
            onRows={(shown) => {
              rows.current = shown;
            }}
          />
          <Detail asking={asking} onAsk={setAsking} />
        </main>
      ) : (
        <Page />
      )}
      {help && <Help onClose={() => setHelp(false)} />}
      {people && <People onClose={() => setPeople(false)} />}
    </div>
  );
}
