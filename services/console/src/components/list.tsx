// The list: thousands of rows, none of which moves under the pointer.
import { useEffect, useMemo, useRef, useState } from "react";
import { Button, ListBox, ListBoxItem, ListLayout, Virtualizer } from "react-aria-components";
import { address, go } from "../data/address";
import { connection, find, known, latest } from "../data/alerts";
import { session } from "../data/api";
import { arranged, waiting } from "../data/rows";
import { found, keyOf, look, more } from "../data/search";
import { settings } from "../data/settings";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert } from "../types";
import { limit } from "./areas";
import { Export } from "./export";
import { Filters } from "./filters";
import { Flood } from "./flood";
import { Row, titleOf } from "./row";
import { fillOf, Shape } from "./shape";

/** At the usual size of text. */
const ROW_PX = 66;
const LIST_ID = "alerts";
const NO_IDS: ReadonlySet<string> = new Set();
/** After a finger has left the list, rows stay where they are a while longer. */
const TOUCHED_MS = 3_000;

export interface Rows {
  ids: readonly string[];
  /** Those that are not shown yet, the most pressing first. */
  waiting: readonly string[];
  take(): void;
}

/** The rows in the order shown; while `held` they stay and what is new waits. */
export function useRows(held: boolean): Rows {
  const { byId } = useStore(known);
  const filter = useStore(address);
  const { ids: hits, state } = useStore(found);
  const { show, severity, kind, text } = filter;
  const wanted = useMemo(
    () => arranged(byId.values(), { show, severity, kind, text }, hits),
    [byId, show, severity, kind, text, hits],
  );
  // What the service finds a moment later belongs to the answer, and does not wait.
  const key = `${keyOf(filter)}\n${hits.size}\n${state}`;
  const [shown, setShown] = useState({ key, ids: wanted });
  const stale = shown.key !== key || !held;
  if (stale && (shown.ids !== wanted || shown.key !== key)) setShown({ key, ids: wanted });
  const ids = stale ? wanted : shown.ids;
  return {
    ids,
    waiting: useMemo(() => (ids === wanted ? [] : waiting(ids, wanted)), [ids, wanted]),
    take: () => setShown({ key, ids: wanted }),
  };
}

const rowHeight = (): number => (ROW_PX * settings.get().text) / 100;

/** Scrolls no further than it takes to see that row. */
export function reveal(row: number): void {
  const box = document.getElementById(LIST_ID);
  if (!box || row < 0) return;
  const height = rowHeight();
  const top = row * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else box.scrollTop = Math.max(box.scrollTop, top + height - box.clientHeight);
}

/** Whether a pointer is over the list, a finger was lately, or it is scrolled. */
function useHold() {
  const [over, setOver] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const timer = useRef<number | undefined>(undefined);
  const handlers = {
    onPointerEnter: () => {
      window.clearTimeout(timer.current);
      setOver(true);
    },
    onPointerLeave: (event: { pointerType: string }) => {
      window.clearTimeout(timer.current);
      if (event.pointerType === "mouse") setOver(false);
      else timer.current = window.setTimeout(() => setOver(false), TOUCHED_MS);
    },
    onScrollCapture: (event: { target: unknown }) =>
      setScrolled((event.target as HTMLElement).scrollTop > rowHeight() / 2),
  };
  return { held: over || scrolled, handlers };
}

