"""The accounts of those whom the provider vouches for."""

from typing import TYPE_CHECKING, NamedTuple

from services.alerts.store import Connection
from services.api import users
from services.api.permissions import NOBODYS
from services.api.provider.claims import role_of
from services.api.provider.refusal import NotByProviderError, Reason
from services.api.provider.states import SECONDS, State
from services.api.queries import SQL
from services.api.roles import factors_required, roles
from services.api.teams import teams
from streams.groups import groups
from streams.secrets import hash_of
from streams.settings import Settings
from streams.wards import spelled

if TYPE_CHECKING:
    from services.api.provider.provider import Person


class Entry(NamedTuple):
    token: str
    session: users.Session
    told: str
    """What was changed, for the audit log; empty: nothing."""


def use(connection: Connection, state: State) -> None:
    """Takes a sign-in that has come back, once; raises NotByProviderError."""
    connection.execute(SQL["states_drop"])
    # Longer than it is good for: clocks of the database and of the service may differ.
    asked = {"state_hash": hash_of(state.value), "seconds": 2 * SECONDS}
    if connection.execute(SQL["state_use"], asked).rowcount == 0:
        raise NotByProviderError("state_used", "that sign-in has been used already")


def enter(
    connection: Connection, settings: Settings, person: "Person", *, label: str, address: str
) -> Entry:
    """Signs somebody in, in the role that their groups have now, and in the teams that are called
    as these; within a transaction.

    Who was never here has an account from now on. Nobody is taken for somebody else by a name: one
    that is another's is refused.

    Raises:
        NotByProviderError: they may not come in.
    """
    role = role_of(person.groups, groups(settings.oidc_groups))
    if role is None:
        raise _refused("no_role", "is in no group that has a role here", person)
    connection.execute(SQL["users_lock"])
    try:
        permissions = users.permissions_of(connection, role)
    except users.RefusedError as error:
        raise _refused("no_role", str(error), person) from None
    if role in factors_required(connection) and not person.second_factor:
        raise _refused("factor_required", "has shown the provider no second factor", person)
    found, told = _account(connection, person), ""
    if found is None:
        name, told = _add(connection, person, role), f"new user; role: {role}"
    else:
        name = found.name
        if found.disabled_at is not None:
            raise _refused("disabled", "is disabled", person, name)
        if found.role != role:
            users.give_role(connection, name, role, permissions)
            told = f"role: {role}, was: {found.role}"
    told = "; ".join(filter(None, (told, _teams(connection, name, person))))
    token, _ = users.keep(
        connection,
        name,
        users.CONSOLE,
        seconds=users.SESSION_SECONDS,
        label=label,
        address=address,
        second_factor=person.second_factor,
    )
    session = users.session_of(connection, token)
    assert session is not None, "nobody disables it within this transaction"
    return Entry(token, session, told)


def unknown_roles(connection: Connection, settings: Settings) -> list[str]:
    """Those that the setting gives to groups, and that there are not (yet): nobody comes in by
    them."""
    known = {one.name for one in roles(connection)}
    return sorted({role for _, role in groups(settings.oidc_groups)} - known)


def leave(connection: Connection, person: "Person") -> None:
    """Takes the role of somebody who is in no group any more that has one; within a transaction.

    Their sessions and tokens end.
    """
    connection.execute(SQL["users_lock"])
    found = _account(connection, person)
    if found is not None:
        users.give_role(connection, found.name, NOBODYS, frozenset())
        users.end(connection, found.name)
        users.forget_devices(connection, found.name)


def _account(connection: Connection, person: "Person") -> users.Account | None:
    asked = {"issuer": person.issuer, "subject": person.subject}
    row = connection.execute(SQL["user_by_provider"], asked).fetchone()
    return None if row is None else users.Account(*row)


def _teams(connection: Connection, name: str, person: "Person") -> str:
    """Brings them into the teams of their groups' names, in whatever case and without the path that
    some providers put in front of these, and out of those that they have left; what was changed.
    Nobody's last limit is lifted so.
    """
    called = {spelled(group.rpartition("/")[2]).lower() for group in person.groups}
    theirs = sorted(team.name for team in teams(connection) if team.name.lower() in called)
    asked = {"user_name": name, "groups": theirs}
    joined = [team for (team,) in connection.execute(SQL["teams_join"], asked).fetchall()]
    left = [team for (team,) in connection.execute(SQL["teams_leave"], asked).fetchall()]
    told = (("joined", joined), ("left", left))
    return "; ".join(f"{what}: {', '.join(sorted(those))}" for what, those in told if those)


def _add(connection: Connection, person: "Person", role: str) -> str:
    try:
        name = users.checked_name(person.name)
    except users.RefusedError as error:
        raise _refused("no_name", str(error), person) from None
    issuer, subject = person.issuer, person.subject
    if not users.add_user(connection, name, role, "", issuer=issuer, subject=subject):
        raise _refused("name_taken", f"would be called {name!r}, which another is", person)
    return name


def _refused(reason: Reason, why: str, person: "Person", name: str = "") -> NotByProviderError:
    called = name or person.name or person.subject
    return NotByProviderError(reason, f"{called!r} {why}", called)
