// The one live stream of a browser, and the one that asks how everything is, for all its tabs; it ends
// when the last of them is closed.
import { type Answer, Poll } from "./poll";
import type { Asked, Told } from "./shared";
import { Stream } from "./stream";

declare const self: { onconnect: (event: MessageEvent) => void };

/** Transitions at hand for a tab that joins; the service has the earlier ones. */
const KEPT = 2_000;

/** One whose tab has crashed stays, and harms nobody. */
const tabs = new Set<MessagePort>();
let stream: Stream | null = null;
let kept: { id: number; text: string }[] = [];
/** Every transition after this one that has come is kept. */
let keptAfter = 0;
let lost = false;

/** Who watches the status, and whether somebody sees it there. */
const watching = new Map<MessagePort, boolean>();
let poll: Poll | null = null;
/** The latest of each. */
let answers = new Map<string, Answer>();

self.onconnect = (event) => {
  const tab = event.ports[0];
  if (!tab) return;
  tab.onmessage = ({ data }: MessageEvent<Asked>) => {
    if (data === "leave") leave(tab);
    else if ("visible" in data) watch(tab, data.visible);
    else join(tab, data.after);
  };
};

function watch(tab: MessagePort, visible: boolean): void {
  if (!watching.has(tab))
    for (const answer of answers.values()) tab.postMessage({ answer } satisfies Told);
  watching.set(tab, visible);
  poll ??= new Poll(answered, visible);
  poll.seen([...watching.values()].includes(true));
}

function answered(answer: Answer): void {
  answers.set(answer.path, answer);
  for (const tab of watching.keys()) tab.postMessage({ answer } satisfies Told);
}

function join(tab: MessagePort, after: number): void {
  tabs.add(tab);
  if (stream === null || after < keptAfter) return open(after);
  for (const one of kept) if (one.id > after) tab.postMessage(one);
  if (lost) tab.postMessage("lost" satisfies Told);
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  watching.delete(tab);
  tab.close();
  if (tabs.size === 0) close();
  if (watching.size > 0 || poll === null) return;
  poll.close();
  poll = null;
  answers = new Map();
}

/** Tabs that know more pass over what comes again. */
function open(after: number): void {
  close();
  keptAfter = after;
  stream = new Stream(after, {
    transition(id, text) {
      kept.push({ id, text });
      if (kept.length > KEPT) keptAfter = kept.shift()?.id ?? keptAfter;
      tell({ id, text });
    },
    live(time) {
      lost = false;
      tell({ time });
    },
    lost() {
      lost = true;
      tell("lost");
    },
    reset() {
      close();
      tell("reset");
      tabs.clear();
    },
  });
}

function close(): void {
  stream?.close();
  stream = null;
  kept = [];
  lost = false;
}

function tell(told: Told): void {
  for (const tab of tabs) tab.postMessage(told);
}
