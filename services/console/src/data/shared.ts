// A tab's part of the live stream, which all tabs of a browser share: a browser has six connections
// to a server at most, and a stream of its own for each tab would leave none for what is asked.
import { type Listener, Stream } from "./stream";

/** What a tab says to the worker; without `after` it leaves. */
export interface Asked {
  after?: number;
}

/** What the worker says to a tab. */
export type Told = { id: number; text: string } | { time: string } | "lost" | "reset";

/** The worker notices within eight seconds that the service is silent, and says so. */
const SILENT_MS = 12_000;

export interface Following {
  close(): void;
}

/** Every transition after a sequence; by a stream of its own where the browser shares none. */
export function follow(after: number, listener: Listener): Following {
  const address = document.querySelector<HTMLMetaElement>("meta[name=stream-worker]")?.content;
  if (!address || typeof SharedWorker === "undefined") return new Stream(after, listener);
  return new Tab(address, after, listener);
}

class Tab implements Following {
  private port: MessagePort | null = null;
  private own: Stream | null = null;
  private heard = 0;
  private readonly watchdog: number;
  private readonly leave = () => this.port?.postMessage({} satisfies Asked);

  constructor(
    private readonly address: string,
    private last: number,
    private readonly listener: Listener,
  ) {
    this.watchdog = window.setInterval(() => {
      if (performance.now() - this.heard > SILENT_MS) this.rejoin();
    }, 1_000);
    window.addEventListener("pagehide", this.leave);
    this.join();
  }

  close(): void {
    window.clearInterval(this.watchdog);
    window.removeEventListener("pagehide", this.leave);
    this.leave();
    this.port?.close();
    this.port = null;
    this.own?.close();
  }

  private join(): void {
    this.heard = performance.now();
    const worker = new SharedWorker(this.address, { type: "module" });
    const port = worker.port;
    this.port = port;
    // As after an upgrade, when the worker of this page is served no more.
    worker.onerror = () => {
      if (this.port !== port) return;
      this.close();
      this.own = new Stream(this.last, this.listener);
    };
    port.onmessage = (event: MessageEvent<Told>) => this.told(event.data);
    port.postMessage({ after: this.last } satisfies Asked);
  }

  private told(told: Told): void {
    this.heard = performance.now();
    if (told === "lost") this.listener.lost();
    else if (told === "reset") {
      this.close();
      this.listener.reset();
    } else if ("time" in told) this.listener.live(told.time);
    else if (told.id > this.last) {
      this.last = told.id;
      this.listener.transition(told.id, told.text);
    }
  }

  /** The worker is gone, or this page has been put away for a while. */
  private rejoin(): void {
    this.listener.lost();
    this.leave();
    this.port?.close();
    this.join();
  }
}
