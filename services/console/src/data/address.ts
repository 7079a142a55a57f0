// What is looked at stands in the address, so that it can be sent to a colleague.
import type { Language } from "../i18n";
import { store } from "./store";

export const SHOWS = ["open", "unacknowledged", "aside", "closed"] as const;
export type Show = (typeof SHOWS)[number];

export interface Filter {
  show: Show;
  severity: string;
  kind: string;
  text: string;
}

export interface Address extends Filter {
  /** Path of the page, without its first slash; empty: the alerts. */
  page: string;
  alert: string;
  language: Language;
}

const REMEMBERED = "cityops-language";

function read(): Address {
  const query = new URLSearchParams(location.search);
  const show = query.get("show") as Show;
  const language = query.get("lang") ?? localStorage.getItem(REMEMBERED);
  return {
    page: location.pathname.slice(1),
    show: SHOWS.includes(show) ? show : "open",
    severity: query.get("severity") ?? "",
    kind: query.get("kind") ?? "",
    text: query.get("text") ?? "",
    alert: query.get("alert") ?? "",
    language: language === "en" ? "en" : "vi",
  };
}

export const address = store<Address>(read());

window.addEventListener("popstate", () => address.set(read()));

/** A page is a step that "back" undoes, and so is the first alert; another alert or filter is none. */
const isStep = (before: Address, next: Address): boolean =>
  next.page !== before.page || (before.alert === "" && next.alert !== "");

/** Changes some of it. */
export function go(change: Partial<Address>): void {
  const before = address.get();
  const next = { ...before, ...change };
  localStorage.setItem(REMEMBERED, next.language);
  const place = hrefOf(next);
  if (isStep(before, next)) history.pushState(null, "", place);
  else history.replaceState(null, "", place);
  address.set(next);
}

function hrefOf(next: Address): string {
  const query = new URLSearchParams();
  if (next.page === "") {
    if (next.show !== "open") query.set("show", next.show);
    for (const name of ["severity", "kind", "text", "alert"] as const)
      if (next[name]) query.set(name, next[name]);
  }
  if (next.language !== "vi") query.set("lang", next.language);
  return `/${next.page}${query.size > 0 ? `?${query}` : ""}`;
}
