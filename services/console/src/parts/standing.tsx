// The mark of an alert whose end, or merge, may be missing because event time stood, or stands, still.
import { now } from "../data/clock";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert, Status } from "../types";

/** Where event time stood still: when it was announced or, while its condition is there, now. */
function stoodSince(alert: Alert, status: Status | null): string | null {
  if (alert.state === "resolved") return null;
  return alert.stood_since ?? (alert.active && status?.stands ? status.event_time : null);
}

/** `brief`: a word, for a list. */
export function Standing({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  const { status } = useStore(health);
  const since = stoodSince(alert, status);
  if (!since) return null;
  const sentence = t("standing.sentence", { time: time(since, now()) });
  return brief ? (
    <span className="badge" data-stood title={sentence}>
      {t("standing.brief")}
    </span>
  ) : (
    <span data-stood>{sentence}</span>
  );
}
