// The city as a map: assets in clusters, lines from a cause to its consequences, and the area of each.
import { Feature, Map as OpenLayers, View } from "ol";
import { defaults as controls } from "ol/control/defaults.js";
import { boundingExtent, getHeight, getWidth, isEmpty } from "ol/extent.js";
import type { FeatureLike } from "ol/Feature.js";
import LineString from "ol/geom/LineString.js";
import Point from "ol/geom/Point.js";
import Polygon from "ol/geom/Polygon.js";
import { defaults as interactions } from "ol/interaction/defaults.js";
import VectorLayer from "ol/layer/Vector.js";
import { unByKey } from "ol/Observable.js";
import { fromLonLat } from "ol/proj.js";
import Cluster from "ol/source/Cluster.js";
import VectorSource from "ol/source/Vector.js";
import Circle from "ol/style/Circle.js";
import Fill from "ol/style/Fill.js";
import RegularShape from "ol/style/RegularShape.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";
import { useEffect, useRef, useState } from "react";
import { ABOVE, apart, aside, type Disc, type Pixels } from "../data/apart";
import { colour, theme } from "../data/appearance";
import { type Cause, core, outline, type Placed, type Spot, within } from "../data/city";
import { settings } from "../data/settings";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { type Marker, Pin, roads } from "./map";

/** At the usual size of text: so near to each other assets are a cluster, and clusters part. */
const TOGETHER_PX = 48;
const APART_PX = 30;
/** Around each of what a cause explains. */
const AREA_METRES = 140;
/** As far as an event extends. */
const EVENT_METRES = 2_000;
/** Metres a pixel: nearer than this nobody needs to see a single thing. */
const NEAREST = 1.2;
const MARGIN = [44, 44, 44, 44];
/** Of an alert's button. */
const PIN_PX = 15;
/** Of one asset's sign. */
const SIGN_PX = 8;
/** Of the buttons that zoom, in the corner, and how far their middles are from its edges. */
const ZOOM: readonly (readonly [number, number])[] = [
  [26, 26],
  [26, 64],
];
const ZOOM_PX = 24;

interface CityMapProps {
  shown: readonly Placed[];
  causes: readonly Cause[];
  /** Of the cause whose lines are drawn. */
  chosen: string;
  /** Where to look; another object is another wish. */
  look: { spots: readonly Spot[] } | null;
  pins: readonly Marker[];
  onChoose: (ids: readonly string[]) => void;
}

const at = ([longitude, latitude]: Spot) => fromLonLat([longitude, latitude]);
const idsOf = (feature: FeatureLike): Placed[] =>
  ((feature.get("features") as Feature[] | undefined) ?? []).map(
    (one) => one.get("placed") as Placed,
  );

const isBad = ({ health }: Placed) => health === "faulty" || health === "silent";

/** In greys: colour belongs to alarms that nobody has acknowledged. */
function dots(number: (value: number) => string): (feature: FeatureLike) => Style[] {
  const styles = new Map<string, Style[]>();
  return (feature) => {
    const all = idsOf(feature);
    const bad = all.filter(isBad).length;
    const health = all.length === 1 ? (all[0]?.health ?? "quiet") : "";
    const key = `${theme.get()}/${settings.get().text}/${all.length}/${bad}/${health}`;
    let style = styles.get(key);
    if (!style) {
      style = all.length === 1 ? single(health) : group(all.length, bad, number);
      styles.set(key, style);
    }
    return style;
  };
}

function single(health: string): Style[] {
  const ground = new Stroke({ color: colour("--map"), width: 1.5 });
  if (health === "faulty" || health === "silent")
    return [
      new Style({
        image: new RegularShape({
          points: 4,
          radius: health === "faulty" ? 9 : 7.5,
          angle: health === "faulty" ? 0 : Math.PI / 4,
          fill: new Fill({ color: colour("--bright") }),
          stroke: ground,
        }),
        zIndex: 2,
      }),
    ];
  const known = health === "well";
  return [
    new Style({
      image: new Circle({
        radius: 4.5,
        fill: new Fill({ color: colour(known ? "--mid" : "--map") }),
        stroke: known ? ground : new Stroke({ color: colour("--mid"), width: 1.5 }),
      }),
    }),
  ];
}

/** How many they are, and of these how many with an incident or silent. */
const saidOf = (all: number, bad: number, number: (value: number) => string): string =>
  bad > 0 ? `${number(bad)}/${number(all)}` : number(all);

const radiusOf = (said: string): number =>
  Math.max(12, (said.length * 3.6 + 6) * (settings.get().text / 100));

