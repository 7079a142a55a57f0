// Whether everything lives: asked every second, so that ten are enough to notice.
// It runs in a page or, for all pages of a browser, in a worker: it knows neither.
import type { Status } from "../types";

const EVERY_MS = 1_000;
const HIDDEN_MS = 5_000;
const SOURCES_MS = 10_000;
const TIMEOUT_MS = 4_000;

export const STATUS = "/api/status";
export const SOURCES = "/api/sources";

/** What the service said. */
export interface Answer {
  path: typeof STATUS | typeof SOURCES;
  /** 0: nothing. */
  status: number;
  text: string;
}

export class Poll {
  private closed = false;
  private silent = "";
  private asked = 0;
  private wake: () => void = () => undefined;

  constructor(
    private readonly told: (answer: Answer) => void,
    private visible: boolean,
  ) {
    void this.run();
  }

  /** Whether anybody sees what comes of it; asked less often where nobody does. */
  seen(visible: boolean): void {
    if (visible && !this.visible) this.wake();
    this.visible = visible;
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      const answer = await this.ask(STATUS);
      if (this.changed(answer)) {
        const { status } = await this.ask(SOURCES);
        if (status !== 200) this.asked = 0; // and with the next status again
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, this.visible ? EVERY_MS : HIDDEN_MS);
      });
    }
  }

  private async ask(path: Answer["path"]): Promise<Answer> {
    let answer: Answer = { path, status: 0, text: "" };
    try {
      const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      answer = { path, status: response.status, text: await response.text() };
    } catch {
      // nobody answers, which is an answer as well
    }
    if (!this.closed) this.told(answer);
    return answer;
  }

  /** Whether other sources speak than when these were asked for, or that was long ago. */
  private changed({ status, text }: Answer): boolean {
    if (status !== 200) return false;
    const { silent, resting, awaited } = JSON.parse(text) as Partial<Status>;
    const now = [...(silent ?? []), ...(resting ?? [])].map(({ id }) => id).join() + awaited;
    if (now === this.silent && performance.now() - this.asked < SOURCES_MS && this.asked > 0)
      return false;
    this.silent = now;
    this.asked = performance.now();
    return true;
  }
}
