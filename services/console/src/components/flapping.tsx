// The mark of an alert whose condition comes and goes: once acknowledged it asks for no more.
import { now } from "../data/clock";
import { useWords } from "../i18n";
import type { Alert } from "../types";

/** `brief`: a few words, for a list. */
export function Flapping({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  if (!alert.flapping_since || alert.state === "resolved") return null;
  const since = { time: time(alert.flapping_since, now()) };
  return brief ? (
    <span className="badge" data-flapping title={t("flapping.sentence", since)}>
      {t("flapping.brief")}
    </span>
  ) : (
    <span data-flapping>{t("flapping.sentence", since)}</span>
  );
}
