// A wall of what cameras see now; an alarm brings its camera forward. Below it is the list of all.
import { useEffect, useState } from "react";
import { Button, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useKeys } from "../components/keys";
import { Aged } from "../components/live";
import { titleOf } from "../components/row";
import { fillOf, Shape } from "../components/shape";
import { go } from "../data/address";
import { known } from "../data/alerts";
import { zones as askZones } from "../data/api";
import { stateOf } from "../data/estate";
import { set, settings, WALLS } from "../data/settings";
import { sources } from "../data/status";
import { useStore } from "../data/store";
import { type Seen, type Tile as Shown, useTiles } from "../data/tiles";
import { alarms, ordered } from "../data/wall";
import { useWords } from "../i18n";
import type { Alert, Source, Zone } from "../types";

/** Of a picture, by how many stand in a row: the service sends small ones in few bytes. */
const WIDTHS: Readonly<Record<number, number | null>> = { 1: null, 4: 480, 9: 320, 16: 240 };

export default function Cameras() {
  const { t, number, pick } = useWords();
  const { wall } = useStore(settings);
  const { byId } = useStore(known);
  const all = useStore(sources).filter((source) => source.carries === "frames");
  const [page, setPage] = useState(0);
  const found = alarms(all, byId.values());
  const nameOf = (camera: Source) => pick(camera.name_vi, camera.name_en) || camera.id;
  const cameras = ordered(all, found, nameOf);
  const [boxes, setBoxes] = useState(false);
  const zones = useZones(boxes);
  useKeys({ b: () => setBoxes((on) => !on) });
  const pages = Math.max(1, Math.ceil(cameras.length / wall));
  const at = Math.min(page, pages - 1);
  const onWall = cameras.slice(at * wall, at * wall + wall);
  const tiles = useTiles(
    onWall.map(({ id }) => id),
    WIDTHS[wall] ?? null,
    boxes,
  );
  return (
    <div className="watching">
      <div className="front" data-tiles={wall}>
        <div className="bar">
          <ToggleButtonGroup
            className="segments"
            aria-label={t("wall.size")}
            disallowEmptySelection
            selectedKeys={[String(wall)]}
            onSelectionChange={([key]) => {
              const chosen = WALLS.find((one) => String(one) === key);
              if (chosen) set({ wall: chosen });
            }}
          >
            {WALLS.map((one) => (
              <ToggleButton key={one} id={String(one)}>
                {number(one)}
              </ToggleButton>
            ))}
          </ToggleButtonGroup>
          <ToggleButton className="button" isSelected={boxes} onChange={setBoxes}>
            {t("wall.boxes")} <kbd>B</kbd>
          </ToggleButton>
          {pages > 1 && (
            <>
              <Button className="button" isDisabled={at === 0} onPress={() => setPage(at - 1)}>
                {t("wall.before")}
              </Button>
              <span>{t("wall.page", { n: number(at + 1), of: number(pages) })}</span>
              <Button
                className="button"
                isDisabled={at === pages - 1}
                onPress={() => setPage(at + 1)}
              >
                {t("wall.next")}
              </Button>
            </>
          )}
        </div>
        {all.length === 0 && <p className="faint">{t("wall.none")}</p>}
        <div className="stage">
          <div className="wall">
            {onWall.map((camera) => (
              <Tile
                key={camera.id}
                camera={camera}
                name={nameOf(camera)}
                alert={found.get(camera.id)}
                shown={tiles.get(camera.id)}
                zones={boxes ? zones.filter((zone) => zone.source === camera.id) : []}
              />
            ))}
          </div>
        </div>
      </div>
      <All cameras={cameras} nameOf={nameOf} found={found} />
    </div>
  );
}

interface TileProps {
  camera: Source;
  name: string;
  alert: Alert | undefined;
  shown: Shown | undefined;
  /** To be drawn on it. */
  zones: readonly Zone[];
}

