// What is not well, in one line each, the most telling first. Pure.
import { secondsSince } from "../data/clock";
import type { Flow } from "../data/flow";
import type { Key, Words } from "../i18n";
import type { Silent, Status } from "../types";

type Partly = Status["unjudged"]["partly"][number];
type Named = Pick<Silent, "id" | "name_vi" | "name_en">;

/** More silent sources of a kind than this are counted, and cameras listed. */
const ONE_BY_ONE = 2;
/** Who answers is there, whatever has become of its own heartbeats. */
const ANSWERING = "alerts";
/** It reads nothing itself: who waits for it does, and is told of. */
const DATABASE = "database";

/** What operators call the parts; a number tells those of a kind apart. */
export const PARTS: Readonly<Record<string, Key>> = {
  alerts: "part.alerts",
  city: "part.city",
  detect: "part.detect",
  gateway: "part.gateway",
  mqtt: "part.mqtt",
  notifier: "part.notifier",
  poller: "part.poller",
  receiver: "part.receiver",
  streams: "part.streams",
  writer: "part.writer",
};

const UNJUDGED: Readonly<Record<string, Key>> = {
  sparse: "unjudged.sparse",
  missing: "unjudged.missing",
  shed: "unjudged.shed",
  refused: "unjudged.refused",
  late: "unjudged.late",
  not_judged: "unjudged.late",
  unheard: "unjudged.unheard",
  behind: "unjudged.behind",
  lagging: "unjudged.lagging",
  damaged: "unjudged.damaged",
  frozen: "unjudged.frozen",
  dark: "unjudged.dark",
  covered: "unjudged.covered",
  blinded: "unjudged.blinded",
  moved: "unjudged.moved",
};

/** Without the number that tells those of a kind apart. */
export const kindOf = (part: string): string => part.replace(/-\d+$/, "");

export interface Fault {
  text: string;
  /** What the part itself says, in words for engineers. */
  detail: string;
}

/** How much passes through a second, and what does not; null: not known yet. */
export function passing({ rates }: Flow) {
  if (Object.keys(rates).length === 0) return null;
  const ending = (end: string) =>
    Object.entries(rates).reduce((sum, [name, rate]) => sum + (name.endsWith(end) ? rate : 0), 0);
  return {
    pictures: rates["frames.accepted"] ?? 0,
    readings: rates["readings.accepted"] ?? 0,
    shed: rates.shed ?? 0,
    not_judged: ending(".not_judged"),
    late: (rates["frames.late"] ?? 0) + (rates["readings.late"] ?? 0),
  };
}

/** What speaks, and does not do what it is there for. */
function throughput(flow: Flow, words: Words): string[] {
  const { t, number } = words;
  const passes = passing(flow);
  const told = flow.behind.map(({ part, lag }) => {
    const kind = PARTS[kindOf(part)];
    return t("fault.behind", { part: kind ? `${t(kind)} (${part})` : part, n: number(lag) });
  });
  if (passes && passes.shed > 0) told.push(t("fault.shed", { n: number(passes.shed, 1) }));
  if (passes && passes.not_judged > 0)
    told.push(t("fault.notjudged", { n: number(passes.not_judged, 1) }));
  if (flow.dead > 0) told.push(t("fault.dead", { n: number(flow.dead) }));
  return told;
}

export function faults(status: Status, now: number, words: Words, flow: Flow): Fault[] {
  const parts = status.parts
    .filter((part) => !part.ok && !(part.part === ANSWERING && part.detail === "silent"))
    .map(({ part, detail, age_seconds }) => {
      const kind = PARTS[kindOf(part)];
      const name = kind ? `${words.t(kind)} (${part})` : part;
      const left = remaining(status, part, words);
      const ill = words.t("fault.ill", { part: name });
      if (detail !== "silent") return { text: ill + left, detail };
      const silent = words.t("fault.silent", { part: name, age: words.age(age_seconds) });
      return { text: silent + left, detail: "" };
    });
  parts.push(...throughput(flow, words).map((text) => ({ text, detail: "" })));
  parts.push(...overrun(status, words).map((text) => ({ text, detail: "" })));
  if (status.clock_ahead_seconds) {
    const by = words.age(Math.abs(status.clock_ahead_seconds));
    const key = status.clock_ahead_seconds > 0 ? "fault.clock_ahead" : "fault.clock_behind";
    parts.push({ text: words.t(key, { by }), detail: "" });
  }
  if (status.stalled && status.event_time) {
    const time = words.time(status.event_time, now);
    parts.push({ text: words.t("fault.stalled", { time }), detail: "" });
  }
  const sources = [
    ...cameras(status, now, words),
    ...sensors(status, now, words),
    ...lagging(status, words),
    ...unjudged(status, words),
    ...contradictory(status, words),
    ...drifting(status, words),
  ];
  return [...parts, ...sources.map((text) => ({ text, detail: "" }))];
}

/** How long a part that is away may still be, to be said after what is wrong with it. */
function remaining({ away }: Status, part: string, words: Words): string {
  const found = away.find((one) => one.part === kindOf(part));
  return found?.seconds ? words.t("fault.left", { age: words.age(found.seconds) }) : "";
}

/** Who has been away for so long that inputs are refused, or data is lost. */
function overrun({ away }: Status, { t }: Words): string[] {
  const over = away.filter(({ part, seconds }) => seconds === 0 && part !== DATABASE);
  return over.map(({ part }) => {
    const kind = PARTS[part];
    return t("fault.overrun", { part: kind ? t(kind) : part });
  });
}

