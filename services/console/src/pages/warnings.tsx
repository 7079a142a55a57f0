// Telling the public: one person proposes, another confirms or withdraws; what became of it.
import { useCallback, useRef, useState } from "react";
import { Button, Label, TextArea, TextField } from "react-aria-components";
import * as api from "../data/api";
import { may, Problem, session } from "../data/api";
import { address, go } from "../data/address";
import { useNow } from "../data/clock";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import { useAsked } from "../components/asked";
import { Shape } from "../components/shape";
import { titleOf } from "../components/row";
import type { Alert, Channel, PublicWarning, Station } from "../types";

const EVERY_MS = 5_000;
/** A proposal is good for so long (`services/api/warnings.py`). */
const GOOD_FOR_MS = 3_600_000;
/** Of so many, the latest, is shown what they are about; the rest is a list. */
const TOLD = 20;

const REFUSED: Record<string, Key> = {
  same_person: "warn.refused.same_person",
  too_old: "warn.refused.too_old",
  decided: "warn.refused.decided",
  no_person: "warn.refused.no_person",
  no_channel: "warn.refused.no_channel",
  not_public: "warn.refused.not_public",
  outside_area: "warn.refused.outside_area",
  no_station: "warn.refused.no_station",
  not_live: "warn.refused.not_live",
  over: "warn.refused.over",
};

interface Known {
  warnings: PublicWarning[];
  channels: Channel[];
  alerts: Alert[];
  stations: Station[];
  /** What warnings are about that is no more among `alerts`. */
  about: Map<string, Alert>;
}

export default function Warnings() {
  const { t } = useWords();
  const me = useStore(session);
  const { known, failed, refresh } = useKnown();
  const [refused, setRefused] = useState<Problem | "away" | null>(null);
  const warns = may("alerts:warn", me);

  async function perform(what: () => Promise<PublicWarning>): Promise<boolean> {
    let done = true;
    try {
      await what();
      setRefused(null);
    } catch (error) {
      setRefused(error instanceof Problem ? error : "away");
      done = false;
    }
    await refresh();
    return done;
  }
  if (!known)
    return (
      <p className={failed ? "message" : "faint"}>{t(failed ? "act.away" : "page.loading")}</p>
    );
  const open = known.warnings.filter((one) => one.state === "proposed");
  const over = known.warnings.filter((one) => one.state !== "proposed");
  return (
    <div className="handbook">
      <p className="faint">{t("warn.hint")}</p>
      <p className="message" role="alert">
        {failed ? t("act.away") : ""}
        <Refusal of={refused} />
      </p>
      {warns ? (
        <Propose known={known} perform={perform} />
      ) : (
        <p className="faint">{t("warn.readonly")}</p>
      )}
      <h2>{t("warn.proposed")}</h2>
      {open.length === 0 && <p className="faint">{t("warn.none.proposed")}</p>}
      {open.map((one) => (
        <Proposal key={one.id} one={one} known={known} perform={perform} />
      ))}
      <h2>{t("warn.decided")}</h2>
      {over.length === 0 && <p className="faint">{t("warn.none.decided")}</p>}
      {over.length > 0 && <Decided warnings={over} known={known} />}
      {known.stations.length > 0 && <Stations stations={known.stations} />}
    </div>
  );
}

function Refusal({ of }: { of: Problem | "away" | null }) {
  const { t } = useWords();
  if (!of) return null;
  if (of === "away") return <>{t("act.away")}</>;
  const key = Object.hasOwn(REFUSED, of.reason) ? REFUSED[of.reason] : undefined;
  return <>{key ? t(key) : t("act.refused", { why: of.message })}</>;
}

