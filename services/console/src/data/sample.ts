// A feed from one row of what a device sends: what could be measured in it, and the file that says so.
// Pure.

export interface Field {
  /** As the sample has it. */
  said: string;
  /** As a metric is called: lower case, digits, `_`. */
  id: string;
  value: number;
}

/** What says when or where and whose, and is nothing that is measured. */
const ASIDE =
  /^(time|timestamp|ts|date|at|id|source|sensor|device|seq|sequence|lat|latitude|lon|lng|longitude)(_\w+)?$/;
const MOST = 40;

/** The numbers of a JSON object, of the first of a list of them, or of a row of CSV. */
export function fieldsOf(sample: string): Field[] {
  const text = sample.trim();
  if (!text) return [];
  const pairs = /^[[{]/.test(text) ? fromJson(text) : fromCsv(text);
  const taken = new Set<string>();
  const found: Field[] = [];
  for (const [said, value] of pairs.slice(0, MOST)) {
    const id = named(said);
    if (!id || taken.has(id) || ASIDE.test(id)) continue;
    taken.add(id);
    found.push({ said, id, value });
  }
  return found;
}

/** A name of which an id can be made, of letters without marks. */
export function named(said: string): string {
  return said
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll("đ", "d")
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^[_0-9]+|_+$/g, "")
    .slice(0, 32);
}

function fromJson(text: string): [string, number][] {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return [];
  }
  const first: unknown = Array.isArray(said) ? said[0] : said;
  const found: [string, number][] = [];
  const walk = (thing: unknown, path: readonly string[]) => {
    if (typeof thing === "number" && Number.isFinite(thing)) found.push([path.join("."), thing]);
    else if (thing instanceof Object && !Array.isArray(thing) && path.length < 4)
      for (const [name, inner] of Object.entries(thing)) walk(inner, [...path, name]);
  };
  walk(first, []);
  // {"values": {"temperature": …}} is how the receiver takes several.
  return found.map(([name, value]) => [name.replace(/^values\./, ""), value]);
}

function fromCsv(text: string): [string, number][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const mark = [";", "\t", ","].find((one) => lines[0]?.includes(one)) ?? ",";
  const cells = (line: string) =>
    line.split(mark).map((cell) => cell.trim().replaceAll(/^"|"$/g, ""));
  const number = (cell: string): number =>
    cell === "" ? Number.NaN : Number(mark === "," ? cell : cell.replace(",", "."));
  const first = cells(lines[0] ?? "");
  const second = lines[1] === undefined ? null : cells(lines[1]);
  const headed = second !== null && first.every((cell) => Number.isNaN(number(cell)));
  const row = headed && second ? second : first;
  return row.flatMap((cell, n): [string, number][] => {
    const value = number(cell);
    return Number.isFinite(value) ? [[headed ? (first[n] ?? "") : `value_${n + 1}`, value]] : [];
  });
}

export interface Metric {
  id: string;
  name_vi: string;
  name_en: string;
  unit: string;
  least: number;
  most: number;
}

export interface FeedFile {
  id: string;
  name_vi: string;
  name_en: string;
  type: string;
  type_vi: string;
  type_en: string;
  period: number;
  /** Whether the devices' clocks are right; else what they send has the time of its arrival. */
  clock: boolean;
  metrics: readonly Metric[];
}

/** As `cityops feed add` takes it. */
export function feedFile(feed: FeedFile): string {
  // What JSON quotes YAML reads as the same.
  const q = (text: string) => JSON.stringify(text);
  const words = (vi: string, en: string) => `{vi: ${q(vi || en)}, en: ${q(en || vi)}}`;
  const lines = [
    `id: ${feed.id}`,
    "version: 1",
    `name: ${words(feed.name_vi, feed.name_en)}`,
    "carries: readings",
    `clock: ${feed.clock ? "source" : "arrival"}`,
    `lateness_seconds: ${feed.clock ? 60 : 0}`,
    "asset_types:",
    `  ${feed.type}:`,
    `    name: ${words(feed.type_vi, feed.type_en)}`,
    `    period_seconds: ${feed.period}`,
    "metrics:",
    ...feed.metrics.flatMap((metric) => [
      `  ${metric.id}:`,
      `    name: ${words(metric.name_vi, metric.name_en)}`,
      `    unit: ${words(metric.unit, metric.unit)}`,
      `    range: [${metric.least}, ${metric.most}]`,
    ]),
    ...(feed.metrics[0] ? [`evidence: ${feed.metrics[0].id}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** What a device sends to the receiver; `value` of each metric, or of the only one. */
export function example(
  source: string,
  metrics: readonly { name: string }[],
  values: readonly number[],
) {
  const [first] = metrics;
  if (metrics.length === 1 && first) return JSON.stringify({ source, value: values[0] ?? 0 });
  return JSON.stringify({
    source,
    values: Object.fromEntries(metrics.map(({ name }, n) => [name, values[n] ?? 0])),
  });
}

/** What somebody typed as a number, with a point or a comma; null: none. */
export function numberOf(text: string): number | null {
  const value = Number(text.trim().replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}
