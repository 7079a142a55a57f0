// Of which alert another is to be a part: those near in time, or what the service finds by words.
import { useEffect, useState } from "react";
import {
  Autocomplete,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  SearchField,
} from "react-aria-components";
import { findWholes, known, wholes } from "../data/alerts";
import { Away, Problem } from "../data/api";
import { now } from "../data/clock";
import { TYPED_MS } from "../data/search";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert } from "../types";
import { titleOf, zoneOf } from "./row";
import { fillOf, Shape } from "./shape";

interface Offered {
  /** In the order in which they stay while they are offered. */
  alerts: readonly Alert[];
  /** How many more there are. */
  more: number;
  state: "known" | "asking" | "away";
}

/** What may be chosen. It stays as it was found until other words are written: what moves under a
 * pointer is chosen by mistake. */
function useOffered(alert: Alert, text: string): Offered {
  const [near] = useState<Offered>(() => ({
    alerts: wholes(alert, known.get().byId),
    more: 0,
    state: "known",
  }));
  const [found, setFound] = useState(near);
  const words = text.trim();
  const { id } = alert;
  useEffect(() => {
    if (!words) return setFound(near);
    let current = true;
    setFound((before) => ({ ...before, state: "asking" }));
    const timer = window.setTimeout(async () => {
      try {
        const answer = await findWholes(alert, words);
        if (current) setFound({ ...answer, state: "known" });
      } catch (error) {
        if (!(error instanceof Away || error instanceof Problem)) throw error;
        if (current) setFound({ alerts: [], more: 0, state: "away" });
      }
    }, TYPED_MS);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
    // What becomes of the alert meanwhile asks for no other list.
  }, [id, words, near]);
  return found;
}

interface Props {
  alert: Alert;
  chosen: string;
  onChoose: (id: string) => void;
}

export function Into({ alert, chosen, onChoose }: Props) {
  const words = useWords();
  const { t, time, number } = words;
  const [text, setText] = useState("");
  const { alerts, more, state } = useOffered(alert, text);
  const { byId } = useStore(known);
  // What was chosen while others were asked for may be none of them.
  const gone = chosen !== "" && !alerts.some((one) => one.id === chosen);
  useEffect(() => {
    if (gone) onChoose("");
  }, [gone, onChoose]);
  const write = (other: string) => {
    setText(other);
    onChoose(""); // or it would be one that is not to be seen any more
  };
  const said = () => {
    if (state === "asking") return t("act.merge.asking");
    if (state === "away") return t("list.away");
    if (alerts.length === 0) return t("list.empty.filtered");
    return more > 0 ? t("act.merge.more", { n: number(more) }) : "";
  };
  return (
    <div className="into">
      <Autocomplete inputValue={text} onInputChange={write} disableAutoFocusFirst>
        <SearchField autoFocus>
          <Label>{t("act.merge.into")}</Label>
          <Input placeholder={t("act.merge.search")} />
        </SearchField>
        <div className="found" tabIndex={0} role="group" aria-label={t("act.merge.into")}>
          <ListBox
            className="options wholes"
            aria-label={t("act.merge.into")}
            items={alerts}
            selectionMode="single"
            selectedKeys={chosen ? [chosen] : []}
            onSelectionChange={(keys) => onChoose(String([...keys][0] ?? ""))}
          >
            {(offered) => {
              const one = byId.get(offered.id) ?? offered;
              const zone = zoneOf(one, words);
              return (
                <ListBoxItem id={one.id} textValue={`${titleOf(one, words)} ${zone}`}>
                  <Shape severity={one.severity} fill={fillOf(one.state)} size={18} named />
                  <span>
                    {[titleOf(one, words), zone, time(one.latest_time, now())]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </ListBoxItem>
              );
            }}
          </ListBox>
        </div>
      </Autocomplete>
      <p className="faint" role="status">
        {said()}
      </p>
    </div>
  );
}
