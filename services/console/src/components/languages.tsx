// vi | en
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { address, go } from "../data/address";
import { useStore } from "../data/store";
import { type Language, useWords } from "../i18n";

export function Languages() {
  const { t } = useWords();
  const { language } = useStore(address);
  return (
    <ToggleButtonGroup
      className="segments small"
      aria-label={t("language")}
      disallowEmptySelection
      selectedKeys={[language]}
      onSelectionChange={([chosen]) => go({ language: chosen as Language })}
    >
      <ToggleButton id="vi" lang="vi" aria-label="Tiếng Việt">
        VI
      </ToggleButton>
      <ToggleButton id="en" lang="en" aria-label="English">
        EN
      </ToggleButton>
    </ToggleButtonGroup>
  );
}
