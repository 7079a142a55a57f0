"""``/api/corrections``: values of sensors that another one has replaced, as they are stored."""

import base64
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.times import moment_of
from streams.events import Micros, Origin, from_datetime, to_datetime, to_rfc3339
from streams.tables.table import text

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

    decided_at: Micros
    source: str
    metric: str
    time: Micros
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
    wanted = {
        "sources": source,
        "metrics": metric,
        "origins": origin,
        "since": moment_of("since", since),
        "until": moment_of("until", until),
        "limit": limit + 1,
        **_after(cursor),
    }
    with pool_of(request).connection() as connection:
        rows = connection.execute(SQL["corrections_list"], wanted).fetchall()
    return CorrectionPage(
        corrections=[_body(row) for row in rows[:limit]],
        next=_encode(rows[limit - 1]) if len(rows) > limit else None,
    )


def _encode(row: Any) -> str:
    decided_at, source, metric, time, old, new, *_ = row
    last = _Cursor(from_datetime(decided_at), source, metric, from_datetime(time), old, new)
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(last)).decode().rstrip("=")


def _after(cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return dict.fromkeys(_Cursor.__struct_fields__)
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        last = msgspec.msgpack.decode(data, type=_Cursor)
        text(last.source), text(last.metric)
        times = {"decided_at": to_datetime(last.decided_at), "time": to_datetime(last.time)}
    except (ValueError, OverflowError, msgspec.DecodeError):
        raise ProblemError(400, "bad_cursor", "not a cursor of this list") from None
    return msgspec.structs.asdict(last) | times


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
