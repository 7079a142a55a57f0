// What is to be done about the alert, step by step, with who did what, and whom to call.
import { Checkbox } from "react-aria-components";
import { may } from "../data/api";
import { now } from "../data/clock";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Detail } from "../types";
import { busy, perform } from "./acting";

export function Runbook({ detail }: { detail: Detail | null }) {
  const { t, pick, time, number } = useWords();
  const waiting = useStore(busy);
  const book = detail?.runbook;
  if (!detail || !book) return null;
  const open = book.steps.filter((step) => !step.done_by).length;
  const closed = detail.state === "resolved" || !may("alerts:act");
  return (
    <details className="runbook card">
      <summary>
        <b>{t("runbook")}</b>{" "}
        <span className="faint">
          {t("runbook.done", {
            n: number(book.steps.length - open),
            all: number(book.steps.length),
          })}
        </span>
      </summary>
      <ol>
        {book.steps.map((step) => (
          <li key={step.number}>
            <Checkbox
              className="step"
              isSelected={step.done_by !== null}
              isDisabled={closed || waiting.has(detail.id)}
              onChange={(done) => void perform(detail.id, "step", "", { step: step.number, done })}
            >
              <span className="box" aria-hidden="true">
                {step.done_by ? "✓" : ""}
              </span>
              <span>{pick(step.words.vi, step.words.en)}</span>
            </Checkbox>
            {step.done_by && step.done_at && (
              <span className="faint">
                {t("runbook.by", { who: step.done_by, time: time(step.done_at, now()) })}
              </span>
            )}
          </li>
        ))}
      </ol>
      {book.contacts.length > 0 && (
        <ul className="contacts">
          {book.contacts.map((one) => (
            <li key={`${one.name} ${one.phone}`}>
              {one.name} {one.phone && <a href={`tel:${one.phone}`}>{one.phone}</a>} {one.note}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
