// Waits with somebody for a new source's first value, and shows it as it arrives.
import { useCallback, useState } from "react";
import { Button } from "react-aria-components";
import { go } from "../data/address";
import * as api from "../data/api";
import { useNow } from "../data/clock";
import { example } from "../data/sample";
import { useWords } from "../i18n";
import type { Feed } from "../types";
import { type Outcome, Said } from "./asking";
import { useAsked } from "./asked";
import { Chart } from "./chart";

const EVERY_MS = 2_000;
/** The receiver's, where nobody has set another. */
const PORT = 8081;

export function Arriving({ source, feed }: { source: string; feed: Feed }) {
  const { t, pick, decimal, time } = useWords();
  const now = useNow(1_000);
  const [key, setKey] = useState("");
  const [outcome, setOutcome] = useState<Outcome>(null);
  const ask = useCallback(() => api.measured(source, 1), [source]);
  const { known, failed } = useAsked(ask, EVERY_MS);
  const courses = known?.courses ?? [];
  const newest = courses
    .map((one) => one.points.at(-1)?.time ?? "")
    .sort()
    .at(-1);
  const body = example(
    source,
    feed.metrics,
    feed.metrics.map(({ least, most }) => Math.round((least + most) / 2)),
  );
  const stamped = feed.clock === "arrival" ? body : body.replace(/}$/, ',"time":"$(date -Is)"}');
  const quoted = feed.clock === "arrival" ? `'${stamped}'` : JSON.stringify(stamped);
  const command =
    `curl ${location.protocol}//${location.hostname}:${PORT}/v1/events` +
    ` -H "Authorization: Bearer ${key || "$KEY"}" --json ${quoted}`;
  async function make() {
    try {
      setKey((await api.addSourceKey(source)).key);
      setOutcome("done");
    } catch (error) {
      setOutcome({ error });
    }
  }
  return (
    <>
      {api.may("keys:manage") && !key && (
        <div className="buttons">
          <Button className="button" onPress={() => void make()}>
            {t("connect.key")}
          </Button>
          <span className="faint">{t("connect.key.hint")}</span>
        </div>
      )}
      {outcome && outcome !== "done" && <Said outcome={outcome} />}
      {key && (
        <p>
          {t("connect.key.made")} <code className="secret">{key}</code>
        </p>
      )}
      <pre tabIndex={0} aria-label={t("connect.send")}>
        {command}
      </pre>
      <div role="status" data-arrived={newest ? "yes" : "no"}>
        {failed && t("act.away")}
        {!failed && !newest && <p className="faint">{t("connect.waiting")}</p>}
        {newest && (
          <p className="done">
            <span aria-hidden="true">✓</span> {t("connect.arrived", { time: time(newest, now) })}
          </p>
        )}
      </div>
      {known &&
        courses.map((course) => (
          <section key={course.metric} className="arrived">
            <h3>
              <span className="metric">{pick(course.name.vi, course.name.en)}</span>
              <b>
                {decimal(course.points.at(-1)?.mean ?? 0)} {pick(course.unit.vi, course.unit.en)}
              </b>
            </h3>
            <Chart
              course={course}
              incidents={known.incidents}
              since={Date.parse(known.since)}
              until={Date.parse(known.until)}
              stepMs={known.step_seconds * 1000}
            />
          </section>
        ))}
      {newest && (
        <div className="buttons">
          <Button
            className="button primary"
            onPress={() => go({ page: `sources/${encodeURIComponent(source)}` })}
          >
            {t("connect.look")}
          </Button>
        </div>
      )}
    </>
  );
}
