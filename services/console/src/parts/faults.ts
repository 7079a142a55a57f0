// What is not well, in one line each, the most telling first. Pure.
import { secondsSince } from "../data/clock";
import type { Words } from "../i18n";
import type { Silent, Status } from "../types";

/** More silent sources of a kind than this are counted, and cameras listed. */
const ONE_BY_ONE = 2;
/** Who answers is there, whatever has become of its own heartbeats. */
const ANSWERING = "alerts";

export function faults(status: Status, now: number, words: Words): string[] {
  const parts = status.parts
    .filter((part) => !part.ok && !(part.part === ANSWERING && part.detail === "silent"))
    .map(({ part, detail, age_seconds }) =>
      detail === "silent"
        ? words.t("fault.silent", { part, age: words.age(Math.floor(age_seconds)) })
        : words.t("fault.ill", { part, detail }),
    );
  return [...parts, ...cameras(status, now, words), ...sensors(status, now, words)];
}

function cameras(status: Status, now: number, words: Words): string[] {
  const silent = status.silent.filter((source) => source.kind === "camera");
  if (silent.length <= ONE_BY_ONE)
    return silent.map((source) => words.t("fault.camera", named(source, now, words)));
  const names = silent.map((source) => nameOf(source, words)).join(", ");
  return [words.t("fault.cameras", { n: words.number(silent.length), names })];
}

function sensors(status: Status, now: number, words: Words): string[] {
  const silent = status.silent.filter((source) => source.kind === "loop");
  if (silent.length <= ONE_BY_ONE)
    return silent.map((source) => words.t("fault.sensor", named(source, now, words)));
  return [words.t("fault.sensors", { n: words.number(silent.length) })];
}

const nameOf = (source: Silent, { pick }: Words): string =>
  pick(source.name_vi, source.name_en) || source.id;

function named(source: Silent, now: number, words: Words) {
  const age = source.newest ? words.age(Math.floor(secondsSince(source.newest, now))) : "";
  return { name: nameOf(source, words), age };
}
