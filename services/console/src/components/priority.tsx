// How urgent an alert is, and which row of the table of priorities says so.
import { useWords } from "../i18n";
import type { Alert } from "../types";

export function Priority({ alert }: { alert: Alert }) {
  const { t } = useWords();
  const { level, row } = alert.priority;
  return (
    <span data-priority={level}>
      {t("priority", { n: String(level) })}
      {row && ` (${row})`}
    </span>
  );
}
