// A second factor of one's own: six digits that a telephone computes.
import { type FormEvent, useEffect, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import {
  beginFactor,
  confirmFactor,
  factor,
  Problem,
  removeFactor,
  session,
  signOut,
  whoAmI,
} from "../data/api";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import type { NewFactor } from "../types";
import { Languages } from "./languages";

const REFUSED: Record<string, Key> = {
  wrong_password: "password.wrong",
  wrong_code: "signin.code.wrong",
};

function why(error: unknown, { t, number }: Words): string {
  if (!(error instanceof Problem)) return t("act.away");
  if (error.status === 429) return t("signin.wait", { seconds: number(error.retryAfter) });
  const known = REFUSED[error.reason];
  return known ? t(known) : t("act.refused", { why: error.message });
}

/** The page between signing in and the console, for a role that needs a second factor. */
export function MustEnrol() {
  const { t } = useWords();
  const user = useStore(session);
  return (
    <main className="signin">
      <div className="panel">
        <div className="brand-line">
          <h1>{t("factor.must.title")}</h1>
          <Languages />
        </div>
        <p className="faint">{t(user?.by_provider ? "factor.must.there" : "factor.must")}</p>
        {!user?.by_provider && <Factor onDone={() => void whoAmI().catch(() => undefined)} />}
        <Button className="link" onPress={() => void signOut().catch(() => undefined)}>
          {t("signout")}
        </Button>
      </div>
    </main>
  );
}

/** `onDone`: where to go on once the recovery codes are kept; left out: nowhere. */
export function Factor({ onDone }: { onDone?: () => void }) {
  const words = useWords();
  const { t } = words;
  const [active, setActive] = useState<boolean | null>(null);
  const [begun, setBegun] = useState<NewFactor | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  useEffect(() => {
    factor().then(setActive, setFailure);
  }, []);

  const doing = (what: (given: (name: string) => string) => Promise<void>) => {
    return (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault();
      const form = new FormData(event.currentTarget);
      setFailure(null);
      void what((name) => String(form.get(name) ?? "")).catch(setFailure);
    };
  };
  const begin = doing(async (given) => setBegun(await beginFactor(given("password"))));
  const confirm = doing(async (given) => {
    setCodes(await confirmFactor(given("code")));
    setBegun(null);
    setActive(true);
  });
  const remove = doing(async (given) => {
    await removeFactor(given("password"), given("code"));
    setCodes([]);
    setActive(false);
  });
  return (
    <div className="factor">
      <p className="faint">{t(active ? "factor.active" : "factor.none")}</p>
      {active === false && !begun && (
        <Form className="fields" onSubmit={begin}>
          <Password />
          <div className="buttons">
            <Button type="submit" className="button primary">
              {t("factor.begin")}
            </Button>
          </div>
        </Form>
      )}
      {begun && (
        <Form className="fields" onSubmit={confirm}>
          <p>{t("factor.scan")}</p>
          <img src={begun.picture} alt={t("factor.qr")} />
          <p className="faint">
            {t("factor.secret")} <code>{begun.secret}</code>
          </p>
          <Code autoFocus />
          <div className="buttons">
            <Button type="submit" className="button primary">
              {t("factor.confirm")}
            </Button>
          </div>
        </Form>
      )}
      {codes.length > 0 && (
        <div className="told" role="status">
          <p>{t("factor.recovery")}</p>
          <code>
            {codes.map((code) => (
              <span key={code}>{code}</span>
            ))}
          </code>
          {onDone && (
            <Button className="button primary" onPress={onDone}>
              {t("factor.must.on")}
            </Button>
          )}
        </div>
      )}
      {active && !onDone && (
        <Form className="fields" onSubmit={remove}>
          <Password />
          <Code />
          <div className="buttons">
            <Button type="submit" className="button">
              {t("factor.remove")}
            </Button>
          </div>
        </Form>
      )}
      <p className="message" role="alert">
        {failure ? why(failure, words) : ""}
      </p>
    </div>
  );
}

function Password() {
  const { t } = useWords();
  return (
    <TextField name="password" type="password" isRequired autoComplete="current-password">
      <Label>{t("password.old")}</Label>
      <Input />
    </TextField>
  );
}

function Code({ autoFocus = false }: { autoFocus?: boolean }) {
  const { t } = useWords();
  return (
    <TextField name="code" isRequired autoComplete="one-time-code" autoFocus={autoFocus}>
      <Label>{t("signin.code")}</Label>
      <Input />
    </TextField>
  );
}
