// The server's clock: ages must be right on a tablet whose own clock is not.
import { type Store, store, useStore } from "./store";

let ahead = 0;

/** Takes over what the server says the time is. */
export function learn(iso: string): void {
  ahead = Date.parse(iso) - Date.now();
}

export const now = (): number => Date.now() + ahead;

const tickers = new Map<number, Store<number>>();

/** The server's time in milliseconds, anew every so many milliseconds. */
export function useNow(every: number): number {
  let ticker = tickers.get(every);
  if (ticker === undefined) {
    const made = store(now());
    setInterval(() => made.set(now()), every);
    tickers.set(every, made);
    ticker = made;
  }
  return useStore(ticker);
}

export const secondsSince = (iso: string, at: number): number => (at - Date.parse(iso)) / 1000;
