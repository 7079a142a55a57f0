// What the list shows; it stands in the address.
import { useMemo } from "react";
import {
  Button,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  SearchField,
  Select,
  SelectValue,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { address, go, type Show } from "../data/address";
import { isAside, isOpen, isUnacknowledged, known } from "../data/alerts";
import { WORST_FIRST } from "../data/rows";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { Shape } from "./shape";

export const SEARCH_ID = "search";

export function Filters() {
  const { t, number, pick, locale } = useWords();
  const { byId } = useStore(known);
  const { show, severity, kind, text } = useStore(address);
  const { open, unacknowledged, aside, kinds } = useMemo(() => {
    const kinds = new Map<string, { vi: string; en: string }>();
    let open = 0;
    let unacknowledged = 0;
    let aside = 0;
    for (const alert of byId.values()) {
      if (isOpen(alert)) open += 1;
      if (isUnacknowledged(alert)) unacknowledged += 1;
      if (isAside(alert)) aside += 1;
      kinds.set(alert.kind, { vi: alert.names.kind_vi, en: alert.names.kind_en });
    }
    return { open, unacknowledged, aside, kinds };
  }, [byId]);
  const named = [...kinds].map(([id, name]) => ({ id, name: pick(name.vi, name.en) }));
  if (kind && !kinds.has(kind)) named.push({ id: kind, name: kind });
  named.sort((a, b) => a.name.localeCompare(b.name, locale));
  return (
    <div className="filters">
      <h1 className="unseen">{t("list.heading")}</h1>
      <ToggleButtonGroup
        className="segments"
        aria-label={t("list.show")}
        disallowEmptySelection
        selectedKeys={[show]}
        onSelectionChange={([chosen]) => go({ show: chosen as Show })}
      >
        <ToggleButton id="open">
          {t("list.open")} <b>{number(open)}</b>
        </ToggleButton>
        <ToggleButton id="unacknowledged">
          {t("list.unacknowledged")} <b>{number(unacknowledged)}</b>
        </ToggleButton>
        <ToggleButton id="aside">
          {t("list.aside")} <b>{number(aside)}</b>
        </ToggleButton>
        <ToggleButton id="closed">{t("list.closed")}</ToggleButton>
      </ToggleButtonGroup>
      <div className="narrow">
        <SearchField
          className="search"
          aria-label={t("list.search")}
          value={text}
          onChange={(value) => go({ text: value })}
        >
          <Input id={SEARCH_ID} placeholder={t("list.search")} />
        </SearchField>
        <Choice
          label={t("list.severity")}
          any={t("list.severity.any")}
          chosen={severity}
          onChoose={(value) => go({ severity: value })}
          options={WORST_FIRST.map((id) => ({
            id,
            name: t(`severity.${id}`),
            icon: <Shape severity={id} fill="grey" size={16} />,
          }))}
        />
        <Choice
          label={t("list.kind")}
          any={t("list.kind.any")}
          chosen={kind}
          onChoose={(value) => go({ kind: value })}
          options={named}
        />
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  chosen: string;
  options: readonly { id: string; name: string; icon?: React.ReactNode }[];
  onChoose: (id: string) => void;
}

const ANY = "any";

export function Choice({ label, any, chosen, options, onChoose }: ChoiceProps) {
  return (
    <Select
      className={chosen ? "choice chosen" : "choice"}
      aria-label={label}
      selectedKey={chosen || ANY}
      onSelectionChange={(key) => onChoose(key === ANY ? "" : String(key))}
    >
      <Button className="button">
        <SelectValue />
        <span aria-hidden="true" className="caret">
          ▾
        </span>
      </Button>
      <Popover className="popover">
        <ListBox className="options">
          <ListBoxItem id={ANY} textValue={any}>
            {any}
          </ListBoxItem>
          {options.map((option) => (
            <ListBoxItem key={option.id} id={option.id} textValue={option.name}>
              {option.icon} {option.name}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
