// A tab's part of the live stream and of the status, which all tabs of a browser share: a browser has
// six connections to a server at most, and a stream of its own for each tab would leave none for what
// is asked, and eight tabs would ask eight times a second how things are.
import { type Answer, Poll } from "./poll";
import { type Listener, Stream } from "./stream";

/** What a tab says to the worker: it follows the stream, or the status, or leaves. */
export type Asked = { after: number } | { visible: boolean } | "leave";

/** What the worker says to a tab. */
export type Told =
  { id: number; text: string } | { time: string } | { answer: Answer } | "lost" | "reset";

/** The worker notices within eight seconds that the service is silent, and says so. */
const SILENT_MS = 12_000;

export interface Following {
  close(): void;
}

function worker(): string {
  const address = document.querySelector<HTMLMetaElement>("meta[name=stream-worker]")?.content;
  return typeof SharedWorker === "undefined" ? "" : (address ?? "");
}

/** Every transition after a sequence; by a stream of its own where the browser shares none. */
export function follow(after: number, listener: Listener): Following {
  const address = worker();
  return address ? new Tab(address, after, listener) : new Stream(after, listener);
}

/** How everything is, once a second; asked by the page itself where the browser shares nothing. */
export function watch(told: (answer: Answer) => void): Following {
  const address = worker();
  return address ? new Window(address, told) : new Own(told);
}

/** A part of this page in the worker: comes back to it where the worker is gone, or this page has been
 * put away for a while, and goes on by itself where there is none any more, as after an upgrade. */
abstract class Part implements Following {
  protected port: MessagePort | null = null;
  private own: Following | null = null;
  private heard = 0;
  private readonly watchdog: number;
  private readonly leave = () => this.say("leave");

  constructor(private readonly address: string) {
    this.watchdog = window.setInterval(() => {
      if (performance.now() - this.heard > SILENT_MS) this.rejoin();
    }, 1_000);
    window.addEventListener("pagehide", this.leave);
  }

  close(): void {
    window.clearInterval(this.watchdog);
    window.removeEventListener("pagehide", this.leave);
    this.leave();
    this.port?.close();
    this.port = null;
    this.own?.close();
  }

  protected abstract asks(): Asked;
  protected abstract told(told: Told): void;
  protected abstract lost(): void;
  /** Where there is no worker. */
  protected abstract alone(): Following;

  protected say(asked: Asked): void {
    this.port?.postMessage(asked);
  }

  protected join(): void {
    this.heard = performance.now();
    const worker = new SharedWorker(this.address, { type: "module" });
    const port = worker.port;
    this.port = port;
    worker.onerror = () => {
      if (this.port !== port) return;
      this.close();
      this.own = this.alone();
    };
    port.onmessage = (event: MessageEvent<Told>) => {
      this.heard = performance.now();
      this.told(event.data);
    };
    port.postMessage(this.asks());
  }

  private rejoin(): void {
    this.lost();
    this.leave();
    this.port?.close();
    this.join();
  }
}

class Tab extends Part {
  constructor(
    address: string,
    private last: number,
    private readonly listener: Listener,
  ) {
    super(address);
    this.join();
  }

  protected asks(): Asked {
    return { after: this.last };
  }

  protected lost(): void {
    this.listener.lost();
  }

  protected alone(): Following {
    return new Stream(this.last, this.listener);
  }

  protected told(told: Told): void {
    if (told === "lost") this.listener.lost();
    else if (told === "reset") {
      this.close();
      this.listener.reset();
    } else if (told instanceof Object && "time" in told) this.listener.live(told.time);
    else if (told instanceof Object && "id" in told && told.id > this.last) {
      this.last = told.id;
      this.listener.transition(told.id, told.text);
    }
  }
}

class Window extends Part {
  private readonly look = () => this.say(this.asks());

  constructor(
    address: string,
    private readonly answered: (answer: Answer) => void,
  ) {
    super(address);
    document.addEventListener("visibilitychange", this.look);
    this.join();
  }

  override close(): void {
    document.removeEventListener("visibilitychange", this.look);
    super.close();
  }

  protected asks(): Asked {
    return { visible: !document.hidden };
  }

  protected lost(): void {
    // the next answer says whether the service is there
  }

  protected alone(): Following {
    return new Own(this.answered);
  }

  protected told(told: Told): void {
    if (told instanceof Object && "answer" in told) this.answered(told.answer);
  }
}

/** The page asks by itself. */
class Own implements Following {
  private readonly poll: Poll;
  private readonly look = () => this.poll.seen(!document.hidden);

  constructor(told: (answer: Answer) => void) {
    this.poll = new Poll(told, !document.hidden);
    document.addEventListener("visibilitychange", this.look);
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.look);
    this.poll.close();
  }
}
