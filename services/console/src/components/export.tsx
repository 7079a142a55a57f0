// What the filters show, as a file for a spreadsheet: for those who may take it away.
import { useState } from "react";
import { Button } from "react-aria-components";
import { address } from "../data/address";
import { Away, exportAlerts, may, Problem, session } from "../data/api";
import { STATES } from "../data/rows";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";

/** Chromium reads the file after the click, in its own time. */
const KEPT_MS = 60_000;

type Saying = (words: Words) => string;

export function Export() {
  const words = useWords();
  const { t } = words;
  const me = useStore(session);
  const { show, severity, kind, text } = useStore(address);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ of: string; text: Saying } | null>(null);
  if (!may("data:export", me)) return null;
  const of = [show, severity, kind, text].join("\n");
  const run = async () => {
    setBusy(true);
    setSaid(null);
    try {
      const { file, name, rows } = await exportAlerts(STATES[show], { severity, kind, text });
      save(file, name);
      setSaid({ of, text: ({ t, number }) => t("export.done", { n: number(rows) }) });
    } catch (error) {
      setSaid({ of, text: (words) => why(error, words) });
    } finally {
      setBusy(false);
    }
  };
  const message = busy ? t("export.busy") : said?.of === of ? said.text(words) : "";
  return (
    <>
      <p className="said" role="status" title={message}>
        {message}
      </p>
      <Button
        className="button"
        aria-label={t("export.hint")}
        isDisabled={busy}
        onPress={() => void run()}
      >
        {t("export")}
      </Button>
    </>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

function why(error: unknown, { t }: Words): string {
  if (error instanceof Away) return t("export.away");
  if (!(error instanceof Problem)) throw error;
  switch (error.reason) {
    case "too_many_rows":
    case "too_large":
    case "takes_too_long":
      return t("export.toomuch");
    case "busy":
      return t("export.wait");
    case "role":
      return t("act.role");
    default:
      return error.status === 503 ? t("export.away") : t("act.refused", { why: error.message });
  }
}
