// A remark on the alert, written where its history is read.
import { useRef, useState } from "react";
import { Button } from "react-aria-components";
import { may, session } from "../data/api";
import { useStore } from "../data/store";
import { useWords } from "../i18n";
import type { Alert } from "../types";
import { busy, perform } from "./acting";

export const REMARK_ID = "remark";
const LONGEST = 2_000;

export function Remark({ alert }: { alert: Alert }) {
  const { t } = useWords();
  const me = useStore(session);
  const acting = useStore(busy).has(alert.id);
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  if (!alert.own || !may("alerts:comment", me)) return null;
  const ready = text.trim() !== "" && !acting;

  async function send() {
    if (!ready || !(await perform(alert.id, "comment", text.trim()))) return;
    setText("");
    field.current?.blur(); // keys act on the alert again
  }
  return (
    <form
      className="remark"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <input
        id={REMARK_ID}
        ref={field}
        aria-label={t("act.comment.title")}
        placeholder={t("act.comment.hint")}
        autoComplete="off"
        maxLength={LONGEST}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault(); // as in a dialog
          void send();
        }}
      />
      <Button type="submit" className="button" isDisabled={!ready}>
        {t("act.send")}
      </Button>
    </form>
  );
}
