// The figures by which the city is judged: value, target, trend, what is to come, and who answers.
import { useEffect, useState } from "react";
import * as api from "../data/api";
import { useNow } from "../data/clock";
import { Spark } from "../components/spark";
import { useAsked } from "../components/asked";
import { useWords, type Words } from "../i18n";
import type { Computed, Indicator, IndicatorPeriod, IndicatorSeries } from "../types";

const EVERY_MS = 60_000;

export default function Indicators() {
  const words = useWords();
  const { t, pick } = words;
  const { known, failed } = useAsked(api.indicators, EVERY_MS);
  const [opened, setOpened] = useState("");
  const computed = known?.filter((one) => one.needs_en === null) ?? [];
  const others = known?.filter((one) => one.needs_en !== null) ?? [];
  const missed = computed.filter((one) => one.series.some((series) => over(series)?.met === false));
  return (
    <div className="measured">
      <p className="message" role="alert">
        {failed ? t("act.away") : ""}
      </p>
      {known && (
        <p className="faint">
          {t("indicators.summary", { n: computed.length, missed: missed.length })}
        </p>
      )}
      <ul className="tiles">
        {computed.map((one) => (
          <Tile
            key={one.id}
            indicator={one}
            words={words}
            opened={opened === one.id}
            onOpen={() => setOpened(opened === one.id ? "" : one.id)}
          />
        ))}
      </ul>
      {others.length > 0 && (
        <details>
          <summary>{t("indicators.others", { n: others.length })}</summary>
          <table className="rows">
            <tbody>
              {others.map((one) => (
                <tr key={one.id}>
                  <th scope="row">{pick(one.name_vi, one.name_en)}</th>
                  <td className="faint">
                    {t("indicators.needs", { what: pick(one.needs_vi ?? "", one.needs_en ?? "") })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

const over = (series: IndicatorSeries): IndicatorPeriod | undefined =>
  series.periods.find((period) => period.state !== "running");

interface TileProps {
  indicator: Indicator;
  words: Words;
  opened: boolean;
  onOpen: () => void;
}

function Tile({ indicator, words, opened, onOpen }: TileProps) {
  const { t, pick } = words;
  const series = indicator.series[0];
  const last = series && (over(series) ?? series.periods[0]);
  const running = series?.periods.find((period) => period.state === "running");
  const unit = pick(indicator.unit_vi, indicator.unit_en);
  const values = series?.periods.map((period) => period.value).reverse() ?? [];
  const bound = indicator.direction === "up" ? "≥" : "≤";
  return (
    <li className={`card tile ${last?.met === false && last !== running ? "missed" : ""}`}>
      <h2>{pick(indicator.name_vi, indicator.name_en)}</h2>
      <p className="figure">
        <strong>
          {last?.value === null || last === undefined
            ? "–"
            : words.figure(last.value, indicator.target)}
        </strong>{" "}
        <span className="faint">{unit}</span>
        {last?.met === false && (
          <span className="verdict">
            {t(last.state === "running" ? "indicators.so_far" : "indicators.missed")}
          </span>
        )}
      </p>
      <Spark values={values} target={indicator.target} label={t("indicators.course")} />
      <dl>
        <dt>{t("indicators.target")}</dt>
        <dd>
          {indicator.target === null ? (
            t("indicators.no_target")
          ) : (
            <>
              {bound} {words.decimal(indicator.target)}{" "}
              <span className="faint">{t(`indicators.says.${indicator.says}`)}</span>
            </>
          )}
        </dd>
        <dt>{t("indicators.trend")}</dt>
        <dd>{trend(words, series, indicator)}</dd>
        {running && running.low !== null && running.high !== null && (
          <>
            <dt>{t("indicators.to_come")}</dt>
            <dd>
              {words.figure(running.low)} – {words.figure(running.high)}
            </dd>
          </>
        )}
        <dt>{t("indicators.responsible")}</dt>
        <dd>{pick(indicator.responsible_vi, indicator.responsible_en)}</dd>
      </dl>
      <p className="foot">
        <span className="faint">
          {t(`indicators.period.${indicator.period}`)}
          {series && series.origin !== "live" && ` · ${t(`origin.${series.origin}`)}`}
        </span>
        {series && (
          <button className="button quiet" aria-expanded={opened} onClick={onOpen}>
            {t("indicators.open")}
          </button>
        )}
      </p>
      {opened && series && (
        <Behind indicator={indicator} series={series} period={last} words={words} />
      )}
    </li>
  );
}

interface BehindProps {
  indicator: Indicator;
  series: IndicatorSeries;
  period: IndicatorPeriod | undefined;
  words: Words;
}

/** The number computed anew, and by what. */
function Behind({ indicator, series, period, words }: BehindProps) {
  const { t } = words;
  const now = useNow(60_000);
  const [found, setFound] = useState<Computed | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let current = true;
    api.computed(indicator.id, series.origin, period?.start ?? "").then(
      (answer) => current && setFound(answer),
      () => current && setFailed(true),
    );
    return () => {
      current = false;
    };
  }, [indicator.id, series.origin, period?.start]);
  if (failed) return <p role="alert">{t("act.away")}</p>;
  if (!found) return <p className="faint">{t("page.loading")}</p>;
  return (
    <div className="behind">
      <p>
        {t(found.same ? "indicators.same" : "indicators.differs", {
          numerator: words.number(found.numerator),
          denominator: words.number(found.denominator),
          readings: words.number(found.readings),
          sources: words.number(found.sources),
          time: period ? words.time(period.start, now) : "",
        })}
      </p>
      <pre tabIndex={0}>{found.sql}</pre>
    </div>
  );
}

function trend(words: Words, series: IndicatorSeries | undefined, indicator: Indicator): string {
  const by = series?.trend;
  if (by === null || by === undefined) return "–";
  if (by === 0) return words.t("indicators.unchanged");
  const better = by > 0 === (indicator.direction === "up");
  const sign = by > 0 ? "▲ +" : "▼ −";
  return `${sign}${words.figure(Math.abs(by))} · ${words.t(
    better ? "indicators.better" : "indicators.worse",
  )}`;
}
