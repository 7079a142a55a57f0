// Several of many, or any: said in one line, chosen where it is opened.
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useWords } from "../i18n";

export interface Option {
  id: string;
  name: string;
}

interface Props {
  label: string;
  options: readonly Option[];
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
}

export function Many({ label, options, chosen, onChoose }: Props) {
  const { t } = useWords();
  // What is chosen and not offered (any more) stays to be seen, and to be taken back.
  const known = new Set(options.map(({ id }) => id));
  const all = [
    ...options,
    ...chosen.filter((id) => !known.has(id)).map((id) => ({ id, name: id })),
  ];
  const said = all.filter(({ id }) => chosen.includes(id)).map(({ name }) => name);
  if (all.length === 0) return null;
  return (
    <details className="many">
      <summary>
        <span className="faint">{label}:</span> {said.join(", ") || t("prio.any")}
      </summary>
      <ToggleButtonGroup
        className="segments wraps"
        aria-label={label}
        selectionMode="multiple"
        selectedKeys={chosen}
        onSelectionChange={(keys) => {
          const now = new Set([...keys].map(String));
          onChoose(all.filter(({ id }) => now.has(id)).map(({ id }) => id));
        }}
      >
        {all.map(({ id, name }) => (
          <ToggleButton key={id} id={id}>
            {name}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </details>
  );
}
