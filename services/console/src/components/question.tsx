// What is asked before something is done to an alert: why, for how long, what it was.
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
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import type { Alert, Disposition } from "../types";
import { busy, notice, perform, restore, suppress } from "./acting";
import type { Asked, Asking } from "./actions";
import { outOfService } from "./actions";
import { Into } from "./into";
import { sourceOf, titleOf } from "./row";

/** Minutes; an alert is shelved for 12 hours at most. */
const SHELVED = [15, 30, 60, 120, 240, 720] as const;
const SAID: readonly Disposition[] = ["true", "false", "nuisance", "test", "duplicate"];

const TITLES: Record<Asked, Key> = {
  resolve: "act.resolve.title",
  shelve: "act.shelve.title",
  reopen: "act.reopen.title",
  out: "act.out.title",
  return: "act.return.title",
  merge: "act.merge.title",
  split: "act.split.title",
};
const NAMES: Record<Asked, Key> = {
  resolve: "act.resolve",
  shelve: "act.shelve",
  reopen: "act.reopen",
  out: "act.send",
  return: "act.send",
  merge: "act.merge.do",
  split: "act.split",
};

interface Props {
  alert: Alert;
  asking: Asked;
  onAsk: (asking: Asking) => void;
}

function hintOf(asking: Asked, alert: Alert, { t }: Words): string {
  if (asking === "resolve") return alert.active ? t("act.reason.required") : "";
  if (asking === "shelve") return t("act.shelve.hint");
  if (asking === "out") return t("act.out.hint");
  if (asking === "merge") return t("act.merge.hint");
  return asking === "return" ? t("act.return.hint") : "";
}

export function Question({ alert, asking, onAsk }: Props) {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState("");
  const [minutes, setMinutes] = useState(30);
  const [disposition, setDisposition] = useState<Disposition>("");
  const [into, setInto] = useState("");
  const acting = useStore(busy).has(alert.id);
  const said = useStore(notice);
  const required = asking !== "resolve" || alert.active;
  const enough = (!required || text.trim() !== "") && (asking !== "merge" || into !== "");
  const refused = said?.alert === alert.id && said.tone === "refused" ? said : null;
  const hint = hintOf(asking, alert, words);

  async function send() {
    if (!enough) return;
    const why = text.trim();
    let done = false;
    if (asking === "out") done = await suppress(alert, why);
    else if (asking === "return") done = await restore(alert, outOfService(alert)?.id ?? "", why);
    else if (asking === "shelve") done = await perform(alert.id, asking, why, { minutes });
    else if (asking === "resolve") done = await perform(alert.id, asking, why, { disposition });
    else if (asking === "merge") done = await perform(alert.id, asking, why, { other: into });
    else done = await perform(alert.id, asking, why);
    if (done) onAsk("");
  }
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={() => onAsk("")}>
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title">{t(TITLES[asking], { name: sourceOf(alert, words) })}</Heading>
          <p className="about">{titleOf(alert, words)}</p>
          {hint && <p className="faint">{hint}</p>}
          {asking === "shelve" && <Span minutes={minutes} onChoose={setMinutes} />}
          {asking === "resolve" && <Was chosen={disposition} onChoose={setDisposition} />}
          {asking === "merge" && <Into alert={alert} chosen={into} onChoose={setInto} />}
          <TextField
            autoFocus={asking !== "merge"}
            value={text}
            onChange={setText}
            isRequired={required}
            maxLength={asking === "out" || asking === "return" ? 500 : 2000}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
              else event.continuePropagation(); // Escape is the dialog's
            }}
          >
            <Label>
              {t("act.reason")}
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
              {acting ? t("act.busy") : t(NAMES[asking])}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Span({ minutes, onChoose }: { minutes: number; onChoose: (minutes: number) => void }) {
  const { t, number } = useWords();
  return (
    <div>
      <p className="label">{t("act.shelve.for")}</p>
      <ToggleButtonGroup
        className="segments"
        aria-label={t("act.shelve.for")}
        disallowEmptySelection
        selectedKeys={[String(minutes)]}
        onSelectionChange={([chosen]) => onChoose(Number(chosen))}
      >
        {SHELVED.map((one) => (
          <ToggleButton key={one} id={String(one)}>
            {one < 60
              ? t("act.shelve.minutes", { n: number(one) })
              : t("act.shelve.hours", { n: number(one / 60) })}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
}

interface WasProps {
  chosen: Disposition;
  onChoose: (disposition: Disposition) => void;
}

function Was({ chosen, onChoose }: WasProps) {
  const { t } = useWords();
  return (
    <div>
      <p className="label">
        {t("disposition")} ({t("act.optional")})
      </p>
      <ToggleButtonGroup
        className="segments wraps"
        aria-label={t("disposition")}
        selectedKeys={chosen ? [chosen] : []}
        onSelectionChange={([one]) => onChoose((one ?? "") as Disposition)}
      >
        {SAID.map((one) => (
          <ToggleButton key={one} id={one}>
            {t(`disposition.${one}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
    </div>
  );
}
