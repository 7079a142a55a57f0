// Another page than the alerts, under the header; its code comes when it is opened first.
import { type ComponentType, lazy, Suspense, useEffect, useRef } from "react";
import { address, go } from "../data/address";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import { PAGES, pageAt } from "../pages";

/** Also where its code does not come, as after an upgrade: then the page says so. */
const LOADED: Readonly<Record<string, ComponentType>> = Object.fromEntries(
  PAGES.map(({ path, load }) => [path, lazy(() => load().catch(() => ({ default: Unloaded })))]),
);

export function Page() {
  const { t } = useWords();
  const path = useStore(address).page;
  const page = pageAt(path);
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever reads the screen aloud hears where they are.
  useEffect(() => heading.current?.focus(), [page]);
  const Shown = page && LOADED[page.path];
  return (
    <main className={page?.fills ? "page filled" : "page"} aria-labelledby="page-title">
      <h1 id="page-title" ref={heading} tabIndex={-1}>
        {t(page ? page.name : "page.none")}
      </h1>
      {!page && (
        <p>
          <a
            href="/"
            onClick={(event) => {
              event.preventDefault();
              go({ page: "" });
            }}
          >
            {t("page.back")}
          </a>
        </p>
      )}
      {Shown && (
        <Suspense fallback={<p className="faint">{t("page.loading")}</p>}>
          <Shown />
        </Suspense>
      )}
    </main>
  );
}

function Unloaded() {
  const { t } = useWords();
  return <p role="alert">{t("page.unloaded")}</p>;
}
