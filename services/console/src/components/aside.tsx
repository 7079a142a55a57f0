// What keeps an alert from asking: who did it, until when, and why. It hides nothing.
import { now } from "../data/clock";
import { useWords } from "../i18n";
import type { Alert } from "../types";

/** `brief`: in a row of the list. */
export function Aside({ alert, brief = false }: { alert: Alert; brief?: boolean }) {
  const { t, time } = useWords();
  const { shelf, suppressions } = alert;
  const until = (end: string | null) => (end ? time(end, now()) : "");
  if (brief) {
    const first = suppressions[0] ?? shelf;
    if (!first) return null;
    const said = { who: first.by, until: until(first.until), why: first.reason };
    const text = t(first.until ? "aside.row" : "aside.row.open", said);
    return (
      <span className="aside" title={text}>
        {text}
      </span>
    );
  }
  return (
    <>
      {suppressions.map((one) => (
        <span key={one.id} data-aside={one.kind}>
          {t(one.kind === "maintenance" ? "aside.suppressed" : "aside.out_of_service", {
            what: `${t(`aside.scope.${one.scope}`)} ${one.subject}`,
            who: one.by,
            until: until(one.until),
            why: one.reason,
          })}
        </span>
      ))}
      {shelf && (
        <span data-aside="shelved">
          {t("aside.shelved", { who: shelf.by, until: until(shelf.until), why: shelf.reason })}
        </span>
      )}
    </>
  );
}
