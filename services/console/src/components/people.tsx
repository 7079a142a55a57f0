// One's own account, and, for whoever may, everybody's.
import { useCallback, useEffect, useState } from "react";
import {
  Button,
  Dialog,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  Tab,
  TabList,
  TabPanel,
  Tabs,
  TextField,
} from "react-aria-components";
import * as api from "../data/api";
import { may, session } from "../data/api";
import { useNow } from "../data/clock";
import { useStore } from "../data/store";
import { type Key, useWords, type Words } from "../i18n";
import type { OneTimePassword, Role, SessionRow, User, Ward } from "../types";
import { AreaOf, limit, Teams } from "./areas";
import { Audit } from "./audit";
import { Factor } from "./factor";
import { Notifications } from "./notifications";
import { PasswordFields } from "./password";
import { Kept } from "./privacy";

type Said = (words: Words) => string;

export function People({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  const me = useStore(session);
  if (!me) return null;
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={onClose}>
      <Modal className="modal people">
        <Dialog className="dialog">
          <Heading slot="title">{me.name}</Heading>
          <p className="faint">{t("people.role", { role: roleName(me.role, words) })}</p>
          {me.wards && <p className="faint">{limit(me.wards, words)}</p>}
          {me.by_provider && <p className="faint">{t("people.by_provider")}</p>}
          <Tabs className="tabs">
            <TabList className="segments" aria-label={t("people")}>
              {!me.by_provider && <Tab id="password">{t("people.password")}</Tab>}
              {!me.by_provider && <Tab id="factor">{t("people.factor")}</Tab>}
              <Tab id="sessions">{t("people.sessions")}</Tab>
              <Tab id="privacy">{t("privacy")}</Tab>
              {may("oncall:read", me) && !me.wards && <Tab id="notify">{t("notify")}</Tab>}
              {may("users:read", me) && <Tab id="users">{t("people.users")}</Tab>}
              {may("audit:read", me) && <Tab id="audit">{t("audit")}</Tab>}
            </TabList>
            <TabPanel id="password">
              <OwnPassword />
            </TabPanel>
            <TabPanel id="factor">
              <Factor />
            </TabPanel>
            <TabPanel id="sessions">
              <OwnSessions />
            </TabPanel>
            <TabPanel id="privacy">
              <Kept />
            </TabPanel>
            <TabPanel id="notify">
              <Notifications />
            </TabPanel>
            <TabPanel id="users">
              <Users />
            </TabPanel>
            <TabPanel id="audit">
              <Audit />
            </TabPanel>
          </Tabs>
          <div className="buttons">
            <Button className="button" onPress={onClose}>
              {t("close")}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

const ROLES = new Set(["operator", "supervisor", "engineer", "analyst", "administrator", "none"]);

/** A site's own have the name that they were given. */
export function roleName(role: string, { t }: Words): string {
  return ROLES.has(role) ? t(`role.${role}` as Key) : role;
}

function OwnPassword() {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  return (
    <>
      <PasswordFields onDone={() => setDone(true)} />
      <output className="outcome">{done ? t("password.done") : ""}</output>
    </>
  );
}

/** What is asked once and after each change; null: not known yet. */
function useAsked<T>(ask: () => Promise<T>): [T | null, Said | null, () => Promise<void>] {
  const [found, setFound] = useState<T | null>(null);
  const [failed, setFailed] = useState<Said | null>(null);
  const refresh = useCallback(async () => {
    try {
      setFound(await ask());
      setFailed(null);
    } catch (error) {
      setFailed(() => said(error));
    }
  }, [ask]);
  useEffect(() => void refresh(), [refresh]);
  return [found, failed, refresh];
}

const REFUSED: Record<string, Key> = {
  taken: "people.refused.taken",
  invalid: "people.refused.invalid",
  grants_more: "people.refused.grants_more",
  lifts_limit: "area.refused.lifts",
  near_ward: "area.refused.near",
  last_administrator: "people.refused.last_administrator",
  by_provider: "people.refused.by_provider",
};

function said(error: unknown): Said {
  return ({ t }) => {
    if (!(error instanceof api.Problem)) return t("act.away");
    const known = REFUSED[error.reason];
    return known ? t(known) : t("act.refused", { why: error.message });
  };
}

const ownSessions = async () => [...(await api.sessions()), ...(await api.tokens())];

function OwnSessions() {
  const words = useWords();
  const { t } = words;
  const now = useNow(10_000);
  const [found, failed, refresh] = useAsked(ownSessions);
  const [refused, setRefused] = useState<Said | null>(null);
  async function end(one: SessionRow) {
    try {
      await api.endSession(one);
      setRefused(null);
    } catch (error) {
      setRefused(() => said(error));
    }
    await refresh();
  }
  return (
    <div className="scrolled">
      <table className="rows">
        <thead>
          <tr>
            <th>{t("people.where")}</th>
            <th>{t("people.address")}</th>
            <th>{t("people.used")}</th>
            <th>
              <span className="unseen">{t("people.end")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {(found ?? []).map((one) => (
            <tr key={one.id}>
              <td>
                {one.kind === "token" ? (
                  <>
                    {t("people.token", { label: one.label })}{" "}
                    <span className="faint">{(one.scopes ?? []).join(", ")}</span>
                  </>
                ) : (
                  program(one.label, words)
                )}
              </td>
              <td>{one.address || "–"}</td>
              <td>{words.time(one.used_at, now)}</td>
              <td>
                {one.current ? (
                  <span className="faint">{t("people.here")}</span>
                ) : (
                  <Button className="button" onPress={() => void end(one)}>
                    {t("people.end")}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="message" role="alert">
        {(refused ?? failed)?.(words) ?? ""}
      </p>
    </div>
  );
}

/** What a browser calls itself, in short. */
function program(label: string, { t }: Words): string {
  const browser = /(Edg|Firefox|OPR|Chrome|Safari)/.exec(label)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera" };
  if (browser) return names[browser] ?? browser;
  return label.split("/")[0] || t("people.unknown");
}

function Users() {
  const words = useWords();
  const { t } = words;
  const [users, failed, refresh] = useAsked(api.users);
  const [roles] = useAsked(api.roles);
  const [wards, , refreshWards] = useAsked(api.wards);
  const [teams, , refreshTeams] = useAsked(api.teams);
  const [told, setTold] = useState<OneTimePassword | null>(null);
  const [refused, setRefused] = useState<Said | null>(null);
  const manages = may("users:manage", useStore(session));

  async function change(what: () => Promise<unknown>) {
    setRefused(null);
    setTold(null);
    try {
      const answer = await what();
      if (answer && typeof answer === "object" && "password" in answer)
        setTold(answer as OneTimePassword);
    } catch (error) {
      setRefused(() => said(error));
    }
    await Promise.all([refresh(), refreshTeams(), refreshWards()]);
  }
  return (
    <div className="scrolled">
      {!manages && <p className="faint">{t("people.readonly")}</p>}
      <table className="rows">
        <thead>
          <tr>
            <th>{t("people.name")}</th>
            <th>{t("people.role.column")}</th>
            <th>{t("area")}</th>
            <th>{t("people.state")}</th>
            <th>
              <span className="unseen">{t("people.change")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {(users ?? []).map((user) => (
            <UserRow
              key={user.name}
              user={user}
              roles={roles ?? []}
              wards={wards ?? []}
              manages={manages}
              onChange={change}
            />
          ))}
        </tbody>
      </table>
      <p className="message" role="alert">
        {(refused ?? failed)?.(words) ?? ""}
      </p>
      {told && <Told told={told} />}
      {manages && <AddUser roles={roles ?? []} onAdd={change} />}
      <Teams
        teams={teams ?? []}
        users={users ?? []}
        known={wards ?? []}
        manages={manages}
        onChange={change}
      />
    </div>
  );
}

function Told({ told }: { told: OneTimePassword }) {
  const { t, number } = useWords();
  return (
    <div className="told" role="status">
      <p>{t("people.told", { name: told.name })}</p>
      <code>{told.password}</code>
      <p className="faint">{t("people.told.once", { n: number(told.hours) })}</p>
    </div>
  );
}

type Change = (what: () => Promise<unknown>) => Promise<void>;

interface UserRowProps {
  user: User;
  roles: readonly Role[];
  wards: readonly Ward[];
  manages: boolean;
  onChange: Change;
}

function UserRow({ user, roles, wards, manages, onChange }: UserRowProps) {
  const words = useWords();
  const { t } = words;
  const me = useStore(session);
  const [sure, setSure] = useState<"" | "reset" | "disable">("");
  const own = user.name === me?.name;
  let state = t("people.state.used");
  if (!user.person) state = t("people.state.machine");
  else if (user.disabled) state = t("people.state.disabled");
  else if (user.by_provider) state = t("people.state.by_provider");
  else if (user.one_time_expired) state = t("people.state.expired");
  else if (user.must_change_password) state = t("people.state.must");
  const changes = manages && user.person;

  function doing(what: "reset" | "disable") {
    if (sure !== what) return setSure(what);
    setSure("");
    void onChange(() => (what === "reset" ? api.resetUser(user.name) : api.disableUser(user.name)));
  }
  return (
    <tr className={user.disabled ? "faint" : ""}>
      <td>
        <b>{user.name}</b>
      </td>
      <td>
        {changes && !user.disabled && !user.by_provider && !own ? (
          <RoleChoice
            label={t("people.role.of", { name: user.name })}
            roles={roles}
            chosen={user.role}
            onChoose={(role) => void onChange(() => api.setRole(user.name, role))}
          />
        ) : (
          roleName(user.role, words)
        )}
      </td>
      <td>
        <AreaOf
          user={user}
          known={wards}
          changes={changes && !user.disabled && !own}
          onChange={onChange}
        />
      </td>
      <td>{state}</td>
      <td>
        <div className="doings">
          {changes && user.disabled && (
            <Button
              className="button"
              onPress={() => void onChange(() => api.enableUser(user.name))}
            >
              {t("people.enable")}
            </Button>
          )}
          {changes && !user.disabled && !own && (
            <>
              {!user.by_provider && (
                <Button className="button" onPress={() => doing("reset")}>
                  {t(sure === "reset" ? "people.sure" : "people.reset")}
                </Button>
              )}
              <Button className="button" onPress={() => doing("disable")}>
                {t(sure === "disable" ? "people.sure" : "people.disable")}
              </Button>
            </>
          )}
          {may("sessions:manage", me) && user.person && !user.disabled && !own && (
            <Button
              className="button"
              onPress={() => void onChange(() => api.endSessionsOf(user.name))}
            >
              {t("people.signout")}
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}

interface RoleChoiceProps {
  label: string;
  roles: readonly Role[];
  chosen: string;
  onChoose: (role: string) => void;
}

function RoleChoice({ label, roles, chosen, onChoose }: RoleChoiceProps) {
  const words = useWords();
  return (
    <select
      aria-label={label}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value)}
    >
      {roles.map(({ name }) => (
        <option key={name} value={name}>
          {roleName(name, words)}
        </option>
      ))}
    </select>
  );
}

function AddUser({ roles, onAdd }: { roles: readonly Role[]; onAdd: Change }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [role, setRole] = useState("operator");
  return (
    <form
      className="adding"
      onSubmit={(event) => {
        event.preventDefault();
        void onAdd(async () => {
          const told = await api.addUser(name.trim(), role);
          setName("");
          return told;
        });
      }}
    >
      <TextField name="new-user" value={name} onChange={setName} isRequired maxLength={64}>
        <Label>{t("people.add.name")}</Label>
        <Input autoComplete="off" />
      </TextField>
      <RoleChoice
        label={t("people.add.role")}
        roles={roles}
        chosen={role}
        onChoose={(chosen) => setRole(chosen)}
      />
      <Button type="submit" className="button primary" isDisabled={name.trim() === ""}>
        {t("people.add")}
      </Button>
    </form>
  );
}
