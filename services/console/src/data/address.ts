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
  alert: string;
  language: Language;
}

const REMEMBERED = "cityops-language";

function read(): Address {
  const query = new URLSearchParams(location.search);
  const show = query.get("show") as Show;
  const language = query.get("lang") ?? localStorage.getItem(REMEMBERED);
  return {
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

/** Changes some of it; another alert or filter is no step that "back" should undo. */
export function go(change: Partial<Address>): void {
  const next = { ...address.get(), ...change };
  const query = new URLSearchParams();
  if (next.show !== "open") query.set("show", next.show);
  for (const name of ["severity", "kind", "text", "alert"] as const)
    if (next[name]) query.set(name, next[name]);
  if (next.language !== "vi") query.set("lang", next.language);
  localStorage.setItem(REMEMBERED, next.language);
  const search = query.size > 0 ? `?${query}` : "";
  history.replaceState(null, "", `${location.pathname}${search}`);
  address.set(next);
}
