// What a camera has learned never moves, and what is masked: on its picture, and for engineers to judge.
import { type MouseEvent, useCallback, useEffect, useState } from "react";
import { Button } from "react-aria-components";
import {
  addMask,
  judgeScenery,
  masks as askMasks,
  may,
  Problem,
  removeMask,
  scenery as askScenery,
  session,
} from "../data/api";
import { useStore } from "../data/store";
import { type Key, useWords } from "../i18n";
import type { Mask, Scenery } from "../types";

const EVERY_MS = 10_000;
const CHOICES: Record<Scenery["verdict"], readonly (boolean | null)[]> = {
  learned: [true, false],
  confirmed: [null],
  denied: [null],
};

type Corner = [number, number];

export interface Ground {
  places: readonly Scenery[];
  masks: readonly Mask[];
  /** Corners of the mask that is being drawn, in fractions of the picture; null: none is. */
  drawn: readonly Corner[] | null;
  draw: (corners: readonly Corner[] | null) => void;
  refresh: () => void;
}

/** Of a camera; asked for every ten seconds. */
export function useGround(camera: string | undefined): Ground {
  const [found, setFound] = useState<Pick<Ground, "places" | "masks">>({ places: [], masks: [] });
  const [drawn, draw] = useState<Ground["drawn"]>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    setFound({ places: [], masks: [] });
    draw(null);
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
  return { ...found, drawn, draw, refresh };
}

/** Over a picture of that size, which fits into the same box. */
export function GroundOnPicture({ ground, size }: { ground: Ground; size: [number, number] }) {
  const { t, number } = useWords();
  const [width, height] = size;
  const { drawn, draw } = ground;
  if (!width || !(ground.places.length + ground.masks.length || drawn)) return null;
  function corner(event: MouseEvent<SVGSVGElement>) {
    const matrix = event.currentTarget.getScreenCTM();
    if (!drawn || !matrix) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const part = (value: number) => Math.min(1, Math.max(0, Math.round(value * 1_000) / 1_000));
    draw([...drawn, [part(at.x / width), part(at.y / height)]]);
  }
  return (
    <svg
      className={drawn ? "ground-shapes drawing" : "ground-shapes"}
      onClick={corner}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("scenery.shown")}
    >
      {ground.masks.map((mask) => (
        <polygon key={mask.id} className="mask" points={points(mask.polygon, size)}>
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
      {drawn && <polygon className="mask" points={points(drawn, size)} />}
      {drawn?.map(([x, y], index) => (
        <circle key={index} cx={x * width} cy={y * height} r={height / 90} />
      ))}
    </svg>
  );
}

const points = (corners: readonly Corner[], [width, height]: [number, number]): string =>
  corners.map(([x, y]) => `${x * width},${y * height}`).join(" ");

/** For engineers: what is masked, and a mask more, drawn corner by corner. */
export function Masks({ camera, ground }: { camera: string; ground: Ground }) {
  const { t } = useWords();
  const me = useStore(session);
  const [refused, setRefused] = useState("");
  const { masks, drawn, draw, refresh } = ground;
  if (!may("configuration:change", me)) return null;
  async function change(doing: () => Promise<unknown>) {
    try {
      await doing();
      setRefused("");
      draw(null);
      refresh();
    } catch (error) {
      setRefused(error instanceof Problem ? error.message : t("scenery.refused"));
    }
  }
  return (
    <div className="places">
      {masks.map((mask) => (
        <p key={mask.id}>
          <span>{t("mask.one", { id: mask.id })}</span>
          <Button className="link" onPress={() => void change(() => removeMask(mask.id))}>
            {t("mask.remove")}
          </Button>
        </p>
      ))}
      <p>
        {drawn ? (
          <>
            <span>{t("mask.hint")}</span>
            <Button
              className="link"
              isDisabled={drawn.length < 3}
              onPress={() => void change(() => addMask(camera, drawn, masks))}
            >
              {t("mask.save")}
            </Button>
            <Button className="link" onPress={() => draw(null)}>
              {t("mask.cancel")}
            </Button>
          </>
        ) : (
          <Button className="link" onPress={() => draw([])}>
            {t("mask.draw")}
          </Button>
        )}
      </p>
      {refused && <p role="alert">{refused}</p>}
    </div>
  );
}

/** The places one by one, each with what an engineer may say of it. */
export function Places({ ground: { places, refresh } }: { ground: Ground }) {
  const { t, number } = useWords();
  const me = useStore(session);
  const [refused, setRefused] = useState(false);
  if (!places.length) return null;
  const judges = may("configuration:change", me);
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
            {judges &&
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
