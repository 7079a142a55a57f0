// Every source: whether it is heard, what it said last, how late, and how well it delivers; and the
// course of one, at `/sources/ID`.
import { useCallback, useMemo } from "react";
import {
  Button,
  Input,
  ListBox,
  ListBoxItem,
  ListLayout,
  SearchField,
  ToggleButton,
  ToggleButtonGroup,
  Virtualizer,
} from "react-aria-components";
import { useAsked } from "../components/asked";
import { Choice } from "../components/filters";
import { Sensor } from "../components/sensor";
import { useWidth } from "../components/width";
import { address, go } from "../data/address";
import * as api from "../data/api";
import {
  arranged,
  entries,
  type Entry,
  isShown,
  SHOWN,
  type Shown,
  type Wanted,
} from "../data/estate";
import { settings } from "../data/settings";
import { health, sources } from "../data/status";
import { store, useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Catalogue, Source } from "../types";

const VALUES_EVERY_MS = 10_000;
const QUALITIES_EVERY_MS = 60_000;
const CATALOGUE_EVERY_MS = 600_000;
/** Of a row at the usual size of text, where all of it is on one line, and where it is a card. */
const LINE_PX = 44;
const CARD_PX = 124;
const TIGHT_PX = 206;
/** At the usual size of text; below the first a row is a card, below the second a narrow one. */
const LINES_FROM = 860;
const TIGHT_BELOW = 300;
const AXES = ["complete", "valid", "clean", "live"] as const;

const HEIGHTS = { lines: LINE_PX, cards: CARD_PX, "cards tight": TIGHT_PX } as const;

/** Kept while one of them is looked at. */
const wanted = store<Wanted>({ shown: "all", type: "", text: "" });

export default function Sources() {
  const { page } = useStore(address);
  const one = decodeURIComponent(page.split("/")[1] ?? "");
  return one ? <Sensor key={one} id={one} /> : <All />;
}

function None() {
  const { t } = useWords();
  const { status } = useStore(health);
  return <p className="faint">{t(status ? "sources.empty" : "page.loading")}</p>;
}

