// What is to be done about the alert, and why it was raised: its kind's words.
import { useWords } from "../i18n";
import type { Detail, Rationale as Known } from "../types";

export function Rationale({ detail }: { detail: Detail | null }) {
  const { t, pick } = useWords();
  const own = detail?.rationale;
  return (
    <section className="rationale card" aria-label={t("rationale")}>
      <div className="response">
        <h2>{t("rationale.response")}</h2>
        {own && <p>{pick(own.response.vi, own.response.en)}</p>}
        {detail && !own && <p className="faint">{t("rationale.gone")}</p>}
      </div>
      {detail && (own || detail.members.length > 0) && (
        <dl>
          <Said name={t("rationale.why")} words={own?.why} />
          {detail.members.map((member) => (
            <Said
              key={`${member.kind} ${member.rule} ${member.why?.en}`}
              name={t("rationale.also")}
              words={member.why}
            />
          ))}
          <Said name={t("rationale.cause")} words={own?.cause} />
          <Said name={t("rationale.consequence")} words={own?.consequence} />
        </dl>
      )}
    </section>
  );
}

/** No line ends between a number and its unit. */
const unbroken = (text: string): string => text.replace(/(\d) /g, "$1\u00a0");

/** Left out where it is not known. */
function Said({ name, words }: { name: string; words: Known["why"] | undefined }) {
  const { pick } = useWords();
  if (!words) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{unbroken(pick(words.vi, words.en))}</dd>
    </div>
  );
}
