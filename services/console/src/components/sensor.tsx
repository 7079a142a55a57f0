// One source: the course of what it measures, its incidents, and how well each hour came.
import { useCallback, useState } from "react";
import { Button, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { go } from "../data/address";
import * as api from "../data/api";
import { secondsSince, useNow } from "../data/clock";
import { stateOf } from "../data/estate";
import { sources } from "../data/status";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";
import type { Course, Measured, Moment, Source } from "../types";
import { useAsked } from "./asked";
import { Chart } from "./chart";
import { Spark } from "./spark";

const SPANS = [1, 6, 24, 168] as const;
const EVERY_MS = 15_000;
const AXES = ["complete", "valid", "clean", "live"] as const;

export function Sensor({ id }: { id: string }) {
  const words = useWords();
  const { t, number } = words;
  const [hours, setHours] = useState<number>(6);
  const source = useStore(sources).find((one) => one.id === id);
  const ask = useCallback(
    () =>
      api.measured(id, hours).catch((error: unknown) => {
        if (error instanceof api.Problem && error.status === 404) return "gone" as const;
        throw error;
      }),
    [id, hours],
  );
  const { known, failed } = useAsked<Measured | "gone">(ask, EVERY_MS);
  return (
    <div className="one-source">
      <div className="bar">
        <Button className="button" autoFocus onPress={() => go({ page: "sources" })}>
          <span aria-hidden="true">‹</span> {t("sources.back")}
        </Button>
        <ToggleButtonGroup
          className="segments"
          aria-label={t("sources.span")}
          disallowEmptySelection
          selectedKeys={[String(hours)]}
          onSelectionChange={([chosen]) => setHours(Number(chosen))}
        >
          {SPANS.map((one) => (
            <ToggleButton key={one} id={String(one)}>
              {one > 48
                ? t("sources.days", { n: number(one / 24) })
                : t("sources.hours", { n: number(one) })}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </div>
      {failed && (
        <p className="message" role="alert">
          {t("act.away")}
        </p>
      )}
      {known === "gone" && <p>{t("sources.gone")}</p>}
      {source && known !== "gone" && <About source={source} />}
      {!known && !failed && <p className="faint">{t("page.loading")}</p>}
      {known && known !== "gone" && (
        <>
          <Courses measured={known} camera={source?.carries === "frames"} />
          <Incidents incidents={known.incidents} />
          <Hours hours={known.hours} words={words} />
        </>
      )}
    </div>
  );
}

function About({ source }: { source: Source }) {
  const { t, pick, ago, age } = useWords();
  const now = useNow(1_000);
  const all = useStore(sources);
  const called = (id: string) => {
    const found = all.find((one) => one.id === id);
    return found ? pick(found.name_vi, found.name_en) || id : id;
  };
  const state = stateOf(source);
  const lag = source.lag_ms === null ? null : source.lag_ms / 1000;
  return (
    <section className="card about">
      <h2>
        {pick(source.name_vi, source.name_en) || source.id}{" "}
        {source.origin !== "live" && <span className="badge">{t(`origin.${source.origin}`)}</span>}
      </h2>
      <dl>
        <div>
          <dt>{t("health.state")}</dt>
          <dd className={state === "silent" ? "bad" : ""}>{t(`wall.${state}`)}</dd>
        </div>
        <div>
          <dt>{t("sources.heard")}</dt>
          <dd>{source.newest ? ago(secondsSince(source.newest, now)) : t("health.never")}</dd>
        </div>
        <div>
          <dt>{t("sources.lag")}</dt>
          <dd>
            {lag === null
              ? t("sources.unknown")
              : lag < 0
                ? t("sources.ahead", { age: age(-lag, 1) })
                : age(lag, 1)}
          </dd>
        </div>
        <div>
          <dt>{t("sources.ward")}</dt>
          <dd>{source.ward || t("sources.unknown")}</dd>
        </div>
        <div>
          <dt>{t("sources.owner")}</dt>
          <dd>{source.owner || t("sources.unknown")}</dd>
        </div>
        {source.parents.length > 0 && (
          <div>
            <dt>{t("sources.parents")}</dt>
            <dd>{source.parents.map(called).join(", ")}</dd>
          </div>
        )}
      </dl>
      <code className="faint">{source.id}</code>
    </section>
  );
}

function Courses({ measured, camera }: { measured: Measured; camera: boolean }) {
  const { t } = useWords();
  if (measured.courses.length === 0)
    return <p className="faint">{t(camera ? "sources.camera" : "sources.nothing")}</p>;
  return measured.courses.map((course) => (
    <OneCourse key={course.metric} course={course} measured={measured} />
  ));
}

function OneCourse({ course, measured }: { course: Course; measured: Measured }) {
  const { t, pick, decimal } = useWords();
  const unit = pick(course.unit.vi, course.unit.en);
  const last = course.points.at(-1);
  const usual = course.points.some((point) => point.usual_low !== null);
  return (
    <section className="card measured-course" data-metric={course.metric}>
      <h2>
        <span className="metric">{pick(course.name.vi, course.name.en)}</span>
        {last && (
          <span className="now">
            {decimal(last.mean)} <span className="faint">{unit}</span>
          </span>
        )}
      </h2>
      <Chart
        course={course}
        incidents={measured.incidents}
        since={Date.parse(measured.since)}
        until={Date.parse(measured.until)}
        stepMs={measured.step_seconds * 1000}
      />
      <ul className="legend faint">
        {usual && (
          <li>
            <i className="usual" aria-hidden="true" /> {t("sources.usual")}
          </li>
        )}
        {course.limits.map((limit) => (
          <li key={limit.rule}>
            <i className="limit" aria-hidden="true" />{" "}
            {t(`sources.limit.${limit.side}`, { value: `${decimal(limit.value)} ${unit}`.trim() })}{" "}
            <code>{limit.rule}</code>
          </li>
        ))}
        {measured.incidents.length > 0 && (
          <li>
            <i className="moment" aria-hidden="true" /> {t("sources.moment")}
          </li>
        )}
      </ul>
    </section>
  );
}

function Incidents({ incidents }: { incidents: readonly Moment[] }) {
  const { t, pick, number, time } = useWords();
  const now = useNow(60_000);
  return (
    <section className="card">
      <h2>{t("sources.incidents", { n: number(incidents.length) })}</h2>
      {incidents.length === 0 && <p className="faint">{t("sources.incidents.none")}</p>}
      <ul className="moments">
        {incidents.map((one) => {
          const name = pick(one.name.vi, one.name.en);
          const start = time(one.start, now);
          const { alert } = one;
          return (
            <li key={one.id}>
              {alert ? (
                <Button className="link" onPress={() => go({ page: "", alert })}>
                  {name}
                </Button>
              ) : (
                <span>{name}</span>
              )}{" "}
              <span className="faint">
                {one.end
                  ? t("sources.over", { start, end: time(one.end, now) })
                  : t("sources.lasts", { start })}
                {one.consequence && ` · ${t("sources.consequence")}`}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Hours({ hours, words }: { hours: Measured["hours"]; words: Words }) {
  const { t, number } = words;
  const last = hours.at(-1);
  return (
    <section className="card">
      <h2>{t("sources.quality")}</h2>
      {!last && <p className="faint">{t("quality.none")}</p>}
      {last && (
        <ul className="axes">
          {AXES.map((axis) => {
            const broken = hours.filter((hour) => hour.broken.includes(axis)).length;
            const share = last.axes[axis];
            return (
              <li key={axis} className={last.broken.includes(axis) ? "missed" : ""}>
                <h3>{t(`quality.axis.${axis}`)}</h3>
                <p className="figure">
                  {share === null ? "–" : `${number(share, share === 100 ? 0 : 1)} %`}
                </p>
                <Spark
                  values={hours.map((hour) => hour.axes[axis])}
                  target={null}
                  within={[90, 100]}
                  label={`${t("sources.quality")}: ${t(`quality.axis.${axis}`)}`}
                />
                <p className="faint">
                  {t("sources.broken", { n: number(broken), of: number(hours.length) })}
                </p>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
