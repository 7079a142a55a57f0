// The console's pages beside the alerts, in the order in which the menu has them. What a page loads
// comes when it is opened first.
import type { ComponentType } from "react";
import type { Key } from "./i18n";
import { may } from "./data/api";
import type { Session } from "./types";

export interface Page {
  /** The first part of its path, and the name of its module in `pages/`; the service answers there
   * (`services/api/static.py`). What follows it, as in `/path/more`, is in `address`. */
  path: string;
  /** What the menu calls it. */
  name: Key;
  /** To whom the menu offers it; whoever goes there all the same is told no by the service. */
  offered: (me: Session) => boolean;
  load: () => Promise<{ default: ComponentType }>;
  /** What it shows first is as high as the window leaves below the title. */
  fills?: true;
}

export const PAGES: readonly Page[] = [
  {
    path: "cameras",
    name: "page.cameras",
    offered: (me) => may("pictures:read", me),
    load: () => import("./pages/cameras"),
    fills: true,
  },
  {
    path: "health",
    name: "page.health",
    offered: (me) => may("status:read", me),
    load: () => import("./pages/health"),
  },
  {
    path: "indicators",
    name: "page.indicators",
    offered: (me) => may("sources:read", me),
    load: () => import("./pages/indicators"),
  },
  {
    path: "map",
    name: "page.map",
    offered: (me) => may("sources:read", me),
    load: () => import("./pages/map"),
  },
  {
    path: "sources",
    name: "page.sources",
    offered: (me) => may("sources:read", me),
    load: () => import("./pages/sources"),
  },
  {
    path: "connect",
    name: "page.connect",
    // Rules and parents reach over wards.
    offered: (me) => may("configuration:change", me) && me.wards === null,
    load: () => import("./pages/connect"),
  },
  {
    path: "quality",
    name: "page.quality",
    offered: (me) => may("sources:read", me),
    load: () => import("./pages/quality"),
  },
  {
    path: "settings",
    name: "page.settings",
    offered: (me) => may("session:read", me),
    load: () => import("./pages/settings"),
  },
  {
    path: "shift",
    name: "page.shift",
    offered: (me) => may("oncall:read", me),
    load: () => import("./pages/shift"),
  },
  {
    path: "load",
    name: "page.load",
    offered: (me) => may("alerts:read", me),
    load: () => import("./pages/load"),
  },
  {
    path: "priority",
    name: "page.priority",
    offered: (me) => may("alerts:read", me),
    load: () => import("./pages/priority"),
  },
  {
    path: "warnings",
    name: "page.warnings",
    offered: (me) => may("oncall:read", me) && !me.wards,
    load: () => import("./pages/warnings"),
  },
];

/** Of an address; undefined: there is none of that name. */
export const pageAt = (path: string): Page | undefined =>
  PAGES.find((page) => page.path === path.split("/")[0]);
