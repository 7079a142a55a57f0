// What a camera sees now; the picture says how old it is, and shows it when that is too old.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { livePicture, may, Problem, session } from "../data/api";
import { now, secondsSince, useNow } from "../data/clock";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Origin, Source } from "../types";
import { Enlarged, offer } from "./enlarged";
import { whyUnjudged } from "./faults";
import { GroundOnPicture, Masks, Places, useGround } from "./scenery";

const EVERY_MS = 400;
const AGAIN_MS = 1_500;
const OLD_SECONDS = 5;
/** Why nobody, and nothing, can be seen in it. */
const WHOLE: Record<string, Key> = {
  no_model: "masked.no_model",
  not_good: "masked.not_good",
  failed: "masked.failed",
};

interface Shown {
  camera: string;
  url: string;
  time: string;
  origin: string;
  masked: string;
}

/** The newest picture of a camera, again and again; `none` where it has sent none lately. */
function usePicture(camera: string | undefined): { shown: Shown | null; none: boolean } {
  const [shown, setShown] = useState<Shown | null>(null);
  const [none, setNone] = useState(false);
  useEffect(() => {
    setShown(null);
    setNone(false);
    if (!camera) return;
    let current = true;
    let url = "";
    let tag = "";
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    async function follow(id: string) {
      while (current) {
        const began = now();
        try {
          if (!document.hidden) {
            const picture = await livePicture(id, tag);
            if (!current) return;
            tag = picture.tag;
            setNone(false);
            if (picture.blob) {
              const old = url;
              url = URL.createObjectURL(picture.blob);
              const { time, origin, masked } = picture;
              setShown({ camera: id, url, time, origin, masked });
              if (old) window.setTimeout(() => URL.revokeObjectURL(old), 1_000);
            }
          }
          await pause(Math.max(50, EVERY_MS - (now() - began)));
        } catch (error) {
          if (error instanceof Problem && error.status === 404) setNone(true);
          await pause(AGAIN_MS);
        }
      }
    }
    void follow(camera);
    return () => {
      current = false;
      if (url) URL.revokeObjectURL(url);
    };
  }, [camera]);
  return { shown: shown?.camera === camera ? shown : null, none };
}

interface LiveProps {
  camera: Source | undefined;
  /** Chosen on the map, and not the alert's own: stands apart from that, until it is closed. */
  onClose?: () => void;
}

export function LivePicture({ camera, onClose }: LiveProps) {
  const { t, pick } = useWords();
  const sees = may("pictures:read", useStore(session));
  const { shown, none } = usePicture(sees ? camera?.id : undefined);
  const ground = useGround(camera?.id);
  const [size, setSize] = useState<[number, number]>([0, 0]);
  const name = camera ? pick(camera.name_vi, camera.name_en) || camera.id : "";
  const there = shown !== null && !onClose;
  useEffect(() => (there ? offer("live") : undefined), [there]);
  let inside = <p className="none">{t(sees ? "live.nocamera" : "role.nopicture")}</p>;
  if (shown)
    inside = (
      <>
        <img
          src={shown.url}
          alt={t("live.alt", { name })}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setSize([naturalWidth, naturalHeight])
          }
        />
        <GroundOnPicture ground={ground} size={size} />
        {shown.masked in WHOLE && <p className="whole">{t(WHOLE[shown.masked] as Key)}</p>}
      </>
    );
  else if (camera && sees)
    inside = <p className="none">{none ? t("live.none", { name }) : t("live.waiting")}</p>;
  return (
    <figure className={onClose ? "live card chosen" : "live card"}>
      <figcaption>
        <h2>{t(onClose ? "live.chosen" : "live")}</h2>
        {camera && <span className="where">{name}</span>}
        {onClose && (
          <Button className="link close" onPress={onClose}>
            {t("close")}
          </Button>
        )}
      </figcaption>
      <Aged time={shown?.time ?? ""} origin={shown?.origin ?? "live"}>
        {inside}
        {shown && !onClose && (
          <Enlarged what="live" title={`${t("live")}: ${name}`}>
            <Aged time={shown.time} origin={shown.origin}>
              {inside}
            </Aged>
          </Enlarged>
        )}
      </Aged>
      <Places ground={ground} />
      {camera && shown && <Masks camera={camera.id} ground={ground} />}
      {camera?.verified === false && <p className="unverified">{t("live.unverified")}</p>}
      {camera && <Unjudged camera={camera} />}
    </figure>
  );
}

/** Which rules are not judged by the camera now, and why. */
function Unjudged({ camera }: { camera: Source }) {
  const words = useWords();
  if (camera.unjudged.length === 0) return null;
  const by = new Map<string, string[]>();
  for (const { rule, reason } of camera.unjudged) by.set(reason, [...(by.get(reason) ?? []), rule]);
  return (
    <ul className="unjudged" aria-label={words.t("unjudged")}>
      {[...by].map(([reason, rules]) => (
        <li key={reason}>
          <b>{words.t("unjudged")}:</b> {rules.join(", ")} – {whyUnjudged(reason, words)}
        </li>
      ))}
    </ul>
  );
}

interface AgedProps {
  time: string;
  origin: string;
  children: React.ReactNode;
}

export function Aged({ time, origin, children }: AgedProps) {
  const { t, ago } = useWords();
  const at = useNow(200);
  const seconds = time ? secondsSince(time, at) : 0;
  const old = seconds > OLD_SECONDS;
  return (
    <div className={old ? "picture old" : "picture"}>
      {children}
      {time && (
        <span className="stamp">
          {origin !== "live" && <span className="badge">{t(`origin.${origin as Origin}`)}</span>}
          <span>
            {old && <b>{t("live.old")} · </b>}
            {ago(seconds, 1)}
          </span>
        </span>
      )}
    </div>
  );
}
