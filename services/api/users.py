"""Users, and whose a token is, in the database.

Tokens are kept as SHA-256 of 256 random bits. Who gives rights to whom is checked here, whoever
asks: nobody grants more than they have, nor takes over an account that may more than theirs.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from services.alerts.area import Area
from services.alerts.kinds import plain
from services.alerts.store import Connection
from services.api import passwords
from services.api.permissions import (
    NO_TOKEN,
    RIGHTS,
    Permission,
    canonical,
    rights,
)
from services.api.queries import SQL
from streams.database import signs_in_as
from streams.secrets import hash_of, write_secret
from streams.settings import SettingError, Settings

SESSION_SECONDS = 12 * 3600
"""A shift and a half: nobody is signed out in the middle of a night."""
ONE_TIME_SECONDS = 24 * 3600
"""For which a password that was generated for somebody is good."""
BROWSER_SECONDS = 180 * 86400
"""For which a browser is known since the last sign-in there."""
FIRST_USER = "admin"
MACHINE = "machine"
"""The account of this machine's own programs, the command line among them: not a person, so that
what they do is nobody's."""
CONSOLE, SERVICE, TOKEN = "console", "service", "token"
"""What a token is for, as in ``sessions.purpose``."""
SQL_NEEDS = frozenset({Permission.ALERTS_READ, Permission.INCIDENTS_READ, Permission.SOURCES_READ})
"""What somebody may who is let into SQL."""
_NAME = re.compile(r"[^\W_](?:[ ._'-]?[^\W_])*")
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
"""Alphabets that have letters of one shape."""


class User(NamedTuple):
    name: str
    role: str


class Session(NamedTuple):
    user: User
    expires_at: datetime | None
    """None: the machine's own token, valid until it is withdrawn."""
    permissions: frozenset[Permission]
    id: str = ""
    purpose: str = CONSOLE
    must_change: bool = False
    """Its user must choose a password before anything else."""
    stale: bool = False
    """It is more than a minute since its use was noted."""
    label: str = ""
    """A token's name; of a session the program that signed in."""
    by_provider: bool = False
    """Its user's account is an identity provider's."""
    must_enrol: bool = False
    """Its user's role needs a second factor, which they must set up before anything else."""
    area: Area = None
    """The wards that they may see."""

    def rights(self) -> tuple[object, ...]:
        """What must not change while something that was asked for goes on."""
        return self.user, self.permissions, self.must_change, self.must_enrol, self.area


class Account(NamedTuple):
    """A row of ``users``, with what its role may."""

    name: str
    role: str
    granted: Sequence[str] | None
    password_hash: str
    person: bool
    must_change: bool
    one_time: bool
    expired: bool
    """Its password was generated, and not used in time."""
    disabled_at: datetime | None
    created_at: datetime
    issuer: str
    """The identity provider that vouches for them; empty: the account is ours."""
    own_wards: Sequence[str] | None
    """None: no limit of their own."""
    wards: Sequence[str] | None
    """With those of their teams; None: everywhere."""
    teams: Sequence[str]

    @property
    def area(self) -> Area:
        return area_of(self.wards)

    @property
    def permissions(self) -> frozenset[Permission]:
        return rights(self.role, self.granted)


