// To which wards somebody is limited: said, and changed by whoever may.
import { useState } from "react";
import { Button, Input, Label, Text, TextField } from "react-aria-components";
import * as api from "../data/api";
import { useWords, type Words } from "../i18n";
import type { Team, User, Ward } from "../types";

export type Wards = readonly string[] | null | undefined;
type Change = (what: () => Promise<unknown>) => Promise<void>;

/** "Only Hồng Bàng"; nothing where there is no limit. */
export function limit(wards: Wards, { t, number }: Words): string {
  if (!wards) return "";
  const [first, ...more] = wards;
  if (first === undefined) return t("area.nowhere");
  if (more.length === 0) return t("area.only", { ward: first });
  return t("area.some", { ward: first, n: number(more.length) });
}

const named = (wards: Wards, { t }: Words): string =>
  wards ? wards.join(", ") || t("area.nowhere") : t("area.everywhere");

const inOrder = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** As the service takes it: what is known, and what somebody calls new. */
function asked(names: Iterable<string>, known: readonly Ward[]): api.Area {
  const there = new Set(known.map(({ name }) => name));
  const all = inOrder(names);
  return {
    wards: all.filter((name) => there.has(name)),
    new_wards: all.filter((name) => !there.has(name)),
  };
}

interface ChoiceProps {
  label: string;
  /** Those that are chosen; null: everywhere. */
  wards: Wards;
  /** What is said of it. */
  shown: Wards;
  known: readonly Ward[];
  onChoose: (area: api.Area) => void;
}

/** A list to tick; nothing ticked is nothing chosen, and not everywhere. */
function AreaChoice({ label, wards, shown, known, onChoose }: ChoiceProps) {
  const words = useWords();
  const { t } = words;
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(wards ? new Set(wards) : null);
  const [added, setAdded] = useState<readonly string[]>([]);
  const all = inOrder([...known.map(({ name }) => name), ...(wards ?? []), ...added]);
  const filled = new Set(known.filter(({ sources }) => sources > 0).map(({ name }) => name));
  return (
    <details className="area">
      <summary aria-label={label}>{named(shown, words)}</summary>
      <label>
        <input
          type="checkbox"
          checked={chosen === null}
          onChange={(event) => setChosen(event.currentTarget.checked ? null : new Set())}
        />
        {t("area.everywhere")}
      </label>
      {all.map((ward) => (
        <label key={ward}>
          <input
            type="checkbox"
            checked={chosen?.has(ward) ?? false}
            onChange={(event) => {
              const next = new Set(chosen ?? []);
              if (event.currentTarget.checked) next.add(ward);
              else next.delete(ward);
              setChosen(next);
            }}
          />
          {ward}
          {!filled.has(ward) && <span className="faint">({t("area.empty")})</span>}
        </label>
      ))}
      <NewWard
        onAdd={(ward) => {
          setAdded([...added, ward]);
          setChosen(new Set([...(chosen ?? []), ward]));
        }}
      />
      <Button
        className="button"
        isDisabled={chosen?.size === 0}
        onPress={() => onChoose(chosen ? asked(chosen, known) : null)}
      >
        {t("area.save")}
      </Button>
    </details>
  );
}