function group(all: number, bad: number, number: (value: number) => string): Style[] {
  const scale = settings.get().text / 100;
  const said = saidOf(all, bad, number);
  return [
    new Style({
      image: new Circle({
        radius: radiusOf(said),
        fill: new Fill({ color: colour(bad > 0 ? "--bright" : "--selected") }),
        stroke: new Stroke({ color: colour(bad > 0 ? "--map" : "--mid"), width: 1.5 }),
      }),
      text: new Text({
        text: said,
        font: `${bad > 0 ? 600 : 400} ${11.5 * scale}px system-ui, sans-serif`,
        fill: new Fill({ color: colour(bad > 0 ? "--on-bright" : "--strong") }),
      }),
      zIndex: bad > 0 ? 1 : 0,
    }),
  ];
}

/** Of what tells of the same event, as of a flood, the edge is dotted; of an outage it is dashed. */
function area(feature: FeatureLike): Style {
  const tone = colour("--bright");
  const event = feature.get("form") === "event";
  return new Style({
    fill: new Fill({ color: `${tone}${event ? "26" : "14"}` }),
    stroke: new Stroke({ color: tone, width: 1.4, lineDash: event ? [1, 4] : [8, 5] }),
  });
}

/** What is drawn of assets, and what zooms: alerts' buttons hide none of it. */
function discs(
  map: OpenLayers,
  clusters: Cluster<Feature>,
  number: (value: number) => string,
): Disc[] {
  const [width = 0, height = 0] = map.getSize() ?? [];
  const found: Disc[] = ZOOM.map(([x, y]) => ({ at: [width - x, height - y], radius: ZOOM_PX }));
  for (const feature of clusters.getFeatures()) {
    const [x, y] =
      map.getPixelFromCoordinate((feature.getGeometry() as Point).getCoordinates()) ?? [];
    if (x === undefined || y === undefined) continue;
    const all = idsOf(feature);
    const bad = all.filter(isBad).length;
    const radius = all.length > 1 ? radiusOf(saidOf(all.length, bad, number)) : SIGN_PX;
    found.push({ at: [x, y], radius });
  }
  return found;
}

/** From an alert's place to its button, where that has had to stand aside. */
const leader = () => new Style({ stroke: new Stroke({ color: colour("--faint"), width: 1 }) });

const line = () => new Style({ stroke: new Stroke({ color: colour("--bright"), width: 1.4 }) });

interface Drawn {
  map: OpenLayers;
  assets: VectorSource;
  clusters: Cluster<Feature>;
  areas: VectorSource;
  lines: VectorSource;
  leaders: VectorSource;
}

export function CityMap({ shown, causes, chosen, look, pins, onChoose }: CityMapProps) {
  const { t, number } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const shade = useStore(theme);
  const { text } = useStore(settings);
  const choose = useRef(onChoose);
  choose.current = onChoose;
  const fitted = useRef(false);
  useEffect(() => {
    const target = frame.current;
    if (!target) return;
    const assets = new VectorSource();
    const areas = new VectorSource();
    const lines = new VectorSource();
    const leaders = new VectorSource();
    const clusters = new Cluster({ source: assets });
    const top = new VectorLayer({ source: clusters, style: dots(number) });
    const map = new OpenLayers({
      target,
      layers: [
        roads(),
        new VectorLayer({ source: areas, style: area }),
        new VectorLayer({ source: lines, style: line }),
        new VectorLayer({ source: leaders, style: leader }),
        top,
      ],
      view: new View({ center: fromLonLat([106.685, 20.85]), zoom: 12, maxZoom: 18, minZoom: 8 }),
      controls: controls({
        attribution: false,
        rotate: false,
        zoomOptions: { zoomInTipLabel: t("map.zoomin"), zoomOutTipLabel: t("map.zoomout") },
      }),
      interactions: interactions({ altShiftDragRotate: false, pinchRotate: false }),
    });
    for (const [name, label] of [
      ["in", t("map.zoomin")],
      ["out", t("map.zoomout")],
    ])
      target.querySelector(`.ol-zoom-${name}`)?.setAttribute("aria-label", String(label));
    map.on("singleclick", (event) => {
      const [hit] = map.getFeaturesAtPixel(event.pixel, {
        layerFilter: (layer) => layer === top,
        hitTolerance: 5,
      });
      if (!hit) return choose.current([]);
      const here = idsOf(hit);
      const extent = boundingExtent(here.map(({ spot }) => at(spot)));
      const wide = Math.max(getWidth(extent), getHeight(extent));
      const near = (map.getView().getResolution() ?? 0) <= NEAREST;
      if (here.length > 1 && wide > 1 && !near)
        map.getView().fit(extent, { padding: MARGIN, minResolution: NEAREST, duration: 200 });
      else choose.current(here.map(({ asset }) => asset.id));
    });
    map.on("pointermove", (event) => {
      const over = map.hasFeatureAtPixel(event.pixel, { layerFilter: (one) => one === top });
      target.style.cursor = over ? "pointer" : "";
    });
    fitted.current = false;
    setDrawn({ map, assets, clusters, areas, lines, leaders });
    return () => {
      map.setTarget(undefined);
      map.dispose();
      setDrawn(null);
    };
  }, [t, number]);
  useEffect(() => {
    drawn?.clusters.setDistance((TOGETHER_PX * text) / 100);
    drawn?.clusters.setMinDistance((APART_PX * text) / 100);
    for (const layer of drawn?.map.getLayers().getArray() ?? []) layer.changed();
  }, [drawn, shade, text]);
  useEffect(() => {
    if (!drawn) return;
    drawn.assets.clear(true);
    drawn.assets.addFeatures(
      shown.map((placed) => {
        const feature = new Feature(new Point(at(placed.spot)));
        feature.set("placed", placed, true);
        return feature;
      }),
    );
    if (!fitted.current && shown.length > 0) {
      fitted.current = true;
      const extent = boundingExtent(core(shown.map(({ spot }) => spot)).map(at));
      if (!isEmpty(extent))
        drawn.map.getView().fit(extent, { padding: MARGIN, minResolution: NEAREST });
    }
  }, [drawn, shown]);
  useEffect(() => {
    if (!drawn) return;
    drawn.areas.clear(true);
    drawn.lines.clear(true);
    for (const { alert, root, spots, form } of causes) {
      if (spots.length === 0) continue;
      const inside = root && form === "event" ? within(root, spots, EVENT_METRES) : spots;
      const around = outline(root ? [root, ...inside] : inside, AREA_METRES);
      drawn.areas.addFeature(new Feature({ geometry: new Polygon([around.map(at)]), form }));
      if (root && alert.id === chosen)
        for (const spot of spots)
          drawn.lines.addFeature(new Feature(new LineString([at(root), at(spot)])));
    }
  }, [drawn, causes, chosen]);
  useEffect(() => {
    if (!drawn || !look || look.spots.length === 0) return;
    const extent = boundingExtent(look.spots.map(at));
    drawn.map.getView().fit(extent, { padding: MARGIN, minResolution: NEAREST });
  }, [drawn, look]);
  const shifts = useShifts(drawn, pins, text, number);
  useEffect(() => {
    if (drawn) inOrder(drawn.map, pins);
  }, [drawn, pins]);
  return (
    <div className="map city-map card">
      {/* the arrow keys move the map */}
      <div
        className="ground"
        ref={frame}
        tabIndex={0}
        role="application"
        aria-label={t("city.map")}
      />
      {drawn &&
        pins.map((pin, n) => (
          <Pin key={pin.key} map={drawn.map} marker={pin} shift={shifts[n] ?? ABOVE} />
        ))}
    </div>
  );
}

