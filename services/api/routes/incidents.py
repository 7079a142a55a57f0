"""``/api/incidents``: what the stages have found, as the writers have stored it."""

from typing import Annotated, Any
from uuid import UUID

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
from streams.events import Origin, Severity, from_datetime, to_rfc3339
from streams.kinds.registry import present, spellings

router = APIRouter(tags=["incidents"], prefix="/api/incidents")

MAX_PAGE = 1000


class IncidentBody(BaseModel):
    id: str
    kind: str
    rule: str
    severity: Severity
    origin: Origin
    sources: list[str]
    outside: int = Field(
        description="How many of its sources are outside your area: nothing more is said of them"
    )
    zone: str
    subject: str
    start: str
    decided_at: str = Field(description="Event time at which it was first proven")
    amended_at: str = Field(description="Event time at which its latest revision was proven")
    end: str | None = Field(description="null: it lasts")
    revision: int
    part_of: str | None = Field(description="The incident that it turned out to be part of")
    model: str = Field(description="name@version; empty: no model was asked")
    unknown_since: str | None = Field(
        description="When it was last proven, where its source was not heard since: nobody knows"
        " whether it lasts, or saw it end; null: its source was heard"
    )
    scenery: bool = Field(
        description="It ended because what proved it never moved and never came in"
    )


class IncidentPage(BaseModel):
    incidents: list[IncidentBody]
    next: str | None = Field(description="Cursor of the next page; null: this is the last")


class _Cursor(msgspec.Struct, array_like=True):
    time: cursors.Moment
    """When it was first proven."""
    id: UUID


@router.get("", dependencies=[may(Permission.INCIDENTS_READ)], responses=answers(400, 401, 422))
def list_incidents(
    request: Request,
    *,
    kind: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
    since: Annotated[str | None, Query(description="Proven or amended then or later")] = None,
    until: Annotated[str | None, Query(description="Began before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> IncidentPage:
    """A page of incidents, the latest first; each as its latest revision has it."""
    after = cursors.decode(_Cursor, cursor) if cursor is not None else None
    wanted: dict[str, Any] = {
        "kinds": [name for one in kind for name in spellings(one)] if kind else None,
        "origins": origin,
        "since": moment_of("since", since),
        "until": moment_of("until", until),
        "after_time": after.time if after else None,
        "after_id": after.id if after else None,
        "limit": limit + 1,
    }
    with pool_of(request).connection() as connection:
        wanted["sources"] = sources_here(request, connection, source)
        inside = sources_here(request, connection, None)
        rows = connection.execute(SQL["incidents_list"], wanted).fetchall()
    return IncidentPage(
        incidents=[_body(row, inside) for row in rows[:limit]],
        next=_next(rows[limit - 1]) if len(rows) > limit else None,
    )


def _next(last: Any) -> str:
    return cursors.encode(_Cursor(last[9], UUID(last[0])))


def _body(row: Any, inside: list[str] | None) -> IncidentBody:
    """Args: inside: sources of which may be told; None: all."""
    sources = [one for one in row[5] if inside is None or one in inside]
    own = inside is None or row[5][0] in inside
    return IncidentBody(
        id=row[0],
        kind=present(row[1]),
        rule=row[2] if own else "",
        severity=row[3],
        origin=row[4],
        sources=sources,
        outside=len(row[5]) - len(sources),
        zone=row[6] if own else "",
        subject=row[7] if own else "",
        start=to_rfc3339(from_datetime(row[8])),
        decided_at=to_rfc3339(from_datetime(row[9])),
        amended_at=to_rfc3339(from_datetime(row[10])),
        end=None if row[11] is None else to_rfc3339(from_datetime(row[11])),
        revision=row[12],
        model=row[13],
        part_of=row[14],
        unknown_since=None if row[15] is None else to_rfc3339(from_datetime(row[15])),
        scenery=row[16],
    )
