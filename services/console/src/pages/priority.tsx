// The table by which alerts get their priorities: everybody reads it, supervisors write it anew.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import * as api from "../data/api";
import { may, Problem, session } from "../data/api";
import { useNow } from "../data/clock";
import { useStore } from "../data/store";
import { WORST_FIRST } from "../data/rows";
import { useWords, type Words } from "../i18n";
import { Many, type Option } from "../components/many";
import { rowName } from "../components/priority";
import type { PriorityRow, PriorityTable } from "../types";

const EVERY_MS = 15_000;
const LEVELS = [1, 2, 3, 4] as const;
const DAYS = ["0", "1", "2", "3", "4", "5", "6"] as const;
/** Of CAP 1.2 (`streams/kinds/validity.py`). */
const CATEGORIES = [
  "Geo",
  "Met",
  "Safety",
  "Security",
  "Rescue",
  "Fire",
  "Health",
  "Env",
  "Transport",
  "Infra",
  "CBRNE",
  "Other",
] as const;
const MOST_ROWS = 100;

/** A row with what tells it from others while somebody moves and renames them. */
interface Draft {
  key: number;
  row: PriorityRow;
}

let keys = 0;
const drafts = (rows: readonly PriorityRow[]): Draft[] =>
  rows.map((row) => ({ key: (keys += 1), row }));
