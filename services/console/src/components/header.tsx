// Proves that the screen is alive, and says at once what is not.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { connection } from "../data/alerts";
import { may, session, signOut } from "../data/api";
import { secondsSince, useNow } from "../data/clock";
import { address, go } from "../data/address";
import { leaving } from "../data/presence";
import { flow } from "../data/flow";
import { state as sound } from "../data/sound";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { limit } from "./areas";
import { faults } from "./faults";
import { Languages } from "./languages";
import { Pages } from "./menu";
import { Sound } from "./sound";

const SHOWN_FAULTS = 3;
const BACK_MS = 6_000;

interface HeaderProps {
  onHelp: () => void;
  onPeople: () => void;
}

export function Header({ onHelp, onPeople }: HeaderProps) {
  const words = useWords();
  const { t, number } = words;
  const { status, away } = useStore(health);
  const user = useStore(session);
  const heard = useStore(sound) === "on";
  const count = (sent: string): string => {
    const found = status?.sources[sent];
    if (!status) return "–/–";
    const known = status.broker && away === "";
    return `${known ? number(found?.up ?? 0) : "?"}/${number(found?.all ?? 0)}`;
  };
  const resting = status?.resting.length ?? 0;
  const origins = status?.origins.filter((origin) => origin !== "live") ?? [];
  return (
    <header className={heard ? "header" : "header silent"}>
      <Pages onHelp={onHelp} onPeople={onPeople} />
      <div className="brand">{t("app")}</div>
      <section className="vitals" aria-label={t("header.label")}>
        <span className="vital">
          <b>{count("frames")}</b> {t("header.cameras")}
        </span>
        <span className="dot" aria-hidden="true">
          ·
        </span>
        <span className="vital">
          <b>{count("readings")}</b> {t("header.sensors")}
        </span>
        {resting > 0 && (
          <>
            <span className="dot rests" aria-hidden="true">
              ·
            </span>
            <span className="vital rests">
              {number(resting)} {t("header.resting")}
            </span>
          </>
        )}
        <Newest />
      </section>
      <div className="badges">
        {user?.wards && (
          <span className="badge area" title={user.wards.join(", ")}>
            {limit(user.wards, words)}
          </span>
        )}
        {origins.map((origin) => (
          <span key={origin} className="badge">
            {t(`origin.${origin}`)}
          </span>
        ))}
      </div>
      <Sound />
      <Clock />
      <Languages />
      <Button className="button quiet square" aria-label={t("help.open")} onPress={onHelp}>
        ?
      </Button>
      <span className="user">
        <Button
          className="button quiet name"
          aria-label={t("people.open", { name: user?.name ?? "" })}
          onPress={onPeople}
        >
          {user?.name}
        </Button>
        <Button className="button quiet" onPress={() => void signOut().catch(() => undefined)}>
          {t("signout")}
        </Button>
      </span>
    </header>
  );
}

function Newest() {
  const { t, ago } = useWords();
  const { status } = useStore(health);
  const now = useNow(200);
  const newest = status?.newest;
  const text = newest
    ? ago(secondsSince(newest, now), 1)
    : t(status ? "header.none" : "header.unknown");
  return (
    <span className="vital newest">
      {newest && <span className="faint">{t("header.newest")}</span>} <b>{text}</b>
    </span>
  );
}

function Clock() {
  const { t, clock, date } = useWords();
  const now = useNow(200);
  return (
    <div className="clock" title={t("header.clock")}>
      <b>{clock(now)}</b> <span className="faint">{date(now)}</span>
    </div>
  );
}

/** One line of fixed height, so that nothing below it ever moves. */
export function Statement() {
  const leaves = useStore(leaving);
  const words = useWords();
  const { t, number } = words;
  const { status, away, heard } = useStore(health);
  const { live, since, recoveries } = useStore(connection);
  const passes = useStore(flow);
  const now = useNow(1_000);
  const back = useRecent(recoveries);
  const lost = !live || away === "server";

  // the server has answered since: it is the stream alone that is broken
  if (!live && away === "" && heard > since) {
    const age = words.age((Date.now() - since) / 1000);
    return <Line tone="lost" title={t("lost.stream")} text={t("lost.for", { age })} />;
  }
  if (lost && away !== "database") {
    const from = live ? heard : Math.min(since, heard);
    const age = words.age((Date.now() - from) / 1000);
    return <Line tone="lost" title={t("lost.title")} text={t("lost.for", { age })} />;
  }
  if (away === "database") return <Line tone="lost" text={t("lost.database")} />;
  if (leaves !== null) return <Line tone="lost" text={t("idle", { n: number(leaves) })} />;
  if (!status) return <Line tone="fine" text={t("header.unknown")} />;
  if (!status.broker) return <Line tone="lost" text={t("lost.broker")} />;
  const found = faults(status, now, words, passes);
  if (found.length > 0) {
    const more = found.length - SHOWN_FAULTS;
    const listed = found.slice(0, SHOWN_FAULTS).map((fault) => fault.text);
    if (more > 0) listed.push(t("header.more", { n: number(more) }));
    const all = found.map(({ text, detail }) => (detail ? `${text}: ${detail}` : text));
    const title = back ? t("lost.back") : "";
    return <Line tone="faults" title={title} text={listed.join(" · ")} hint={all.join("\n")} />;
  }
  if (back) return <Line tone="fine" text={t("lost.back")} />;
  if (status.awaited > 0)
    return <Line tone="fine" text={t("header.awaited", { n: number(status.awaited) })} />;
  const none = Object.keys(status.sources).length === 0;
  return <Line tone="fine" text={t(none ? "header.nosources" : "header.fine")} />;
}

interface LineProps {
  tone: string;
  title?: string;
  text: string;
  /** Everything there is to say, for whom the line is too short. */
  hint?: string;
}

function Line({ tone, title, text, hint }: LineProps) {
  const { t } = useWords();
  const { page } = useStore(address);
  return (
    <div className={`statement ${tone}`} role="status" data-tone={tone}>
      <span className="mark" aria-hidden="true">
        {tone === "fine" ? "✓" : "!"}
      </span>
      {title && <b>{title}</b>}
      <span className="text" title={hint ?? text}>
        {text}
      </span>
      {page !== "health" && may("status:read") && (
        <Button
          className="whole"
          aria-label={t("page.health")}
          onPress={() => go({ page: "health" })}
        />
      )}
    </div>
  );
}

/** Whether the number has risen within the last few seconds. */
function useRecent(number: number): boolean {
  const [recent, setRecent] = useState(false);
  useEffect(() => {
    if (number === 0) return;
    setRecent(true);
    const timer = window.setTimeout(() => setRecent(false), BACK_MS);
    return () => window.clearTimeout(timer);
  }, [number]);
  return recent;
}