function cameras(status: Status, now: number, words: Words): string[] {
  const silent = status.silent.filter((source) => source.carries === "frames");
  if (silent.length <= ONE_BY_ONE)
    return silent.map((source) => words.t("fault.camera", named(source, now, words)));
  const names = silent.map((source) => nameOf(source, words)).join(", ");
  return [words.t("fault.cameras", { n: words.number(silent.length), names })];
}

function sensors(status: Status, now: number, words: Words): string[] {
  const silent = status.silent.filter((source) => source.carries === "readings");
  if (silent.length <= ONE_BY_ONE)
    return silent.map((source) => words.t("fault.sensor", named(source, now, words)));
  return [words.t("fault.sensors", { n: words.number(silent.length) })];
}

/** Who speaks, and is late or ahead. */
function lagging({ lagging }: Status, words: Words): string[] {
  if (lagging.length > ONE_BY_ONE)
    return [words.t("fault.lags", { n: words.number(lagging.length) })];
  return lagging.map((source) => {
    const key = source.lag_ms < 0 ? "fault.ahead" : "fault.lag";
    const age = words.age(Math.abs(source.lag_ms) / 1000);
    return words.t(key, { name: nameOf(source, words), age });
  });
}

/** What is configured and passed over: its kind or its feed is not here, its sources tell too little,
 * or it is masked, or its camera tours. */
function unjudged(
  { unjudged: { rules, sources, partly, masked, tours } }: Status,
  words: Words,
): string[] {
  const { t, number } = words;
  const told =
    rules.length <= ONE_BY_ONE
      ? rules.map(({ id, kind }) => t("fault.rule", { rule: id, kind }))
      : [t("fault.rules", { n: number(rules.length), names: rules.map((r) => r.id).join(", ") })];
  told.push(...doubted(partly, words));
  if (masked.length <= ONE_BY_ONE) {
    for (const { percent, rule, zone, ...place } of masked) {
      const name = nameOf({ ...place, id: place.source }, words);
      const key = zone ? "fault.masked" : "fault.masked.picture";
      told.push(t(key, { name, rule, zone, percent: number(percent) }));
    }
  } else {
    const names = [...new Set(masked.map((place) => place.rule))].join(", ");
    told.push(t("fault.maskeds", { n: number(masked.length), names }));
  }
  if (tours.length > 0)
    told.push(t("fault.tours", { names: tours.map((camera) => nameOf(camera, words)).join(", ") }));
  if (sources.length <= ONE_BY_ONE) {
    const one = sources.map((s) => t("fault.source", { name: nameOf(s, words), kind: s.kind }));
    return [...told, ...one];
  }
  const kinds = [...new Set(sources.map((source) => source.kind))].join(", ");
  return [...told, t("fault.sources", { n: number(sources.length), kinds })];
}

/** Rules that are not judged by sources of which something comes: who is silent is told of above. */
function doubted(partly: readonly Partly[], words: Words): string[] {
  const { t, number } = words;
  const found = partly.filter(({ reasons }) => Object.keys(reasons).some((r) => r !== "unheard"));
  if (found.length > ONE_BY_ONE) {
    const places = found.reduce((sum, { sources }) => sum + sources, 0);
    const why = whyUnjudged(mostOf(found), words);
    return [t("fault.partlies", { n: number(found.length), places: number(places), why })];
  }
  return found.map(({ rule, sources, places }) => {
    const place = places[0];
    const why = place ? whyUnjudged(place.reason, words) : "";
    if (sources > 1 || !place) return t("fault.partly.many", { rule, n: number(sources), why });
    return t("fault.partly", { rule, name: nameOf({ ...place, id: place.source }, words), why });
  });
}

function mostOf(partly: readonly Partly[]): string {
  const sums = new Map<string, number>();
  for (const { reasons } of partly)
    for (const [reason, n] of Object.entries(reasons))
      sums.set(reason, (sums.get(reason) ?? 0) + n);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "";
}

/** Why a source tells a rule too little. */
export function whyUnjudged(reason: string, { t }: Words): string {
  const key = UNJUDGED[reason];
  return key ? t(key) : reason;
}

/** Rules of an earlier release whose parameters contradict each other. */
function contradictory({ contradictory: rules }: Status, { t, number }: Words): string[] {
  if (rules.length <= ONE_BY_ONE)
    return rules.map(({ id, reason }) => t("fault.contradictory", { rule: id, reason }));
  const names = rules.map((rule) => rule.id).join(", ");
  return [t("fault.contradictories", { n: number(rules.length), names })];
}

/** Cameras that do not see what is usual at that hour of other days. */
function drifting({ drifting: found }: Status, words: Words): string[] {
  const { t, number } = words;
  if (found.length > ONE_BY_ONE) {
    const names = [...new Set(found.map((one) => nameOf({ ...one, id: one.source }, words)))];
    return [t("fault.drifts", { n: number(names.length), names: names.join(", ") })];
  }
  return found.map((one) =>
    t(`fault.drift.${one.measure}`, {
      name: nameOf({ ...one, id: one.source }, words),
      found: amount(one.measure, one.found, words),
      usual: amount(one.measure, one.usual, words),
    }),
  );
}

const amount = (measure: string, value: number | null, { number }: Words): string =>
  measure === "bad" ? `${number((value ?? 0) * 100)} %` : number(value ?? 0, 1);

const nameOf = (source: Named, { pick }: Words): string =>
  pick(source.name_vi, source.name_en) || source.id;

function named(source: Silent, now: number, words: Words) {
  const age = source.newest ? words.age(secondsSince(source.newest, now)) : "";
  return { name: nameOf(source, words), age };
}
