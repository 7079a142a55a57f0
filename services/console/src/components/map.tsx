// The road network without tiles: cameras and open alerts on it, as buttons.
import { Feature, Map as OpenLayers, Overlay, View } from "ol";
import { defaults as controls } from "ol/control/defaults.js";
import { isEmpty } from "ol/extent.js";
import GeoJSON from "ol/format/GeoJSON.js";
import Point from "ol/geom/Point.js";
import { defaults as interactions } from "ol/interaction/defaults.js";
import VectorLayer from "ol/layer/Vector.js";
import { fromLonLat } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import Circle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import { useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import network from "../../build/network.geojson";
import { address, go } from "../data/address";
import { known } from "../data/alerts";
import type { Pixels } from "../data/apart";
import { colour, theme } from "../data/appearance";
import { stateOf } from "../data/estate";
import { before, matches } from "../data/rows";
import { found } from "../data/search";
import { sources } from "../data/status";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";
import type { Alert, Source } from "../types";
import { watched } from "./detail";
import { titleOf } from "./row";
import { fillOf, Shape } from "./shape";

/** Metres a pixel above which streets' names would only be in each other's way. */
const NAMES_BELOW = 26;
/** Pixels; in a wider frame cameras show their names. */
const NAMED_FROM = 480;
const MARGIN = 24;
/** A button is wholly inside where its middle is so far from the frame. */
const EDGE = 40;
/** What names need beside the cameras at either edge. */
const NAMES_WEST = 70;
const NAMES_EAST = 110;

interface Spot {
  longitude: number;
  latitude: number;
}

type Whereabouts = { [axis in keyof Spot]: number | null };

export interface Marker extends Spot {
  key: string;
  above: boolean;
  node: React.ReactNode;
}

const CAMERA = {
  up: "map.camera",
  off: "map.camera.off",
  ended: "map.camera.ended",
  awaited: "map.camera.awaited",
  silent: "map.camera.silent",
} as const;

/** Streets whose camera shows their name already. */
let labelled: ReadonlySet<string> = new Set();

export function roads(): VectorLayer {
  const lines = new VectorSource({ url: network, format: new GeoJSON() });
  const styles = new Map<string, Style[]>();
  return new VectorLayer({
    source: lines,
    declutter: true,
    style: (feature, resolution) => {
      const name = String(feature.get("name") ?? "");
      const lanes = Number(feature.get("lanes") ?? 1);
      const names =
        name !== "" &&
        resolution < NAMES_BELOW &&
        String(feature.getId()).endsWith("out") &&
        !labelled.has(String(feature.get("street")));
      const key = `${theme.get()}/${names ? name : ""}/${lanes}/${Math.round(resolution * 4)}`;
      let style = styles.get(key);
      if (!style) {
        const width = Math.max(lanes, (lanes * 5) / resolution);
        style = [
          new Style({
            stroke: new Stroke({ color: colour("--road"), width }),
            fill: new Fill({ color: colour("--road") }),
          }),
        ];
        if (names)
          style.push(
            new Style({
              text: new Text({
                text: name,
                placement: "line",
                offsetY: -width / 2 - 8,
                font: "11.5px system-ui, sans-serif",
                fill: new Fill({ color: colour("--road-ink") }),
                stroke: new Stroke({ color: colour("--map"), width: 4 }),
              }),
            }),
          );
        styles.set(key, style);
      }
      return style;
    },
  });
}

const UNSEEN = new Fill({ color: "transparent" });
/** As large as a camera's button; names keep clear of it. */
const DISC = new Style({
  image: new Circle({ radius: 13, fill: UNSEEN, declutterMode: "obstacle" }),
});

/** Where cameras stand and what they are called; a name that hides another thing is left out. */
function named(cameras: readonly (Source & Spot)[], { pick }: Words): [Feature[], Feature[]] {
  const at = ({ longitude, latitude }: Spot) => new Point(fromLonLat([longitude, latitude]));
  const discs = cameras.map((camera) => new Feature(at(camera)));
  const names = cameras.map((camera) => {
    const west = crowded(camera, cameras);
    const name = new Feature(at(camera));
    name.setStyle(
      new Style({
        text: new Text({
          text: pick(camera.name_vi, camera.name_en) || camera.id,
          textAlign: west ? "right" : "left",
          offsetX: west ? -21 : 21,
          offsetY: -7, // clear of the road
          font: "12px system-ui, sans-serif",
          fill: new Fill({ color: colour("--ink") }),
          stroke: new Stroke({ color: colour("--map"), width: 4 }),
        }),
      }),
    );
    return name;
  });
  return [discs, names];
}

const hasNames = (map: OpenLayers): boolean => (map.getSize()?.[0] ?? 0) >= NAMED_FROM;

function margins(map: OpenLayers): number[] {
  const [west, east] = hasNames(map) ? [NAMES_WEST, NAMES_EAST] : [MARGIN, MARGIN];
  return [2 * MARGIN, east, MARGIN, west];
}

/** The map, fitted to the network as often as its frame changes until somebody moves it. */
function useMap(target: React.RefObject<HTMLDivElement | null>, zoomIn: string, zoomOut: string) {
  const [map, setMap] = useState<OpenLayers | null>(null);
  useEffect(() => {
    if (!target.current) return;
    const layer = roads();
    // the upper ones' names come first where there is no room for all
    const discs = new VectorLayer({ source: new VectorSource(), style: DISC, declutter: true });
    const names = new VectorLayer({ source: new VectorSource(), declutter: true });
    const made = new OpenLayers({
      target: target.current,
      layers: [layer, names, discs],
      view: new View({ center: fromLonLat([106.685, 20.85]), zoom: 13, maxZoom: 18, minZoom: 10 }),
      controls: controls({
        attribution: false,
        rotate: false,
        zoomOptions: { zoomInTipLabel: zoomIn, zoomOutTipLabel: zoomOut },
      }),
      interactions: interactions({ altShiftDragRotate: false, pinchRotate: false }),
    });
    let moved = false;
    const fit = () => {
      names.setVisible(hasNames(made));
      const extent = layer.getSource()?.getExtent();
      if (!moved && extent && !isEmpty(extent))
        made.getView().fit(extent, { padding: margins(made) });
    };
    layer.getSource()?.once("featuresloadend", fit);
    made.on("change:size", fit);
    const stay = () => {
      moved = true;
    };
    made.on("pointerdrag", stay);
    const frame = target.current;
    frame.addEventListener("wheel", stay, { passive: true });
    frame.addEventListener("click", stay);
    for (const [name, label] of [
      ["in", zoomIn],
      ["out", zoomOut],
    ])
      frame.querySelector(`.ol-zoom-${name}`)?.setAttribute("aria-label", String(label));
    setMap(made);
    return () => {
      frame.removeEventListener("wheel", stay);
      frame.removeEventListener("click", stay);
      made.setTarget(undefined);
      made.dispose();
      setMap(null);
    };
  }, [target, zoomIn, zoomOut]);
  return map;
}

/** Alerts by road, so that none hides another; the most pressing first. */
function grouped(alerts: Iterable<Alert>): Map<string, Alert[]> {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const road = alert.place?.segment || alert.source;
    const group = groups.get(road);
    if (group) group.push(alert);
    else groups.set(road, [alert]);
  }
  for (const group of groups.values()) group.sort(before);
  return groups;
}

