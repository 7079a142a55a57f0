// A sensor, from a sample of what it sends to the first value that arrives: what kind of system it
// is of, the source itself, what is to be watched for, and a key to send by.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { useAsked } from "../components/asked";
import { Done, Entry, type Outcome, Said, Step } from "../components/asking";
import { Arriving } from "../components/arriving";
import { NewFeed } from "../components/new-feed";
import { NewRule } from "../components/new-rule";
import * as api from "../data/api";
import { numberOf } from "../data/sample";
import { store, useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Catalogue, Feed } from "../types";

const CATALOGUE_EVERY_MS = 5_000;

interface Draft {
  /** Whether the kind of system is new here. */
  fresh: boolean;
  /** Asset type. */
  type: string;
  /** The source, once it is there. */
  source: string;
}

/** Kept while another page is looked at. */
const draft = store<Draft>({ fresh: false, type: "", source: "" });

/** The feed of an asset type whose sources send readings. */
const feedOf = (catalogue: Catalogue | null, type: string): Feed | undefined =>
  catalogue?.feeds.find(
    ({ carries, asset_types }) =>
      carries === "readings" && asset_types.some(({ id, reports }) => id === type && reports),
  );

export default function Connect() {
  const { t, pick, locale } = useWords();
  const { known: catalogue, failed } = useAsked(api.catalogue, CATALOGUE_EVERY_MS);
  const { fresh, type, source } = useStore(draft);
  const feed = feedOf(catalogue, type);
  const change = (part: Partial<Draft>) => draft.set({ ...draft.get(), ...part });
  const types = (catalogue?.feeds ?? [])
    .filter(({ carries }) => carries === "readings")
    .flatMap(({ name, asset_types }) =>
      asset_types
        .filter(({ reports }) => reports)
        .map((one) => ({
          id: one.id,
          name: `${pick(one.name.vi, one.name.en)} (${pick(name.vi, name.en)})`,
        })),
    )
    .sort((a, b) => a.name.localeCompare(b.name, locale));
  if (!catalogue)
    return failed ? (
      <p className="message" role="alert">
        {t("act.away")}
      </p>
    ) : (
      <p className="faint">{t("page.loading")}</p>
    );
  return (
    <div className="connect">
      <p className="faint">{t("connect.about")}</p>
      <Step number={1} title={t("connect.feed")} done={feed !== undefined && !fresh}>
        <fieldset className="either">
          <legend className="unseen">{t("connect.feed")}</legend>
          {[false, true].map((one) => (
            <label key={String(one)}>
              <input
                type="radio"
                name="fresh"
                checked={fresh === one}
                onChange={() => change({ fresh: one })}
              />
              {t(one ? "connect.feed.new" : "connect.feed.known")}
            </label>
          ))}
        </fieldset>
        {fresh ? (
          <NewFeed
            known={(id) => feedOf(catalogue, id) !== undefined}
            onKnown={(id) => change({ fresh: false, type: id })}
          />
        ) : (
          <label>
            {t("sources.type")}
            <select value={type} onChange={(event) => change({ type: event.target.value })}>
              <option value="">{t("connect.choose")}</option>
              {types.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </Step>
      <Step number={2} title={t("connect.source")} done={source !== ""}>
        {feed && !fresh ? (
          <NewSource key={type} type={type} feed={feed} onAdded={(id) => change({ source: id })} />
        ) : (
          <p className="faint">{t("connect.after.feed")}</p>
        )}
      </Step>
      <Step number={3} title={t("connect.rule")} done={false}>
        {source && feed ? (
          <NewRule key={source} source={source} feed={feed} kinds={catalogue.kinds} />
        ) : (
          <p className="faint">{t("connect.after.source")}</p>
        )}
      </Step>
      <Step number={4} title={t("connect.first")} done={false}>
        {source && feed ? (
          <Arriving key={source} source={source} feed={feed} />
        ) : (
          <p className="faint">{t("connect.after.source")}</p>
        )}
      </Step>
      {source && (
        <Button className="button" onPress={() => draft.set({ fresh: false, type, source: "" })}>
          {t("connect.another")}
        </Button>
      )}
    </div>
  );
}

interface NewSourceProps {
  type: string;
  feed: Feed;
  onAdded: (id: string) => void;
}

function NewSource({ type, feed, onAdded }: NewSourceProps) {
  const { t } = useWords();
  const usual = feed.asset_types.find(({ id }) => id === type)?.period_seconds ?? 0;
  const [said, setSaid] = useState({
    id: "",
    gateway: "",
    name_vi: "",
    name_en: "",
    period: usual ? String(usual) : "",
    ward: "",
    latitude: "",
    longitude: "",
  });
  const [outcome, setOutcome] = useState<Outcome>(null);
  const { source } = useStore(draft);
  useEffect(() => {
    if (!source) setOutcome(null);
  }, [source]);
  const entry = (name: keyof typeof said) => ({
    value: said[name],
    onChange: (value: string) => setSaid({ ...said, [name]: value }),
  });
  async function add() {
    const { period, latitude, longitude, ...others } = said;
    try {
      await api.addSource({
        ...others,
        id: said.id.trim(),
        gateway: said.gateway.trim() || said.id.trim(),
        kind: type,
        period_seconds: numberOf(period),
        latitude: numberOf(latitude),
        longitude: numberOf(longitude),
      });
      setOutcome("done");
      onAdded(said.id.trim());
    } catch (error) {
      setOutcome({ error });
    }
  }
  if (outcome === "done" && source) return <Done>{t("connect.source.added", { id: source })}</Done>;
  return (
    <form
      className="grid"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Entry label={t("connect.id")} hint={t("connect.id.hint")} required {...entry("id")} />
      <Entry label={t("connect.gateway")} hint={t("connect.gateway.hint")} {...entry("gateway")} />
      <Entry label={t("connect.name.vi")} {...entry("name_vi")} />
      <Entry label={t("connect.name.en")} {...entry("name_en")} />
      <Entry label={t("connect.period")} decimal {...entry("period")} />
      <Entry label={t("sources.ward")} {...entry("ward")} />
      <Entry label={t("connect.latitude")} decimal {...entry("latitude")} />
      <Entry label={t("connect.longitude")} decimal {...entry("longitude")} />
      <Said outcome={outcome} />
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={said.id.trim() === ""}>
          {t("connect.source.add")}
        </Button>
      </div>
    </form>
  );
}
