// One alert in the list.

import { isOpen, isUnacknowledged } from "../data/alerts";
import { secondsSince, useNow } from "../data/clock";
import { useWords, type Words } from "../i18n";
import type { Alert, State } from "../types";
import { useConsequences } from "./consequences";
import { fillOf, Shape } from "./shape";
import { Stalled } from "./stalled";
import { Flapping } from "./flapping";
import { Unknown } from "./unknown";

const whatOf = ({ names }: Alert, { pick }: Words): string => pick(names.kind_vi, names.kind_en);
const whereOf = ({ names, source }: Alert, { pick }: Words): string =>
  pick(names.source_vi, names.source_en) || source;

/** "Xe dừng trên làn — Cầu Rào" */
export const titleOf = (alert: Alert, words: Words): string =>
  `${whatOf(alert, words)} — ${whereOf(alert, words)}`;

export const zoneOf = (alert: Alert, { pick }: Words): string =>
  pick(alert.names.zone_vi, alert.names.zone_en);

/** Their shape and the owner's name say it; it is only read out. */
const PLAIN: ReadonlySet<State> = new Set(["unacknowledged", "acknowledged"]);

export function Row({ alert }: { alert: Alert }) {
  const words = useWords();
  const { t, number } = words;
  const zone = zoneOf(alert, words);
  const consequences = useConsequences(alert);
  const owner = alert.resolved_by ?? alert.acknowledged_by;
  const tone = !isOpen(alert) ? "closed" : isUnacknowledged(alert) ? "loud" : "quiet";
  return (
    <div className={`row ${tone}`} data-alert={alert.id} data-state={alert.state}>
      <Shape severity={alert.severity} fill={fillOf(alert.state)} size={26} named />
      <div className="what">
        <div className="title">
          <Age since={alert.latest_time} />
          <span className="name">{whatOf(alert, words)} —</span>{" "}
          <span className="name">{whereOf(alert, words)}</span>
        </div>
        <div className="more">
          {alert.origin !== "live" && <span className="badge">{t(`origin.${alert.origin}`)}</span>}
          <Stalled alert={alert} brief />
          <Unknown alert={alert} brief />
          <Flapping alert={alert} brief />
          <span className={PLAIN.has(alert.state) ? "unseen" : "state"}>
            {t(
              alert.merged_into
                ? "state.merged"
                : alert.state === "returned_unacknowledged"
                  ? "list.over"
                  : `state.${alert.state}`,
            )}
          </span>
          {zone && <span className="zone">{zone}</span>}
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
