// The service worker: shows what is pushed to this browser, also while no window is open, and opens
// the alert that is clicked on. Where the browser subscribes anew by itself, it tells the service. It
// is there for nothing else, and answers no request.
// What it is sent is written by `services/notifier/channels/web_push/notice.py`.
import type { Push } from "../types";
import { idOf, subscribed } from "./push";

interface Notice {
  title: string;
  body: string;
  language: string;
  /** What takes the place of what was shown before: an alert's next message. */
  tag: string;
  /** Of the message: what comes twice is shown once. */
  key: string;
  open: string;
  acknowledge: { label: string; open: string } | null;
  stays: boolean;
}

interface Shown {
  title: string;
  data?: { key: string; open: string; acknowledge: string };
  close(): void;
}

interface Window {
  focus(): Promise<Window>;
  postMessage(message: unknown): void;
  url: string;
}

interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}

/** Browsers do not always say what was before, nor subscribe anew themselves. */
interface Changed {
  oldSubscription?: PushSubscription | null;
  newSubscription?: PushSubscription | null;
}

declare const self: {
  location: Location;
  registration: {
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(filter: { tag: string }): Promise<Shown[]>;
    pushManager: PushManager;
  };
  clients: {
    matchAll(options: object): Promise<Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install", listener: (event: Lasting) => void): void;
  addEventListener(
    name: "push",
    listener: (event: Lasting & { data: { text(): string } | null }) => void,
  ): void;
  addEventListener(
    name: "notificationclick",
    listener: (event: Lasting & { notification: Shown; action: string }) => void,
  ): void;
  addEventListener(
    name: "pushsubscriptionchange",
    listener: (event: Lasting & Changed) => void,
  ): void;
};

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("push", (event) => event.waitUntil(show(event.data?.text() ?? "")));
self.addEventListener("notificationclick", (event) =>
  event.waitUntil(open(event.notification, event.action)),
);
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** The new subscription takes the place of the old one, where who turned that on is signed in. Else
 * the push service says that the old one is no more, and its owner sees that. */
async function renew({ oldSubscription: before, newSubscription }: Changed): Promise<void> {
  if (!before) return;
  const asked = await fetch("/api/push");
  if (!asked.ok) return;
  const { devices } = (await asked.json()) as Push;
  const id = await idOf(before.endpoint);
  const device = devices.find((one) => one.id === id);
  if (!device) return;
  const after = newSubscription ?? (await self.registration.pushManager.subscribe(before.options));
  const { channel, name } = device;
  await fetch("/api/push/devices", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ channel, name, ...subscribed(after) }),
  });
}

/** A browser that was let to show what is pushed has to show something: of what it cannot read, that
 * there is something. */
function read(text: string): Partial<Notice> {
  try {
    const found: unknown = JSON.parse(text);
    return found instanceof Object ? found : {};
  } catch {
    return {};
  }
}

async function show(text: string): Promise<void> {
  const { title = "CityOps", body = "", tag = "cityops", key = "", ...said } = read(text);
  const before = await self.registration.getNotifications({ tag });
  const again = key !== "" && before.some((one) => one.data?.key === key);
  await self.registration.showNotification(title, {
    body,
    tag,
    icon: "/icon-192.png",
    lang: said.language,
    renotify: !again,
    requireInteraction: said.stays === true,
    actions: said.acknowledge ? [{ action: "acknowledge", title: said.acknowledge.label }] : [],
    data: { key, open: said.open ?? "/", acknowledge: said.acknowledge?.open ?? "" },
  });
}

async function open(notification: Shown, action: string): Promise<void> {
  notification.close();
  const { open = "/", acknowledge = "" } = notification.data ?? {};
  const asked = action === "acknowledge" && acknowledge !== "" ? acknowledge : open;
  const where = new URL(asked, self.location.origin);
  if (where.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => !new URL(one.url).pathname.startsWith("/api/"));
  if (asked === acknowledge || !there) {
    await self.clients.openWindow(where.href);
    return;
  }
  there.postMessage({ open: where.pathname + where.search });
  await there.focus().catch(() => undefined);
}

export {};
