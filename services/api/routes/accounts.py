"""``/api/accounts``: what became of every value that came, by source and hour."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api import cursors
from services.api.areas import sources_here
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.queries import SQL
from services.api.times import moment_of
from streams.events import from_datetime, to_rfc3339

router = APIRouter(tags=["accounts"], prefix="/api/accounts")

MAX_PAGE = 1000


class AccountsBody(BaseModel):
    hour: str = Field(description="Its start; of the values' own event time")
    source: str = Field(description="Sensor or camera; empty: of none that is known")
    came: int = Field(description="Values, or pictures of a camera: the sum of what follows")
    accepted: int = Field(description="Stored in time, also where a later value corrected it since")
    late: int = Field(description="Stored, after the allowed lateness, and no second value")
    corrected: int = Field(
        description="Another value of the same time counts instead, or this one replaced it late"
    )
    repeated: int = Field(description="The same had come before")
    refused: int = Field(description="Used by nobody, see reasons")
    shed: int = Field(description="Never published, see reasons")
    not_judged: int = Field(description="Pictures that came too late, or that show nothing")
    reasons: dict[str, int] = Field(description="Of those that were refused or shed")


class AccountsPage(BaseModel):
    accounts: list[AccountsBody]
    next: str | None = Field(description="Cursor of the next page; null: this is the last")
    counted: str | None = Field(
        description="Event time until which all stages have said theirs, once in five minutes;"
        " null: some have not yet, see unsaid"
    )
    unsaid: list[str] = Field(description="Stages that have said none yet, in some partition")
    differences: int = Field(
        description="How often what was stored was not what had been sent on; each is an incident"
    )
    earlier: int = Field(description="Values counted since then, of hours before since: not listed")
    earlier_since: str | None = Field(description="The first of these hours; null: there are none")


class _Cursor(msgspec.Struct, array_like=True):
    hour: cursors.Moment
    source: cursors.Text


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(400, 401, 422))
def list_accounts(
    request: Request,
    *,
    source: Annotated[list[str] | None, Query()] = None,
    since: Annotated[str | None, Query(description="From the hour that this is in")] = None,
    until: Annotated[str | None, Query(description="Hours that begin before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> AccountsPage:
    """A page of accounts, the latest hour first; what comes late is added to its own hour."""
    after = cursors.decode(_Cursor, cursor) if cursor is not None else None
    wanted: dict[str, Any] = {
        "since": moment_of("since", since),
        "until": moment_of("until", until),
        "hour": after.hour if after else None,
        "source": after.source if after else None,
        "limit": limit + 1,
    }
    with pool_of(request).connection() as connection:
        wanted["sources"] = sources_here(request, connection, source)
        rows = connection.execute(SQL["accounts_list"], wanted).fetchall()
        state = connection.execute(SQL["accounts_state"], wanted).fetchone()
    counted, unsaid, differences, earlier, first = state or (None, [], 0, 0, None)
    last = rows[limit - 1] if len(rows) > limit else None
    return AccountsPage(
        accounts=[_body(row) for row in rows[:limit]],
        next=None if last is None else cursors.encode(_Cursor(last[0], last[1])),
        counted=None if counted is None else to_rfc3339(from_datetime(counted)),
        unsaid=unsaid,
        differences=differences,
        earlier=earlier,
        earlier_since=None if first is None else to_rfc3339(from_datetime(first)),
    )


def _body(row: Any) -> AccountsBody:
    named = dict(zip(AccountsBody.model_fields, row, strict=True))
    return AccountsBody(**{**named, "hour": to_rfc3339(from_datetime(row[0]))})
