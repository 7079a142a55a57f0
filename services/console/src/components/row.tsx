// One alert in the list.

import { isAside, isOpen, isUnacknowledged } from "../data/alerts";
import { secondsSince, useNow } from "../data/clock";
import { type Key, useWords, type Words } from "../i18n";
import type { Alert, State } from "../types";
import { Aside } from "./aside";
import { useConsequences } from "./consequences";
import { fillOf, Shape } from "./shape";
import { Stalled } from "./stalled";
import { Stale } from "./stale";
import { Flapping } from "./flapping";
import { Unknown } from "./unknown";

const whatOf = ({ names }: Alert, { pick }: Words): string => pick(names.kind_vi, names.kind_en);
export const sourceOf = ({ names, source }: Alert, { pick }: Words): string =>
  pick(names.source_vi, names.source_en) || source;

/** "Xe dừng trên làn — Cầu Rào" */
export const titleOf = (alert: Alert, words: Words): string =>
  `${whatOf(alert, words)} — ${sourceOf(alert, words)}`;

export const zoneOf = (alert: Alert, { pick }: Words): string =>
  pick(alert.names.zone_vi, alert.names.zone_en);

/** What its state is called: two things suppress an alert by design. */
export function stateOf({ merged_into, state, suppressions }: Alert): Key {
  if (merged_into) return "state.merged";
  if (state === "suppressed" && suppressions.length > 0) return "state.maintained";
  return `state.${state}`;
}

/** Their shape and the owner's name say it; it is only read out. */
const PLAIN: ReadonlySet<State> = new Set(["unacknowledged", "acknowledged"]);

export function Row({ alert }: { alert: Alert }) {
  const words = useWords();
  const { t, number } = words;
  const zone = zoneOf(alert, words);
  const owner = alert.resolved_by ?? alert.assigned_to ?? alert.acknowledged_by;
  const consequences = useConsequences(alert);
  const tone = !isOpen(alert) ? "closed" : isUnacknowledged(alert) ? "loud" : "quiet";
  return (
    <div className={`row ${tone}`} data-alert={alert.id} data-state={alert.state}>
      <Shape severity={alert.severity} fill={fillOf(alert.state)} size={26} named />
      <div className="what">
        <div className="title">
          <Age since={alert.latest_time} />
          <span className="name">{whatOf(alert, words)} —</span>{" "}
          <span className="name">{sourceOf(alert, words)}</span>
        </div>
        <div className="more">
          {alert.origin !== "live" && <span className="badge">{t(`origin.${alert.origin}`)}</span>}
          <Stalled alert={alert} brief />
          <Unknown alert={alert} brief />
          <Flapping alert={alert} brief />
          <Stale alert={alert} brief />
          <span className={PLAIN.has(alert.state) ? "unseen" : "state"}>
            {t(alert.state === "returned_unacknowledged" ? "list.over" : stateOf(alert))}
          </span>
          {isAside(alert) && <Aside alert={alert} brief />}
          {zone && !isAside(alert) && <span className="zone">{zone}</span>}
          {consequences > 0 && (
            <span className="state" data-consequences={consequences}>
              {t("consequences", { n: number(consequences) })}
            </span>
          )}
          <span className="end">
            {alert.count > 1 && <span className="count">×{number(alert.count)}</span>}
            <span className="owner">{owner ?? <Nobody />}</span>
          </span>
        </div>
      </div>
    </div>
  );
}

function Nobody() {
  const { t } = useWords();
  return (
    <span title={t("list.owner.none")}>
      <span aria-hidden="true">–</span>
      <span className="unseen">{t("list.owner.none")}</span>
    </span>
  );
}

function Age({ since }: { since: string }) {
  const { age } = useWords();
  const now = useNow(1_000);
  return <span className="age">{age(secondsSince(since, now))}</span>;
}
