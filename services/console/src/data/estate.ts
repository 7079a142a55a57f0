// Every source with what is known of it, and which of them a list shows. Pure.
import type { Catalogue, Source, SourceQuality, Status, Value } from "../types";
import { plain } from "./rows";

export const SHOWN = ["all", "silent", "below", "resting"] as const;
export type Shown = (typeof SHOWN)[number];

export interface Entry {
  source: Source;
  value: Value | undefined;
  quality: SourceQuality | undefined;
  state: "up" | "awaited" | "silent" | "off" | "ended";
  /** Of its type: null where its feed is gone. */
  type: { vi: string; en: string } | null;
}

export interface Wanted {
  shown: Shown;
  type: string;
  text: string;
}

export function entries(
  sources: readonly Source[],
  values: readonly Value[],
  qualities: readonly SourceQuality[],
  catalogue: Catalogue | null,
): Entry[] {
  const value = new Map(values.map((one) => [one.source, one]));
  const quality = new Map(qualities.map((one) => [one.source, one]));
  const types = new Map(
    (catalogue?.feeds ?? []).flatMap(({ asset_types }) =>
      asset_types.map(({ id, name }) => [id, name] as const),
    ),
  );
  return sources.map((source) => ({
    source,
    value: value.get(source.id),
    quality: quality.get(source.id),
    state: stateOf(source),
    type: types.get(source.kind) ?? null,
  }));
}

/** Of a source: whether it speaks, need not, or should. */
export const stateOf = ({ up, rests, awaited }: Source): Entry["state"] =>
  up ? "up" : rests || (awaited ? "awaited" : "silent");

/** Sources as a status says that they are, which is asked for more often than they: what strikes them
 * out must not say another thing than what counts them. The same list where nothing is new. */
export function asOf(
  sources: readonly Source[],
  { silent, resting, broker }: Pick<Status, "silent" | "resting" | "broker">,
): readonly Source[] {
  if (!broker) return sources; // nothing is known of them
  const quiet = new Set(silent.map(({ id }) => id));
  const rest = new Map(resting.map(({ id, rests }) => [id, rests]));
  let differs = false;
  const found = sources.map((source) => {
    const rests = rest.get(source.id) ?? "";
    const state = rests || (quiet.has(source.id) ? "silent" : "");
    const was = stateOf(source);
    if (state ? was === state : was === "up" || was === "awaited") return source;
    differs = true;
    return { ...source, up: state === "", rests, awaited: false };
  });
  return differs ? found : sources;
}

export const isShown = ({ state, quality }: Entry, shown: Shown): boolean => {
  if (shown === "silent") return state === "silent";
  if (shown === "resting") return state === "off" || state === "ended";
  return shown === "all" || (quality?.broken.length ?? 0) > 0;
};

/** Those that match, what asks for a look first. */
export function arranged(
  all: readonly Entry[],
  { shown, type, text }: Wanted,
  nameOf: (source: Source) => string,
  locale: string,
): Entry[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const order = new Intl.Collator(locale, { numeric: true });
  const worry = (one: Entry) => (one.state === "silent" ? 0 : isShown(one, "below") ? 1 : 2);
  return all
    .filter((one) => {
      if (!isShown(one, shown) || (type && one.source.kind !== type)) return false;
      const { id, name_vi, name_en, ward } = one.source;
      const said = plain([id, name_vi, name_en, ward].join("\n"));
      return words.every((word) => said.includes(word));
    })
    .map((one) => ({ one, worry: worry(one), name: nameOf(one.source) }))
    .sort(
      (a, b) =>
        a.worry - b.worry ||
        order.compare(a.name, b.name) ||
        (a.one.source.id < b.one.source.id ? -1 : 1),
    )
    .map(({ one }) => one);
}
