"""``/api/users``: who may sign in, for administrators to add, disable and reset."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.store import Connection
from services.api import passwords, users
from services.api.auth import asker, idle_seconds, may, pool_of
from services.api.changing import Database
from services.api.permissions import Permission, canonical
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.recording import recorded
from services.api.routes.tokens import SessionRow, rows
from services.api.teams import checked

router = APIRouter(tags=["people"], prefix="/api/users")


class UserBody(BaseModel):
    name: str
    role: str
    person: bool = Field(description="False: the programs of the service's own machine")
    disabled: bool
    must_change_password: bool
    one_time_expired: bool = Field(
        description="The one-time password was not used in time: reset it"
    )
    by_provider: bool = Field(
        description="An identity provider vouches for them, and says their groups"
    )
    created_at: str = Field(description="RFC 3339")
    own_wards: list[str] | None = Field(description="To which they are limited; null: no limit")
    wards: list[str] | None = Field(
        description="What they may see, with what their teams may; null: everywhere"
    )
    teams: list[str]


class UserIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "lan", "role": "operator"}]}
    )
    name: str = Field(min_length=1, max_length=100)
    role: str = Field(min_length=1, max_length=40)
    wards: list[str] | None = Field(
        default=None,
        max_length=200,
        description="To which they are limited; null: as whoever adds them is",
    )
    new_wards: tuple[str, ...] = Field(
        default=(),
        max_length=200,
        description="More, that no source need be in yet; spelled as sources will have them",
    )


class RoleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: str = Field(min_length=1, max_length=40)


class OneTimePassword(BaseModel):
    """It is said this once; whoever signs in with it must choose another."""

    name: str
    password: str
    hours: int = Field(description="For which it is good")


class Ended(BaseModel):
    ended: int = Field(description="How many sessions and tokens")


@router.get("", dependencies=[may(Permission.USERS_READ)], responses=answers(401, 403))
def list_users(database: Database) -> list[UserBody]:
    """Every account, those in use first."""
    return [_body(one) for one in users.accounts(database)]


@router.post(
    "",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 409, 422, 429),
)
async def add_user(body: UserIn, request: Request) -> OneTimePassword:
    """Adds somebody, with a one-time password."""
    actor = asker(request)
    name = users.checked_name(body.name)
    password, hashed = await _one_time(request)

    def add(connection: Connection) -> None:
        with recorded(request, connection):
            connection.execute(SQL["users_lock"])
            role = canonical(body.role)
            users.grants(actor, users.permissions_of(connection, role), f"a {role}")
            if not users.add_user(connection, name, role, ""):
                raise users.RefusedError("taken", f"there is a user {name!r} already")
            wards = checked(connection, actor, body.wards, name, body.new_wards)
            if wards is None and actor.area is not None:
                wards = sorted(actor.area)
            if wards is not None:
                connection.execute(SQL["user_wards"], {"name": name, "wards": list(wards)})
            users.set_password(connection, name, hashed, one_time=True)

    await run_in_threadpool(_with, request, add)
    return _said(name, password)


@router.post(
    "/{name}/reset",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 429),
)
async def reset_user(name: str, request: Request) -> OneTimePassword:
    """Gives somebody a one-time password; their sessions and tokens end."""
    actor = asker(request)
    password, hashed = await _one_time(request)

    def reset(connection: Connection) -> str:
        with recorded(request, connection):
            return users.reset(connection, actor, name, hashed)

    found = await run_in_threadpool(_with, request, reset)
    settings = request.app.state.settings
    await run_in_threadpool(users.first_password_used, settings, found)
    return _said(found, password)


@router.put(
    "/{name}/role",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def put_role(
    name: str,
    body: RoleIn,
    request: Request,
    database: Database,
) -> UserBody:
    """Gives somebody another role; their live streams end, and begin again with its rights."""
    users.set_role(database, asker(request), name, body.role)
    return one_user(database, name)


@router.post(
    "/{name}/disable",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409),
)
def disable_user(name: str, request: Request, database: Database) -> UserBody:
    """Lets somebody in no more, at once; what they did stays, with their name."""
    actor = asker(request)
    users.set_disabled(database, actor, name, disabled=True)
    return one_user(database, name)


@router.post(
    "/{name}/enable",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409),
)
def enable_user(name: str, request: Request, database: Database) -> UserBody:
    """Lets somebody in again, with the password that they had."""
    actor = asker(request)
    users.set_disabled(database, actor, name, disabled=False)
    return one_user(database, name)


@router.get(
    "/{name}/sessions",
    dependencies=[may(Permission.SESSIONS_MANAGE)],
    responses=answers(401, 403, 404),
)
def list_sessions_of(name: str, request: Request, database: Database) -> list[SessionRow]:
    """Somebody's sessions and tokens that are valid."""
    found = _found(database, name)
    return rows(database, found.name, (users.CONSOLE, users.TOKEN), idle_seconds(request))


@router.delete(
    "/{name}/sessions",
    dependencies=[may(Permission.SESSIONS_MANAGE)],
    responses=answers(401, 403, 404, 409),
)
def end_sessions_of(
    name: str, request: Request, database: Database, id: str | None = None
) -> Ended:
    """Ends somebody's sessions and tokens, and their web push, or the one session of that `id`."""
    actor = asker(request)
    with database.transaction():
        found = users.changing(database, actor, name)
        ended = users.end(database, found.name, id=id)
        if id is None:
            users.forget_devices(database, found.name)
    if id is not None and not ended:
        raise ProblemError(404, "no_session", f"{found.name} has no such session")
    return Ended(ended=ended)


class SqlRole(BaseModel):
    role: str = Field(description="Of the database, which the machine itself makes or drops")


@router.put(
    "/{name}/sql",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def put_sql(name: str, request: Request, database: Database) -> SqlRole:
    """Lets somebody ask in SQL what they may see: `cityops user sql` makes their sign-in."""
    return SqlRole(role=users.let_into_sql(database, asker(request), name))


@router.delete(
    "/{name}/sql",
    dependencies=[may(Permission.USERS_MANAGE)],
    responses=answers(401, 403, 404, 409),
)
def delete_sql(name: str, request: Request, database: Database) -> SqlRole:
    """Shows somebody nothing more in SQL."""
    return SqlRole(role=users.shut_out_of_sql(database, asker(request), name))


def _with(request: Request, what: Any) -> Any:
    with pool_of(request).connection() as connection:
        return what(connection)


async def _one_time(request: Request) -> tuple[str, str]:
    hashing: passwords.Hashing = request.app.state.hashing
    password = passwords.generated()
    return password, await hashing.run(passwords.hashed, password)


def _said(name: str, password: str) -> OneTimePassword:
    return OneTimePassword(name=name, password=password, hours=users.ONE_TIME_SECONDS // 3600)


def _found(database: Connection, name: str) -> users.Account:
    found = users.account(database, name)
    if found is None:
        raise users.RefusedError("no_user", f"there is no user {name!r}", 404)
    return found


def one_user(database: Connection, name: str) -> UserBody:
    """Raises RefusedError."""
    return _body(_found(database, name))


def _body(one: users.Account) -> UserBody:
    return UserBody(
        name=one.name,
        role=one.role,
        person=one.person,
        disabled=one.disabled_at is not None,
        must_change_password=one.must_change,
        one_time_expired=one.expired,
        by_provider=one.issuer != "",
        created_at=one.created_at.isoformat(),
        own_wards=None if one.own_wards is None else list(one.own_wards),
        wards=None if one.wards is None else list(one.wards),
        teams=list(one.teams),
    )
