// What alerts asked of each operator, and how often rules were right.
import { useEffect, useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { load as askLoad, precision as askPrecision } from "../data/api";
import { sources as known } from "../data/status";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Load as Figures, Precision } from "../types";

const HOURS = [8, 24, 168] as const;
const AGAIN_MS = 30_000;

export default function Load() {
  const { t, number, pick } = useWords();
  const sources = useStore(known);
  const [hours, setHours] = useState<number>(HOURS[0]);
  const [found, setFound] = useState<Figures | null>(null);
  const [judged, setJudged] = useState<Precision | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let current = true;
    const ask = () =>
      Promise.all([askLoad(hours), askPrecision()]).then(
        ([figures, rules]) => {
          if (!current) return;
          setFound(figures);
          setJudged(rules);
          setFailed(false);
        },
        () => current && setFailed(true),
      );
    void ask();
    const timer = window.setInterval(() => void ask(), AGAIN_MS);
    return () => {
      current = false;
      window.clearInterval(timer);
    };
  }, [hours]);
  const percent = (share: number): string => `${number(Math.round(share * 1000) / 10)}\u00a0%`;
  const took = ({ number: times, median, p90 }: Figures["acknowledged"]): string =>
    times && median !== null && p90 !== null
      ? t("load.took", {
          n: number(times),
          median: number(Math.round(median)),
          p90: number(Math.round(p90)),
        })
      : "–";
  const nameOf = (id: string): string => {
    const source = sources.find((one) => one.id === id);
    return (source && pick(source.name_vi, source.name_en)) || id;
  };
  const rows: [Key, string][] = found
    ? [
        ["load.operators", number(found.operators)],
        ["load.alarms", number(found.alarms)],
        ["load.hour", number(Math.round(found.per_hour * 10) / 10)],
        ["load.ten", number(Math.round(found.per_ten_minutes * 100) / 100)],
        ["load.most", number(found.most_in_ten_minutes)],
        ["load.floods", `${number(found.floods)} (${percent(found.flood_share)})`],
        ["load.chattering", number(found.chattering)],
        ["load.stale", number(found.stale)],
        [
          "load.priorities",
          Object.entries(found.priorities)
            .map(([level, count]) => `${level}: ${number(count)}`)
            .join(" · "),
        ],
        ["load.acknowledged", took(found.acknowledged)],
        ["load.resolved", took(found.resolved)],
      ]
    : [];
  return (
    <>
      <ToggleButtonGroup
        className="segments"
        aria-label={t("load.period")}
        disallowEmptySelection
        selectedKeys={[String(hours)]}
        onSelectionChange={([chosen]) => setHours(Number(chosen))}
      >
        {HOURS.map((each) => (
          <ToggleButton key={each} id={String(each)} className="button">
            {t("load.hours", { n: number(each) })}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {failed && <p role="alert">{t("act.away")}</p>}
      {found && (
        <section className="card figures" data-alarms={found.alarms}>
          <dl>
            {rows.map(([name, value]) => (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {found && found.worst.length > 0 && (
        <section className="card">
          <h2>{t("load.worst")}</h2>
          <div className="scrolled" tabIndex={0} role="group" aria-label={t("load.worst")}>
            <table>
              <tbody>
                {found.worst.map((one) => (
                  <tr key={one.source}>
                    <th scope="row">
                      <span title={one.source}>{nameOf(one.source)}</span>
                    </th>
                    <td>{number(one.alarms)}</td>
                    <td>{percent(one.share)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {judged && judged.rows.length > 0 && (
        <section className="card">
          <h2>{t("load.precision")}</h2>
          <div className="scrolled" tabIndex={0} role="group" aria-label={t("load.precision")}>
            <table>
              <tbody>
                {judged.rows.map((one) => (
                  <tr key={one.name}>
                    <th scope="row">{one.name}</th>
                    <td>{percent(one.precision)}</td>
                    <td className="faint">
                      {percent(one.low)} – {percent(one.high)}
                    </td>
                    <td className="faint">
                      {t("load.judged", { right: number(one.right), wrong: number(one.wrong) })}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {judged.cut && <p className="faint">{t("load.cut", { n: number(judged.judged) })}</p>}
        </section>
      )}
    </>
  );
}
