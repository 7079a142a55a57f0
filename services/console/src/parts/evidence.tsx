// The picture an alert rests on: the very frame, with what was seen on it.
import { useState } from "react";
import { connection } from "../data/alerts";
import { secondsSince, useNow } from "../data/clock";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert, Detail } from "../types";
import { titleOf, zoneOf } from "./row";

/** Address of the latest occurrence's picture: it stays the same when somebody comments. */
function pictureOf(alert: Alert, detail: Detail | null): string | null {
  const shown = detail?.timeline.filter((line) => line.picture).at(-1)?.picture;
  return shown ?? alert.evidence?.picture ?? null;
}

export function EvidencePicture({ alert, detail }: { alert: Alert; detail: Detail | null }) {
  const words = useWords();
  const { t, number, language } = words;
  const [failed, setFailed] = useState("");
  const { recoveries } = useStore(connection);
  const { evidence } = alert;
  const address = pictureOf(alert, detail);
  const source =
    address && `${address}${address.includes("?") ? "&" : "?"}lang=${language}&below=false`;
  const seen = evidence?.metric
    ? t("evidence.chart")
    : t("evidence.boxes", {
        n: number(evidence?.boxes.length ?? 0),
        zone: zoneOf(alert, words) || "–",
      });
  let inside = <p className="none">{t("evidence.none")}</p>;
  if (evidence?.missing)
    inside = <p className="none">{t("evidence.missing", { why: evidence.missing })}</p>;
  else if (source && failed === `${source} ${recoveries}`)
    inside = <p className="none">{t("evidence.unread")}</p>;
  else if (source)
    inside = (
      <img
        key={`${source} ${recoveries}`}
        src={source}
        alt={t("evidence.alt", { what: titleOf(alert, words), detail: seen })}
        onError={() => setFailed(`${source} ${recoveries}`)}
      />
    );
  const model = evidence && `${evidence.model} ${evidence.version}`.trim();
  return (
    <figure className="evidence card">
      <figcaption>
        <h2>{t("evidence")}</h2>
        {evidence && <Taken at={evidence.time} />}
        {alert.origin !== "live" && <span className="badge">{t(`origin.${alert.origin}`)}</span>}
        {evidence && (
          <span className="faint model" title={t("evidence.model")}>
            {model || t("evidence.nomodel")}
          </span>
        )}
      </figcaption>
      <div className="picture">{inside}</div>
    </figure>
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
