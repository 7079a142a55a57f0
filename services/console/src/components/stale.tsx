// The mark of an alert whose condition has been there for longer than a day: no news to anybody.
import { now, secondsSince } from "../data/clock";
import { useWords } from "../i18n";
import type { Alert } from "../types";

const STALE_SECONDS = 24 * 3600;

/** `brief`: a few words, for a list. */
export function Stale({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  const since = alert.active_since;
  if (!since || alert.state === "resolved" || secondsSince(since, now()) < STALE_SECONDS)
    return null;
  const said = t("stale.sentence", { time: time(since, now()) });
  return brief ? (
    <span className="badge" data-stale title={said}>
      {t("stale.brief")}
    </span>
  ) : (
    <span data-stale>{said}</span>
  );
}