function Tile({ camera, name, alert, shown, zones }: TileProps) {
  const { t } = useWords();
  const [size, setSize] = useState<[number, number]>([0, 0]);
  return (
    <figure className={alert ? "card tile alarmed" : "card tile"} data-camera={camera.id}>
      <figcaption>
        <b className="where">{name}</b>
        {alert && <Leads alert={alert} />}
      </figcaption>
      <Aged time={shown?.time ?? ""} origin={shown?.origin ?? "live"}>
        {shown?.url ? (
          <>
            <img
              src={shown.url}
              alt={t("live.alt", { name })}
              onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
                setSize([naturalWidth, naturalHeight])
              }
            />
            <Drawn seen={shown.seen ?? []} paths={shown.paths ?? []} zones={zones} size={size} />
          </>
        ) : (
          <p className="none">{shown?.none ? t("live.none", { name }) : t("live.waiting")}</p>
        )}
      </Aged>
    </figure>
  );
}

interface DrawnProps {
  seen: readonly Seen[];
  paths: readonly number[][];
  zones: readonly Zone[];
  size: [number, number];
}

/** What a model saw in the picture, how it came there, and the zones that are watched. */
function Drawn({ seen, paths, zones, size: [width, height] }: DrawnProps) {
  const { t, pick, number } = useWords();
  if (!width || seen.length + zones.length === 0) return null;
  return (
    <svg
      className="drawn"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("wall.drawn", {
        n: number(seen.length),
        paths: number(paths.length),
        zones: number(zones.length),
      })}
    >
      {zones.map(({ id, name_vi, name_en, polygon }) => (
        <polygon key={id} points={polygon.map(([x, y]) => `${x * width},${y * height}`).join(" ")}>
          <title>{pick(name_vi, name_en) || id}</title>
        </polygon>
      ))}
      {paths.map((points, index) => (
        <polyline
          key={index}
          points={points.map((at, n) => (at * (n % 2 ? height : width)) / 1000).join(" ")}
        />
      ))}
      {seen.map(([[x0, y0, x1, y1], label], index) => (
        <rect
          key={index}
          x={(x0 * width) / 1000}
          y={(y0 * height) / 1000}
          width={((x1 - x0) * width) / 1000}
          height={((y1 - y0) * height) / 1000}
        >
          <title>{label}</title>
        </rect>
      ))}
    </svg>
  );
}

/** Asked for when they are to be drawn first; what was known stays. */
function useZones(wanted: boolean): readonly Zone[] {
  const [zones, setZones] = useState<readonly Zone[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    void askZones()
      .then((found) => current && setZones(found))
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, [wanted]);
  return zones;
}

/** To the alert that has brought a camera forward. */
function Leads({ alert }: { alert: Alert }) {
  const words = useWords();
  return (
    <Button className="link" onPress={() => go({ page: "", alert: alert.id })}>
      <Shape severity={alert.severity} fill={fillOf(alert.state)} size={18} named />{" "}
      <span className="what">{titleOf(alert, words)}</span>
    </Button>
  );
}

interface AllProps {
  cameras: readonly Source[];
  nameOf: (camera: Source) => string;
  found: ReadonlyMap<string, Alert>;
}

function All({ cameras, nameOf, found }: AllProps) {
  const { t, number } = useWords();
  const state = (source: Source) => t(`wall.${stateOf(source)}`);
  return (
    <section className="card">
      <h2>{t("wall.all", { n: number(cameras.length) })}</h2>
      <div className="scrolled" tabIndex={0} role="group" aria-label={t("wall.list")}>
        <table className="rows">
          <thead>
            <tr>
              <th>{t("wall.camera")}</th>
              <th>{t("health.state")}</th>
              <th>{t("unjudged")}</th>
              <th>{t("page.alerts")}</th>
            </tr>
          </thead>
          <tbody>
            {cameras.map((camera) => {
              const alert = found.get(camera.id);
              return (
                <tr key={camera.id}>
                  <td>
                    {nameOf(camera)} <span className="faint">{camera.id}</span>
                  </td>
                  <td>{state(camera)}</td>
                  <td>{[...new Set(camera.unjudged.map(({ rule }) => rule))].join(", ")}</td>
                  <td>{alert && <Leads alert={alert} />}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
