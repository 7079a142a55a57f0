// The way to every page.
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { address, go } from "../data/address";
import { session } from "../data/api";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { PAGES, pageAt } from "../pages";

export function Pages() {
  const { t } = useWords();
  const me = useStore(session);
  const here = useStore(address);
  const offered = PAGES.filter((page) => me && page.offered(me));
  const all = [{ path: "", name: "page.alerts" as const }, ...offered];
  const current = pageAt(here.page)?.path ?? "";
  return (
    <MenuTrigger>
      <Button className="button quiet pages" aria-label={t("page.menu")}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path d="M1.5 3.5h13M1.5 8h13M1.5 12.5h13" />
        </svg>
      </Button>
      <Popover className="popover" placement="bottom start">
        <Menu
          className="options"
          aria-label={t("page.menu")}
          selectionMode="single"
          selectedKeys={[`/${current}`]}
          onAction={(chosen) => go({ page: String(chosen).slice(1) })}
        >
          {all.map(({ path, name }) => (
            <MenuItem key={path} id={`/${path}`} textValue={t(name)}>
              {t(name)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