/** Of the others nobody has said where they are. */
const isLocated = <T extends Whereabouts>(thing: T): thing is T & Spot =>
  thing.latitude !== null && thing.longitude !== null;

const cameraOn = (road: string, all: readonly Source[]): Source | undefined =>
  all.find((source) => source.carries === "frames" && source.segment === road);

/** Where a road's alerts are marked; undefined: nobody has said where it is. */
const placeOf = ([first]: readonly Alert[], camera: Source | undefined): Spot | undefined =>
  [camera, first?.place].find((place) => place && isLocated(place)) as Spot | undefined;

/** What cannot be on the map: the first alert of each such road, and cameras. */
function unlocated(groups: ReadonlyMap<string, Alert[]>, all: readonly Source[]) {
  const alerts = [...groups]
    .filter(([road, group]) => !placeOf(group, cameraOn(road, all)))
    .flatMap(([, group]) => group);
  const cameras = all.filter((source) => source.carries === "frames" && !isLocated(source));
  return { alerts, cameras };
}

/** Whether its nearest neighbour is to the east, so that its name has to stand to the west. */
function crowded(camera: Source & Spot, all: readonly (Source & Spot)[]): boolean {
  let nearest = Infinity;
  let east = false;
  for (const other of all) {
    if (other.carries !== "frames" || other === camera) continue;
    const across = other.longitude - camera.longitude;
    const distance = Math.hypot(across, other.latitude - camera.latitude);
    if (distance >= nearest) continue;
    nearest = distance;
    east = across > 0;
  }
  return east;
}

