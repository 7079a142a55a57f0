// A kind of system that is new here, from a sample: its file, and the command that adds it.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { feedFile, fieldsOf, type Metric, named, numberOf } from "../data/sample";
import { useWords } from "../i18n";
import { Entry } from "./asking";

interface NewFeedProps {
  /** Whether such an asset type is there by now. */
  known: (type: string) => boolean;
  onKnown: (type: string) => void;
}

interface Chosen {
  name_vi: string;
  name_en: string;
  unit: string;
  least: string;
  most: string;
  left: boolean;
}

const SAMPLE = '{"temperature": 28.4, "humidity": 71}';

export function NewFeed({ known, onKnown }: NewFeedProps) {
  const { t, decimal } = useWords();
  const [sample, setSample] = useState("");
  const [said, setSaid] = useState({
    name_vi: "",
    name_en: "",
    type_vi: "",
    type_en: "",
    id: "",
    type: "",
    period: "60",
  });
  const [clock, setClock] = useState(false);
  const [chosen, setChosen] = useState<Record<string, Chosen>>({});
  const [copied, setCopied] = useState(false);
  const fields = fieldsOf(sample);
  const entry = (name: keyof typeof said) => ({
    value: said[name],
    onChange: (value: string) => setSaid({ ...said, [name]: value }),
  });
  const usual = (id: string): Chosen =>
    chosen[id] ?? { name_vi: "", name_en: "", unit: "", least: "", most: "", left: false };
  const metrics = fields
    .filter(({ id }) => !usual(id).left)
    .map(({ id, said: spelled }): Metric | null => {
      const { name_vi, name_en, unit, least, most } = usual(id);
      const [low, high] = [numberOf(least), numberOf(most)];
      if (low === null || high === null || low >= high) return null;
      return {
        id,
        name_vi: name_vi || spelled,
        name_en: name_en || spelled,
        unit,
        least: low,
        most: high,
      };
    });
  const id = named(said.id || said.name_en || said.name_vi);
  const type = named(said.type || said.type_en || said.type_vi) || id;
  const whole = metrics.filter((one) => one !== null);
  const ready = id.length > 1 && whole.length > 0 && whole.length === metrics.length;
  const file = ready
    ? feedFile({
        id,
        type,
        name_vi: said.name_vi || said.name_en || id,
        name_en: said.name_en || said.name_vi || id,
        type_vi: said.type_vi || said.type_en || type,
        type_en: said.type_en || said.type_vi || type,
        period: numberOf(said.period) ?? 0,
        clock,
        metrics: whole,
      })
    : "";
  const there = ready && known(type);
  useEffect(() => {
    if (there) onKnown(type);
  });
  return (
    <>
      <div className="entry">
        <label htmlFor="sample">{t("connect.sample")}</label>
        <textarea
          id="sample"
          rows={4}
          spellCheck={false}
          placeholder={SAMPLE}
          value={sample}
          onChange={(event) => setSample(event.target.value)}
        />
        <p className="faint">{t("connect.sample.hint")}</p>
      </div>
      {sample.trim() !== "" && fields.length === 0 && (
        <p className="message" role="alert">
          {t("connect.sample.none")}
        </p>
      )}
      {fields.length > 0 && (
        <div className="metrics">
          {fields.map((field) => {
            const one = usual(field.id);
            const change = (part: Partial<Chosen>) =>
              setChosen({ ...chosen, [field.id]: { ...one, ...part } });
            return (
              <fieldset key={field.id} data-metric={field.id}>
                <legend>
                  <label>
                    <input
                      type="checkbox"
                      checked={!one.left}
                      onChange={(event) => change({ left: !event.currentTarget.checked })}
                    />
                    <code>{field.id}</code>{" "}
                    <span className="faint">
                      {t("connect.sampled", { value: decimal(field.value) })}
                    </span>
                  </label>
                </legend>
                {!one.left && (
                  <div className="grid">
                    <Entry
                      label={t("connect.name.vi")}
                      value={one.name_vi}
                      onChange={(name_vi) => change({ name_vi })}
                    />
                    <Entry
                      label={t("connect.name.en")}
                      value={one.name_en}
                      onChange={(name_en) => change({ name_en })}
                    />
                    <Entry
                      label={t("connect.unit")}
                      value={one.unit}
                      onChange={(unit) => change({ unit })}
                    />
                    <Entry
                      label={t("connect.least")}
                      decimal
                      required
                      value={one.least}
                      onChange={(least) => change({ least })}
                    />
                    <Entry
                      label={t("connect.most")}
                      decimal
                      required
                      value={one.most}
                      onChange={(most) => change({ most })}
                    />
                  </div>
                )}
              </fieldset>
            );
          })}
          <div className="grid">
            <Entry label={t("connect.feed.vi")} {...entry("name_vi")} />
            <Entry label={t("connect.feed.en")} {...entry("name_en")} />
            <Entry label={t("connect.type.vi")} {...entry("type_vi")} />
            <Entry label={t("connect.type.en")} {...entry("type_en")} />
            <Entry label={t("connect.feed.id")} hint={id} {...entry("id")} />
            <Entry label={t("connect.type.id")} hint={type} {...entry("type")} />
            <Entry label={t("connect.period")} decimal {...entry("period")} />
          </div>
          <label className="tick">
            <input
              type="checkbox"
              checked={clock}
              onChange={(event) => setClock(event.currentTarget.checked)}
            />
            {t("connect.clock")}
          </label>
        </div>
      )}
      {fields.length > 0 && !ready && <p className="faint">{t("connect.incomplete")}</p>}
      {file && (
        <div className="file">
          <pre tabIndex={0} aria-label={t("connect.file")}>
            {file}
          </pre>
          <div className="buttons">
            <Button
              className="button"
              onPress={() =>
                void navigator.clipboard?.writeText(file).then(
                  () => setCopied(true),
                  () => undefined,
                )
              }
            >
              {t(copied ? "connect.copied" : "connect.copy")}
            </Button>
            <a
              className="button"
              download={`${id}.yaml`}
              href={`data:application/yaml;charset=utf-8,${encodeURIComponent(file)}`}
            >
              {t("connect.download", { name: `${id}.yaml` })}
            </a>
          </div>
          <p>{t("connect.file.how")}</p>
          <pre tabIndex={0} aria-label={t("connect.command")}>{`cityops feed add ${id}.yaml`}</pre>
          <p className="faint" role="status">
            {t("connect.file.waiting")}
          </p>
        </div>
      )}
    </>
  );
}
