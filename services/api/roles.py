"""Roles of a site's own: sets of permissions under a name, beside those that come with CityOps."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from services.alerts.store import Connection
from services.api.permissions import FORMERLY, NOBODYS, OWN, RIGHTS, Permission, rights
from services.api.queries import SQL
from services.api.users import (
    SQL_NEEDS,
    RefusedError,
    Session,
    grants,
    keep_one,
    permissions_of,
)

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class RoleOf(NamedTuple):
    """A role, and whether it comes with CityOps."""

    name: str
    permissions: frozenset[Permission]
    built_in: bool
    second_factor: bool
    """Whoever has it needs one."""


def roles(connection: Connection) -> list[RoleOf]:
    """Those that come with CityOps first."""
    needs = factors_required(connection)
    found = [(name, permissions, True) for name, permissions in RIGHTS.items()]
    own = connection.execute(SQL["roles_list"]).fetchall()
    found += [(name, rights(name, granted), False) for name, granted, _ in own]
    return [RoleOf(*one, one[0] in needs) for one in found]


def factors_required(connection: Connection) -> frozenset[str]:
    """Roles whose people must have a second factor."""
    return frozenset(role for (role,) in connection.execute(SQL["factors_required"]).fetchall())


def require_factor(connection: Connection, actor: Session, name: str, *, required: bool) -> None:
    """Whether people of a role must have a second factor; raises RefusedError.

    Who has none is left with setting one up, from their next request on. Tokens go on: programs
    have no telephone.
    """
    with connection.transaction():
        connection.execute(SQL["users_lock"])
        try:
            permissions = permissions_of(connection, name)
        except RefusedError as error:
            raise RefusedError(error.reason, str(error), 404) from None
        grants(actor, permissions, f"a {name}")
        query = "factor_require" if required else "factor_release"
        connection.execute(SQL[query], {"role": name})


def put(
    connection: Connection, actor: Session, name: str, permissions: Iterable[Permission]
) -> None:
    """Adds a role, or changes what one of the site's own may; raises RefusedError."""
    if not _NAME.fullmatch(name):
        said = "a role's name has up to 40 lower-case letters, digits, - and _"
        raise RefusedError("invalid", f"name: {said}", 422)
    _own(name)
    wanted = frozenset(permissions) | OWN
    with connection.transaction():
        connection.execute(SQL["users_lock"])
        grants(actor, wanted, f"a {name}")
        before = next((one for one in roles(connection) if one.name == name), None)
        if before is not None:
            grants(actor, before.permissions, f"a {name}")
        stored = sorted(wanted)
        connection.execute(SQL["role_put"], {"name": name, "permissions": stored})
        if SQL_NEEDS - wanted:  # as where somebody is given a role that shows less
            connection.execute(SQL["role_nosql"], {"name": name})
        keep_one(connection)


def drop(connection: Connection, actor: Session, name: str) -> None:
    """Removes a role that nobody has; raises RefusedError."""
    _own(name)
    with connection.transaction():
        connection.execute(SQL["users_lock"])
        found = connection.execute(SQL["roles_list"]).fetchall()
        for each, granted, people in found:
            if each == name:
                grants(actor, rights(name, granted), f"a {name}")
                if people:
                    raise RefusedError("in_use", f"{people} users have the role {name}")
                connection.execute(SQL["role_drop"], {"name": name})
                connection.execute(SQL["factor_release"], {"role": name})
                return
    raise RefusedError("no_role", f"there is no role {name!r}", 404)


def _own(name: str) -> None:
    if name in RIGHTS or name in FORMERLY or name == NOBODYS:
        raise RefusedError("built_in", f"the role {name} comes with CityOps: choose another name")
