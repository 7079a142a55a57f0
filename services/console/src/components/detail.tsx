// The selected alert: what to do, its proof, its camera, its place, its history.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { address, go } from "../data/address";
import { connection, known, latest, put } from "../data/alerts";
import { alert as askAlert, Problem } from "../data/api";
import { now } from "../data/clock";
import { sources } from "../data/status";
import { store, useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert, Detail as Full, Source } from "../types";
import { Actions, type Asking, Outcome, TITLE_ID } from "./actions";
import { Consequences, ExplainedBy } from "./consequences";
import { Evidence } from "./evidence";
import { LivePicture } from "./live";
import { NetworkMap } from "./map";
import { Priority } from "./priority";
import { Rationale } from "./rationale";
import { Runbook } from "./runbook";
import { stateOf, titleOf, zoneOf } from "./row";
import { fillOf, Shape } from "./shape";
import { Stalled } from "./stalled";
import { Aside } from "./aside";
import { Flapping } from "./flapping";
import { Stale } from "./stale";
import { Unknown } from "./unknown";
import { Other, Timeline, Whole } from "./timeline";

/** A camera chosen on the map, which is then shown beside the alert's own. */
export const watched = store("");

/** The alert with its timeline, loaded anew with each of its changes. */
function useDetail(id: string): { detail: Full | null; gone: boolean } {
  const [detail, setDetail] = useState<Full | null>(null);
  const [gone, setGone] = useState(false);
  const transition = useStore(latest);
  const { recoveries } = useStore(connection);
  const { byId, followers } = useStore(known);
  const following = followers.get(id);
  const version = byId.get(id)?.version;
  const sequence = transition?.alert === id ? transition.sequence : 0;
  // what they say is why to ask again
  useEffect(() => {
    let current = true;
    setGone(false);
    if (!id) return;
    askAlert(id).then(
      (found) => {
        if (!current) return;
        put(found);
        setDetail(found);
      },
      (error) => {
        if (current && error instanceof Problem && error.status === 404) setGone(true);
      },
    );
    return () => {
      current = false;
    };
  }, [id, version, sequence, recoveries, following]);
  return { detail: detail?.id === id ? detail : null, gone };
}

/** The alert's own camera, or the one that sees the same road. */
function cameraOf(alert: Alert | undefined, all: readonly Source[]): Source | undefined {
  const cameras = all.filter((source) => source.carries === "frames");
  if (!alert) return undefined;
  return (
    cameras.find((camera) => alert.sources.includes(camera.id)) ??
    cameras.find((camera) => camera.segment !== "" && camera.segment === alert.place?.segment)
  );
}

interface Props {
  asking: Asking;
  onAsk: (asking: Asking) => void;
}

export function Detail({ asking, onAsk }: Props) {
  const { t } = useWords();
  const { alert: id } = useStore(address);
  const { byId } = useStore(known);
  const all = useStore(sources);
  const chosen = useStore(watched);
  const { detail, gone } = useDetail(id);
  // another alert has another camera
  useEffect(() => watched.set(""), [id]);
  const alert = byId.get(id) ?? detail ?? undefined;
  const camera = cameraOf(alert, all);
  const other = all.find((source) => source.id === chosen && source !== camera);
  return (
    <section className={alert ? "detail" : "detail nothing"} aria-label={t("detail.label")}>
      {alert ? (
        <Head alert={alert} detail={detail} asking={asking} onAsk={onAsk} />
      ) : (
        <div className="head">
          <h1>{gone ? t("detail.gone") : t("detail.none")}</h1>
          <p className="faint">{t("detail.none.hint")}</p>
        </div>
      )}
      {alert && <Rationale detail={detail} />}
      <div className="column">
        {alert && <Evidence alert={alert} detail={detail} />}
        {alert && <Runbook detail={detail} />}
        {alert && <Consequences detail={detail} />}
        {alert && <Timeline alert={alert} lines={detail?.timeline ?? []} />}
      </div>
      <div className="column">
        {alert && <LivePicture camera={camera} />}
        {other && <LivePicture key={other.id} camera={other} onClose={() => watched.set("")} />}
        <NetworkMap watching={other?.id ?? camera?.id ?? ""} />
      </div>
    </section>
  );
}

function Head({ alert, detail, asking, onAsk }: Props & { alert: Alert; detail: Full | null }) {
  const words = useWords();
  const { t, number } = words;
  return (
    <div className="head">
      <Button className="button back" onPress={() => go({ alert: "" })}>
        <span aria-hidden="true">‹</span> {t("detail.back")}
      </Button>
      <Shape severity={alert.severity} fill={fillOf(alert.state)} size={36} named />
      <div className="what">
        <h1 id={TITLE_ID}>{titleOf(alert, words)}</h1>
        <p>
          <span className="state">{t(stateOf(alert))}</span>
          {alert.merged_into && <Whole id={alert.merged_into} />}
          {zoneOf(alert, words) && <span className="zone">{zoneOf(alert, words)}</span>}
          <span>{t("detail.since", { time: words.time(alert.event_time, now()) })}</span>
          {alert.count > 1 && <span className="count">×{number(alert.count)}</span>}
          <Priority alert={alert} />
          <Stalled alert={alert} />
          <Unknown alert={alert} />
          <Flapping alert={alert} />
          <Stale alert={alert} />
          <Aside alert={alert} />
          {alert.assigned_to && <span>{t("assigned", { who: alert.assigned_to })}</span>}
          {alert.disposition && (
            <span>
              {t("disposition")}: {t(`disposition.${alert.disposition}`)}
            </span>
          )}
          {alert.links.length > 0 && (
            <span className="links">
              {t("linked")}{" "}
              {alert.links.map((id) => (
                <Other key={id} id={id} />
              ))}
            </span>
          )}
          <ExplainedBy alert={alert} detail={detail} />
          {alert.outside > 0 && (
            <span className="outside">{t("area.outside", { n: number(alert.outside) })}</span>
          )}
        </p>
      </div>
      <div className="do">
        <Actions alert={alert} asking={asking} onAsk={onAsk} />
        <Outcome alert={alert.id} />
      </div>
    </div>
  );
}
