// The live stream: every transition once, in order, across lost connections.
// It runs in a page or, for all pages of a browser, in a worker: it knows neither.

const AGAIN_MS = 1_000;
/** The service gives a sign of life every five seconds. */
const SILENT_MS = 8_000;

export interface Listener {
  /** `text`: `Streamed` in JSON. */
  transition(id: number, text: string): void;
  /** The database is another one: what is known is void. */
  reset(): void;
  /** `time`: the server's. */
  live(time: string): void;
  lost(): void;
}

export class Stream {
  private source: EventSource | null = null;
  private heard = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private readonly watchdog: ReturnType<typeof setInterval>;

  constructor(
    private last: number,
    private readonly listener: Listener,
  ) {
    this.watchdog = setInterval(() => {
      if (this.source && performance.now() - this.heard > SILENT_MS) this.broken();
    }, 1_000);
    this.open();
  }

  close(): void {
    clearInterval(this.watchdog);
    clearTimeout(this.again);
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
      this.listener.transition(id, event.data);
    });
  }

  private sign(event: MessageEvent<string>): void {
    this.heard = performance.now();
    this.listener.live(JSON.parse(event.data).time);
  }

  private broken(): void {
    this.source?.close();
    this.source = null;
    this.listener.lost();
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), AGAIN_MS);
  }
}