const same = (one: readonly PriorityRow[], other: readonly PriorityRow[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export default function PriorityPage() {
  const words = useWords();
  const { t } = words;
  const now = useNow(60_000);
  const me = useStore(session);
  const [newest, setNewest] = useState<PriorityTable | null>(null);
  const [base, setBase] = useState<PriorityTable | null>(null);
  const [rows, setRows] = useState<readonly Draft[]>([]);
  const [reason, setReason] = useState("");
  const [said, setSaid] = useState<{ text: string; bad: boolean } | null>(null);
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);
  const names = useNames();
  const edits = may("handbook:change", me) && !me?.wards;
  const dirty = base !== null && !same(plain(rows), base.rows);

  const take = useCallback((table: PriorityTable) => {
    setBase(table);
    setRows(drafts(table.rows));
  }, []);
  const refresh = useCallback(async () => {
    try {
      setNewest(await api.priorities());
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, []);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), EVERY_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  // What somebody else wrote is shown at once, but never in place of what is being written here.
  useEffect(() => {
    if (newest && !dirty && newest.version !== base?.version) take(newest);
  }, [newest, dirty, base, take]);

  if (!base)
    return (
      <p className={failed ? "message" : "faint"}>{t(failed ? "act.away" : "page.loading")}</p>
    );
  const overtaken = dirty && newest !== null && newest.version !== base.version ? newest : null;

  async function save() {
    if (!base || busy || !reason.trim()) return;
    setBusy(true);
    setSaid(null);
    try {
      const written = await api.putPriorities(plain(rows), reason.trim(), base.version);
      setNewest(written);
      take(written);
      setReason("");
      setSaid({ text: t("prio.saved", { n: written.version }), bad: false });
    } catch (error) {
      const known = error instanceof Problem;
      if (known && error.reason === "version_conflict") await refresh();
      else
        setSaid({
          text: known ? t("act.refused", { why: error.message }) : t("act.away"),
          bad: true,
        });
    }
    setBusy(false);
  }
  const written = base.by && base.time;
  return (
    <div className="handbook">
      <p className="faint">{t("prio.hint")}</p>
      <p>
        {written
          ? t("prio.version", {
              n: base.version,
              who: base.by ?? "",
              time: words.time(base.time ?? "", now),
            })
          : t("prio.default")}
        {base.reason && <q> {base.reason}</q>}
      </p>
      <Rows rows={rows} edits={edits} names={names} onChange={setRows} />
      {!edits && <p className="faint">{t("prio.readonly")}</p>}
      {edits && (
        <form
          className="card saving"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {overtaken && (
            <div className="told" role="alert">
              <p>
                {t("prio.overtaken", { who: overtaken.by ?? "", n: overtaken.version })}
                {overtaken.reason && <q> {overtaken.reason}</q>}
              </p>
              <p className="faint">{t("prio.overtaken.hint")}</p>
              <div className="buttons">
                <Button className="button" onPress={() => take(overtaken)}>
                  {t("prio.theirs")}
                </Button>
                <Button className="button" onPress={() => setBase(overtaken)}>
                  {t("prio.mine")}
                </Button>
              </div>
            </div>
          )}
          <TextField value={reason} onChange={setReason} maxLength={500} isRequired>
            <Label>{t("prio.reason")}</Label>
            <Input autoComplete="off" />
          </TextField>
          <p className="message" role="alert">
            {said?.bad ? said.text : ""}
          </p>
          <div className="buttons">
            <output className="outcome hint">
              {said && !said.bad ? said.text : t(dirty ? "prio.unsaved" : "prio.unchanged")}
            </output>
            <Button
              className="button"
              isDisabled={!dirty}
              onPress={() => setRows(drafts(base.rows))}
            >
              {t("prio.discard")}
            </Button>
            <Button
              className="button primary"
              type="submit"
              isDisabled={!dirty || busy || !reason.trim() || overtaken !== null}
            >
              {t("prio.save", { n: base.version + 1 })}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}

const plain = (rows: readonly Draft[]): PriorityRow[] => rows.map(({ row }) => row);

/** What can be chosen, with its name; wards only where they may be asked for. */
interface Names {
  kinds: Option[];
  wards: Option[];
}

function useNames(): Names {
  const { pick } = useWords();
  const [kinds, setKinds] = useState<{ id: string; vi: string; en: string }[]>([]);
  const [wards, setWards] = useState<string[]>([]);
  useEffect(() => {
    let current = true;
    void api
      .kinds()
      .then((found) => current && setKinds(found.map(({ id, name }) => ({ id, ...name }))))
      .catch(() => undefined);
    if (may("users:read"))
      void api
        .wards()
        .then((found) => current && setWards(found.map((ward) => ward.name)))
        .catch(() => undefined);
    return () => {
      current = false;
    };
  }, []);
  return useMemo(
    () => ({
      kinds: kinds
        .map(({ id, vi, en }) => ({ id, name: pick(vi, en) }))
        .sort((one, other) => one.name.localeCompare(other.name)),
      wards: wards.map((name) => ({ id: name, name })),
    }),
    [kinds, wards, pick],
  );
}

interface RowsProps {
  rows: readonly Draft[];
  edits: boolean;
  names: Names;
  onChange: (rows: readonly Draft[]) => void;
}

function Rows({ rows, edits, names, onChange }: RowsProps) {
  const { t } = useWords();
  const last = rows.length - 1;
  const focused = useRef("");
  // A button that moves with its row keeps the keyboard's focus.
  useEffect(() => {
    if (!focused.current) return;
    document.getElementById(focused.current)?.focus();
    focused.current = "";
  }, [rows]);
  function move(at: number, by: number) {
    const moved = [...rows];
    const [one] = moved.splice(at, 1);
    if (!one) return;
    moved.splice(at + by, 0, one);
    const stuck = at + by === 0 || at + by === last - 1;
    focused.current = stuck ? `prio-${one.key}` : `prio-${by < 0 ? "up" : "down"}-${one.key}`;
    onChange(moved);
  }
  function remove(at: number) {
    const next = rows[at + 1] ?? rows[at - 1];
    focused.current = next ? `prio-${next.key}` : "";
    onChange(rows.filter((_, index) => index !== at));
  }
  function add() {
    const [one] = drafts([
      { name: free(rows, t("prio.new")), priority: 3, severities: ["medium"] },
    ]);
    if (!one) return;
    focused.current = `prio-${one.key}`;
    onChange([...rows.slice(0, last), one, ...rows.slice(last)]);
  }
  return (
    <>
      <ol className="prio">
        {rows.map((one, index) => (
          <li key={one.key}>
            <Rule
              id={`prio-${one.key}`}
              row={one.row}
              edits={edits}
              last={index === last}
              names={names}
              onChange={(row) =>
                onChange(rows.map((each) => (each === one ? { key: one.key, row } : each)))
              }
              onRemove={() => remove(index)}
            />
            {edits && index < last && (
              <div className="moves">
                <Button
                  id={`prio-up-${one.key}`}
                  className="button quiet square"
                  isDisabled={index === 0}
                  aria-label={t("prio.up", { name: one.row.name })}
                  onPress={() => move(index, -1)}
                >
                  <span aria-hidden="true">↑</span>
                </Button>
                <Button
                  id={`prio-down-${one.key}`}
                  className="button quiet square"
                  isDisabled={index === last - 1}
                  aria-label={t("prio.down", { name: one.row.name })}
                  onPress={() => move(index, 1)}
                >
                  <span aria-hidden="true">↓</span>
                </Button>
              </div>
            )}
          </li>
        ))}
      </ol>
      {edits && (
        <div>
          <Button className="button" isDisabled={rows.length >= MOST_ROWS} onPress={add}>
            {t("prio.add")}
          </Button>
        </div>
      )}
    </>
  );
}

function free(rows: readonly Draft[], name: string): string {
  const taken = new Set(rows.map(({ row }) => row.name));
  let found = name;
  for (let number = 2; taken.has(found); number += 1) found = `${name} ${number}`;
  return found;
}

interface RuleProps {
  id: string;
  row: PriorityRow;
  edits: boolean;
  /** It fits whatever is left, so it has no conditions. */
  last: boolean;
  names: Names;
  onChange: (row: PriorityRow) => void;
  onRemove: () => void;
}

function Rule({ id, row, edits, last, names, onChange, onRemove }: RuleProps) {
  const words = useWords();
  const { t } = words;
  const name = rowName(row.name, words);
  const fits = conditions(row, names, words);
  const said = (
    <>
      <span className="level" data-priority={row.priority}>
        <span className="unseen">{t("priority", { n: row.priority })}</span>
        <span aria-hidden="true">{row.priority}</span>
      </span>
      <strong>{name}</strong>
      {/* A row that is called what it fits says so once. */}
      {fits.toLocaleLowerCase() !== name.toLocaleLowerCase() && (
        <span className="faint"> {fits}</span>
      )}
    </>
  );
  if (!edits) return <p className="rule">{said}</p>;
  const set = (change: Partial<PriorityRow>) => onChange({ ...row, ...change });
  return (
    <details className="rule">
      <summary id={id}>{said}</summary>
      <div className="fields">
        <TextField value={row.name} onChange={(name) => set({ name })} maxLength={100} isRequired>
          <Label>{t("prio.name")}</Label>
          <Input autoComplete="off" />
        </TextField>
        <label>
          {t("prio.level")}
          <select
            value={row.priority}
            onChange={(event) =>
              set({ priority: Number(event.currentTarget.value) as PriorityRow["priority"] })
            }
          >
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {t(`prio.level.${level}`)}
              </option>
            ))}
          </select>
        </label>
        {!last && <Conditions row={row} names={names} set={set} />}
        {last && <p className="faint">{t("prio.last")}</p>}
        {!last && (
          <div className="buttons">
            <Button className="button" onPress={onRemove}>
              {t("prio.remove")}
            </Button>
          </div>
        )}
      </div>
    </details>
  );
}

interface ConditionsProps {
  row: PriorityRow;
  names: Names;
  set: (change: Partial<PriorityRow>) => void;
}

function Conditions({ row, names, set }: ConditionsProps) {
  const words = useWords();
  const { t } = words;
  const [begin, end] = row.hours ?? [null, null];
  const severities = WORST_FIRST.map((id) => ({ id, name: t(`severity.${id}`) }));
  const categories = CATEGORIES.map((id) => ({ id, name: t(`prio.category.${id}`) }));
  const days = DAYS.map((id) => ({ id, name: dayName(Number(id), words) }));
  const hours = (from: number | null, to: number | null) =>
    set({ hours: from === null && to === null ? null : [from ?? 0, to ?? 24] });
  return (
    <>
      <Many
        label={t("prio.severities")}
        options={severities}
        chosen={row.severities ?? []}
        onChoose={(chosen) => set({ severities: chosen as PriorityRow["severities"] })}
      />
      <Many
        label={t("prio.categories")}
        options={categories}
        chosen={row.categories ?? []}
        onChoose={(categories) => set({ categories })}
      />
      <Many
        label={t("prio.kinds")}
        options={names.kinds}
        chosen={row.kinds ?? []}
        onChoose={(kinds) => set({ kinds })}
      />
      <Many
        label={t("prio.wards")}
        options={names.wards}
        chosen={row.wards ?? []}
        onChoose={(wards) => set({ wards })}
      />
      <Many
        label={t("prio.days")}
        options={days}
        chosen={(row.days ?? []).map(String)}
        onChoose={(days) => set({ days: days.map(Number).sort() })}
      />
      <div className="hours">
        <Hour label={t("prio.from")} value={begin} onChange={(hour) => hours(hour, end)} />
        <Hour label={t("prio.to")} value={end} onChange={(hour) => hours(begin, hour)} />
      </div>
      <label>
        {t("prio.dependents")}
        <input
          type="number"
          min={0}
          max={1_000_000}
          value={row.dependents ?? 0}
          onChange={(event) =>
            set({ dependents: Math.max(0, Math.trunc(Number(event.currentTarget.value) || 0)) })
          }
        />
      </label>
    </>
  );
}

interface HourProps {
  label: string;
  value: number | null;
  onChange: (hour: number | null) => void;
}

function Hour({ label, value, onChange }: HourProps) {
  const { t } = useWords();
  return (
    <label>
      {label}
      <select
        value={value ?? ""}
        onChange={({ currentTarget: { value: chosen } }) =>
          onChange(chosen === "" ? null : Number(chosen))
        }
      >
        <option value="">{t("prio.any")}</option>
        {Array.from({ length: 25 }, (_, hour) => (
          <option key={hour} value={hour}>
            {hour}:00
          </option>
        ))}
      </select>
    </label>
  );
}

/** 0: Monday. */
const dayName = (day: number, { locale }: Words): string =>
  new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(
    Date.UTC(2024, 0, 1 + day),
  );

/** What a row asks for, in one line. */
function conditions(row: PriorityRow, names: Names, words: Words): string {
  const { t, number } = words;
  const kinds = new Map(names.kinds.map(({ id, name }) => [id, name]));
  const parts = [
    (row.severities ?? []).map((one) => t(`severity.${one}`)).join(", "),
    (row.categories ?? [])
      .map((one) => t(`prio.category.${one as (typeof CATEGORIES)[number]}`))
      .join(", "),
    (row.kinds ?? []).map((one) => kinds.get(one) ?? one).join(", "),
    (row.wards ?? []).join(", "),
    (row.days ?? []).map((one) => dayName(one, words)).join(", "),
    row.hours ? t("prio.hours", { from: row.hours[0], to: row.hours[1] }) : "",
    row.dependents ? t("prio.least", { n: number(row.dependents) }) : "",
  ].filter(Boolean);
  return parts.join(" · ") || t("prio.everything");
}
