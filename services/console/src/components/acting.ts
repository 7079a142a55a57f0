// Doing something to an alert, and saying how that went.

import { put } from "../data/alerts";
import {
  type Action,
  Away,
  act,
  type More,
  Problem,
  restore as askRestore,
  suppress as askSuppress,
} from "../data/api";
import { now } from "../data/clock";
import { store } from "../data/store";
import type { Key, Words } from "../i18n";
import type { Alert } from "../types";

export interface Notice {
  alert: string;
  tone: "done" | "refused";
  /** In whatever language the reader has by then. */
  text: (words: Words) => string;
}

export const notice = store<Notice | null>(null);
/** Ids of the alerts that are being acted on; the others need not wait for the answer. */
export const busy = store<ReadonlySet<string>>(new Set());

const DONE = {
  acknowledge: "act.done.acknowledged",
  resolve: "act.done.resolved",
  comment: "act.done.commented",
  shelve: "act.done.shelved",
  unshelve: "act.done.unshelved",
  reopen: "act.done.reopened",
  assign: "act.done.assigned",
  merge: "act.done.merged",
  split: "act.done.split",
  step: "act.done.stepped",
  undo: "act.done.undone",
} as const;

/** Whether it was done; the notice says why not. */
export const perform = (id: string, action: Action, comment = "", more: More = {}) =>
  doing(id, DONE[action], async () => put(await act(id, action, comment, more)));

/** Takes the alert's source out of service; the stream says what that does to alerts. */
export const suppress = (alert: Alert, reason: string) =>
  doing(alert.id, "act.done.out", () => askSuppress(alert.source, reason));

export const restore = (alert: Alert, suppression: string, reason: string) =>
  doing(alert.id, "act.done.returned", () => askRestore(suppression, reason));

async function doing(id: string, done: Key, ask: () => Promise<unknown>): Promise<boolean> {
  if (busy.get().has(id)) return false;
  busy.set(new Set([...busy.get(), id]));
  try {
    await ask();
    notice.set({ alert: id, tone: "done", text: ({ t }) => t(done) });
    return true;
  } catch (error) {
    notice.set({ alert: id, tone: "refused", text: (words) => why(error, words) });
    return false;
  } finally {
    busy.set(new Set([...busy.get()].filter((other) => other !== id)));
  }
}

function why(error: unknown, words: Words): string {
  const { t } = words;
  if (error instanceof Away) return t("act.away");
  if (!(error instanceof Problem)) throw error;
  if (error.status === 503) return t("act.away");
  const first = { who: error.by, time: error.at && words.time(error.at, now()) };
  switch (error.reason) {
    case "already_acknowledged":
      return t("act.first.acknowledged", first);
    case "already_resolved":
      return t("act.first.resolved", first);
    case "already_shelved":
      return t("act.first.shelved", first);
    case "already_suppressed":
      return t("act.first.suppressed", first);
    case "cannot_undo":
      return t("act.undo.late");
    case "whole_closed":
      return t("act.merge.closed");
    case "more_severe":
      return t("act.merge.severe");
    case "merged":
      return t("act.merged");
    case "comment_required":
      return t("act.reason.required");
    case "open_steps":
      return t("act.open_steps");
    case "outside_area":
      return t("area.noact");
    case "role":
      return t("act.role");
    default:
      return t("act.refused", { why: error.message });
  }
}
