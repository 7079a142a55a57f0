"""``/api/corrections``: values of sensors that another one has replaced, as they are stored."""

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
from streams.events import Origin, from_datetime, to_rfc3339

router = APIRouter(tags=["corrections"], prefix="/api/corrections")

MAX_PAGE = 1000


class CorrectionBody(BaseModel):
    source: str
    metric: str
    time: str = Field(description="Of the measurement")
    old: float | None = Field(description="In the metric's unit; null: nothing was measured")
    new: float
    decided_at: str = Field(description="Event time at which the new value came")
    origin: Origin
    gateway: str = Field(description="Which delivered the new value")


class CorrectionPage(BaseModel):
    corrections: list[CorrectionBody]
    next: str | None = Field(description="Cursor of the next page; null: this is the last")


class _Cursor(msgspec.Struct, array_like=True):
    """The last row of a page: it has no shorter name."""

    decided_at: cursors.Moment
    source: cursors.Text
    metric: cursors.Text
    time: cursors.Moment
    old: float | None
    new: float


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(400, 401, 422))
def list_corrections(
    request: Request,
    *,
    source: Annotated[list[str] | None, Query()] = None,
    metric: Annotated[list[str] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
    since: Annotated[str | None, Query(description="Decided then or later")] = None,
    until: Annotated[str | None, Query(description="Decided before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> CorrectionPage:
    """A page of corrections, those decided last first."""
    wanted: dict[str, Any] = {
        "metrics": metric,
        "origins": origin,
        "since": moment_of("since", since),
        "until": moment_of("until", until),
        "limit": limit + 1,
        **_after(cursor),
    }
    with pool_of(request).connection() as connection:
        wanted["sources"] = sources_here(request, connection, source)
        rows = connection.execute(SQL["corrections_list"], wanted).fetchall()
    return CorrectionPage(
        corrections=[_body(row) for row in rows[:limit]],
        next=cursors.encode(_Cursor(*rows[limit - 1][:6])) if len(rows) > limit else None,
    )


def _after(cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return dict.fromkeys(_Cursor.__struct_fields__)
    return msgspec.structs.asdict(cursors.decode(_Cursor, cursor))


def _body(row: Any) -> CorrectionBody:
    decided_at, source, metric, time, old, new, origin, gateway = row
    return CorrectionBody(
        source=source,
        metric=metric,
        time=to_rfc3339(from_datetime(time)),
        old=old,
        new=new,
        decided_at=to_rfc3339(from_datetime(decided_at)),
        origin=origin,
        gateway=gateway,
    )
