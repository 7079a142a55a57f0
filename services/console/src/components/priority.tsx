// How urgent an alert is, and which row of the table of priorities says so.
import { type Key, useWords, type Words } from "../i18n";
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

/** What a row of the table is called here. */
export function rowName(row: string, { t }: Words): string {
  const known = Object.hasOwn(ROWS, row) ? ROWS[row] : undefined;
  return known ? t(known) : row;
}

export function Priority({ alert }: { alert: Alert }) {
  const words = useWords();
  const { t } = words;
  const { level, row } = alert.priority;
  return (
    <span data-priority={level}>
      {t("priority", { n: String(level) })}
      {row && ` (${rowName(row, words)})`}
    </span>
  );
}
