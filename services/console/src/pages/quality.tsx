// How well feeds and sources deliver, by hour: complete, valid, clean, live; and who keeps a promise.
import * as api from "../data/api";
import { useNow } from "../data/clock";
import { useAsked } from "../components/asked";
import { useWords, type Words } from "../i18n";
import type { Axes, FeedQuality, SourceQuality } from "../types";

const EVERY_MS = 60_000;
const AXES = ["complete", "valid", "clean", "live"] as const;

export default function Quality() {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  const { known, failed } = useAsked(api.quality, EVERY_MS);
  return (
    <div className="measured">
      <p className="message" role="alert">
        {failed ? t("act.away") : ""}
      </p>
      {known?.feeds.length === 0 && <p className="faint">{t("quality.none")}</p>}
      {known && known.feeds.length > 0 && (
        <>
          <div className="scrolled" tabIndex={0} role="group" aria-label={t("quality.feeds")}>
            <table className="rows">
              <caption>{t("quality.feeds")}</caption>
              <thead>
                <tr>
                  <th scope="col">{t("quality.feed")}</th>
                  <Heads words={words} />
                  <th scope="col">{t("quality.kept")}</th>
                  <th scope="col">{t("quality.owner")}</th>
                </tr>
              </thead>
              <tbody>
                {known.feeds.map((one) => (
                  <FeedRow key={`${one.feed}/${one.origin}`} feed={one} words={words} />
                ))}
              </tbody>
            </table>
          </div>
          <div className="scrolled" tabIndex={0} role="group" aria-label={t("quality.source")}>
            <table className="rows">
              <caption>
                {t("quality.sources", { n: known.sources.length, all: known.matching })}
              </caption>
              <thead>
                <tr>
                  <th scope="col">{t("quality.source")}</th>
                  <Heads words={words} />
                  <th scope="col">{t("quality.arrived")}</th>
                  <th scope="col">{t("quality.hour")}</th>
                </tr>
              </thead>
              <tbody>
                {known.sources.map((one) => (
                  <SourceRow key={one.source} source={one} words={words} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}

const Heads = ({ words }: { words: Words }) =>
  AXES.map((axis) => (
    <th key={axis} scope="col">
      {words.t(`quality.axis.${axis}`)}
    </th>
  ));

/** What was not kept says so in words, too: colour alone tells not everybody. */
function Cells({ axes, broken, words }: { axes: Axes; broken: string[]; words: Words }) {
  return AXES.map((axis) => {
    const value = axes[axis];
    const missed = broken.includes(axis);
    return (
      <td key={axis} className={missed ? "missed" : ""}>
        {value === null ? "–" : `${words.number(value, 1)} %`}
        {missed && <span className="verdict">{words.t("quality.below")}</span>}
      </td>
    );
  });
}

function FeedRow({ feed, words }: { feed: FeedQuality; words: Words }) {
  const { t, pick } = words;
  return (
    <tr>
      <th scope="row">
        {pick(feed.name_vi, feed.name_en)}
        {feed.origin !== "live" && <span className="faint"> · {t(`origin.${feed.origin}`)}</span>}
      </th>
      <Cells axes={feed.last} broken={feed.broken} words={words} />
      <td>{t("quality.score", { score: words.number(feed.score, 1), n: feed.hours })}</td>
      <td>{pick(feed.owner_vi, feed.owner_en) || t("quality.nobody")}</td>
    </tr>
  );
}

interface SourceRowProps {
  source: SourceQuality;
  words: Words;
  now: number;
}

function SourceRow({ source, words, now }: SourceRowProps) {
  const { arrived, expected } = source;
  return (
    <tr>
      <th scope="row">
        {words.pick(source.name_vi, source.name_en)} <code className="faint">{source.source}</code>
      </th>
      <Cells axes={source.axes} broken={source.broken} words={words} />
      <td>
        {words.number(arrived)}
        {expected > 0 && ` / ${words.number(expected)}`}
      </td>
      <td>{words.time(source.hour, now)}</td>
    </tr>
  );
}
