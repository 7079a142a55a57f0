// What an alert rests on: the very frame with what was seen on it, or a sensor's readings.
import { useEffect, useState } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { connection } from "../data/alerts";
import { may, session } from "../data/api";
import { now as serverNow, secondsSince, useNow } from "../data/clock";
import { sources } from "../data/status";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Alert, Detail, Evidence as Exhibit, Transition } from "../types";
import { Enlarged, offer } from "./enlarged";
import { Original } from "./original";
import { titleOf, zoneOf } from "./row";

/** Occurrences in the strip at most. */
const STRIP = 8;

/** Address of the latest occurrence's first picture: it stays the same when somebody comments. */
function pictureOf(alert: Alert, detail: Detail | null): string | null {
  const shown = detail?.timeline.filter((line) => line.picture).at(-1)?.picture;
  return shown ?? alert.evidence?.picture ?? null;
}

export function Evidence({ alert, detail }: { alert: Alert; detail: Detail | null }) {
  const words = useWords();
  const { t } = words;
  const [chosen, setChosen] = useState({ alert: "", place: 0, time: "" });
  const exhibits = detail?.exhibits ?? (alert.evidence ? [alert.evidence] : []);
  const place = chosen.alert === alert.id && exhibits[chosen.place] ? chosen.place : 0;
  const exhibit = exhibits[place] ?? null;
  const lines = detail?.timeline.filter((line) => line.picture) ?? [];
  const earlier = lines.find(({ time }) => chosen.alert === alert.id && time === chosen.time);
  const latest = place === 0 ? pictureOf(alert, detail) : (exhibit?.picture ?? null);
  const address = earlier?.picture ?? latest;
  const sees = may("evidence:read", useStore(session));
  const shown = sees && address !== null && !exhibit?.missing;
  useEffect(() => (shown ? offer("evidence") : undefined), [shown]);
  const me = useStore(session);
  const model = exhibit && `${exhibit.model} ${exhibit.version}`.trim();
  return (
    <figure className="evidence card">
      <figcaption>
        <h2>{t("evidence")}</h2>
        {exhibit && <Taken at={earlier?.time ?? exhibit.time} />}
        {alert.origin !== "live" && <span className="badge">{t(`origin.${alert.origin}`)}</span>}
        {exhibit && (
          <span className="faint model" title={t("evidence.model")}>
            {model || t("evidence.nomodel")}
          </span>
        )}
      </figcaption>
      {exhibits.length > 1 && (
        <Choice
          exhibits={exhibits}
          chosen={place}
          onChoose={(place) => setChosen({ alert: alert.id, place, time: "" })}
        />
      )}
      <div className="picture">
        <Picture alert={alert} exhibit={exhibit} address={address} />
        {shown && (
          <Enlarged what="evidence" title={`${t("evidence")}: ${titleOf(alert, words)}`}>
            <div className="picture">
              <Picture alert={alert} exhibit={exhibit} address={address} />
            </div>
          </Enlarged>
        )}
      </div>
      {sees && lines.length > 1 && (
        <Occurrences
          lines={lines}
          chosen={earlier ?? lines.at(-1)}
          onChoose={(time) => setChosen({ alert: alert.id, place: 0, time })}
        />
      )}
      {exhibit?.frame && !exhibit.missing && may("pictures:original", me) && (
        <Original key={`${alert.id} ${place}`} alert={alert.id} exhibit={place} />
      )}
    </figure>
  );
}

interface OccurrencesProps {
  lines: readonly Transition[];
  chosen: Transition | undefined;
  onChoose: (time: string) => void;
}

/** Each time that it came, in a strip; the latest are enough to compare. */
function Occurrences({ lines, chosen, onChoose }: OccurrencesProps) {
  const { t, time, language } = useWords();
  return (
    <div className="strip" role="group" aria-label={t("evidence.strip")}>
      {lines.slice(-STRIP).map((line) => (
        <button
          key={line.time}
          type="button"
          aria-pressed={line === chosen}
          onClick={() => onChoose(line.time)}
        >
          <img src={pictured(line.picture ?? "", language)} alt="" loading="lazy" />
          <span>{time(line.time, serverNow())}</span>
        </button>
      ))}
    </div>
  );
}

const pictured = (address: string, language: string): string =>
  `${address}${address.includes("?") ? "&" : "?"}lang=${language}&below=false`;

/** Of two pictures of one camera the earlier is from before its fault; null: it has but one. */
function momentOf(exhibit: Exhibit, exhibits: readonly Exhibit[]): Key | null {
  const own = exhibits.filter(({ source, metric }) => source === exhibit.source && !metric);
  if (exhibit.metric || own.length < 2) return null;
  const last = own.every(({ time }) => time <= exhibit.time);
  return last ? "evidence.fault" : "evidence.before";
}

interface ChoiceProps {
  exhibits: readonly Exhibit[];
  chosen: number;
  onChoose: (place: number) => void;
}

/** One incident, several proofs: which of them is shown. */
function Choice({ exhibits, chosen, onChoose }: ChoiceProps) {
  const { t, pick } = useWords();
  const all = useStore(sources);
  return (
    <ToggleButtonGroup
      className="segments small"
      aria-label={t("evidence.which")}
      disallowEmptySelection
      selectedKeys={[chosen]}
      onSelectionChange={([place]) => onChoose(Number(place))}
    >
      {exhibits.map((exhibit, place) => {
        const source = all.find(({ id }) => id === exhibit.source);
        const name = source ? pick(source.name_vi, source.name_en) : exhibit.source;
        const which = momentOf(exhibit, exhibits);
        return (
          <ToggleButton id={place} key={`${exhibit.source} ${exhibit.time}`}>
            {which ? t(which) : name}
          </ToggleButton>
        );
      })}
    </ToggleButtonGroup>
  );
}

interface PictureProps {
  alert: Alert;
  exhibit: Exhibit | null;
  address: string | null;
}

function Picture({ alert, exhibit, address }: PictureProps) {
  const words = useWords();
  const { t, number, language } = words;
  const [failed, setFailed] = useState("");
  const { recoveries } = useStore(connection);
  const sees = may("evidence:read", useStore(session));
  const source = address && pictured(address, language);
  const seen = exhibit?.metric
    ? t("evidence.chart")
    : t("evidence.boxes", {
        n: number(exhibit?.boxes.length ?? 0),
        zone: zoneOf(alert, words) || "–",
      });
  if (!sees) return <p className="none">{t("role.nopicture")}</p>;
  if (exhibit?.missing)
    return <p className="none">{t("evidence.missing", { why: exhibit.missing })}</p>;
  if (!source) return <p className="none">{t("evidence.none")}</p>;
  if (failed === `${source} ${recoveries}`) return <p className="none">{t("evidence.unread")}</p>;
  return (
    <img
      key={`${source} ${recoveries}`}
      src={source}
      alt={t("evidence.alt", { what: titleOf(alert, words), detail: seen })}
      onError={() => setFailed(`${source} ${recoveries}`)}
    />
  );
}

function Taken({ at }: { at: string }) {
  const { ago, time } = useWords();
  const now = useNow(1_000);
  return (
    <span className="taken">
      {time(at, now)} <span className="faint">· {ago(secondsSince(at, now))}</span>
    </span>
  );
}
