// Text that may come from anybody, to be read by people: shown as it is. What cannot be seen, and
// hides or turns around what stands beside it, is written out (`streams/visible.py`).

/** All of it but line breaks, and what joins and parts letters and emoji. */
const INVISIBLE = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** JSON in which there may be any: most has none, and need not be looked through. */
const SUSPECT = /\\u|[\x7f-\x9f\ud800-\udfff]|[\p{Cf}\p{Zl}\p{Zp}]/u;

export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return "␡";
    if (code < 0x100) return `\\x${code.toString(16)}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : `\\U${code.toString(16).padStart(8, "0")}`;
  });
}

/** What JSON says, every text in it visible. */
export function parsed<T>(json: string): T {
  if (!SUSPECT.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_, value) => (typeof value === "string" ? visible(value) : value));
}
