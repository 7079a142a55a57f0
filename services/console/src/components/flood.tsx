// More alerts than people can answer: what came first, and what of which kind is where.
import { Button } from "react-aria-components";
import { go } from "../data/address";
import { now } from "../data/clock";
import { health } from "../data/status";
import { useStore } from "../data/store";
import { useWords } from "../i18n";

const SHOWN = 4;

export function Flood() {
  const { t, pick, number, time } = useWords();
  const flood = useStore(health).status?.flood;
  if (!flood) return null;
  const { first, groups } = flood;
  const what = `${pick(first.kind_vi, first.kind_en)} — ${pick(first.source_vi, first.source_en)}`;
  const said = groups.slice(0, SHOWN).map((group) => {
    const where = group.ward ? ` (${group.ward})` : "";
    return `${number(group.count)} × ${pick(group.kind_vi, group.kind_en)}${where}`;
  });
  return (
    <section className="flood" data-flood={flood.count} aria-label={t("flood.label")}>
      <p>
        <b>{t("flood", { n: number(flood.count), time: time(flood.since, now()) })}</b>{" "}
        {said.join(" · ")}
        {groups.length > SHOWN && " …"}
      </p>
      <p>
        {t("flood.first")}{" "}
        <Button className="link" onPress={() => go({ alert: first.alert })}>
          {what}
        </Button>
      </p>
    </section>
  );
}
