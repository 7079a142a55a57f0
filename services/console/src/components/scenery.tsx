// What a camera has learned never moves, and what is masked: on its picture, and for engineers to judge.
import { useCallback, useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { judgeScenery, masks as askMasks, scenery as askScenery, session } from "../data/api";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Mask, Scenery } from "../types";

const EVERY_MS = 10_000;
const MAY_JUDGE = new Set(["engineer", "admin"]);
const CHOICES: Record<Scenery["verdict"], readonly (boolean | null)[]> = {
  learned: [true, false],
  confirmed: [null],
  denied: [null],
};

export interface Ground {
  places: readonly Scenery[];
  masks: readonly Mask[];
  refresh: () => void;
}

/** Of a camera; asked for every ten seconds. */
export function useGround(camera: string | undefined): Ground {
  const [found, setFound] = useState<Omit<Ground, "refresh">>({ places: [], masks: [] });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    setFound({ places: [], masks: [] });
  }, [camera]);
  useEffect(() => {
    if (!camera) return;
    let current = true;
    const ask = async () => {
      try {
        const [places, drawn] = await Promise.all([askScenery(camera), askMasks(camera)]);
        if (current) setFound({ places, masks: drawn });
      } catch {
        // What was known stays; the header says that nobody answers.
      }
    };
    void ask();
    const timer = window.setInterval(() => document.hidden || void ask(), EVERY_MS);
    return () => {
      current = false;
      window.clearInterval(timer);
    };
  }, [camera, asked]);
  const refresh = useCallback(() => setAsked((times) => times + 1), []);
  return { ...found, refresh };
}

/** Over a picture of that size, which fits into the same box. */
export function GroundOnPicture({ ground, size }: { ground: Ground; size: [number, number] }) {
  const { t, number } = useWords();
  const [width, height] = size;
  if (!width || !(ground.places.length + ground.masks.length)) return null;
  return (
    <svg
      className="ground-shapes"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("scenery.shown")}
    >
      {ground.masks.map((mask) => (
        <polygon
          key={mask.id}
          className="mask"
          points={mask.polygon.map(([x, y]) => `${x * width},${y * height}`).join(" ")}
        >
          <title>{t("mask.named", { id: mask.id })}</title>
        </polygon>
      ))}
      {ground.places.map(({ id, label, verdict, box: [x0, y0, x1, y1] }, index) => (
        <g key={id}>
          <rect
            className={verdict}
            x={x0 * width}
            y={y0 * height}
            width={(x1 - x0) * width}
            height={(y1 - y0) * height}
          >
            <title>{`${t(`scenery.${label}`)}: ${t(`scenery.${verdict}`)}`}</title>
          </rect>
          <text x={x0 * width} y={Math.max(y0, 0.06) * height} fontSize={height / 18}>
            {number(index + 1)}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** The places one by one, each with what an engineer may say of it. */
export function Places({ ground: { places, refresh } }: { ground: Ground }) {
  const { t, number } = useWords();
  const me = useStore(session);
  const [refused, setRefused] = useState(false);
  if (!places.length) return null;
  const may = me && MAY_JUDGE.has(me.role);
  async function say(place: Scenery, confirmed: boolean | null) {
    try {
      await judgeScenery(place.camera, place.id, confirmed);
      setRefused(false);
      refresh();
    } catch {
      setRefused(true);
    }
  }
  return (
    <details className="places">
      <summary>{t("scenery.count", { n: number(places.length) })}</summary>
      <ol>
        {places.map((place, index) => (
          <li key={place.id}>
            <span>{number(index + 1)}.</span>
            <span>{t(`scenery.${place.label}`)}</span>
            <span className="faint">{t(`scenery.${place.verdict}`)}</span>
            {may &&
              CHOICES[place.verdict].map((confirmed) => (
                <Button
                  key={String(confirmed)}
                  className="link"
                  onPress={() => void say(place, confirmed)}
                >
                  {t(choice(confirmed))}
                </Button>
              ))}
          </li>
        ))}
      </ol>
      {refused && <p role="alert">{t("scenery.refused")}</p>}
    </details>
  );
}

function choice(confirmed: boolean | null): Key {
  if (confirmed === null) return "scenery.withdraw";
  return confirmed ? "scenery.confirm" : "scenery.deny";
}