function All() {
  const { t, number, pick, locale } = useWords();
  const all = useStore(sources);
  const asked = useStore(wanted);
  const values = useAsked(api.values, VALUES_EVERY_MS);
  const qualities = useAsked(api.qualities, QUALITIES_EVERY_MS);
  const { known: catalogue } = useAsked(api.catalogue, CATALOGUE_EVERY_MS);
  const every = useMemo(
    () => entries(all, values.known ?? [], qualities.known ?? [], catalogue),
    [all, values.known, qualities.known, catalogue],
  );
  const nameOf = useCallback(
    (source: Source) => pick(source.name_vi, source.name_en) || source.id,
    [pick],
  );
  const rows = useMemo(
    () => arranged(every, asked, nameOf, locale),
    [every, asked, nameOf, locale],
  );
  const counts = useMemo(
    () => SHOWN.map((shown) => every.filter((one) => isShown(one, shown)).length),
    [every],
  );
  const narrowed = asked.shown !== "all" || asked.type !== "" || asked.text.trim() !== "";
  const types = new Map<string, string>();
  for (const { source, type } of every)
    types.set(source.kind, type ? pick(type.vi, type.en) : source.kind);
  const change = (part: Partial<Wanted>) => wanted.set({ ...asked, ...part });
  if (all.length === 0) return <None />;
  return (
    <div className="estate">
      <div className="bar">
        <ToggleButtonGroup
          className="segments"
          aria-label={t("sources.show")}
          disallowEmptySelection
          selectedKeys={[asked.shown]}
          onSelectionChange={([chosen]) => change({ shown: chosen as Shown })}
        >
          {SHOWN.map((shown, n) => (
            <ToggleButton key={shown} id={shown}>
              {t(`sources.${shown}`)} <b>{number(counts[n] ?? 0)}</b>
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <SearchField
          className="search"
          aria-label={t("sources.search")}
          value={asked.text}
          onChange={(text) => change({ text })}
        >
          <Input placeholder={t("sources.search")} />
        </SearchField>
        <Choice
          label={t("sources.type")}
          any={t("sources.type.any")}
          chosen={asked.type}
          onChoose={(type) => change({ type })}
          options={[...types]
            .map(([id, name]) => ({ id, name }))
            .sort((a, b) => a.name.localeCompare(b.name, locale))}
        />
      </div>
      {(values.failed || qualities.failed) && (
        <p className="message" role="alert">
          {t("act.away")}
        </p>
      )}
      <List rows={rows} nameOf={nameOf} catalogue={catalogue} />
      <p className="faint found" role="status">
        {narrowed ? t("sources.count", { n: number(rows.length), of: number(every.length) }) : ""}
      </p>
    </div>
  );
}

interface ListProps {
  rows: readonly Entry[];
  nameOf: (source: Source) => string;
  catalogue: Catalogue | null;
}

function List({ rows, nameOf, catalogue }: ListProps) {
  const words = useWords();
  const { t } = words;
  const [box, width] = useWidth<HTMLDivElement>();
  const { text } = useStore(settings);
  const room = (width * 100) / text;
  const form = room >= LINES_FROM ? "lines" : room >= TIGHT_BELOW ? "cards" : "cards tight";
  const rowHeight = (HEIGHTS[form] * text) / 100;
  const items = useMemo(() => rows.map((one) => ({ ...one, id: one.source.id })), [rows]);
  return (
    <div className={`whole card ${form}`} ref={box}>
      <div className="heads" aria-hidden="true">
        <span />
        <span>{t("sources.name")}</span>
        <span>{t("sources.type")}</span>
        <span>{t("health.state")}</span>
        <span className="number">{t("sources.value")}</span>
        <span className="number">{t("sources.lag")}</span>
        {AXES.map((axis) => (
          <span key={axis} className="number">
            {t(`quality.axis.${axis}`)}
          </span>
        ))}
      </div>
      <Virtualizer
        layout={ListLayout}
        key={`${form} ${text}`}
        layoutOptions={{ rowHeight: rowHeight }}
      >
        <ListBox
          className="listbox"
          aria-label={t("sources.list")}
          items={items}
          dependencies={[words, catalogue]}
          onAction={(id) => go({ page: `sources/${encodeURIComponent(String(id))}` })}
          renderEmptyState={() => (
            <div className="empty">
              <p>{t("sources.nomatch")}</p>
              <Button
                className="button"
                onPress={() => wanted.set({ shown: "all", type: "", text: "" })}
              >
                {t("sources.clear")}
              </Button>
            </div>
          )}
        >
          {(entry: Entry & { id: string }) => (
            <ListBoxItem id={entry.id} textValue={nameOf(entry.source)} className="item">
              <Row entry={entry} name={nameOf(entry.source)} catalogue={catalogue} />
            </ListBoxItem>
          )}
        </ListBox>
      </Virtualizer>
    </div>
  );
}

interface RowProps {
  entry: Entry;
  name: string;
  catalogue: Catalogue | null;
}

function Row({ entry, name, catalogue }: RowProps) {
  const { t, decimal, age, number, pick } = useWords();
  const { source, value, quality, state, type } = entry;
  const metric = catalogue?.feeds
    .find(({ asset_types }) => asset_types.some(({ id }) => id === source.kind))
    ?.metrics.find((one) => one.name === value?.metric);
  const late = source.lag_ms === null || state !== "up" ? null : source.lag_ms / 1000;
  return (
    <div className={`estate-row ${state}`} data-source={source.id} data-state={state}>
      <span className="sign" aria-hidden="true" />
      <span className="name">
        <b>{name}</b> <code className="faint">{source.id}</code>
      </span>
      <span className="type faint">{type ? pick(type.vi, type.en) : source.kind}</span>
      <span className="state">{t(`wall.${state}`)}</span>
      <span className="value number" title={metric && pick(metric.words.vi, metric.words.en)}>
        <span className="unseen">{t("sources.value")} </span>
        {value ? (
          <>
            <b>{decimal(value.value)}</b>{" "}
            <span className="faint">{metric ? pick(metric.unit.vi, metric.unit.en) : ""}</span>
          </>
        ) : (
          "–"
        )}
      </span>
      <span className="lag number">
        <span className="called">{t("sources.lag")} </span>
        {late === null ? "–" : late < 0 ? t("sources.ahead", { age: age(-late, 1) }) : age(late, 1)}
      </span>
      {AXES.map((axis) => {
        const share = quality?.axes[axis] ?? null;
        const missed = quality?.broken.includes(axis);
        return (
          <span key={axis} className={missed ? "axis number missed" : "axis number"}>
            <span className="called">{t(`quality.axis.${axis}`)} </span>
            {share === null ? "–" : `${number(share, Number.isInteger(share) ? 0 : 1)} %`}
            {missed && <span className="unseen"> {t("quality.below")}</span>}
          </span>
        );
      })}
    </div>
  );
}
