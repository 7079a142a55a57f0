// What is not well, in one line each, the most telling first. Pure.
import { secondsSince } from "../data/clock";
import type { Words } from "../i18n";
import type { Silent, Status } from "../types";

/** More silent sensors than this are only counted. */
const NAMED_SENSORS = 2;

export function faults(status: Status, now: number, words: Words): string[] {
  const { t, age, number } = words;
  const of = (kind: Silent["kind"]) => status.silent.filter((source) => source.kind === kind);
  const named = (source: Silent): string => {
    const name = words.pick(source.name_vi, source.name_en) || source.id;
    return source.newest === null
      ? t("fault.source", { name })
      : t("fault.source.age", { name, age: age(secondsSince(source.newest, now)) });
  };
  const parts = status.parts
    .filter((part) => !part.ok)
    .map((part) =>
      part.detail === "silent"
        ? t("fault.silent", { part: part.part, age: age(part.age_seconds) })
        : t("fault.ill", { part: part.part, detail: part.detail }),
    );
  const loops = of("loop");
  const sensors =
    loops.length > NAMED_SENSORS
      ? [t("fault.sensors", { n: number(loops.length) })]
      : loops.map(named);
  return [...parts, ...of("camera").map(named), ...sensors];
}
