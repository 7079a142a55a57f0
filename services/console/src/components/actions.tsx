// What an operator does to the selected alert.
import { useState } from "react";
import {
  Button,
  Dialog,
  Heading,
  Label,
  Modal,
  ModalOverlay,
  TextArea,
  TextField,
} from "react-aria-components";
import { isUnacknowledged } from "../data/alerts";
import { may, session } from "../data/api";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert } from "../types";
import { busy, notice, perform } from "./acting";
import { roleName } from "./people";

export type Asking = "" | "resolve" | "comment";

interface Props {
  alert: Alert;
  asking: Asking;
  onAsk: (asking: Asking) => void;
}

export function Actions({ alert, asking, onAsk }: Props) {
  const words = useWords();
  const { t } = words;
  const acting = useStore(busy).has(alert.id);
  const closed = alert.state === "resolved";
  const me = useStore(session);
  const acts = may("alerts:act", me) && alert.own;
  return (
    <div className="actions">
      <Button
        className="button primary"
        isDisabled={!acts || acting || closed || !isUnacknowledged(alert)}
        onPress={() => void perform(alert.id, "acknowledge")}
      >
        {t("act.acknowledge")} <kbd>A</kbd>
      </Button>
      <Button
        className="button"
        isDisabled={!acts || acting || closed}
        onPress={() => onAsk("resolve")}
      >
        {t("act.resolve")} <kbd>R</kbd>
      </Button>
      <Button
        className="button"
        isDisabled={!may("alerts:comment", me) || !alert.own || acting}
        onPress={() => onAsk("comment")}
      >
        {t("act.comment")} <kbd>C</kbd>
      </Button>
      {!alert.own && <p className="faint">{t("area.noact")}</p>}
      {!may("alerts:act", me) && (
        <p className="faint">{t("role.noact", { role: roleName(me?.role ?? "", words) })}</p>
      )}
      {asking && <Question key={asking} alert={alert} asking={asking} onAsk={onAsk} />}
    </div>
  );
}

/** What the last action came to; polite, so that it is read out and interrupts nobody. */
export function Outcome({ alert }: { alert: string }) {
  const words = useWords();
  const said = useStore(notice);
  const mine = said?.alert === alert ? said : null;
  return <output className={`outcome ${mine?.tone ?? ""}`}>{mine?.text(words) ?? ""}</output>;
}

function Question({ alert, asking, onAsk }: Props & { asking: "resolve" | "comment" }) {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState("");
  const acting = useStore(busy).has(alert.id);
  const said = useStore(notice);
  const required = asking === "comment" || alert.active;
  const enough = !required || text.trim() !== "";
  const refused = said?.alert === alert.id && said.tone === "refused" ? said : null;

  async function send() {
    if (enough && (await perform(alert.id, asking, text.trim()))) onAsk("");
  }
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={() => onAsk("")}>
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title">
            {t(asking === "resolve" ? "act.resolve.title" : "act.comment.title")}
          </Heading>
          {asking === "resolve" && alert.active && (
            <p className="faint">{t("act.reason.required")}</p>
          )}
          <TextField
            autoFocus
            value={text}
            onChange={setText}
            isRequired={required}
            maxLength={2000}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
              else event.continuePropagation(); // Escape is the dialog's
            }}
          >
            <Label>
              {t(asking === "resolve" ? "act.reason" : "act.text")}
              {!required && ` (${t("act.optional")})`}
            </Label>
            <TextArea rows={4} />
          </TextField>
          <p className="message" role="alert">
            {refused?.text(words) ?? ""}
          </p>
          <div className="buttons">
            <span className="faint hint">{t("act.send.hint")}</span>
            <Button className="button" onPress={() => onAsk("")}>
              {t("cancel")}
            </Button>
            <Button
              className="button primary"
              isDisabled={acting || !enough}
              onPress={() => void send()}
            >
              {acting ? t("act.busy") : t(asking === "resolve" ? "act.resolve" : "act.send")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
