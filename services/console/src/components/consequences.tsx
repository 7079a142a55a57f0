// What is down because of what this alert is about, and what an alert is a consequence of.
import { Button } from "react-aria-components";
import { go } from "../data/address";
import { known } from "../data/alerts";
import { now } from "../data/clock";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";
import type { Alert, Detail, Linked } from "../types";

/** How many alerts are consequences of it, as far as this screen knows. */
export function useConsequences(alert: Alert): number {
  const { followers } = useStore(known);
  return Math.max(alert.consequence_count ?? 0, followers.get(alert.id) ?? 0);
}

const titleOf = ({ names, source }: Linked, { pick }: Words): string =>
  `${pick(names.kind_vi, names.kind_en)} — ${pick(names.source_vi, names.source_en) || source}`;

/** A section of the cause's alert; nothing where there are none. */
export function Consequences({ detail }: { detail: Detail | null }) {
  const words = useWords();
  const { t, number, time } = words;
  if (!detail || detail.consequences.length === 0) return null;
  const event = detail.consequences.every(({ why }) => why === "near" || why === "road");
  const n = number(detail.consequences.length);
  const title = t(event ? "members" : "consequences", { n });
  return (
    <section className="consequences card" aria-label={title}>
      <h2>{title}</h2>
      {/* A long one scrolls: with the keyboard, too. */}
      <ul tabIndex={0} aria-label={title}>
        {detail.consequences.map((one) => (
          <li key={one.id} data-consequence={one.id}>
            <Button className="link" onPress={() => go({ alert: one.id })}>
              {titleOf(one, words)}
            </Button>
            <span className="faint">
              {one.how && `${words.pick(one.how.vi, one.how.en)}, `}
              {one.ended
                ? t("consequences.over", { time: time(one.ended, now()) })
                : t("consequences.since", { time: time(one.since, now()) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Of a consequence: what explains it. */
export function ExplainedBy({ alert, detail }: { alert: Alert; detail: Detail | null }) {
  const words = useWords();
  if (alert.why === "outlasts")
    return <span data-why="outlasts">{words.t("explained.outlasts")}</span>;
  const cause = detail?.cause;
  if (!cause) return null;
  const event = alert.why === "near" || alert.why === "road";
  return (
    <span data-why={alert.why}>
      {words.t(event ? "explained.with" : "explained.by")}{" "}
      <Button className="link" onPress={() => go({ alert: cause.id })}>
        {titleOf(cause, words)}
      </Button>
      {cause.how && ` (${words.pick(cause.how.vi, cause.how.en)})`}
    </span>
  );
}
