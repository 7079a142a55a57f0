// Who did what, for whoever may read it.
import { useCallback, useEffect, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import * as api from "../data/api";
import { useNow } from "../data/clock";
import { type Key, useWords, type Words } from "../i18n";
import en from "../messages/en.json";
import type { AuditLine, AuditOutcome } from "../types";

const OUTCOMES: readonly AuditOutcome[] = ["done", "refused", "failed"];

export function Audit() {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  const [outcome, setOutcome] = useState<AuditOutcome | "">("");
  const [name, setName] = useState("");
  const [actor, setActor] = useState("");
  const { lines, more, failed, next } = useLines(outcome, actor);
  return (
    <div className="scrolled">
      <form
        className="adding"
        onSubmit={(event) => {
          event.preventDefault();
          setActor(name.trim());
        }}
      >
        <TextField name="audit-actor" value={name} onChange={setName} maxLength={64}>
          <Label>{t("audit.actor")}</Label>
          <Input autoComplete="off" />
        </TextField>
        <select
          aria-label={t("audit.outcome")}
          value={outcome}
          onChange={(event) => setOutcome(event.currentTarget.value as AuditOutcome | "")}
        >
          <option value="">{t("audit.outcome.any")}</option>
          {OUTCOMES.map((one) => (
            <option key={one} value={one}>
              {t(`audit.outcome.${one}`)}
            </option>
          ))}
        </select>
        <Button type="submit" className="button">
          {t("audit.find")}
        </Button>
      </form>
      <table className="rows audit">
        <thead>
          <tr>
            <th>{t("audit.time")}</th>
            <th>{t("audit.who")}</th>
            <th>{t("audit.what")}</th>
            <th>{t("audit.outcome")}</th>
            <th>{t("audit.from")}</th>
          </tr>
        </thead>
        <tbody>
          {(lines ?? []).map((line) => (
            <Row key={line.sequence} line={line} now={now} words={words} />
          ))}
        </tbody>
      </table>
      <p className="message" role="alert">
        {failed ? t("act.away") : ""}
      </p>
      {lines?.length === 0 && <p className="faint">{t("audit.none")}</p>}
      {next && (
        <Button className="button" onPress={more}>
          {t("audit.more")}
        </Button>
      )}
    </div>
  );
}

/** The newest lines that match, and more of them page by page. */
function useLines(outcome: AuditOutcome | "", actor: string) {
  const [lines, setLines] = useState<AuditLine[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const ask = useCallback(
    async (cursor: string | null, before: AuditLine[]) => {
      try {
        const page = await api.audit(outcome, actor, cursor);
        setLines([...before, ...page.lines]);
        setNext(page.next);
        setFailed(false);
      } catch {
        setFailed(true);
      }
    },
    [outcome, actor],
  );
  useEffect(() => void ask(null, []), [ask]);
  return { lines, next, failed, more: () => void ask(next, lines ?? []) };
}

interface RowProps {
  line: AuditLine;
  now: number;
  words: Words;
}

function Row({ line, now, words }: RowProps) {
  const { t, number } = words;
  const why = [line.reason, line.detail, line.why].filter(Boolean).join("; ");
  const means = t(`audit.means.${line.means}` as Key);
  return (
    <tr>
      <td>
        {words.time(line.last_time, now)}
        {line.times > 1 && <span className="faint"> × {number(line.times)}</span>}
      </td>
      <td>
        <bdi>{line.actor || "–"}</bdi>
      </td>
      <td>
        {deed(line.action, words)} <bdi className="faint">{line.subject}</bdi>
      </td>
      <td className={line.outcome === "done" ? "" : "bad"}>
        {t(`audit.outcome.${line.outcome}` as Key)}
        {why && <bdi className="faint"> {why}</bdi>}
      </td>
      <td className="faint">
        {means} <bdi>{[line.label, line.address].filter(Boolean).join(" ")}</bdi>
      </td>
    </tr>
  );
}

/** In words; what has none is shown as the service calls it. */
function deed(action: string, { t }: Words): string {
  const key = `audit.do.${action}`;
  return key in en ? t(key as Key) : action;
}
