// The mark of an alert of which nobody knows whether it lasts: nothing is heard of what proved it.
import { now } from "../data/clock";
import { useWords } from "../i18n";
import type { Alert } from "../types";

/** `brief`: a few words, for a list. */
export function Unknown({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  if (!alert.unknown_since || alert.state === "resolved") return null;
  const since = { time: time(alert.unknown_since, now()) };
  return brief ? (
    <span className="badge" data-unknown title={t("unknown.sentence", since)}>
      {t("unknown.brief", since)}
    </span>
  ) : (
    <span data-unknown>{t("unknown.sentence", since)}</span>
  );
}
