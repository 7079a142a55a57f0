// The city at a glance: all that it has by type and state, and what explains what.
import { useMemo, useState } from "react";
import { Button } from "react-aria-components";
import { useAsked } from "../components/asked";
import { CityMap } from "../components/city";
import type { Marker } from "../components/map";
import { titleOf } from "../components/row";
import { fillOf, Shape } from "../components/shape";
import { go } from "../data/address";
import { isOpen, known as alerts } from "../data/alerts";
import * as api from "../data/api";
import {
  type Cause,
  causes as causesOf,
  layers,
  placed,
  type Spot,
  spotOf,
  troubled,
} from "../data/city";
import { before } from "../data/rows";
import { sources } from "../data/status";
import { store, useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Asset, Catalogue } from "../types";

const ASSETS_EVERY_MS = 120_000;
const CATALOGUE_EVERY_MS = 600_000;
/** In a list; the map has the others. */
const LISTED = 100;

/** Types that are not shown; kept while another page is looked at. */
const hidden = store<ReadonlySet<string>>(new Set());

export default function CityPage() {
  const words = useWords();
  const { t, number, pick } = words;
  const { known: assets, failed } = useAsked(api.assets, ASSETS_EVERY_MS);
  const { known: catalogue } = useAsked(api.catalogue, CATALOGUE_EVERY_MS);
  const reporting = useStore(sources);
  const { byId } = useStore(alerts);
  const without = useStore(hidden);
  const [chosen, setChosen] = useState("");
  const [here, setHere] = useState<readonly string[]>([]);
  const [look, setLook] = useState<{ spots: readonly Spot[] } | null>(null);
  const now = useMemo(
    () => placed(assets ?? [], reporting, troubled(byId.values())),
    [assets, reporting, byId],
  );
  // Thousands are drawn anew where one of them is in another state, and not with each word of any.
  const states = now.map(({ health }) => health.charAt(0)).join("");
  const all = useMemo(() => now, [assets, states]);
  const shown = useMemo(() => all.filter(({ asset }) => !without.has(asset.type)), [all, without]);
  const causes = useMemo(() => {
    const spots = new Map(
      (assets ?? []).flatMap((asset) => {
        const spot = spotOf(asset);
        return spot ? [[asset.id, spot] as const] : [];
      }),
    );
    const found = causesOf(byId, spots, isOpen);
    return found.sort(
      (a, b) => b.consequences.length - a.consequences.length || before(a.alert, b.alert),
    );
  }, [assets, byId]);
  const types = useMemo(() => namesOf(catalogue, pick), [catalogue, pick]);
  const pins = useMemo(
    () =>
      causes.slice(0, LISTED).flatMap(({ alert, root }): Marker[] =>
        root
          ? [
              {
                key: alert.id,
                longitude: root[0],
                latitude: root[1],
                above: true,
                node: (
                  <button
                    type="button"
                    className={alert.id === chosen ? "alarm here" : "alarm"}
                    title={titleOf(alert, words)}
                    onClick={() => setChosen(alert.id === chosen ? "" : alert.id)}
                  >
                    <Shape severity={alert.severity} fill={fillOf(alert.state)} size={24} />
                    <span className="unseen">{titleOf(alert, words)}</span>
                  </button>
                ),
              },
            ]
          : [],
      ),
    [causes, chosen, words],
  );
  const byAsset = new Map((assets ?? []).map((asset) => [asset.id, asset]));
  if (!assets)
    return failed ? (
      <p className="message" role="alert">
        {t("act.away")}
      </p>
    ) : (
      <p className="faint">{t("page.loading")}</p>
    );
  const nowhere = assets.length - all.length;
  return (
    <div className="city">
      <CityMap
        shown={shown}
        causes={causes}
        chosen={chosen}
        look={look}
        pins={pins}
        onChoose={setHere}
      />
      <div className="side">
        {failed && (
          <p className="message" role="alert">
            {t("act.away")}
          </p>
        )}
        {here.length > 0 && (
          <section className="card" aria-label={t("city.here")}>
            <h2>{t("city.here")}</h2>
            <ul>
              {here.slice(0, LISTED).map((id) => {
                const asset = byAsset.get(id);
                return asset && <Thing key={id} asset={asset} types={types} />;
              })}
            </ul>
          </section>
        )}
        <section className="card" aria-label={t("city.causes")}>
          <h2>{t("city.causes")}</h2>
          {causes.length === 0 && <p className="faint">{t("city.causes.none")}</p>}
          <ul>
            {causes.slice(0, LISTED).map((cause) => (
              <Caused
                key={cause.alert.id}
                cause={cause}
                open={cause.alert.id === chosen}
                onOpen={(open) => {
                  setChosen(open ? cause.alert.id : "");
                  const spots = cause.root ? [cause.root, ...cause.spots] : cause.spots;
                  if (open && spots.length > 0) setLook({ spots });
                }}
              />
            ))}
          </ul>
        </section>
        <section className="card layers" aria-label={t("city.layers")}>
          <h2>{t("city.layers")}</h2>
          <p className="faint">
            {t(nowhere > 0 ? "city.summary.nowhere" : "city.summary", {
              n: number(all.length),
              nowhere: number(nowhere),
            })}
          </p>
          <ul>
            {layers(all).map((layer) => (
              <li key={layer.type}>
                <label>
                  <input
                    type="checkbox"
                    checked={!without.has(layer.type)}
                    onChange={(event) => {
                      const next = new Set(without);
                      if (event.currentTarget.checked) next.delete(layer.type);
                      else next.add(layer.type);
                      hidden.set(next);
                    }}
                  />
                  <span className="what">{types.get(layer.type) ?? layer.type}</span>
                  <span className="of">{number(layer.all)}</span>
                  <span className="bad">
                    {[
                      layer.faulty > 0 && t("city.faulty", { n: number(layer.faulty) }),
                      layer.silent > 0 && t("city.silent", { n: number(layer.silent) }),
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <div className="buttons">
            <Button className="button" onPress={() => hidden.set(new Set())}>
              {t("city.show")}
            </Button>
            <Button
              className="button"
              onPress={() => hidden.set(new Set(layers(all).map(({ type }) => type)))}
            >
              {t("city.hide")}
            </Button>
          </div>
          <ul className="signs faint">
            {(["faulty", "silent", "well", "quiet"] as const).map((health) => (
              <li key={health}>
                <i className={health} aria-hidden="true" /> {t(`city.sign.${health}`)}
              </li>
            ))}
            {(["event", "outage"] as const).map((form) => (
              <li key={form}>
                <i className={`area ${form}`} aria-hidden="true" /> {t(`city.sign.${form}`)}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  );
}

function namesOf(catalogue: Catalogue | null, pick: (vi: string, en: string) => string) {
  return new Map(
    (catalogue?.feeds ?? []).flatMap(({ asset_types }) =>
      asset_types.map(({ id, name }) => [id, pick(name.vi, name.en)] as const),
    ),
  );
}

function Thing({ asset, types }: { asset: Asset; types: ReadonlyMap<string, string> }) {
  const { pick, t } = useWords();
  const { byId } = useStore(alerts);
  const about = [...byId.values()].find(
    (alert) => alert.active && (alert.source === asset.id || alert.sources.includes(asset.id)),
  );
  const words = useWords();
  return (
    <li>
      <span className="line">
        {asset.reports ? (
          <Button
            className="link"
            onPress={() => go({ page: `sources/${encodeURIComponent(asset.id)}` })}
          >
            {pick(asset.name_vi, asset.name_en) || asset.id}
          </Button>
        ) : (
          <b>{pick(asset.name_vi, asset.name_en) || asset.id}</b>
        )}
        <span className="faint">
          {types.get(asset.type) ?? asset.type}
          {asset.ward && ` · ${asset.ward}`}
        </span>
      </span>
      {about && (
        <Button className="link" onPress={() => go({ page: "", alert: about.id })}>
          {titleOf(about, words)}
        </Button>
      )}
      {!about && asset.owner && (
        <span className="faint">
          {t("sources.owner")}: {asset.owner}
        </span>
      )}
    </li>
  );
}

interface CausedProps {
  cause: Cause;
  open: boolean;
  onOpen: (open: boolean) => void;
}

function Caused({ cause, open, onOpen }: CausedProps) {
  const words = useWords();
  const { t, number } = words;
  const { alert, consequences, form } = cause;
  const n = consequences.length;
  return (
    <li data-cause={alert.id}>
      <button type="button" className="cause" aria-expanded={open} onClick={() => onOpen(!open)}>
        <Shape severity={alert.severity} fill={fillOf(alert.state)} size={20} named />
        <span className="what">{titleOf(alert, words)}</span>
        {n > 0 && (
          <span className="of">
            {t(form === "event" ? "members" : "consequences", { n: number(n) })}
          </span>
        )}
      </button>
      {open && (
        <div className="under">
          <Button className="link" onPress={() => go({ page: "", alert: alert.id })}>
            {t("city.open")}
          </Button>
          <ul>
            {consequences.slice(0, LISTED).map((one) => (
              <li key={one.id}>
                <Button className="link" onPress={() => go({ page: "", alert: one.id })}>
                  {titleOf(one, words)}
                </Button>
              </li>
            ))}
            {n > LISTED && <li className="faint">{t("header.more", { n: number(n - LISTED) })}</li>}
          </ul>
        </div>
      )}
    </li>
  );
}
