// To which wards somebody is limited: said, and changed by whoever may.
import { useState } from "react";
import { Button, Input, Label, TextField } from "react-aria-components";
import * as api from "../data/api";
import { useWords, type Words } from "../i18n";
import type { Team, User } from "../types";

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

interface ChoiceProps {
  label: string;
  /** Those that are chosen; null: everywhere. */
  wards: Wards;
  /** What is said of it. */
  shown: Wards;
  known: readonly string[];
  onChoose: (wards: readonly string[] | null) => void;
}

/** A list to tick; nothing ticked is nothing chosen, and not everywhere. */
function AreaChoice({ label, wards, shown, known, onChoose }: ChoiceProps) {
  const words = useWords();
  const { t } = words;
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(wards ? new Set(wards) : null);
  const all = [...new Set([...known, ...(wards ?? [])])].sort();
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
        </label>
      ))}
      <Button
        className="button"
        isDisabled={chosen?.size === 0}
        onPress={() => onChoose(chosen ? [...chosen].sort() : null)}
      >
        {t("area.save")}
      </Button>
    </details>
  );
}

interface AreaOfProps {
  user: User;
  known: readonly string[];
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
      onChoose={(wards) => void onChange(() => api.setArea(user.name, wards))}
    />
  );
}

interface TeamsProps {
  teams: readonly Team[];
  users: readonly User[];
  known: readonly string[];
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
                    onChoose={(wards) => void onChange(() => api.putTeam(team.name, wards))}
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
      {manages && known.length > 0 && <AddTeam known={known} onChange={onChange} />}
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

function AddTeam({ known, onChange }: { known: readonly string[]; onChange: Change }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [ward, setWard] = useState(known[0] ?? "");
  return (
    <form
      className="adding"
      onSubmit={(event) => {
        event.preventDefault();
        void onChange(async () => {
          await api.putTeam(name.trim(), [ward]);
          setName("");
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
        onChange={(event) => setWard(event.currentTarget.value)}
      >
        {known.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      <Button type="submit" className="button" isDisabled={name.trim() === ""}>
        {t("teams.add")}
      </Button>
    </form>
  );
}
