// What is to be watched for at a new source: a kind, with its parameters in words.
import { useState } from "react";
import { Button } from "react-aria-components";
import * as api from "../data/api";
import { numberOf } from "../data/sample";
import { WORST_FIRST } from "../data/rows";
import { useWords } from "../i18n";
import type { Feed, Kind, Severity } from "../types";
import { Done, Entry, type Outcome, Said } from "./asking";

/** What kinds call the parameter that is the place of a metric in its feed, from 1. */
const METRIC = "metric";

interface NewRuleProps {
  source: string;
  feed: Feed;
  kinds: readonly Kind[];
}

export function NewRule({ source, feed, kinds }: NewRuleProps) {
  const { t, pick, decimal, locale } = useWords();
  const fitting = kinds
    .filter(
      ({ watches, needs }) =>
        (watches === "readings" &&
          needs.every((name) => feed.metrics.some((m) => m.name === name))) ||
        watches === "source",
    )
    .sort((a, b) => pick(a.name.vi, a.name.en).localeCompare(pick(b.name.vi, b.name.en), locale));
  const first = fitting.find(({ beyond }) => beyond === "above") ?? fitting[0];
  const [id, setId] = useState(first?.id ?? "");
  const [severity, setSeverity] = useState<Severity>("medium");
  const [metric, setMetric] = useState(1);
  const [said, setSaid] = useState<Record<string, string>>({});
  const [outcome, setOutcome] = useState<Outcome>(null);
  const kind = fitting.find((one) => one.id === id);
  if (!kind) return null;
  const limited = kind.beyond !== "";
  async function add(chosen: Kind) {
    const parameters: Record<string, number> = {};
    for (const { name } of chosen.parameters) {
      const value = name === METRIC ? metric : numberOf(said[`${chosen.id}.${name}`] ?? "");
      if (value !== null) parameters[name] = value;
    }
    try {
      await api.addRule({
        id: `${source}-${chosen.id.replaceAll("_", "-")}${metric > 1 ? `-${metric}` : ""}`.slice(
          -60,
        ),
        kind: chosen.id,
        severity,
        sources: [source],
        parameters,
      });
      setOutcome("done");
    } catch (error) {
      setOutcome({ error });
    }
  }
  const enough = !limited || numberOf(said[`${kind.id}.limit`] ?? "") !== null;
  return (
    <form
      className="grid"
      onSubmit={(event) => {
        event.preventDefault();
        void add(kind);
      }}
    >
      <label className="entry">
        {t("list.kind")}
        <select
          value={id}
          onChange={(event) => {
            setId(event.target.value);
            setOutcome(null);
          }}
        >
          {fitting.map((one) => (
            <option key={one.id} value={one.id}>
              {pick(one.name.vi, one.name.en)}
            </option>
          ))}
        </select>
      </label>
      <label className="entry">
        {t("list.severity")}
        <select value={severity} onChange={(event) => setSeverity(event.target.value as Severity)}>
          {WORST_FIRST.map((one) => (
            <option key={one} value={one}>
              {t(`severity.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {kind.parameters.map((parameter) => {
        const { name, meaning, unit, least, most } = parameter;
        if (name === METRIC)
          return (
            <label key={name} className="entry">
              {t("connect.metric")}
              <select value={metric} onChange={(event) => setMetric(Number(event.target.value))}>
                {feed.metrics.map((one, n) => (
                  <option key={one.name} value={n + 1}>
                    {`${pick(one.words.vi, one.words.en)} (${pick(one.unit.vi, one.unit.en)})`}
                  </option>
                ))}
              </select>
            </label>
          );
        const key = `${kind.id}.${name}`;
        const called = pick(unit.vi, unit.en);
        const must = limited && name === "limit";
        return (
          <Entry
            key={name}
            decimal
            required={must}
            label={`${pick(meaning.vi, meaning.en)}${called && ` (${called})`}`}
            hint={
              must
                ? undefined
                : t("connect.default", {
                    value: decimal(parameter.default),
                    least: decimal(least),
                    most: decimal(most),
                  })
            }
            value={said[key] ?? ""}
            onChange={(value) => {
              setSaid({ ...said, [key]: value });
              setOutcome(null);
            }}
          />
        );
      })}
      {outcome === "done" ? (
        <Done>{t("connect.rule.added", { kind: pick(kind.name.vi, kind.name.en) })}</Done>
      ) : (
        <Said outcome={outcome} />
      )}
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={!enough || outcome === "done"}>
          {t("connect.rule.add")}
        </Button>
        <span className="faint">{t("connect.rule.optional")}</span>
      </div>
    </form>
  );
}