class RefusedError(Exception):
    """It may not be done; ``reason`` is a word for programs, the message one line."""

    def __init__(self, reason: str, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.reason, self.status = reason, status


def sessions_of(
    connection: Connection, hashes: Sequence[bytes], idle_seconds: float
) -> dict[bytes, Session]:
    """Whose tokens they are, by their hashes; those that are void are left out."""
    found = connection.execute(
        SQL["sessions_valid"], {"token_hashes": list(hashes), "idle_seconds": idle_seconds}
    ).fetchall()
    sessions = {}
    for key, name, role, granted, until, number, purpose, scopes, wards, narrowed, *rest in found:
        permissions = rights(role, granted)
        if purpose == TOKEN:
            permissions = permissions.intersection(scopes or ()) - NO_TOKEN
        area = narrower(area_of(wards), area_of(narrowed))
        session = Session(User(name, role), until, permissions, number, purpose, *rest)
        sessions[bytes(key)] = session._replace(area=area)
    return sessions


def area_of(wards: Sequence[str] | None) -> Area:
    """As it is stored."""
    return None if wards is None else frozenset(wards)


def narrower(one: Area, other: Area) -> Area:
    """What is in both."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def session_of(connection: Connection, token: str, idle_seconds: float = 0) -> Session | None:
    """Whose token it is; None where it is void."""
    key = hash_of(token)
    return sessions_of(connection, [key], idle_seconds).get(key)


def used(connection: Connection, session: Session) -> None:
    """Notes that somebody uses it, to the minute."""
    connection.execute(SQL["session_used"], {"id": session.id})


def keep(
    connection: Connection,
    name: str,
    purpose: str,
    *,
    seconds: float | None,
    label: str = "",
    scopes: Iterable[Permission] | None = None,
    wards: Sequence[str] | None = None,
    address: str = "",
    token: str = "",
    second_factor: bool = False,
) -> tuple[str, str]:
    """A new token that acts in somebody's name (a given one, where there is one), and its id.

    Args:
        second_factor: an identity provider says that one was shown to it.
    """
    token = token or secrets.token_urlsafe(32)
    row = connection.execute(
        SQL["session_add"],
        {
            "token_hash": hash_of(token),
            "user_name": name,
            "purpose": purpose,
            "label": label,
            "scopes": None if scopes is None else sorted(scopes),
            "wards": None if wards is None else list(wards),
            "address": address,
            "seconds": seconds,
            "second_factor": second_factor,
        },
    ).fetchone()
    return token, row[0] if row else ""


def end(
    connection: Connection,
    name: str,
    *,
    id: str | None = None,
    but: str | None = None,
    purposes: Sequence[str] = (CONSOLE, TOKEN),
) -> int:
    """Ends somebody's sessions and tokens: one, all, or all but one; how many they were."""
    ended = connection.execute(
        SQL["sessions_end"],
        {"user_name": name, "id": id, "but": but, "purposes": list(purposes)},
    )
    return ended.rowcount


def account(connection: Connection, name: str) -> Account | None:
    """The account of a name, in whatever case."""
    row = connection.execute(SQL["user_get"], {"name": name}).fetchone()
    return None if row is None else Account(*row)


def accounts(connection: Connection) -> list[Account]:
    return [Account(*row) for row in connection.execute(SQL["users_list"]).fetchall()]


def checked_name(name: str) -> str:
    """A name as it is kept: letters and digits of any script, single spaces and ``._'-`` between.

    ``\u0430dmin`` with a Cyrillic letter would be somebody's whom nobody tells from ``admin``.

    Raises:
        RefusedError
    """
    name = unicodedata.normalize("NFC", name)
    if len(name) > 64 or not _NAME.fullmatch(name):
        said = "a name has up to 64 letters and digits; space, dot, _, ' and - stand between them"
        raise RefusedError("invalid", f"name: {said}", 422)
    alphabets = {unicodedata.name(each, "").partition(" ")[0] for each in name}
    if len(alphabets & _ALIKE) > 1 or any(map(_disguised, name)):
        said = "its letters are plain ones of one alphabet, or it may look like another's"
        raise RefusedError("invalid", f"name: {said}", 422)
    return name


def _disguised(letter: str) -> bool:
    """Whether it stands for others that a name may have. Thai and Lao ``am`` does not: it is a
    plain letter, and comes apart into marks."""
    plain = unicodedata.normalize("NFKC", letter)
    return plain != letter and _NAME.fullmatch(plain) is not None


def add_user(
    connection: Connection,
    name: str,
    role: str,
    password: str,
    *,
    person: bool = True,
    must_change: bool = False,
    one_time: bool = False,
    seconds: float | None = None,
    issuer: str = "",
    subject: str = "",
) -> bool:
    """False: the name is taken, and nothing has happened. An empty password lets nobody in.

    Args:
        issuer, subject: whom an identity provider means; empty: the account is ours.
    """
    done = connection.execute(
        SQL["user_add"],
        {
            "name": name,
            "role": canonical(role),
            "password_hash": passwords.hashed(password) if password else "",
            "person": person,
            "must_change": must_change,
            "one_time": one_time,
            "seconds": seconds,
            "issuer": issuer,
            "subject": subject,
        },
    )
    return done.rowcount > 0


def permissions_of(connection: Connection, role: str) -> frozenset[Permission]:
    """What a role may; raises RefusedError where there is none of that name."""
    if role in RIGHTS:
        return rights(role, None)
    for name, granted, _ in connection.execute(SQL["roles_list"]).fetchall():
        if name == role:
            return rights(role, granted)
    raise RefusedError("no_role", f"there is no role {role!r}", 422)


def grants(actor: Session, permissions: Iterable[Permission], what: str) -> None:
    """Raises RefusedError where somebody may not give, or lay hands on, so many rights."""
    if more := sorted(set(permissions) - actor.permissions):
        raise RefusedError(
            "grants_more", f"{what} may {', '.join(more)}, which {actor.user.name} may not", 403
        )


def grants_area(actor: Session, area: Area, what: str) -> None:
    """As ``grants``, of what may be seen."""
    if actor.area is None or (area is not None and area <= actor.area):
        return
    beyond = "everywhere" if area is None else ", ".join(sorted(area - actor.area))
    raise RefusedError(
        "grants_more", f"{what} may see {beyond}, which {actor.user.name} may not", 403
    )


def insist_person(connection: Connection, user: User) -> None:
    """What counts as somebody's word takes somebody; raises RefusedError."""
    found = account(connection, user.name)
    if found is None or not found.person:
        raise RefusedError(
            "no_person", f"{user.name} is no person: sign in in your own name (cityops signin)", 403
        )


def changing(connection: Connection, actor: Session, name: str) -> Account:
    """The account of somebody whom the actor may change; within a transaction, which is the only
    one of its kind until it ends.

    Raises:
        RefusedError
    """
    connection.execute(SQL["users_lock"])
    found = account(connection, name)
    if found is None:
        raise RefusedError("no_user", f"there is no user {name!r}", 404)
    if not found.person:
        raise RefusedError("not_a_person", f"{found.name} is this machine's own account")
    grants(actor, found.permissions, found.name)
    grants_area(actor, found.area, found.name)
    return found


def set_role(connection: Connection, actor: Session, name: str, role: str) -> None:
    """Raises RefusedError."""
    role = canonical(role)
    with connection.transaction():
        found = changing(connection, actor, name)
        ours(found, "their groups there say their role")
        permissions = permissions_of(connection, role)
        grants(actor, permissions, f"a {role}")
        give_role(connection, found.name, role, permissions)
        keep_one(connection)


def give_role(
    connection: Connection, name: str, role: str, permissions: frozenset[Permission]
) -> None:
    """Whoever may not see it in the service sees it in SQL no more, either."""
    connection.execute(SQL["user_role"], {"name": name, "role": role})
    if SQL_NEEDS - permissions:
        connection.execute(SQL["user_sql"], {"name": name, "role": None})


def let_into_sql(connection: Connection, actor: Session, name: str) -> str:
    """The role of the database by which somebody asks in SQL from now on, what they may see.

    Raises:
        RefusedError
    """
    with connection.transaction():
        found = changing(connection, actor, name)
        if lacking := sorted(SQL_NEEDS - found.permissions):
            raise RefusedError(
                "role", f"{found.name} may not {', '.join(lacking)}, which SQL shows"
            )
        role = sql_role(found.name)
        connection.execute(SQL["user_sql"], {"name": found.name, "role": signs_in_as(role)})
        return role


def shut_out_of_sql(connection: Connection, actor: Session, name: str) -> str:
    """Their rows are empty from now on; gives the role that is left to be dropped. Raises
    RefusedError.
    """
    with connection.transaction():
        found = changing(connection, actor, name)
        connection.execute(SQL["user_sql"], {"name": found.name, "role": None})
        return sql_role(found.name)


def sql_role(name: str) -> str:
    """Names of people are longer, and of more letters, than a role's may be."""
    plain_name = re.sub(r"[^a-z0-9]+", "_", plain(name)).strip("_")[:20]
    return f"by_ward_{plain_name}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def set_disabled(connection: Connection, actor: Session, name: str, *, disabled: bool) -> None:
    """Sessions and tokens of who is disabled end for good; raises RefusedError."""
    with connection.transaction():
        found = changing(connection, actor, name)
        connection.execute(SQL["user_disable"], {"name": found.name, "disabled": disabled})
        if disabled:
            end(connection, found.name)
            forget_browsers(connection, found.name)
            forget_devices(connection, found.name)
            keep_one(connection)


def reset(connection: Connection, actor: Session, name: str, hash: str) -> str:
    """Gives somebody a one-time password, whose hash it is, and ends their sessions and tokens.
    Their second factor goes, too. What is returned is their name, as it is spelled.

    Raises:
        RefusedError
    """
    with connection.transaction():
        found = changing(connection, actor, name)
        if found.disabled_at is not None:
            raise RefusedError("disabled", f"{found.name} is disabled: enable the account first")
        ours(found, "their password is there")
        set_password(connection, found.name, hash, one_time=True)
        end(connection, found.name)
        forget_browsers(connection, found.name)
        forget_devices(connection, found.name)
        connection.execute(SQL["factor_drop"], {"user_name": found.name})
        return found.name


def set_password(
    connection: Connection, name: str, hash: str, *, one_time: bool = False, before: str = ""
) -> bool:
    """False: it has been changed since the hash ``before`` was looked at."""
    done = connection.execute(
        SQL["user_password"],
        {
            "name": name,
            "password_hash": hash,
            "must_change": one_time,
            "one_time": one_time,
            "seconds": ONE_TIME_SECONDS if one_time else None,
            "before": before or None,
        },
    )
    return done.rowcount > 0


def forget_browsers(connection: Connection, name: str) -> None:
    """Whoever signs in as them is as unknown as anybody else."""
    connection.execute(SQL["browsers_drop"], {"user_name": name, "seconds": BROWSER_SECONDS})


def forget_devices(connection: Connection, name: str, but: str = "") -> None:
    """Nobody tells them of alerts in a browser any more.

    Args:
        but: the cookie of one where they still are told; empty: of none.
    """
    asked = {"user": name, "but": hash_of(but) if but else None}
    connection.execute(SQL["devices_of_user_drop"], asked)


def ours(found: Account, why: str) -> None:
    """Raises RefusedError where an identity provider has the account."""
    if found.issuer:
        said = f"{found.name} signs in by the identity provider, and {why}"
        raise RefusedError("by_provider", said)


def keep_one(connection: Connection) -> None:
    """Raises RefusedError where nobody would be left who manages users, and has an account here: a
    provider may be away, or know its people in other groups tomorrow."""
    if not any(
        each.person
        and each.disabled_at is None
        and each.area is None
        and not each.issuer
        and Permission.USERS_MANAGE in each.permissions
        for each in accounts(connection)
    ):
        said = "nobody would be left who manages users everywhere and signs in with a password"
        raise RefusedError("last_administrator", said)


def first_start(connection: Connection, settings: Settings) -> None:
    """The first user, and this machine's own account and token, where they are not there yet.

    The first user must choose a password at once. A password that is generated, and the token,
    stand in files of the state folder that only their owner can read. What a file says already is
    kept, so that a database made anew knows the same secrets.

    Raises:
        SettingError: the password that is given for the first user is too weak.
    """
    row = connection.execute(SQL["users_any"]).fetchone()
    if row is None or not row[0]:
        given = settings.admin_password
        if given:
            try:
                passwords.check(given, (FIRST_USER,))
            except passwords.WeakPasswordError as weak:
                raise SettingError(f"CITYOPS_ADMIN_PASSWORD: {weak}") from None
        password = given or _secret(settings.secret("admin-password"), None)
        add_user(
            connection,
            FIRST_USER,
            "administrator",
            password,
            must_change=True,
            one_time=not given,
        )
    add_user(connection, MACHINE, "administrator", "", person=False)
    token = _secret(settings.secret("token"), settings.token or None)
    with connection.transaction():
        connection.execute(SQL["service_tokens_drop"], {"token_hash": hash_of(token)})
        keep(connection, MACHINE, SERVICE, seconds=None, token=token)


def first_password_used(settings: Settings, name: str) -> None:
    """Removes the file with the first user's first password, which lets nobody in any more."""
    if name == FIRST_USER:
        settings.secret("admin-password").unlink(missing_ok=True)


def _secret(path: Path, given: str | None) -> str:
    """What is given, else what the file holds, else something random; the file holds it then."""
    if given is None:
        try:
            if kept := path.read_text().strip():
                return kept
        except FileNotFoundError:
            pass
    secret = given or passwords.generated()
    write_secret(path, secret)
    return secret
