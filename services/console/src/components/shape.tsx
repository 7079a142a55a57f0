// Priority by shape, number and colour; colour only while nobody has acknowledged it.

import { WORST_FIRST } from "../data/rows";
import { useWords } from "../i18n";
import type { Severity, State } from "../types";

const OUTLINES: Record<Severity, string> = {
  critical: "M7.2 1.5h9.6l5.7 5.7v9.6l-5.7 5.7H7.2l-5.7-5.7V7.2z",
  high: "M12 1.8l10.6 19.4H1.4z",
  medium: "M12 1.2L22.8 12 12 22.8 1.2 12z",
  low: "M12 1.8a10.2 10.2 0 100 20.4 10.2 10.2 0 000-20.4z",
  informational: "M3 3h18v18H3z",
};

export type Fill = "filled" | "hollow" | "grey";

export function fillOf(state: State): Fill {
  if (state === "unacknowledged") return "filled";
  return state === "returned_unacknowledged" ? "hollow" : "grey";
}

interface Props {
  severity: Severity;
  fill: Fill;
  size?: number;
  /** Read out; left out where the text beside it says the same. */
  named?: boolean;
}

export function Shape({ severity, fill, size = 24, named = false }: Props) {
  const { t } = useWords();
  const name = named ? t(`severity.${severity}`) : undefined;
  return (
    <svg
      className={`shape ${severity} ${fill}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role={name ? "img" : undefined}
      aria-label={name}
      aria-hidden={name ? undefined : true}
    >
      <path d={OUTLINES[severity]} />
      <text x="12" y={severity === "high" ? 18.4 : 16.4} textAnchor="middle">
        {WORST_FIRST.indexOf(severity) + 1}
      </text>
    </svg>
  );
}
