// The live stream: every transition once, in order, across lost connections.
import type { Streamed } from "../types";
import { learn } from "./clock";

const AGAIN_MS = 1_000;
/** The service gives a sign of life every five seconds. */
const SILENT_MS = 8_000;

export interface Listener {
  transition(streamed: Streamed): void;
  /** The database is another one: what is known is void. */
  reset(): void;
  live(): void;
  lost(): void;
}

export class Stream {
  private source: EventSource | null = null;
  private heard = 0;
  private again: number | undefined;
  private readonly watchdog: number;

  constructor(
    private last: number,
    private readonly listener: Listener,
  ) {
    this.watchdog = window.setInterval(() => {
      if (this.source && performance.now() - this.heard > SILENT_MS) this.broken();
    }, 1_000);
    this.open();
  }

  close(): void {
    window.clearInterval(this.watchdog);
    window.clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  /** The browser's own reconnecting gives up at the first error status: this one never does. */
  private open(): void {
    this.heard = performance.now();
    const source = new EventSource(`/api/events?after=${this.last}`);
    this.source = source;
    source.onerror = () => this.broken();
    source.addEventListener("hello", (event) => this.sign(event));
    source.addEventListener("alive", (event) => this.sign(event));
    source.addEventListener("reset", () => {
      this.close();
      this.listener.reset();
    });
    source.addEventListener("alert", (event) => {
      this.heard = performance.now();
      const id = Number(event.lastEventId);
      if (id <= this.last) return;
      this.last = id;
      this.listener.transition(JSON.parse(event.data) as Streamed);
    });
  }

  private sign(event: MessageEvent<string>): void {
    this.heard = performance.now();
    learn(JSON.parse(event.data).time);
    this.listener.live();
  }

  private broken(): void {
    this.source?.close();
    this.source = null;
    this.listener.lost();
    window.clearTimeout(this.again);
    this.again = window.setTimeout(() => this.open(), AGAIN_MS);
  }
}
