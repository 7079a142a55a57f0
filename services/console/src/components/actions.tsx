// What an operator does to the selected alert.
import {
  Button,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  type PressEvent,
} from "react-aria-components";
import { isUnacknowledged, known, wholes } from "../data/alerts";
import { go } from "../data/address";
import { may, session } from "../data/api";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert } from "../types";
import { busy, notice, perform } from "./acting";
import { roleName } from "./people";
import { Question } from "./question";

/** What a dialog asks for before it is done. */
export const ASKED = ["resolve", "shelve", "reopen", "out", "return", "merge", "split"] as const;
export type Asked = (typeof ASKED)[number];
export type Asking = "" | Asked;

/** Of the heading that says what they act on. */
export const TITLE_ID = "alert-title";

interface Props {
  alert: Alert;
  asking: Asking;
  onAsk: (asking: Asking) => void;
}

/** Whether they did last what was done to it. */
export const undoable = (alert: Alert): boolean =>
  alert.undo !== null && alert.undo.by === session.get()?.name;

/** Whether a person made it part of another; what was found to be one stays so. */
export const byPerson = ({ merged_into, resolved_by }: Alert): boolean =>
  Boolean(merged_into && resolved_by);

/** What suppresses its source alone, and can be ended. */
export const outOfService = ({ suppressions, source }: Alert) =>
  suppressions.find((one) => one.scope === "source" && one.subject === source);

export function Actions({ alert, asking, onAsk }: Props) {
  const words = useWords();
  const { t } = words;
  const acting = useStore(busy).has(alert.id);
  const closed = alert.state === "resolved";
  const me = useStore(session);
  const acts = may("alerts:act", me) && alert.own;
  const loud = isUnacknowledged(alert) || (alert.state === "shelved" && !alert.acknowledged_by);
  return (
    <div className="actions" role="group" aria-labelledby={TITLE_ID}>
      <Button
        className="button primary"
        isDisabled={!acts || acting || closed || !loud}
        onPress={() => void perform(alert.id, "acknowledge")}
      >
        {t("act.acknowledge")} <kbd>A</kbd>
      </Button>
      {closed && !alert.merged_into ? (
        <Act name={t("act.reopen")} able={acts && !acting} onPress={() => onAsk("reopen")} />
      ) : (
        <Act
          name={t("act.resolve")}
          letter="R"
          able={acts && !acting && !closed}
          onPress={() => onAsk("resolve")}
        />
      )}
      {alert.shelf ? (
        <Act
          name={t("act.unshelve")}
          letter="S"
          able={acts && !acting}
          onPress={() => void perform(alert.id, "unshelve")}
        />
      ) : (
        <Act
          name={t("act.shelve")}
          letter="S"
          able={acts && !acting && !closed}
          onPress={() => onAsk("shelve")}
        />
      )}
      <More alert={alert} acts={acts && !acting} onAsk={onAsk} />
      {!alert.own && <p className="faint">{t("area.noact")}</p>}
      {!may("alerts:act", me) && (
        <p className="faint">{t("role.noact", { role: roleName(me?.role ?? "", words) })}</p>
      )}
      {asking && <Question key={asking} alert={alert} asking={asking} onAsk={onAsk} />}
    </div>
  );
}

interface ActProps {
  name: string;
  letter?: string;
  able: boolean;
  onPress: (event: PressEvent) => void;
}

function Act({ name, letter, able, onPress }: ActProps) {
  return (
    <Button className="button" isDisabled={!able} onPress={onPress}>
      {name} {letter && <kbd>{letter}</kbd>}
    </Button>
  );
}

interface MoreProps {
  alert: Alert;
  acts: boolean;
  onAsk: (asking: Asking) => void;
}

function More({ alert, acts, onAsk }: MoreProps) {
  const { t } = useWords();
  const me = useStore(session);
  const open = useStore(known).byId;
  const closed = alert.state === "resolved";
  const mine = alert.assigned_to === me?.name;
  const suppresses = may("alerts:suppress", me) && !me?.wards && alert.own;
  const does: Record<string, () => void> = {
    undo: () => void perform(alert.id, "undo"),
    assign: () => void perform(alert.id, "assign", "", { to: mine ? "" : (me?.name ?? "") }),
    out: () => onAsk("out"),
    return: () => onAsk("return"),
    merge: () => onAsk("merge"),
    split: () => onAsk("split"),
    warn: () => go({ page: `warnings/${alert.id}` }),
  };
  const warns = may("alerts:warn", me) && !me?.wards && alert.origin === "live";
  const out = outOfService(alert) !== undefined;
  const able = [
    acts && undoable(alert) && "undo",
    acts && !closed && me?.role !== "" && "assign",
    acts && !closed && wholes(alert, open).length > 0 && "merge",
    acts && byPerson(alert) && "split",
    suppresses && !out && !closed && "out",
    suppresses && out && "return",
    warns && alert.active && !closed && "warn",
  ].filter((one) => one !== false);
  const names: Record<string, string> = {
    undo: t("act.undo"),
    assign: mine ? t("act.release") : t("act.mine"),
    out: t("act.out"),
    return: t("act.return"),
    merge: t("act.merge"),
    split: t("act.split"),
    warn: t("act.warn"),
  };
  return (
    <MenuTrigger>
      <Button className="button" isDisabled={able.length === 0}>
        {t("act.more")}
        <span aria-hidden="true" className="caret">
          ▾
        </span>
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="options" onAction={(chosen) => does[String(chosen)]?.()}>
          {able.map((one) => (
            <MenuItem key={one} id={one} textValue={names[one]}>
              {names[one]} {one === "undo" && <kbd>U</kbd>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

/** What the last action came to; polite, so that it is read out and interrupts nobody. */
export function Outcome({ alert }: { alert: string }) {
  const words = useWords();
  const said = useStore(notice);
  const mine = said?.alert === alert ? said : null;
  return <output className={`outcome ${mine?.tone ?? ""}`}>{mine?.text(words) ?? ""}</output>;
}
