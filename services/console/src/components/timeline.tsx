// Everything that happened to the alert, the latest first.
import { Button } from "react-aria-components";
import { go } from "../data/address";
import { now as serverNow } from "../data/clock";
import { useWords } from "../i18n";
import type { Alert, Transition } from "../types";
import { Remark } from "./remark";

interface Props {
  alert: Alert;
  lines: readonly Transition[];
}

export function Timeline({ alert, lines }: Props) {
  const { t, time } = useWords();
  return (
    <section className="timeline card">
      <h2>{t("timeline")}</h2>
      {/* A long one scrolls: with the keyboard, too. */}
      <ol tabIndex={0} aria-label={t("timeline")}>
        {[...lines].reverse().map((line) => (
          <li key={line.version} className={line.kind} data-kind={line.kind}>
            <time dateTime={line.time}>{time(line.time, serverNow())}</time>
            <span className="event">
              {t(
                line.kind === "explained" && line.why === "outlasts"
                  ? "timeline.outlasts"
                  : line.kind === "explained" && line.why === "off"
                    ? "timeline.alone"
                    : line.kind === "explained" && (line.why === "near" || line.why === "road")
                      ? "timeline.grouped"
                      : `timeline.${line.kind}`,
              )}
            </span>
            <span className={line.actor ? "actor" : "actor faint"}>
              {line.actor ?? t("timeline.system")}
            </span>
            {line.comment && <q className="comment">{line.comment}</q>}
            {line.stalled_since && <span className="faint">{t("timeline.stalled")}</span>}
            {line.since && !line.until && (
              <span className="faint">
                {t("timeline.since", { time: time(line.since, serverNow()) })}
              </span>
            )}
            {line.until && line.kind === "shelved" && (
              <span className="faint">
                {t("timeline.until", { time: time(line.until, serverNow()) })}
              </span>
            )}
            {line.because && <span className="faint">{t(`because.${line.because}`)}</span>}
            {line.disposition && (
              <span className="faint">{t(`disposition.${line.disposition}`)}</span>
            )}
            {line.kind === "assigned" && (
              <span className="faint">
                {line.to ? t("timeline.to", { who: line.to }) : t("timeline.to.nobody")}
              </span>
            )}
            {OTHERS.has(line.kind) && line.to && <Other id={line.to} />}
            {line.step !== null && (
              <span className="faint">
                {t(line.done ? "timeline.step" : "timeline.step.undone", { n: String(line.step) })}
              </span>
            )}
            {line.suppression && <q className="comment">{line.suppression.reason}</q>}
            {line.manner === "held" && <span className="faint">{t("timeline.held")}</span>}
            {line.manner === "flapping" && <span className="faint">{t("timeline.flapping")}</span>}
            {line.since && line.until && (
              <span className="faint">
                {t("timeline.past", {
                  begin: time(line.since, serverNow()),
                  end: time(line.until, serverNow()),
                })}
              </span>
            )}
            {line.unseen && <span className="faint">{t("timeline.unseen")}</span>}
            {line.scenery && <span className="faint">{t("timeline.scenery")}</span>}
            {line.into && <Whole id={line.into} cause={line.kind === "explained"} />}
          </li>
        ))}
      </ol>
      <Remark key={alert.id} alert={alert} />
    </section>
  );
}

/** The alert that an incident turned out to be part of, or a consequence of. */
export function Whole({ id, cause = false }: { id: string; cause?: boolean }) {
  const { t } = useWords();
  return (
    <Button className="link" onPress={() => go({ alert: id })}>
      {t(cause ? "detail.cause" : "detail.whole")}
    </Button>
  );
}

/** Of transitions: those that name another alert. */
const OTHERS: ReadonlySet<string> = new Set([
  "linked",
  "unlinked",
  "joined",
  "absorbed",
  "released",
]);

/** An alert that has to do with this one. */
export function Other({ id }: { id: string }) {
  return (
    <Button className="link" onPress={() => go({ alert: id })}>
      {id.slice(0, 8)}
    </Button>
  );
}
