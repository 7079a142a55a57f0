// Where somebody is told of alerts while the console is closed: browsers and telephones of theirs.
import { useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import * as api from "../data/api";
import { Problem } from "../data/api";
import { useNow } from "../data/clock";
import { called, here, lacking, subscribe, unsubscribe } from "../data/push";
import { type Key, useWords } from "../i18n";
import type { Device, Push } from "../types";
import { useAsked } from "./asked";

/** What was tried out comes meanwhile. */
const EVERY_MS = 5_000;

/** One's devices, and which of them this browser is. */
const ask = async () => ({ ...(await api.push()), own: await here().catch(() => "") });

export function Devices() {
  const { t } = useWords();
  const now = useNow(60_000);
  const { known, refresh, failed } = useAsked(ask, EVERY_MS);
  const [said, setSaid] = useState("");
  /** What is done, and what is said of it. */
  async function act(what: () => Promise<string>) {
    try {
      setSaid(await what());
    } catch (error) {
      setSaid(error instanceof Problem ? error.message : t("act.away"));
    }
    await refresh();
  }
  const on = known?.devices.some((one) => one.id === known.own && !one.ended_at) ?? false;
  return (
    <section className="card devices">
      <h2>{t("push")}</h2>
      <p className="faint">{t("push.hint")}</p>
      {known && !on && <TurnOn known={known} act={act} />}
      <ul>
        {known?.devices.map((one) => (
          <Row key={one.id} device={one} here={one.id === known.own} now={now} act={act} />
        ))}
      </ul>
      {known?.devices.length === 0 && <p className="faint">{t("push.none")}</p>}
      <p className="message" role="alert">
        {failed ? t("act.away") : said}
      </p>
    </section>
  );
}

type Act = (what: () => Promise<string>) => Promise<void>;

function TurnOn({ known, act }: { known: Push; act: Act }) {
  const { t, language } = useWords();
  const [name, setName] = useState(called);
  const [busy, setBusy] = useState(false);
  const lacks = lacking();
  const channel = known.channels[0];
  if (lacks) return <p>{t(`push.${lacks}`)}</p>;
  if (!channel) return <p>{t("push.no_channel")}</p>;
  async function turnOn(): Promise<string> {
    if (!channel) return "";
    let subscribed;
    try {
      subscribed = await subscribe(channel.key);
    } catch {
      return t("push.failed");
    }
    if (!subscribed) return t("push.refused");
    try {
      await api.addDevice({ channel: channel.name, name, language, ...subscribed });
    } catch (error) {
      await unsubscribe().catch(() => undefined);
      throw error;
    }
    return t("push.on");
  }
  return (
    <form
      className="adding"
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        void act(turnOn).finally(() => setBusy(false));
      }}
    >
      <TextField name="device" value={name} onChange={setName} isRequired maxLength={60}>
        <Label>{t("push.name")}</Label>
        <Input autoComplete="off" />
      </TextField>
      <Button type="submit" className="button" isDisabled={busy}>
        {t("push.turn_on")}
      </Button>
    </form>
  );
}

function Row(props: { device: Device; here: boolean; now: number; act: Act }) {
  const { device, here, now, act } = props;
  const { t, time } = useWords();
  const remove = async () => {
    await api.removeDevice(device.id);
    if (here) await unsubscribe().catch(() => undefined);
    return t("push.removed", { name: device.name });
  };
  const test = async () => {
    await api.testDevice(device.id);
    return t("push.tested", { name: device.name });
  };
  let state: Key = device.taken_at ? "push.taken" : "push.untaken";
  if (device.ended_at) state = "push.ended";
  return (
    <li data-device={device.id} data-ended={device.ended_at ? true : undefined}>
      <div>
        <strong>
          <bdi>{device.name}</bdi>
        </strong>{" "}
        {here && <span className="faint">{t("push.here")}</span>}
        <br />
        <span className="faint">
          {t(state, { time: time(device.ended_at ?? device.taken_at ?? device.made_at, now) })} ·{" "}
          <bdi>{device.host}</bdi>
        </span>
        {device.detail && (
          <>
            <br />
            <bdi>{device.detail}</bdi>
          </>
        )}
      </div>
      <div className="buttons">
        {!device.ended_at && (
          <Button
            className="button"
            onPress={() => void act(test)}
            aria-label={t("push.test.of", { name: device.name })}
          >
            {t("push.test")}
          </Button>
        )}
        <Button
          className="button quiet"
          onPress={() => void act(remove)}
          aria-label={t("push.remove.of", { name: device.name })}
        >
          {t("push.remove")}
        </Button>
      </div>
    </li>
  );
}
