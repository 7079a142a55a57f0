// The page before the console.
import { type FormEvent, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { ended, Problem, signIn } from "../data/api";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";
import { Languages } from "./languages";

function why(error: unknown, { t, number }: Words): string {
  if (!(error instanceof Problem)) return t("signin.away");
  if (error.status === 429) return t("signin.wait", { seconds: number(error.retryAfter) });
  return error.status === 503 ? t("signin.database") : t("signin.wrong");
}

export function SignIn() {
  const words = useWords();
  const { t } = words;
  const hasEnded = useStore(ended);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    try {
      await signIn(String(form.get("name")), String(form.get("password")));
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  }

  const message = failure ? why(failure, words) : hasEnded ? t("signin.ended") : "";
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
        <p className="message" role="alert">
          {message}
        </p>
        <Button type="submit" className="button primary" isDisabled={busy}>
          {busy ? t("signin.busy") : t("signin.submit")}
        </Button>
      </Form>
    </main>
  );
}
