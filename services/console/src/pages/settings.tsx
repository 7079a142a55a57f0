// What somebody sets for this browser, whoever signs in there: what it sounds like, and looks like.
import { useEffect, useState } from "react";
import { Button, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { WORST_FIRST } from "../data/rows";
import { set, settings, TEXTS, THEMES } from "../data/settings";
import { allowNotices, sample, turnOn } from "../data/sound";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { Devices } from "../components/devices";
import { Languages } from "../components/languages";
import { Shape } from "../components/shape";
import type { Severity } from "../types";

const VOLUMES = [0.15, 0.5, 1] as const;

export default function Settings() {
  const { t } = useWords();
  return (
    <div className="settings">
      <p className="faint">{t("settings.browser")}</p>
      <Sounds />
      <Notices />
      <Devices />
      <Looks />
      <section className="card">
        <h2>{t("language")}</h2>
        <Languages />
      </section>
    </div>
  );
}

interface ChoiceProps<T extends string | number> {
  label: string;
  options: readonly T[];
  chosen: T;
  name: (one: T) => string;
  onChoose: (one: T) => void;
}

function Choice<T extends string | number>({
  label,
  options,
  chosen,
  name,
  onChoose,
}: ChoiceProps<T>) {
  return (
    <div className="setting">
      <span className="label" id={`setting-${label}`}>
        {label}
      </span>
      <ToggleButtonGroup
        className="segments wraps"
        aria-label={label}
        disallowEmptySelection
        selectedKeys={[String(chosen)]}
        onSelectionChange={([key]) => {
          const one = options.find((option) => String(option) === String(key));
          if (one !== undefined) onChoose(one);
        }}
      >
        {options.map((one) => (
          <ToggleButton key={one} id={String(one)}>
            {name(one)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
}

function Sounds() {
  const { t } = useWords();
  const { sound, volume, from } = useStore(settings);
  return (
    <section className="card">
      <h2>{t("sound")}</h2>
      <p className="faint">{t("settings.sound.hint")}</p>
      <Choice
        label={t("sound")}
        options={["on", "off"]}
        chosen={sound ? "on" : "off"}
        name={(one) => t(one === "on" ? "settings.on" : "settings.off")}
        onChoose={(one) => (one === "on" ? turnOn() : set({ sound: false }))}
      />
      <Choice
        label={t("settings.volume")}
        options={VOLUMES}
        chosen={VOLUMES.find((one) => volume <= one) ?? 1}
        name={(one) =>
          t(one === 1 ? "settings.loud" : one === 0.5 ? "settings.medium" : "settings.soft")
        }
        onChoose={(one) => set({ volume: one })}
      />
      <Choice<Severity>
        label={t("settings.from")}
        options={WORST_FIRST}
        chosen={from}
        name={(one) => t(`severity.${one}`)}
        onChoose={(one) => set({ from: one })}
      />
      <div className="setting">
        <span className="label">{t("settings.listen")}</span>
        <div className="buttons">
          {WORST_FIRST.map((one) => (
            <Button key={one} className="button" onPress={() => sample(one)}>
              <Shape severity={one} fill="grey" size={18} /> {t(`severity.${one}`)}
            </Button>
          ))}
        </div>
      </div>
    </section>
  );
}

function Notices() {
  const { t } = useWords();
  const { notices } = useStore(settings);
  const [refused, setRefused] = useState(false);
  const [there, setThere] = useState(true);
  useEffect(() => setThere(typeof Notification !== "undefined" && isSecureContext), []);
  async function choose(on: boolean) {
    const allowed = on && (await allowNotices());
    setRefused(on && !allowed);
    set({ notices: allowed });
  }
  return (
    <section className="card">
      <h2>{t("settings.notices")}</h2>
      <p className="faint">{t(there ? "settings.notices.hint" : "settings.notices.none")}</p>
      {there && (
        <Choice
          label={t("settings.notices")}
          options={["on", "off"]}
          chosen={notices ? "on" : "off"}
          name={(one) => t(one === "on" ? "settings.on" : "settings.off")}
          onChoose={(one) => void choose(one === "on")}
        />
      )}
      <p className="message" role="alert">
        {refused ? t("settings.notices.refused") : ""}
      </p>
    </section>
  );
}

function Looks() {
  const { t, number } = useWords();
  const { theme, text } = useStore(settings);
  return (
    <section className="card">
      <h2>{t("settings.looks")}</h2>
      <Choice
        label={t("settings.theme")}
        options={THEMES}
        chosen={theme}
        name={(one) => t(`settings.theme.${one}`)}
        onChoose={(one) => set({ theme: one })}
      />
      <Choice
        label={t("settings.text")}
        options={TEXTS}
        chosen={text}
        name={(one) => `${number(one)} %`}
        onChoose={(one) => set({ text: one })}
      />
    </section>
  );
}