/** A ward that no source is in yet: whoever names it must spell it as sources will. */
function NewWard({ onAdd }: { onAdd: (ward: string) => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const ward = name.trim();
  return (
    <form
      className="adding"
      onSubmit={(event) => {
        event.preventDefault();
        if (ward) onAdd(ward);
        setName("");
      }}
    >
      <TextField value={name} onChange={setName} maxLength={200}>
        <Label>{t("area.new")}</Label>
        <Input autoComplete="off" />
        <Text slot="description" className="faint">
          {t("area.new.hint")}
        </Text>
      </TextField>
      <Button type="submit" className="button" isDisabled={ward === ""}>
        {t("area.new.add")}
      </Button>
    </form>
  );
}

interface AreaOfProps {
  user: User;
  known: readonly Ward[];
  changes: boolean;
  onChange: Change;
}

/** What a user sees; what comes from a team is changed there. */
export function AreaOf({ user, known, changes, onChange }: AreaOfProps) {
  const words = useWords();
  if (!changes) return named(user.wards, words);
  return (
    <AreaChoice
      key={named(user.own_wards, words)}
      label={words.t("area.of", { name: user.name, area: named(user.wards, words) })}
      wards={user.own_wards}
      shown={user.wards}
      known={known}
      onChoose={(area) => void onChange(() => api.setArea(user.name, area))}
    />
  );
}

interface TeamsProps {
  teams: readonly Team[];
  users: readonly User[];
  known: readonly Ward[];
  manages: boolean;
  onChange: Change;
}

export function Teams({ teams, users, known, manages, onChange }: TeamsProps) {
  const words = useWords();
  const { t } = words;
  return (
    <section className="teams">
      <h3>{t("teams")}</h3>
      <p className="faint">{t("teams.hint")}</p>
      <table className="rows">
        <tbody>
          {teams.map((team) => (
            <tr key={team.name}>
              <td>
                <b>{team.name}</b>
              </td>
              <td>
                {manages ? (
                  <AreaChoice
                    key={named(team.wards, words)}
                    label={t("area.of", { name: team.name, area: named(team.wards, words) })}
                    wards={team.wards}
                    shown={team.wards}
                    known={known}
                    onChoose={(area) => void onChange(() => api.putTeam(team.name, area))}
                  />
                ) : (
                  named(team.wards, words)
                )}
              </td>
              <td>
                <Members team={team} users={users} manages={manages} onChange={onChange} />
              </td>
              <td>
                <div className="doings">
                  {manages && (
                    <Button
                      className="button"
                      onPress={() => void onChange(() => api.removeTeam(team.name))}
                    >
                      {t("teams.remove")}
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {manages && <AddTeam known={known} onChange={onChange} />}
    </section>
  );
}

interface MembersProps {
  team: Team;
  users: readonly User[];
  manages: boolean;
  onChange: Change;
}

function Members({ team, users, manages, onChange }: MembersProps) {
  const { t } = useWords();
  if (!manages) return team.members.join(", ");
  const others = users.filter(({ name, person }) => person && !team.members.includes(name));
  return (
    <>
      {team.members.map((name) => (
        <Button
          key={name}
          className="button quiet"
          aria-label={t("teams.leave", { name, team: team.name })}
          onPress={() => void onChange(() => api.leaveTeam(team.name, name))}
        >
          {name} ×
        </Button>
      ))}
      <select
        aria-label={t("teams.join", { team: team.name })}
        value=""
        onChange={({ currentTarget: { value } }) =>
          void onChange(() => api.joinTeam(team.name, value))
        }
      >
        <option value="">+</option>
        {others.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

function AddTeam({ known, onChange }: { known: readonly Ward[]; onChange: Change }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [other, setOther] = useState("");
  /** Empty: another one than those that are known. */
  const ward = picked ?? known[0]?.name ?? "";
  const wanted = ward || other.trim();
  return (
    <form
      className="adding"
      onSubmit={(event) => {
        event.preventDefault();
        void onChange(async () => {
          await api.putTeam(name.trim(), asked([wanted], known));
          setName("");
          setOther("");
        });
      }}
    >
      <TextField name="new-team" value={name} onChange={setName} isRequired maxLength={64}>
        <Label>{t("teams.name")}</Label>
        <Input autoComplete="off" />
      </TextField>
      <select
        aria-label={t("teams.ward")}
        value={ward}
        onChange={(event) => setPicked(event.currentTarget.value)}
      >
        {known.map((one) => (
          <option key={one.name} value={one.name}>
            {one.name}
          </option>
        ))}
        <option value="">{t("teams.other")}</option>
      </select>
      {ward === "" && (
        <TextField value={other} onChange={setOther} isRequired maxLength={200}>
          <Label>{t("area.new")}</Label>
          <Input autoComplete="off" />
          <Text slot="description" className="faint">
            {t("area.new.hint")}
          </Text>
        </TextField>
      )}
      <Button type="submit" className="button" isDisabled={name.trim() === "" || wanted === ""}>
        {t("teams.add")}
      </Button>
    </form>
  );
}
