// The mark of an alert whose end, or merge, may be missing because event time was, or is, stalled.
import { now } from "../data/clock";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert, Status } from "../types";

/** Where event time stalled: when it was announced or, while its condition is there, now. */
function stalledSince(alert: Alert, status: Status | null): string | null {
  if (alert.state === "resolved") return null;
  return alert.stalled_since ?? (alert.active && status?.stalled ? status.event_time : null);
}

/** `brief`: a word, for a list. */
export function Stalled({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  const { status } = useStore(health);
  const since = stalledSince(alert, status);
  if (!since) return null;
  const sentence = t("stalled.sentence", { time: time(since, now()) });
  return brief ? (
    <span className="badge" data-stalled title={sentence}>
      {t("stalled.brief")}
    </span>
  ) : (
    <span data-stalled>{sentence}</span>
  );
}