function useKnown() {
  const about = useRef(new Map<string, Alert>());
  const ask = useCallback(async () => {
    const [warnings, channels, alerts, stations] = await Promise.all([
      api.warnings(),
      api.channels(),
      api.tellable(),
      api.stations(),
    ]);
    for (const one of alerts) about.current.set(one.id, one);
    const latest = warnings.slice(0, TOLD);
    const unknown = new Set(latest.map((one) => one.alert).filter((id) => !about.current.has(id)));
    const found = await Promise.all([...unknown].map((id) => api.alert(id).catch(() => null)));
    for (const one of found) if (one) about.current.set(one.id, one);
    return {
      warnings,
      channels: channels.filter((one) => one.public),
      alerts,
      stations,
      about: new Map(about.current),
    };
  }, []);
  return useAsked<Known>(ask, EVERY_MS);
}

interface DoesProps {
  known: Known;
  perform: (what: () => Promise<PublicWarning>) => Promise<boolean>;
}

function Propose({ known, perform }: DoesProps) {
  const words = useWords();
  const { t } = words;
  const asked = useStore(address).page.split("/")[1] ?? "";
  const [chosen, setChosen] = useState("");
  const [channel, setChannel] = useState("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const { alerts, channels } = known;
  const alert = alerts.find((one) => one.id === (chosen || asked))?.id ?? "";
  const by = channel || (channels.length === 1 ? channels[0]?.name : "") || "";
  if (channels.length === 0) return <p>{t("warn.no_channel")}</p>;
  if (alerts.length === 0) return <p>{t("warn.no_alert")}</p>;
  async function send() {
    setBusy(true);
    if (await perform(() => api.proposeWarning(alert, by, reason.trim()))) {
      setReason("");
      setChosen("");
      if (asked) go({ page: "warnings" });
    }
    setBusy(false);
  }
  return (
    <form
      className="card fields"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2>{t("warn.propose")}</h2>
      <label>
        {t("warn.alert")}
        <select value={alert} onChange={(event) => setChosen(event.currentTarget.value)} required>
          <option value="">{t("warn.choose")}</option>
          {alerts.map((one) => (
            <option key={one.id} value={one.id}>
              {t(`severity.${one.severity}`)}: {titleOf(one, words)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("warn.channel")}
        <select value={by} onChange={(event) => setChannel(event.currentTarget.value)} required>
          <option value="">{t("warn.choose")}</option>
          {channels.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name} ({one.type}
              {one.wards ? `: ${one.wards.join(", ")}` : ""})
            </option>
          ))}
        </select>
      </label>
      <TextField value={reason} onChange={setReason} minLength={3} maxLength={500} isRequired>
        <Label>{t("warn.reason")}</Label>
        <TextArea rows={3} />
      </TextField>
      <div className="buttons">
        <span className="faint hint">{t("warn.propose.hint")}</span>
        <Button
          className="button primary"
          type="submit"
          isDisabled={busy || !alert || !by || reason.trim().length < 3}
        >
          {t("warn.propose.send")}
        </Button>
      </div>
    </form>
  );
}

function Proposal({ one, known, perform }: DoesProps & { one: PublicWarning }) {
  const words = useWords();
  const { t } = words;
  const me = useStore(session);
  const now = useNow(10_000);
  const [sure, setSure] = useState(false);
  const left = Date.parse(one.proposed_at) + GOOD_FOR_MS - now;
  const warns = may("alerts:warn", me);
  const mine = one.proposed_by.toLowerCase() === me?.name.toLowerCase();
  return (
    <section className="card" data-warning={one.id}>
      <About one={one} known={known} />
      <p>
        {t("warn.by", {
          who: one.proposed_by,
          time: words.time(one.proposed_at, now),
          channel: one.channel,
        })}
      </p>
      <blockquote>{one.reason}</blockquote>
      <p className="faint">
        {left > 0 ? t("warn.left", { age: words.age(left / 1000) }) : t("warn.refused.too_old")}
      </p>
      {warns && (
        <div className="buttons">
          {mine && <span className="faint hint">{t("warn.mine")}</span>}
          <Button
            className="button"
            onPress={() => void perform(() => api.decideWarning(one.id, "withdraw"))}
          >
            {t(mine ? "warn.withdraw" : "warn.refuse")}
          </Button>
          {!mine && left > 0 && !sure && (
            <Button className="button primary" onPress={() => setSure(true)}>
              {t("warn.confirm")}
            </Button>
          )}
          {!mine && left > 0 && sure && (
            <Button
              className="button primary"
              autoFocus
              onPress={() => void perform(() => api.decideWarning(one.id, "confirm"))}
            >
              {t("warn.confirm.sure", { channel: one.channel })}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** The alert that a warning is about, as the public is told of it, and the way to it. */
function About({ one, known }: { one: PublicWarning; known: Known }) {
  const words = useWords();
  const { t } = words;
  const alert = known.about.get(one.alert);
  return (
    <p className="about">
      {alert && <Shape severity={alert.severity} fill="grey" size={18} />}{" "}
      <a href={`/?alert=${encodeURIComponent(one.alert)}`}>
        {alert
          ? `${t(`severity.${alert.severity}`)}: ${titleOf(alert, words)}`
          : t("warn.about", { id: one.alert.slice(0, 8) })}
      </a>
    </p>
  );
}

function Decided({ warnings, known }: { warnings: readonly PublicWarning[]; known: Known }) {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  return (
    <div className="scrolled" tabIndex={0} role="group" aria-label={t("warn.what")}>
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">{t("warn.when")}</th>
            <th scope="col">{t("warn.what")}</th>
            <th scope="col">{t("warn.who")}</th>
            <th scope="col">{t("warn.became")}</th>
          </tr>
        </thead>
        <tbody>
          {warnings.map((one) => (
            <tr key={one.id} data-warning={one.id}>
              <td>{words.time(one.decided_at ?? one.proposed_at, now)}</td>
              <td>
                <About one={one} known={known} />
                <span className="faint">{one.reason}</span>
              </td>
              <td>
                {one.proposed_by}
                {one.decided_by && one.decided_by !== one.proposed_by && ` → ${one.decided_by}`}
              </td>
              <td>{became(one, words)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function became(one: PublicWarning, words: Words) {
  const { t } = words;
  if (one.state === "withdrawn")
    return t(one.decided_by === one.proposed_by ? "warn.state.withdrawn" : "warn.state.refused");
  return (
    <>
      {t("warn.state.confirmed", { channel: one.channel })}{" "}
      <ul>
        {one.told.map((each) => (
          <li key={`${each.recipient} ${String(each.over)}`}>
            {each.recipient !== `channel:${one.channel}` && (
              <bdi>{each.recipient.slice(each.recipient.indexOf(":") + 1)}: </bdi>
            )}
            {each.over && `${t("warn.over")}: `}
            <strong>{t(`notify.state.${each.state}`)}</strong>
            {each.detail && <bdi className="faint"> {each.detail}</bdi>}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Loudspeakers: those that do not answer stand first. */
function Stations({ stations }: { stations: readonly Station[] }) {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  const dead = stations.filter((one) => one.state === "dead").length;
  return (
    <>
      <h2>{t("station.title")}</h2>
      <p className={dead ? "message" : "faint"}>
        {t("station.count", { dead: String(dead), all: String(stations.length) })}
      </p>
      <div className="scrolled" tabIndex={0} role="group" aria-label={t("station.title")}>
        <table className="rows">
          <thead>
            <tr>
              <th scope="col">{t("station.name")}</th>
              <th scope="col">{t("station.ward")}</th>
              <th scope="col">{t("station.state")}</th>
              <th scope="col">{t("station.heard")}</th>
            </tr>
          </thead>
          <tbody>
            {stations.map((one) => (
              <tr key={one.name} data-station={one.name}>
                <td>
                  <bdi>{one.name}</bdi>
                </td>
                <td>{one.ward}</td>
                <td>
                  {t(`station.state.${one.state}`)}
                  {one.detail && <bdi className="faint"> {one.detail}</bdi>}
                </td>
                <td>{one.heard_at ? words.time(one.heard_at, now) : t("station.never")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
