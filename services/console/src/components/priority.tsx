// How urgent an alert is, and which row of the table of priorities says so.
import { type Key, useWords } from "../i18n";
import type { Alert } from "../types";

/** Rows of the table that comes with CityOps; a site calls its own as it likes. */
const ROWS: Record<string, Key> = {
  critical: "priority.row.critical",
  "much depends on it": "priority.row.much",
  high: "priority.row.high",
  "traffic in rush hours": "priority.row.rush",
  "traffic on the way home": "priority.row.home",
  "people at night": "priority.row.night",
  "some depend on it": "priority.row.some",
  medium: "priority.row.medium",
  "everything else": "priority.row.else",
};

export function Priority({ alert }: { alert: Alert }) {
  const { t } = useWords();
  const { level, row } = alert.priority;
  const known = row && Object.hasOwn(ROWS, row) ? ROWS[row] : undefined;
  return (
    <span data-priority={level}>
      {t("priority", { n: String(level) })}
      {row && ` (${known ? t(known) : row})`}
    </span>
  );
}
