// What stands behind the header's statement: what passes through, what does not, who is silent.
import { faults, kindOf, PARTS, passing } from "../components/faults";
import { now as serverNow, secondsSince, useNow } from "../data/clock";
import { flow } from "../data/flow";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Status } from "../types";

export default function Health() {
  const { t } = useWords();
  const { status, away } = useStore(health);
  if (!status) return <p className="faint">{t("page.loading")}</p>;
  return (
    <div className="health">
      {away !== "" && <p role="alert">{t("health.old")}</p>}
      <Faults status={status} />
      <Passing status={status} />
      <Parts status={status} />
      <Silent status={status} />
    </div>
  );
}

function Faults({ status }: { status: Status }) {
  const words = useWords();
  const passes = useStore(flow);
  const found = faults(status, useNow(1_000), words, passes);
  return (
    <section className="card">
      <h2>{words.t("health.faults")}</h2>
      {found.length === 0 && (
        <p>
          {status.awaited > 0
            ? words.t("header.awaited", { n: words.number(status.awaited) })
            : words.t("health.fine")}
        </p>
      )}
      <ul>
        {found.map(({ text, detail }) => (
          <li key={text}>
            {text}
            {detail && <span className="faint"> {detail}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Rates of the last minute; counted messages since they are counted. */
function Passing({ status }: { status: Status }) {
  const { t, number } = useWords();
  const passes = passing(useStore(flow));
  const { count, not_kept, untrusted } = status.dead_lettered;
  const reasons = Object.entries({ ...not_kept, ...untrusted });
  const rate = (value: number | undefined) =>
    value === undefined ? t("health.soon") : t("health.rate", { n: number(value, 1) });
  return (
    <section className="card">
      <h2>{t("health.passing")}</h2>
      <dl className="amounts">
        <Amount name={t("health.pictures")} said={rate(passes?.pictures)} />
        <Amount name={t("health.readings")} said={rate(passes?.readings)} />
        <Amount name={t("health.shed")} said={rate(passes?.shed)} bad={(passes?.shed ?? 0) > 0} />
        <Amount
          name={t("health.notjudged")}
          said={rate(passes?.not_judged)}
          bad={(passes?.not_judged ?? 0) > 0}
        />
        <Amount name={t("health.late")} said={rate(passes?.late)} />
        <Amount name={t("health.dead")} said={number(count)} />
        {reasons.map(([reason, n]) => (
          <Amount key={reason} name={`– ${reason}`} said={number(n)} />
        ))}
        <Amount
          name={t("health.clock")}
          said={t("age.seconds", { n: number(status.clock_ahead_seconds, 1) })}
          bad={status.clock_ahead_seconds !== 0}
        />
      </dl>
    </section>
  );
}

function Amount({ name, said, bad = false }: { name: string; said: string; bad?: boolean }) {
  return (
    <div className={bad ? "bad" : ""}>
      <dt>{name}</dt>
      <dd>{said}</dd>
    </div>
  );
}

function Parts({ status }: { status: Status }) {
  const { t, number, age } = useWords();
  return (
    <section className="card">
      <h2>{t("health.parts")}</h2>
      <div className="scrolled" tabIndex={0} role="group" aria-label={t("health.parts")}>
        <table className="rows">
          <thead>
            <tr>
              <th>{t("health.part")}</th>
              <th>{t("health.state")}</th>
              <th className="number">{t("health.lag")}</th>
              <th className="number">{t("health.heard")}</th>
              <th>{t("health.detail")}</th>
            </tr>
          </thead>
          <tbody>
            {status.parts.map(({ part, ok, lag, age_seconds, detail }) => {
              const kind = PARTS[kindOf(part)];
              return (
                <tr key={part}>
                  <td>
                    {kind ? t(kind) : part} <span className="faint">{part}</span>
                  </td>
                  <td className={ok ? "" : "bad"}>{t(ok ? "health.ok" : "health.ill")}</td>
                  <td className="number">{number(lag)}</td>
                  <td className="number">{age(age_seconds)}</td>
                  <td>{detail}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Silent({ status }: { status: Status }) {
  const { t, age, number, pick } = useWords();
  const { silent, awaited, lagging, resting } = status;
  const name = (one: { id: string; name_vi: string; name_en: string }) =>
    pick(one.name_vi, one.name_en) || one.id;
  const since = (newest: string | null) =>
    newest ? age(secondsSince(newest, serverNow())) : t("health.never");
  return (
    <section className="card">
      <h2>{t("health.silent", { n: number(silent.length) })}</h2>
      <ul>
        {silent.map((one) => (
          <li key={one.id}>
            {name(one)} <span className="faint">{since(one.newest)}</span>
          </li>
        ))}
      </ul>
      {awaited > 0 && <h2>{t("health.awaited", { n: number(awaited) })}</h2>}
      <h2>{t("health.lagging", { n: number(lagging.length) })}</h2>
      <ul>
        {lagging.map((one) => (
          <li key={one.id}>
            {name(one)} <span className="faint">{age(Math.abs(one.lag_ms) / 1000)}</span>
          </li>
        ))}
      </ul>
      <p className="faint">{t("health.resting", { n: number(resting.length) })}</p>
    </section>
  );
}
