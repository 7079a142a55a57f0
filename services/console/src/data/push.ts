// Whether this browser is told of alerts while the console is closed (web push): turned on by a
// click, and over when somebody signs out in it.

export const WORKER = "/pushed.js";

/** Why this browser cannot be turned on; empty: it can. */
export function lacking(): "" | "insecure" | "unable" {
  if (!isSecureContext) return "insecure";
  const able =
    "serviceWorker" in navigator && "PushManager" in window && typeof Notification !== "undefined";
  return able ? "" : "unable";
}

/** The service worker's; undefined: there is none. */
async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return lacking() ? undefined : navigator.serviceWorker.getRegistration("/");
}

/** As the service knows it; empty: this browser has not subscribed. */
export async function here(): Promise<string> {
  const found = await (await registration())?.pushManager.getSubscription();
  return found ? idOf(found.endpoint) : "";
}

export async function idOf(endpoint: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const digits = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").slice(0, 32);
}

export interface Subscribed {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** Asks whoever has clicked whether it may, and subscribes; null: it may not.
 * @param key base64url of who sends. */
export async function subscribe(key: string): Promise<Subscribed | null> {
  if ((await Notification.requestPermission()) !== "granted") return null;
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  if (before && text(before.options.applicationServerKey) !== key) await before.unsubscribe();
  const found = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  return subscribed(found);
}

/** As the service takes it. */
export const subscribed = (found: PushSubscription): Subscribed => ({
  endpoint: found.endpoint,
  p256dh: text(found.getKey("p256dh")),
  auth: text(found.getKey("auth")),
});

/** This browser is told nothing any more, whatever the service does. What it still shows goes, too:
 * it was for whoever was told, and is acknowledged in their name. */
export async function unsubscribe(): Promise<void> {
  const there = await registration();
  for (const one of (await there?.getNotifications()) ?? []) one.close();
  await (await there?.pushManager.getSubscription())?.unsubscribe();
}

function text(raw: ArrayBuffer | null): string {
  if (!raw) return "";
  const binary = String.fromCharCode(...new Uint8Array(raw));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What was pushed and is clicked on is opened in a window that is there; until what it gives is
 * called. */
export function follow(open: (there: { page: string; alert: string }) => void): () => void {
  if (!("serviceWorker" in navigator)) return () => undefined;
  const told = ({ data }: MessageEvent<{ open?: unknown } | null>) => {
    if (typeof data?.open !== "string") return;
    const { pathname, searchParams } = new URL(data.open, location.origin);
    open({ page: pathname.slice(1), alert: searchParams.get("alert") ?? "" });
  };
  navigator.serviceWorker.addEventListener("message", told);
  navigator.serviceWorker.startMessages();
  return () => navigator.serviceWorker.removeEventListener("message", told);
}

const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

/** What somebody may call this browser. */
export function called(agent = navigator.userAgent): string {
  const [browser, system] = [BROWSERS, SYSTEMS].map(
    (names) => names.find(([sign]) => sign.test(agent))?.[1] ?? "",
  );
  return [browser, system].filter(Boolean).join(" · ") || "CityOps";
}