/** `watching`: the camera whose picture is shown. */
export function NetworkMap({ watching }: { watching: string }) {
  const words = useWords();
  const { t, number, pick } = words;
  const frame = useRef<HTMLDivElement>(null);
  const map = useMap(frame, t("map.zoomin"), t("map.zoomout"));
  const { byId } = useStore(known);
  const all = useStore(sources);
  const { alert: selected } = useStore(address);
  const shade = useStore(theme);
  const streets = all
    .filter((source) => source.carries === "frames")
    .map((source) => source.segment)
    .join();
  useEffect(() => {
    labelled = new Set(streets.split(","));
    for (const layer of map?.getLayers().getArray() ?? []) layer.changed();
  }, [map, streets, shade]);
  useEffect(() => {
    const cameras = all.filter(isLocated).filter((source) => source.carries === "frames");
    const marks = named(cameras, words);
    for (const [n, layer] of (map?.getLayers().getArray().slice(1) ?? []).entries()) {
      const source = (layer as VectorLayer).getSource();
      source?.clear();
      source?.addFeatures(marks[1 - n] ?? []);
    }
  }, [map, all, words, shade]);
  const { show, severity, kind, text } = useStore(address);
  const { ids: hits } = useStore(found);
  // what the list shows, and what is selected
  const groups = useMemo(() => {
    const filter = { show, severity, kind, text };
    const all = [...byId.values()];
    return grouped(all.filter((one) => one.id === selected || matches(one, filter, hits)));
  }, [byId, show, severity, kind, text, hits, selected]);
  const nowhere = useMemo(() => unlocated(groups, all), [groups, all]);
  const markers = useMemo(() => {
    const marks: Marker[] = [];
    for (const source of all.filter(isLocated)) {
      const at = { longitude: source.longitude, latitude: source.latitude };
      if (source.carries === "frames")
        marks.push({ ...at, key: source.id, above: false, node: camera(source) });
      else marks.push({ ...at, key: source.id, above: false, node: sensor(source) });
    }
    for (const [road, group] of groups) {
      const seen = cameraOn(road, all);
      const [first] = group;
      const at = placeOf(group, seen);
      if (!first || !at) continue;
      marks.push({
        key: `alert-${road}`,
        longitude: at.longitude,
        latitude: at.latitude,
        above: true,
        node: alarm(first, group, seen),
      });
    }
    return marks;

    function camera(source: Source) {
      const name = pick(source.name_vi, source.name_en) || source.id;
      const state = stateOf(source);
      const label = t(CAMERA[state], { name });
      return (
        <button
          type="button"
          className={["camera", state, source.id === watching ? "chosen" : ""].join(" ")}
          aria-label={label}
          title={label}
          onClick={() => watched.set(source.id === watched.get() ? "" : source.id)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M1.5 4h8.6v2.6l4.4-2.2v7.2l-4.4-2.2V12H1.5z" />
            {state === "silent" && <path className="halo" d="M1 1l14 14" />}
            {state === "silent" && <path className="strike" d="M1 1l14 14" />}
          </svg>
        </button>
      );
    }
    function sensor(source: Source) {
      return <span className={`sensor ${stateOf(source)}`} aria-hidden="true" />;
    }
    function alarm(first: Alert, group: readonly Alert[], camera: Source | undefined) {
      const { names } = first;
      const name = camera
        ? pick(camera.name_vi, camera.name_en) || camera.id
        : pick(names.source_vi, names.source_en) || first.source;
      const severity = t(`severity.${first.severity}`);
      const label =
        group.length > 1
          ? t("map.alert", { n: number(group.length), name, severity })
          : titleOf(first, words);
      const at = group.findIndex((alert) => alert.id === selected);
      const next = group[(at + 1) % group.length] ?? first;
      return (
        <button
          type="button"
          className={at < 0 ? "alarm" : "alarm here"}
          title={label}
          onClick={() => go({ alert: next.id })}
        >
          <Shape severity={first.severity} fill={fillOf(first.state)} size={24} />
          {group.length > 1 && (
            <span className="many" aria-hidden="true">
              {number(group.length)}
            </span>
          )}
          <span className="unseen">{label}</span>
        </button>
      );
    }
  }, [all, groups, selected, watching, t, number, pick, words]);
  return (
    <section className="map card" aria-label={t("map.label")}>
      <div className="caption">
        <h2>{t("map")}</h2>
        <Nowhere {...nowhere} />
      </div>
      {/* the arrow keys move the map */}
      <div className="ground" ref={frame} tabIndex={0} role="application" aria-label={t("map")} />
      {map && markers.map((marker) => <Pin key={marker.key} map={map} marker={marker} />)}
    </section>
  );
}

interface NowhereProps {
  alerts: readonly Alert[];
  cameras: readonly Source[];
}

/** What has no place is listed: it must not stand somewhere in the sea, nor be missing. */
function Nowhere({ alerts, cameras }: NowhereProps) {
  const words = useWords();
  const { t, number, pick } = words;
  const total = alerts.length + cameras.length;
  if (total === 0) return null;
  return (
    <details className="nowhere">
      <summary>{t("map.nowhere", { n: number(total) })}</summary>
      <ul>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <button type="button" className="link" onClick={() => go({ alert: alert.id })}>
              <Shape severity={alert.severity} fill={fillOf(alert.state)} size={16} named />{" "}
              {titleOf(alert, words)}
            </button>
          </li>
        ))}
        {cameras.map((camera) => (
          <li key={camera.id}>
            <button type="button" className="link" onClick={() => watched.set(camera.id)}>
              {t("map.camera", { name: pick(camera.name_vi, camera.name_en) || camera.id })}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Scrolls the map, and nothing around it, to what has the focus. */
function bring(map: OpenLayers, at: Spot): void {
  for (let box = map.getViewport() as Element | null; box && !box.matches(".map");) {
    box.scrollTop = box.scrollLeft = 0;
    for (const inner of box.children) inner.scrollTop = inner.scrollLeft = 0;
    box = box.parentElement;
  }
  const coordinate = fromLonLat([at.longitude, at.latitude]);
  const [x, y] = map.getPixelFromCoordinate(coordinate) ?? [];
  const [width, height] = map.getSize() ?? [0, 0];
  if (x === undefined || y === undefined || !width || !height) return;
  const inside = x > EDGE && y > EDGE && x < width - EDGE && y < height - EDGE;
  if (!inside) map.getView().setCenter(coordinate);
}

interface PinProps {
  map: OpenLayers;
  marker: Marker;
  /** Of its middle from its place, where others have said how it keeps clear of them; pixels. */
  shift?: Pixels;
}

export function Pin({ map, marker, shift }: PinProps) {
  const [element] = useState(() => document.createElement("div"));
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const { key, longitude, latitude, above } = marker;
  const beside = shift !== undefined;
  useEffect(() => {
    const overlay = new Overlay({
      id: key,
      element,
      position: fromLonLat([longitude, latitude]),
      positioning: above && !beside ? "bottom-center" : "center-center",
      offset: above ? [0, -14] : [0, 0],
      stopEvent: false,
    });
    overlay.getElement()?.parentElement?.style.setProperty("z-index", above ? "2" : "1");
    map.addOverlay(overlay);
    setOverlay(overlay);
    const focus = () => bring(map, { longitude, latitude });
    element.addEventListener("focusin", focus);
    return () => {
      element.removeEventListener("focusin", focus);
      map.removeOverlay(overlay);
    };
  }, [map, element, key, longitude, latitude, above, beside]);
  const [x, y] = shift ?? [];
  useEffect(() => {
    if (x !== undefined && y !== undefined) overlay?.setOffset([x, y]);
  }, [overlay, x, y]);
  return createPortal(marker.node, element);
}
