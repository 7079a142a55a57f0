// Who is on call, what people were told, and what became of it; channels can be tried out.
import { useCallback, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import * as api from "../data/api";
import { may, Problem, session } from "../data/api";
import { useNow } from "../data/clock";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import type { Channel, Duty, Notification, NotificationState } from "../types";
import { useAsked } from "./asked";

const STATES: readonly NotificationState[] = ["waiting", "sending", "sent", "failed", "withheld"];
const EVERY_MS = 5_000;

interface Known {
  duties: Duty[];
  channels: Channel[];
  messages: Notification[];
}

export function Notifications() {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  const [state, setState] = useState<NotificationState | "">("");
  const { known, failed, refresh } = useKnown(state);
  return (
    <div className="scrolled notify">
      <h3>{t("notify.oncall")}</h3>
      <ul>
        {known?.duties.map((duty) => (
          <li key={duty.rotation}>
            <bdi>{duty.rotation}</bdi>: <strong>{duty.user ?? t("notify.nobody")}</strong>
            {duty.until && (
              <span className="faint">
                {" "}
                {t("notify.until", { time: words.time(duty.until, now) })}
              </span>
            )}
          </li>
        ))}
      </ul>
      {known?.duties.length === 0 && <p className="faint">{t("notify.no_rotation")}</p>}
      <h3>{t("notify.channels")}</h3>
      <ul>
        {known?.channels.map((one) => (
          <Tried key={one.name} channel={one} onDone={refresh} />
        ))}
      </ul>
      {known?.channels.length === 0 && <p className="faint">{t("notify.no_channel")}</p>}
      <h3>{t("notify.messages")}</h3>
      <select
        aria-label={t("notify.state")}
        value={state}
        onChange={(event) => setState(event.currentTarget.value as NotificationState | "")}
      >
        <option value="">{t("notify.state.any")}</option>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {t(`notify.state.${one}`)}
          </option>
        ))}
      </select>
      <table className="rows audit">
        <thead>
          <tr>
            <th>{t("notify.time")}</th>
            <th>{t("notify.recipient")}</th>
            <th>{t("notify.what")}</th>
            <th>{t("notify.state")}</th>
          </tr>
        </thead>
        <tbody>
          {known?.messages.map((one) => (
            <Row key={one.sequence} message={one} now={now} words={words} />
          ))}
        </tbody>
      </table>
      <p className="message" role="alert">
        {failed ? t("act.away") : ""}
      </p>
      {known?.messages.length === 0 && <p className="faint">{t("notify.none")}</p>}
    </div>
  );
}

/** Asked anew every few seconds: what waits is sent meanwhile. */
function useKnown(state: NotificationState | "") {
  const ask = useCallback(async () => {
    const [duties, channels, messages] = await Promise.all([
      api.duties(),
      api.channels(),
      api.notifications(state),
    ]);
    return { duties, channels, messages };
  }, [state]);
  return useAsked<Known>(ask, EVERY_MS);
}

/** A channel, with a button that sends a test. */
function Tried({ channel, onDone }: { channel: Channel; onDone: () => Promise<void> }) {
  const { t } = useWords();
  const me = useStore(session);
  const [address, setAddress] = useState("");
  const [said, setSaid] = useState("");
  const test = async () => {
    try {
      await api.testChannel(channel.name, channel.addressed ? address : "");
      setSaid(t("notify.tested"));
      await onDone();
    } catch (error) {
      setSaid(error instanceof Problem ? error.message : t("act.away"));
    }
  };
  return (
    <li>
      <form
        className="adding"
        onSubmit={(event) => {
          event.preventDefault();
          void test();
        }}
      >
        <span>
          <bdi>{channel.name}</bdi> <span className="faint">{channel.type}</span>{" "}
          {channel.public && <span className="faint">{t("notify.public")}</span>}
        </span>
        {me && may("channels:manage", me) && channel.addressed && (
          <TextField name={`to-${channel.name}`} value={address} onChange={setAddress} isRequired>
            <Label>{t("notify.address")}</Label>
            <Input autoComplete="off" />
          </TextField>
        )}
        {me && may("channels:manage", me) && !channel.public && (
          <Button type="submit" className="button">
            {t("notify.test")}
          </Button>
        )}
        <output className="outcome">{said}</output>
      </form>
    </li>
  );
}

function Row({ message, now, words }: { message: Notification; now: number; words: Words }) {
  const { t } = words;
  // Who else was told in their place, and by which channel of people's.
  const other = message.told === message.recipient ? "" : message.told;
  const channel = message.told?.startsWith("channel:") ? "" : message.channel;
  const told = [other, channel].filter(Boolean).join(" · ");
  const bad = message.state === "failed";
  return (
    <tr>
      <td>{words.time(message.time, now)}</td>
      <td>
        <bdi>{message.recipient ?? t("notify.nobody")}</bdi>
        {told && <bdi className="faint"> {told}</bdi>}
      </td>
      <td>
        {message.alert === null ? (
          t("notify.a_test")
        ) : (
          <a href={`?alert=${encodeURIComponent(message.alert)}`}>
            {t(`severity.${message.severity}`)}:{" "}
            {words.pick(message.kind_vi ?? "", message.kind_en ?? "")}
          </a>
        )}
        {message.exercise && <span className="faint"> {t("notify.exercise")}</span>}
      </td>
      <td className={bad ? "bad" : ""}>
        {t(`notify.state.${message.state}` as Key)}
        {message.detail && <bdi className="faint"> {message.detail}</bdi>}
      </td>
    </tr>
  );
}
