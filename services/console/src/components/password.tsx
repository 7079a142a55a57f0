// Another password of one's own: asked for before anything else after a first one, or when wished.
import { type FormEvent, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { changePassword, Problem, session, signOut } from "../data/api";
import { useStore } from "../data/store";
import { useWords, type Words } from "../i18n";
import { Languages } from "./languages";

const LEAST = 12;

function why(error: unknown, { t, number }: Words): string {
  if (!(error instanceof Problem)) return t("signin.away");
  switch (error.reason) {
    case "wrong_password":
      return t("password.wrong");
    case "weak_password":
      return t("password.weak");
    case "too_many_failures":
    case "busy":
      return t("signin.wait", { seconds: number(error.retryAfter) });
    default:
      return error.status === 503 ? t("signin.database") : error.message;
  }
}

interface FieldsProps {
  onDone: () => void;
  autoFocus?: boolean;
}

/** Old, new, and new again. */
export function PasswordFields({ onDone, autoFocus = false }: FieldsProps) {
  const words = useWords();
  const { t, number } = words;
  const user = useStore(session);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<((words: Words) => string) | null>(null);
  const [again, setAgain] = useState(0);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [old, fresh, repeated] = ["old", "new", "again"].map((name) => String(form.get(name)));
    if (old === undefined || fresh === undefined) return;
    if (fresh !== repeated)
      return setMessage(
        () =>
          ({ t }: Words) =>
            t("password.differ"),
      );
    if ([...fresh].length < LEAST)
      return setMessage(
        () =>
          ({ t }: Words) =>
            t("password.weak"),
      );
    setBusy(true);
    setMessage(null);
    try {
      await changePassword(old, fresh);
      setAgain(again + 1);
      onDone();
    } catch (error) {
      setMessage(() => (words: Words) => why(error, words));
    }
    setBusy(false);
  }
  return (
    <Form className="fields" onSubmit={submit} key={again}>
      <input
        type="text"
        name="username"
        value={user?.name ?? ""}
        readOnly
        hidden
        autoComplete="username"
      />
      <TextField
        name="old"
        type="password"
        isRequired
        autoComplete="current-password"
        autoFocus={autoFocus}
      >
        <Label>{t("password.old")}</Label>
        <Input />
      </TextField>
      <TextField name="new" type="password" isRequired autoComplete="new-password">
        <Label>{t("password.new")}</Label>
        <Input />
      </TextField>
      <TextField name="again" type="password" isRequired autoComplete="new-password">
        <Label>{t("password.again")}</Label>
        <Input />
      </TextField>
      <p className="faint">{t("password.rule", { n: number(LEAST) })}</p>
      <p className="message" role="alert">
        {message?.(words) ?? ""}
      </p>
      <div className="buttons">
        <Button type="submit" className="button primary" isDisabled={busy}>
          {busy ? t("act.busy") : t("password.submit")}
        </Button>
      </div>
    </Form>
  );
}

/** The page between a first password and the console. */
export function MustChange() {
  const { t } = useWords();
  const user = useStore(session);
  return (
    <main className="signin">
      <div className="panel">
        <div className="brand-line">
          <h1>{t("password.must.title")}</h1>
          <Languages />
        </div>
        <p className="faint">{t("password.must", { name: user?.name ?? "" })}</p>
        <PasswordFields autoFocus onDone={() => undefined} />
        <Button className="link" onPress={() => void signOut().catch(() => undefined)}>
          {t("signout")}
        </Button>
      </div>
    </main>
  );
}
