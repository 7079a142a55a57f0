"""``/api/incidents``: what the stages have found, as the writers have stored it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from services.alerts import store
from services.api import cursors
from services.api.areas import here, sources_here
from services.api.auth import may, pool_of
from services.api.explanation import ExplanationBody, Other, Revision, above, explanation
from services.api.incidents import Asked, IncidentBody, body
from services.api.joined import Told
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from streams.kinds import joins

router = APIRouter(tags=["incidents"], prefix="/api/incidents")

MAX_PAGE = 1000
AROUND = timedelta(minutes=10)
"""So long before and after an incident others are looked for that may explain it."""
_HEX = re.compile("[0-9a-f]{4,32}")
Beginning = Annotated[str, Path(max_length=36, description="Its id, or four characters or more")]


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


@router.get(
    "/{id}/explanation",
    dependencies=[may(Permission.INCIDENTS_READ)],
    responses=answers(401, 404, 409, 422),
)
def explain_incident(id: Beginning, request: Request) -> ExplanationBody:
    """Whether an incident is a consequence of another: what was decided, and what was considered.

    A beginning of its id is enough where it is unambiguous.
    """
    known = here(request, configured(request))
    filled = id.replace("-", "").lower()
    if not _HEX.fullmatch(filled):
        raise ProblemError(404, "no_incident", f"there is no incident {id!r}")
    between = {"first": UUID(filled.ljust(32, "0")), "last": UUID(filled.ljust(32, "f"))}
    with pool_of(request).connection() as connection:
        inside = sources_here(request, connection, None)
        rows = connection.execute(SQL["incident_revisions"], between).fetchall()
        found = [Revision(*row) for row in rows if inside is None or row[5][0] in inside]
        if not found:
            raise ProblemError(404, "no_incident", f"there is no incident {id!r}")
        if len({one.id for one in found}) > 1:
            raise ProblemError(409, "ambiguous", f"more than one incident begins with {id}")
        last = found[-1]
        wanted = {
            "sources": list(above(known, last.sources[0])),
            "origin": last.origin,
            "since": last.start - AROUND,
            "until": (last.end or last.decided_at) + AROUND,
        }
        others = connection.execute(SQL["incidents_of_assets"], wanted).fetchall()
        near = _near(connection, last, wanted) if last.kind in joins.kinds() else []
    near = [one for one in near if inside is None or one.sources[0] in inside]
    return explanation(found, [Other(*row) for row in others], known, near)


def _near(connection: store.Connection, last: Revision, lasted: Mapping[str, Any]) -> list[Told]:
    """What may tell of the same event."""
    wanted = {
        **lasted,
        "id": last.id,
        "leads": last.explained_by,
        "kinds": list(joins.kinds()),
        "latitude": last.latitude,
        "longitude": last.longitude,
    }
    return [Told(*row) for row in connection.execute(SQL["incidents_joined"], wanted).fetchall()]


def _next(last: Any) -> str:
    return cursors.encode(_Cursor(last[9], UUID(last[0])))
