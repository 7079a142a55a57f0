// What the steps of connecting a sensor are made of.
import { type ReactNode, useId } from "react";
import { Problem } from "../data/api";
import { useWords } from "../i18n";

interface StepProps {
  number: number;
  title: string;
  done: boolean;
  children: ReactNode;
}

export function Step({ number: place, title, done, children }: StepProps) {
  const { number } = useWords();
  return (
    <section className="card connecting" aria-label={title} data-step={place}>
      <h2>
        <span className="place" aria-hidden="true">
          {done ? "✓" : number(place)}
        </span>{" "}
        {title}
      </h2>
      {children}
    </section>
  );
}

interface EntryProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  decimal?: boolean;
  required?: boolean;
}

export function Entry({ label, value, onChange, hint, decimal, required }: EntryProps) {
  const id = useId();
  return (
    <div className="entry">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        required={required}
        inputMode={decimal ? "decimal" : "text"}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {hint && (
        <p className="faint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Null: it was not tried yet. */
export type Outcome = null | "done" | { error: unknown };

/** Why it could not be done. */
export function Said({ outcome }: { outcome: Outcome }) {
  const { t } = useWords();
  let text = "";
  if (outcome && outcome !== "done")
    text =
      outcome.error instanceof Problem
        ? t("act.refused", { why: outcome.error.message })
        : t("act.away");
  return (
    <p className="message" role="alert">
      {text}
    </p>
  );
}

export function Done({ children }: { children: ReactNode }) {
  return (
    <p className="done" role="status">
      <span aria-hidden="true">✓</span> {children}
    </p>
  );
}
