"""Teams of users, and to which wards users and teams are limited.

Somebody sees their own wards and those of their teams; everywhere, where neither says any. Whatever
would lift the last limit of somebody says so, and is done where that is asked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from services.alerts.kinds import plain
from services.alerts.store import Connection
from services.api import users
from services.api.queries import SQL
from services.api.users import RefusedError, Session, area_of, grants, grants_area
from streams.configuration.check import InvalidChangeError, check_name
from streams.wards import UnknownWardError, found, spelled

Wards = Sequence[str] | None
"""None: no limit."""
_KIND_OF_PLACE = re.compile(r"^(phuong|xa|dac khu|ward|commune) ")


class Team(NamedTuple):
    name: str
    wards: Wards
    members: Sequence[str]


def known_wards(connection: Connection) -> dict[str, int]:
    """Those in which there are sources, or to which somebody is limited, in order, with how many
    sources are in each."""
    return dict(connection.execute(SQL["wards_known"]).fetchall())


def checked(
    connection: Connection,
    actor: Session,
    wards: Wards,
    what: str,
    new: Sequence[str] | None = None,
) -> Wards:
    """Wards that somebody names, as they are stored.

    Args:
        wards: None: no limit, where ``new`` names none either.
        new: those that need not be known, since no source is in them yet; None: each must be.

    Raises:
        RefusedError: there is no such ward, one of the new ones is another's spelling or no name,
            or the actor may not see it either.
    """
    if wards is None and not new:
        return None
    if actor.area is not None:  # nor are they told which other wards there are
        theirs = {one.casefold() for one in actor.area}
        named = map(spelled, (*(wards or ()), *(new or ())))
        if beyond := frozenset(one for one in named if one.casefold() not in theirs):
            grants_area(actor, beyond, what)
    known = known_wards(connection)
    added = []
    for name in new or ():
        added.append(_new(name, known))
        known.setdefault(added[-1], 0)
    try:
        stored = found([*(wards or ()), *added], known)
    except UnknownWardError as unknown:
        hint = (
            "" if new is None else "; one that no source is in yet goes into new_wards (--new-ward)"
        )
        raise RefusedError("no_ward", f"{unknown}{hint}", 422) from None
    if not stored:
        raise RefusedError("invalid", "wards: name one, or say everywhere", 422)
    grants_area(actor, area_of(stored), what)
    return stored


def _new(name: str, known: Iterable[str]) -> str:
    """A ward that somebody calls new, as it is to be stored, or as it is where it is known.

    Raises:
        RefusedError
    """
    name = spelled(name)
    there = {one.casefold(): one for one in known}
    if name.casefold() in there:
        return there[name.casefold()]
    try:
        check_name("ward", name)
    except InvalidChangeError as error:
        raise RefusedError("invalid", str(error), 422) from None
    for one in known:
        if _bare(one) == _bare(name):
            said = f"the ward {one!r} is known: {name!r} would be another one"
            raise RefusedError("near_ward", said, 422)
    return name


def _bare(name: str) -> str:
    """Without accents, and without what kind of place it is: where these differ, it is a slip."""
    return _KIND_OF_PLACE.sub("", plain(name))


def teams(connection: Connection) -> list[Team]:
    return [Team(*row) for row in connection.execute(SQL["teams_list"]).fetchall()]


def limit(
    connection: Connection, actor: Session, name: str, wards: Wards, new: Sequence[str] = ()
) -> None:
    """Says anew which wards are somebody's own; None and no new one: no limit of their own.

    Raises:
        RefusedError
    """
    with _changing(connection, actor, lifting=wards is None and not new):
        one = users.changing(connection, actor, name)
        stored = checked(connection, actor, wards, one.name, new)
        connection.execute(SQL["user_wards"], {"name": one.name, "wards": _row(stored)})


def put(
    connection: Connection,
    actor: Session,
    name: str,
    wards: Wards,
    *,
    new: Sequence[str] = (),
    everywhere: bool = False,
) -> str:
    """Adds a team, or says anew to which wards it is limited; its name as it is kept.

    Raises:
        RefusedError
    """
    name = _checked_name(name)
    with _changing(connection, actor, lifting=everywhere):
        stored = checked(connection, actor, wards, f"the team {name}", new)
        there = _one(connection, name)
        if there is not None:
            _lays_hands(actor, there)
            name = there.name
        connection.execute(SQL["team_put"], {"name": name, "wards": _row(stored)})
    return name


def drop(connection: Connection, actor: Session, name: str, *, everywhere: bool) -> None:
    """Raises RefusedError."""
    with _changing(connection, actor, lifting=everywhere):
        team = _there(connection, name)
        _lays_hands(actor, team)
        connection.execute(SQL["team_drop"], {"name": team.name})


def join(connection: Connection, actor: Session, name: str, user: str) -> str:
    """The team's name as it is kept; raises RefusedError."""
    with _changing(connection, actor, lifting=False):
        team, one = _there(connection, name), users.changing(connection, actor, user)
        connection.execute(SQL["member_add"], {"team": team.name, "user_name": one.name})
    return team.name


def leave(connection: Connection, actor: Session, name: str, user: str, *, everywhere: bool) -> str:
    """As ``join``."""
    with _changing(connection, actor, lifting=everywhere):
        team, one = _there(connection, name), users.changing(connection, actor, user)
        if one.name not in team.members:
            raise RefusedError("no_member", f"{one.name} is not in the team {team.name}", 404)
        connection.execute(SQL["member_drop"], {"team": team.name, "user_name": one.name})
    return team.name


@contextmanager
def _changing(connection: Connection, actor: Session, *, lifting: bool) -> Iterator[None]:
    """A transaction after which nobody sees more, or less, by somebody who may not have it so.

    Args:
        lifting: somebody may see everywhere afterwards who was limited before.
    """
    with connection.transaction():
        connection.execute(SQL["users_lock"])
        before = {one.name: one.area for one in users.accounts(connection)}
        yield
        for one in users.accounts(connection):
            was = before[one.name]
            if was == one.area:
                continue
            grants(actor, one.permissions, one.name)
            for area in (was, one.area):
                grants_area(actor, area, one.name)
            if one.area is None and not lifting:
                raise RefusedError(
                    "lifts_limit",
                    f"{one.name} would see everywhere: give them an area first, or ask for it",
                )
        users.keep_one(connection)


def _lays_hands(actor: Session, team: Team) -> None:
    """Raises RefusedError: also where it has nobody yet, whom a provider says may come tomorrow."""
    grants_area(actor, area_of(team.wards), f"the team {team.name}")


def _checked_name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or len(name) > 64 or not name.isprintable() or "/" in name:
        raise RefusedError("invalid", "name: give 1 to 64 characters other than /", 422)
    return name


def _one(connection: Connection, name: str) -> Team | None:
    wanted = _checked_name(name).lower()
    return next((team for team in teams(connection) if team.name.lower() == wanted), None)


def _there(connection: Connection, name: str) -> Team:
    team = _one(connection, name)
    if team is None:
        raise RefusedError("no_team", f"there is no team {name!r}", 404)
    return team


def _row(wards: Wards) -> list[str] | None:
    return None if wards is None else list(wards)
