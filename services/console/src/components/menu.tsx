// The way to every page, and to what a narrow header has no room for.
import {
  Button,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from "react-aria-components";
import { address, go } from "../data/address";
import { session, signOut } from "../data/api";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { PAGES, pageAt } from "../pages";

interface Props {
  onHelp: () => void;
  onPeople: () => void;
}

export function Pages({ onHelp, onPeople }: Props) {
  const { t } = useWords();
  const me = useStore(session);
  const here = useStore(address);
  const offered = PAGES.filter((page) => me && page.offered(me));
  const all = [{ path: "", name: "page.alerts" as const }, ...offered];
  const current = here.page === "" ? "" : pageAt(here.page)?.path;
  const other = here.language === "vi" ? "en" : "vi";
  const does: Record<string, () => void> = {
    language: () => go({ language: other }),
    help: onHelp,
    account: onPeople,
    signout: () => void signOut().catch(() => undefined),
  };
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
          onAction={(chosen) => {
            const act = does[String(chosen)];
            if (act) act();
            else go({ page: String(chosen).slice(1) });
          }}
        >
          <MenuSection
            selectionMode="single"
            selectedKeys={current === undefined ? [] : [`/${current}`]}
          >
            <Header className="unseen">{t("page.menu")}</Header>
            {all.map(({ path, name }) => (
              <MenuItem key={path} id={`/${path}`} textValue={t(name)}>
                {t(name)}
              </MenuItem>
            ))}
          </MenuSection>
          <MenuSection className="rest">
            <Header className="section faint">{me?.name}</Header>
            <MenuItem id="account">{t("menu.account")}</MenuItem>
            <MenuItem id="language" lang={other}>
              {other === "vi" ? "Tiếng Việt" : "English"}
            </MenuItem>
            <MenuItem id="help">{t("help.open")}</MenuItem>
            <MenuItem id="signout">{t("signout")}</MenuItem>
          </MenuSection>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
