// What the cameras of a wall see now, by one connection (`services/api/wall.py` says what it sends).
import { useEffect, useState } from "react";
import { openWall } from "./api";

const AGAIN_MS = 1_500;
/** A line that has said nothing for so long is gone; it says every five seconds that it is there. */
const SILENT_MS = 15_000;

/** What a model saw: corners in thousandths of the picture, what it is, how sure that is. */
export type Seen = [box: [number, number, number, number], label: string, score: number];

interface Head {
  camera: string;
  bytes: number;
  none: boolean;
  type: string;
  time: string;
  origin: string;
  masked: string;
  seen: Seen[] | null;
  /** How each that moves came there: x, y, x, y and so on, in thousandths of the picture. */
  paths: number[][] | null;
}

export interface Tile extends Head {
  /** Of the picture; empty where there is none. */
  url: string;
}

/** The cameras' newest pictures, by their ids. `width`: of small ones; null: as cameras send them.
 * `boxes`: with what was seen in each, and how it came. Nothing comes while nobody looks at the page. */
export function useTiles(
  cameras: readonly string[],
  width: number | null,
  boxes: boolean,
): ReadonlyMap<string, Tile> {
  const [tiles, setTiles] = useState<ReadonlyMap<string, Tile>>(new Map());
  // Which stands where on the wall is no matter to the connection.
  const wanted = [...cameras].sort().join("\n");
  useEffect(() => {
    if (!wanted) return;
    const ids = wanted.split("\n");
    const urls = new Map<string, string>();
    let current = true;
    let line = new AbortController();
    let watchdog = 0;
    setTiles((known) => new Map([...known].filter(([id]) => ids.includes(id))));
    const heard = () => {
      clearTimeout(watchdog);
      watchdog = window.setTimeout(() => line.abort(), SILENT_MS);
    };
    function take(head: Head, picture: Uint8Array<ArrayBuffer>) {
      if (!current || !head.camera) return;
      const old = urls.get(head.camera);
      const url = head.bytes ? URL.createObjectURL(new Blob([picture], { type: head.type })) : "";
      urls.set(head.camera, url);
      setTiles((known) => new Map(known).set(head.camera, { ...head, url }));
      if (old) window.setTimeout(() => URL.revokeObjectURL(old), 1_000);
    }
    async function follow() {
      while (current) {
        await shown(() => current);
        if (!current) return;
        line = new AbortController();
        try {
          heard();
          const reader = await openWall(ids, width, boxes, line.signal);
          await parts(reader, heard, take);
        } catch {
          // It is opened again; each picture says how old it is meanwhile.
        }
        clearTimeout(watchdog);
        await pause(document.hidden ? 0 : AGAIN_MS);
      }
    }
    const hidden = () => document.hidden && line.abort();
    document.addEventListener("visibilitychange", hidden);
    void follow();
    return () => {
      current = false;
      clearTimeout(watchdog);
      line.abort();
      document.removeEventListener("visibilitychange", hidden);
      for (const url of urls.values()) if (url) URL.revokeObjectURL(url);
    };
  }, [wanted, width, boxes]);
  return tiles;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until somebody looks at the page. */
async function shown(current: () => boolean) {
  while (document.hidden && current()) await pause(250);
}

/** Every part, until the line ends. */
async function parts(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  heard: () => void,
  take: (head: Head, picture: Uint8Array<ArrayBuffer>) => void,
) {
  const decoder = new TextDecoder();
  let rest = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    const joined = new Uint8Array(rest.length + value.length);
    joined.set(rest);
    joined.set(value, rest.length);
    rest = joined;
    for (;;) {
      if (rest.length < 4) break;
      const size = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
      if (rest.length < 4 + size) break;
      const head = JSON.parse(decoder.decode(rest.subarray(4, 4 + size))) as Head;
      const end = 4 + size + head.bytes;
      if (rest.length < end) break;
      take(head, rest.slice(4 + size, end));
      rest = rest.slice(end);
    }
  }
}
