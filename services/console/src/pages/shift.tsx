// Who is on shift, what they note, and hand-overs with two signatures.
import { useCallback, useEffect, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import { may, Problem, session, shiftAct, shifts as askShifts } from "../data/api";
import { now } from "../data/clock";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Handover, Shift } from "../types";

const AGAIN_MS = 15_000;
const REFUSED: Record<string, Key> = {
  same_person: "shift.refused.same_person",
  no_offer: "shift.refused.no_offer",
  digest: "shift.refused.digest",
};

export default function ShiftPage() {
  const { t } = useWords();
  const me = useStore(session);
  const [found, setFound] = useState<readonly Shift[] | null>(null);
  const [refused, setRefused] = useState<{ reason: string; why: string } | null>(null);
  const refresh = useCallback(async () => {
    try {
      setFound(await askShifts());
    } catch (error) {
      if (error instanceof Problem) setRefused({ reason: error.reason, why: error.message });
    }
  }, []);
  useEffect(() => {
    void refresh();
    const timer = window.setInterval(() => void refresh(), AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [refresh]);
  async function act(action: string, area: string, more: object = {}) {
    try {
      await shiftAct(action, area, more);
      setRefused(null);
    } catch (error) {
      if (error instanceof Problem) setRefused({ reason: error.reason, why: error.message });
      else setRefused({ reason: "", why: String(error) });
    }
    await refresh();
  }
  if (!me || !found) return <p className="faint">{t("page.loading")}</p>;
  // Where nobody has been on shift yet: the city, or the wards that they may see.
  const areas = new Set([...(me.wards ?? [""]), ...found.map((one) => one.area)]);
  const known = new Map(found.map((one) => [one.area, one]));
  const known_reason = refused && REFUSED[refused.reason];
  return (
    <>
      {refused && (
        <p role="alert">
          {known_reason ? t(known_reason) : t("act.refused", { why: refused.why })}
        </p>
      )}
      {[...areas].map((area) => (
        <Area
          key={area}
          area={area}
          shift={known.get(area)}
          act={(action, more) => void act(action, area, more)}
        />
      ))}
    </>
  );
}

interface AreaProps {
  area: string;
  shift: Shift | undefined;
  act: (action: string, more?: object) => void;
}

function Area({ area, shift, act }: AreaProps) {
  const { t, time } = useWords();
  const me = useStore(session);
  const [note, setNote] = useState("");
  const on = shift?.on ?? [];
  const mine = on.some((one) => one.user === me?.name);
  const offered = shift?.offered ?? null;
  return (
    <section className="card shift" data-area={area}>
      <h2>{area || t("shift.city")}</h2>
      <p>
        {on.length === 0
          ? t("shift.nobody")
          : on
              .map(({ user, since }) => t("shift.since", { who: user, time: time(since, now()) }))
              .join(", ")}
      </p>
      {(shift?.notes.length ?? 0) > 0 && (
        <ul>
          {shift?.notes.map((one) => (
            <li key={`${one.time} ${one.text}`}>
              <span className="faint">
                {time(one.time, now())} {one.by}
              </span>{" "}
              {one.text}
            </li>
          ))}
        </ul>
      )}
      {may("alerts:act", me) && (
        <div className="buttons">
          {!mine && (
            <Button className="button" onPress={() => act("begin")}>
              {t("shift.begin")}
            </Button>
          )}
          {mine && (
            <>
              <Button className="button" onPress={() => act("offer")}>
                {t("shift.offer")}
              </Button>
              <Button className="button quiet" onPress={() => act("end")}>
                {t("shift.end")}
              </Button>
            </>
          )}
        </div>
      )}
      {mine && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (note.trim()) act("note", { text: note.trim() });
            setNote("");
          }}
        >
          <TextField className="field" value={note} onChange={setNote} maxLength={2000}>
            <Label>{t("shift.note")}</Label>
            <Input />
          </TextField>
          <Button className="button" type="submit" isDisabled={!note.trim()}>
            {t("shift.note.add")}
          </Button>
        </form>
      )}
      {offered && (
        <div className="offered" data-offered={offered.digest}>
          <Said one={offered} />
          {may("alerts:act", me) && offered.from_user !== me?.name && (
            <Button className="button" onPress={() => act("accept", { digest: offered.digest })}>
              {t("shift.accept")}
            </Button>
          )}
        </div>
      )}
      {shift?.handed.map((one) => (
        <Said key={one.digest} one={one} />
      ))}
    </section>
  );
}

function Said({ one }: { one: Handover }) {
  const { t, time, number } = useWords();
  const counts = Object.entries(one.counts)
    .map(([state, count]) => `${number(count)} ${t(`state.${state}` as Key)}`)
    .join(", ");
  return (
    <p>
      {one.to_user && one.accepted_at
        ? t("shift.handed", {
            from: one.from_user,
            to: one.to_user,
            time: time(one.accepted_at, now()),
          })
        : t("shift.offered", { from: one.from_user, time: time(one.time, now()) })}{" "}
      <span className="faint">{counts || t("shift.nothing")}</span> {one.comment}{" "}
      <a href={`/api/shifts/document?digest=${one.digest}`} target="_blank" rel="noreferrer">
        {t("shift.document")} {one.digest.slice(0, 8)}
      </a>
    </p>
  );
}
