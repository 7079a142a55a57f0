// The road network without tiles: cameras and open alerts on it, as buttons.
import { Map as OpenLayers, Overlay, View } from "ol";
import { defaults as controls } from "ol/control/defaults.js";
import { isEmpty } from "ol/extent.js";
import GeoJSON from "ol/format/GeoJSON.js";
import { defaults as interactions } from "ol/interaction/defaults.js";
import VectorLayer from "ol/layer/Vector.js";
import { fromLonLat } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import { useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import network from "../../build/network.geojson";
import { address, go } from "../data/address";
import { isOpen, known } from "../data/alerts";
import { before } from "../data/rows";
import { sources } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert, Source } from "../types";
import { watched } from "./detail";
import { titleOf } from "./row";
import { fillOf, Shape } from "./shape";

const ROAD = "#4a5058";
const INK = "#9aa1ab";
const GROUND = "#1b1e22";
/** Metres a pixel above which streets' names would only be in each other's way. */
const NAMES_BELOW = 26;

interface Marker {
  key: string;
  longitude: number;
  latitude: number;
  above: boolean;
  node: React.ReactNode;
}

/** Streets whose camera is labelled with their name already. */
let labelled: ReadonlySet<string> = new Set();

function roads(): VectorLayer {
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
      const key = `${names ? name : ""}/${lanes}/${Math.round(resolution * 4)}`;
      let style = styles.get(key);
      if (!style) {
        const width = Math.max(lanes, (lanes * 5) / resolution);
        style = [
          new Style({
            stroke: new Stroke({ color: ROAD, width }),
            fill: new Fill({ color: ROAD }),
          }),
        ];
        if (names)
          style.push(
            new Style({
              text: new Text({
                text: name,
                placement: "line",
                font: "11.5px system-ui, sans-serif",
                fill: new Fill({ color: INK }),
                stroke: new Stroke({ color: GROUND, width: 4 }),
              }),
            }),
          );
        styles.set(key, style);
      }
      return style;
    },
  });
}

/** The map, fitted to the network as often as its frame changes until somebody moves it. */
function useMap(target: React.RefObject<HTMLDivElement | null>, zoomIn: string, zoomOut: string) {
  const [map, setMap] = useState<OpenLayers | null>(null);
  useEffect(() => {
    if (!target.current) return;
    const layer = roads();
    const made = new OpenLayers({
      target: target.current,
      layers: [layer],
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
      const extent = layer.getSource()?.getExtent();
      if (!moved && extent && !isEmpty(extent))
        made.getView().fit(extent, { padding: [24, 22, 24, 22] });
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

/** Open alerts by source, the most pressing first. */
function grouped(alerts: Iterable<Alert>): Map<string, Alert[]> {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    if (!isOpen(alert)) continue;
    const group = groups.get(alert.source);
    if (group) group.push(alert);
    else groups.set(alert.source, [alert]);
  }
  for (const group of groups.values()) group.sort(before);
  return groups;
}

export function NetworkMap() {
  const words = useWords();
  const { t, number, pick } = words;
  const frame = useRef<HTMLDivElement>(null);
  const map = useMap(frame, t("map.zoomin"), t("map.zoomout"));
  const { byId } = useStore(known);
  const all = useStore(sources);
  const { alert: selected } = useStore(address);
  const chosen = useStore(watched);
  const streets = all
    .filter((source) => source.kind === "camera")
    .map((source) => source.segment)
    .join();
  useEffect(() => {
    labelled = new Set(streets.split(","));
    for (const layer of map?.getLayers().getArray() ?? []) layer.changed();
  }, [map, streets]);
  const groups = useMemo(() => grouped(byId.values()), [byId]);
  const markers = useMemo(() => {
    const found: Marker[] = [];
    for (const source of all) {
      if (source.latitude === 0 && source.longitude === 0) continue; // nobody has said where
      const at = { longitude: source.longitude, latitude: source.latitude };
      if (source.kind === "camera")
        found.push({ ...at, key: source.id, above: false, node: camera(source) });
      else found.push({ ...at, key: source.id, above: false, node: loop(source) });
    }
    for (const [source, group] of groups) {
      const [first] = group;
      const place = first?.place;
      if (!first || !place) continue;
      found.push({
        key: `alert-${source}`,
        longitude: place.longitude,
        latitude: place.latitude,
        above: true,
        node: alarm(first, group),
      });
    }
    return found;

    function camera(source: Source) {
      const name = pick(source.name_vi, source.name_en) || source.id;
      const label = t(source.up ? "map.camera" : "map.camera.silent", { name });
      return (
        <button
          type="button"
          className={`camera ${source.up ? "up" : "silent"} ${source.id === chosen ? "chosen" : ""}`}
          aria-label={label}
          title={label}
          onClick={() => watched.set(source.id)}
        >
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path d="M1.5 4h8.6v2.6l4.4-2.2v7.2l-4.4-2.2V12H1.5z" />
            {!source.up && <path className="strike" d="M1 1l14 14" />}
          </svg>
          <span className="name" aria-hidden="true">
            {name}
          </span>
        </button>
      );
    }
    function loop(source: Source) {
      return <span className={source.up ? "loop up" : "loop silent"} aria-hidden="true" />;
    }
    function alarm(first: Alert, group: readonly Alert[]) {
      const name = pick(first.names.source_vi, first.names.source_en) || first.source;
      const severity = t(`severity.${first.severity}`);
      const label =
        group.length > 1
          ? t("map.alert", { n: number(group.length), name, severity })
          : titleOf(first, words);
      const here = group.some((alert) => alert.id === selected);
      return (
        <button
          type="button"
          className={here ? "alarm here" : "alarm"}
          title={label}
          onClick={() => go({ alert: first.id })}
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
  }, [all, groups, selected, chosen, t, number, pick, words]);
  return (
    <section className="map card" aria-label={t("map.label")}>
      <h2>{t("map")}</h2>
      {/* the arrow keys move the map */}
      <div className="ground" ref={frame} tabIndex={0} role="application" aria-label={t("map")} />
      {map && markers.map((marker) => <Pin key={marker.key} map={map} marker={marker} />)}
    </section>
  );
}

function Pin({ map, marker }: { map: OpenLayers; marker: Marker }) {
  const [element] = useState(() => document.createElement("div"));
  const { longitude, latitude, above } = marker;
  useEffect(() => {
    const overlay = new Overlay({
      element,
      position: fromLonLat([longitude, latitude]),
      positioning: above ? "bottom-center" : "center-center",
      offset: above ? [0, -10] : [0, 0],
      stopEvent: false,
    });
    overlay.getElement()?.parentElement?.style.setProperty("z-index", above ? "2" : "1");
    map.addOverlay(overlay);
    return () => {
      map.removeOverlay(overlay);
    };
  }, [map, element, longitude, latitude, above]);
  return createPortal(marker.node, element);
}
