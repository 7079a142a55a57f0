// The page before the console.
import { type FormEvent, useEffect, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { byProvider, ended, Problem, provider, signIn } from "../data/api";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import type { Provider } from "../types";
import { Languages } from "./languages";

const ASK_AGAIN_MS = 10_000;
/** Why the provider lets nobody in: `services/api/provider/refusal.py`. */
const REFUSED = new Set([
  "provider_away",
  "provider_busy",
  "provider_denied",
  "wrong_state",
  "state_expired",
  "state_used",
  "wrong_issuer",
  "code_refused",
  "wrong_token",
  "no_role",
  "factor_required",
  "no_name",
  "name_taken",
  "disabled",
]);

/** What stands in the address after the provider has sent somebody back, which it does once. */
function refusal(): Key | null {
  const query = new URLSearchParams(location.search);
  const reason = query.get("signin");
  if (reason === null) return null;
  query.delete("signin");
  const left = query.size > 0 ? `?${query}` : "";
  history.replaceState(null, "", `${location.pathname}${left}`);
  return (REFUSED.has(reason) ? `signin.by.${reason}` : "signin.by.wrong_state") as Key;
}
const refusedAtFirst = refusal();

function why(error: unknown, { t, number }: Words): string {
  if (!(error instanceof Problem)) return t("signin.away");
  if (error.reason === "code_required") return "";
  if (error.reason === "wrong_code") return t("signin.code.wrong");
  if (error.status === 429) return t("signin.wait", { seconds: number(error.retryAfter) });
  return error.status === 503 ? t("signin.database") : t("signin.wrong");
}

export function SignIn() {
  const words = useWords();
  const { t } = words;
  const hasEnded = useStore(ended);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState(refusedAtFirst);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    setRefused(null);
    try {
      const code = String(form.get("code") ?? "");
      await signIn(String(form.get("name")), String(form.get("password")), code);
    } catch (error) {
      const reason = error instanceof Problem ? error.reason : "";
      if (reason === "code_required") setAsked(true);
      setFailure(error);
      setBusy(false);
    }
  }

  let message = "";
  if (failure) message = why(failure, words);
  else if (refused) message = t(refused);
  else if (hasEnded) message = t("signin.ended");
  return (
    <main className="signin">
      <Form className="panel" onSubmit={submit}>
        <div className="brand-line">
          <h1>{t("app")}</h1>
          <Languages />
        </div>
        <p className="faint">{t("app.subtitle")}</p>
        <TextField name="name" isRequired autoComplete="username" autoFocus>
          <Label>{t("signin.name")}</Label>
          <Input />
        </TextField>
        <TextField name="password" type="password" isRequired autoComplete="current-password">
          <Label>{t("signin.password")}</Label>
          <Input />
        </TextField>
        {asked && (
          <TextField name="code" isRequired autoComplete="one-time-code" autoFocus>
            <Label>{t("signin.code")}</Label>
            <Input inputMode="numeric" />
          </TextField>
        )}
        <p className="message" role="alert">
          {message}
        </p>
        <Button type="submit" className="button primary" isDisabled={busy}>
          {busy ? t("signin.busy") : t("signin.submit")}
        </Button>
        <ByProvider />
      </Form>
    </main>
  );
}

/** Another way in, where there is one; while it is closed, it says so. */
function ByProvider() {
  const { t } = useWords();
  const [found, setFound] = useState<Provider | null>(null);
  useEffect(() => {
    const ask = () => void provider().then(setFound, () => undefined);
    ask();
    const timer = setInterval(ask, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  if (!found?.there) return null;
  return (
    <>
      <Button
        className="button"
        isDisabled={!found.up}
        onPress={() => location.assign(byProvider())}
      >
        {t("signin.by", { name: found.name })}
      </Button>
      {!found.up && <p className="faint">{t("signin.by.away", { name: found.name })}</p>}
    </>
  );
}