export function List({ onRows }: { onRows: (rows: Rows) => void }) {
  const words = useWords();
  const { t, number } = words;
  const { byId } = useStore(known);
  const filter = useStore(address);
  const { alert: selected, show, severity, kind } = filter;
  const { held, handlers } = useHold();
  const { text: size } = useStore(settings);
  const rows = useRows(held);
  useEffect(() => onRows(rows));
  const { recoveries } = useStore(connection);
  // also anew where the service has been away
  useEffect(
    () => look({ show, severity, kind, text: filter.text }),
    [show, severity, kind, filter.text, recoveries],
  );
  const items = useMemo(() => rows.ids.flatMap((id) => byId.get(id) ?? []), [rows.ids, byId]);
  const pressing = byId.get(rows.waiting[0] ?? "");
  return (
    <section className="list" aria-label={t("list.label")}>
      <Filters />
      <Flood />
      <News />
      <div className="rows" {...handlers}>
        <div className="waiting">
          {rows.waiting.length > 0 && (
            <Button className="button new" onPress={rows.take}>
              {pressing && (
                <Shape severity={pressing.severity} fill={fillOf(pressing.state)} size={20} named />
              )}
              <b>{t("list.new", { n: number(rows.waiting.length) })}</b> {t("list.new.hint")}{" "}
              <kbd>W</kbd>
            </Button>
          )}
        </div>
        <Virtualizer layout={ListLayout} key={size} layoutOptions={{ rowHeight: rowHeight() }}>
          <ListBox
            id={LIST_ID}
            className="listbox"
            aria-label={t("list.label")}
            items={items}
            dependencies={[words]}
            selectionMode="single"
            selectionBehavior="replace"
            selectedKeys={selected ? [selected] : []}
            onSelectionChange={(keys) => {
              if (keys === "all") return;
              const [chosen] = keys;
              if (chosen !== undefined) go({ alert: String(chosen) });
            }}
            onScroll={({ currentTarget: box }) => {
              const left = box.scrollHeight - box.scrollTop - box.clientHeight;
              if (left < 10 * rowHeight()) more(filter);
            }}
            renderEmptyState={() => <Empty />}
          >
            {(alert: Alert) => (
              <ListBoxItem id={alert.id} textValue={titleOf(alert, words)} className="item">
                <Row alert={alert} />
              </ListBoxItem>
            )}
          </ListBox>
        </Virtualizer>
      </div>
      <div className="foot">
        <Count shown={rows.ids.length} />
        <Export />
      </div>
    </section>
  );
}

/** "12 of 5,366", where something is left out. */
function Count({ shown }: { shown: number }) {
  const { t, number } = useWords();
  const { byId, complete } = useStore(known);
  const { show, severity, kind, text } = useStore(address);
  const { matching, all, state } = useStore(found);
  const narrowed = severity !== "" || kind !== "" || text.trim() !== "";
  const there = useMemo(
    () => arranged(byId.values(), { show, severity: "", kind: "", text: "" }, NO_IDS).length,
    [byId, show],
  );
  const here = show === "closed" ? (matching ?? shown) : shown;
  const of = show === "closed" ? (all ?? there) : there;
  let said = narrowed ? t("list.found", { n: number(here), of: number(of) }) : "";
  if (!narrowed && show === "closed" && all !== null)
    said = t("list.found.all", { n: number(all) });
  if (!complete || state === "asking") said = t("list.loading");
  if (state === "away") said = t("list.away");
  return (
    <p className="found" role="status">
      {said}
    </p>
  );
}

/** Reads out what has just been raised, to those who do not see the list. */
function News() {
  const words = useWords();
  const transition = useStore(latest);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const alert = transition && find(transition.alert);
    if (alert && (transition.kind === "raised" || transition.manner === "anew"))
      setSaid(`${words.t(`severity.${alert.severity}`)}: ${titleOf(alert, words)}`);
  }, [transition, words]);
  return (
    <p className="unseen" aria-live="polite">
      {said}
    </p>
  );
}

function Empty() {
  const words = useWords();
  const { t } = words;
  const me = useStore(session);
  const { complete } = useStore(known);
  const { state } = useStore(found);
  const { show, severity, kind, text } = useStore(address);
  const { status, away } = useStore(health);
  const { live } = useStore(connection);
  if (!complete || state === "asking") return <div className="empty">{t("list.loading")}</div>;
  if (severity || kind || text)
    return (
      <div className="empty">
        <p>{t("list.empty.filtered")}</p>
        <Button className="button" onPress={() => go({ severity: "", kind: "", text: "" })}>
          {t("list.clear")}
        </Button>
      </div>
    );
  if (show === "closed" || show === "aside")
    return <div className="empty">{t(`list.empty.${show}`)}</div>;
  const certain = live && status !== null && away === "" && status.broker;
  const well = status !== null && status.silent.length === 0 && status.parts.every((p) => p.ok);
  const judged = well && Object.values(status.unjudged).every((list) => list.length === 0);
  const heard = status?.awaited ? "list.empty.awaited" : "list.empty";
  const fine = judged ? heard : "list.empty.unjudged";
  const statement = certain ? (well ? fine : "list.empty.faults") : "list.empty.unknown";
  const only = limit(me?.wards, words);
  return (
    <div className="empty">
      <p>{t(statement)}</p>
      {only && <p>{only}</p>}
    </div>
  );
}
