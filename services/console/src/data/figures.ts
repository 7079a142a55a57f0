// Numbers as people read them. Pure.

/** A text with its blanks filled: `{n}`, and `{n|alert|alerts}`, of which the first is for one alone. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      return many === undefined ? String(value) : String(String(value) === "1" ? one : many);
    },
  );
}

/** How many decimals tell something of a value of this size: 0.25, 95.3, 1 204. */
export function decimals(value: number): number {
  const size = Math.abs(value);
  if (size >= 1_000) return 0;
  return size >= 10 ? 1 : 2;
}
