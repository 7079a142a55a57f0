"""``/api/audit``: who did what, for those who may read it."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.api import cursors
from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.queries import SQL
from services.api.times import moment_of
from services.audit.entry import Means, Outcome
from streams.events import from_datetime, to_rfc3339

router = APIRouter(tags=["people"], prefix="/api/audit")

MAX_PAGE = 1000


class AuditLine(BaseModel):
    sequence: int = Field(description="Its place in the chain")
    time: str = Field(description="RFC 3339")
    last_time: str = Field(description="When the last of several acts alike was")
    times: int = Field(description="How many acts alike the line stands for")
    actor: str = Field(description="A user's name, or machine; empty: nobody that is known")
    role: str = Field(description="Of the actor, then")
    means: Means = Field(description="system: CityOps itself")
    label: str = Field(description="Of the token")
    address: str = Field(description="Network address; empty: this machine itself")
    action: str = Field(description="noun:verb")
    subject: str
    outcome: Outcome = Field(description="refused: they may not; failed: it could not be done")
    reason: str = Field(description="A word: why it was refused or failed")
    why: str = Field(description="The reason that was given, where one is asked for")
    detail: str
    hash: str = Field(description="SHA-256 in hexadecimal")


class AuditPage(BaseModel):
    lines: list[AuditLine]
    next: str | None = Field(description="Cursor of the next page; null: this is the last")


class _Cursor(msgspec.Struct, array_like=True):
    """The last row of a page."""

    sequence: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


@router.get("", dependencies=[may(Permission.AUDIT_READ)], responses=answers(400, 401, 403, 422))
def list_audit(
    database: Database,
    *,
    actor: Annotated[list[str] | None, Query(description="Names, in whatever case")] = None,
    action: Annotated[
        list[str] | None, Query(description="Such as user:role, or user for all of them")
    ] = None,
    subject: Annotated[list[str] | None, Query()] = None,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    since: Annotated[str | None, Query(description="Done then or later (RFC 3339)")] = None,
    until: Annotated[str | None, Query(description="Done before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> AuditPage:
    """A page of the audit log, the newest line first; that somebody reads it is recorded."""
    wanted = {
        "actors": [name.lower() for name in actor] if actor else None,
        "actions": action,
        "subjects": subject,
        "outcomes": outcome,
        "since": moment_of("since", since),
        "until": moment_of("until", until),
        "before": cursors.decode(_Cursor, cursor).sequence if cursor is not None else None,
        "limit": limit + 1,
    }
    rows = database.execute(SQL["audit_list"], wanted).fetchall()
    return AuditPage(
        lines=[_body(*row) for row in rows[:limit]],
        next=cursors.encode(_Cursor(rows[limit - 1][0])) if len(rows) > limit else None,
    )


def _body(sequence: int, time: Any, last: Any, *rest: Any) -> AuditLine:
    *said, hashed = rest
    names = [name for name in AuditLine.model_fields if name not in _APART]
    return AuditLine(
        sequence=sequence,
        time=to_rfc3339(from_datetime(time)),
        last_time=to_rfc3339(from_datetime(last)),
        hash=bytes(hashed).hex(),
        **dict(zip(names, said, strict=True)),
    )


_APART = ("sequence", "time", "last_time", "hash")