/** Where each alert's button stands beside its place; looked at anew as the map moves. */
function useShifts(
  drawn: Drawn | null,
  pins: readonly Marker[],
  text: number,
  number: (value: number) => string,
): readonly Pixels[] {
  const [shifts, setShifts] = useState<readonly Pixels[]>([]);
  useEffect(() => {
    if (!drawn) return;
    const { map, clusters, leaders } = drawn;
    let waiting = 0;
    const arrange = () => {
      waiting = 0;
      const spots = pins.map(({ longitude, latitude }) => at([longitude, latitude]));
      const places = spots.map((spot): Pixels => {
        const [x, y] = map.getPixelFromCoordinate(spot) ?? [];
        return [x ?? -1, y ?? -1];
      });
      const [width = 0, height = 0] = map.getSize() ?? [];
      const found = apart(places, discs(map, clusters, number), PIN_PX, [width, height]);
      setShifts((old) => (JSON.stringify(old) === JSON.stringify(found) ? old : found));
      leaders.clear(true);
      leaders.addFeatures(
        found.flatMap((shift, n) => {
          const [place, spot] = [places[n], spots[n]];
          if (!place || !spot || !aside(shift)) return [];
          const end = map.getCoordinateFromPixel([place[0] + shift[0], place[1] + shift[1]]);
          return end ? [new Feature(new LineString([spot, end]))] : [];
        }),
      );
    };
    const soon = () => {
      waiting ||= requestAnimationFrame(arrange);
    };
    const heard = [
      map.on("moveend", soon),
      map.on("change:size", soon),
      clusters.on("change", soon),
    ];
    soon();
    return () => {
      cancelAnimationFrame(waiting);
      unByKey(heard);
    };
  }, [drawn, pins, text, number]);
  return shifts;
}

/** The Tab key goes through the buttons as the list does, and not as they have come. */
function inOrder(map: OpenLayers, pins: readonly Marker[]): void {
  const wanted = pins.flatMap(
    ({ key }) => map.getOverlayById(key)?.getElement()?.parentElement ?? [],
  );
  const parent = wanted[0]?.parentElement;
  if (!parent || wanted.every((one, n) => parent.children[n] === one)) return;
  const focused = document.activeElement;
  parent.append(...wanted);
  if (focused instanceof HTMLElement && parent.contains(focused))
    focused.focus({ preventScroll: true });
}
