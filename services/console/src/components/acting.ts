// Doing something to an alert, and saying how that went.

import { put } from "../data/alerts";
import { type Action, Away, act, Problem } from "../data/api";
import { now } from "../data/clock";
import { store } from "../data/store";
import type { Words } from "../i18n";

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
} as const;

/** Whether it was done; the notice says why not. */
export async function perform(id: string, action: Action, comment = ""): Promise<boolean> {
  if (busy.get().has(id)) return false;
  busy.set(new Set([...busy.get(), id]));
  try {
    put(await act(id, action, comment));
    notice.set({ alert: id, tone: "done", text: ({ t }) => t(DONE[action]) });
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
    case "merged":
      return t("act.merged");
    case "comment_required":
      return t("act.reason.required");
    case "outside_area":
      return t("area.noact");
    case "role":
      return t("act.role");
    default:
      return t("act.refused", { why: error.message });
  }
}
