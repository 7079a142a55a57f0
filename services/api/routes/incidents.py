"""``/api/incidents``: what the stages have found, as the writers have stored it."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api import cursors
from services.api.areas import sources_here
from services.api.auth import may, pool_of
from services.api.incidents import Asked, IncidentBody, body
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.queries import SQL

router = APIRouter(tags=["incidents"], prefix="/api/incidents")

MAX_PAGE = 1000


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
    asked: Asked,
    *,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> IncidentPage:
    """A page of incidents, the latest first; each as its latest revision has it."""
    after = cursors.decode(_Cursor, cursor) if cursor is not None else None
    with pool_of(request).connection() as connection:
        wanted = asked.parameters(sources_here(request, connection, asked.source))
        wanted["limit"] = limit + 1
        if after:
            wanted |= {"after_time": after.time, "after_id": after.id}
        inside = sources_here(request, connection, None)
        rows = connection.execute(SQL["incidents_list"], wanted).fetchall()
    return IncidentPage(
        incidents=[body(row, inside) for row in rows[:limit]],
        next=_next(rows[limit - 1]) if len(rows) > limit else None,
    )


def _next(last: Any) -> str:
    return cursors.encode(_Cursor(last[9], UUID(last[0])))
