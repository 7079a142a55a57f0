"""Incidents: what is asked for, and what the API sends of each."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.api.times import moment_of
from streams.events import Origin, Severity, from_datetime, to_rfc3339
from streams.events.incidents import Why
from streams.kinds.registry import present, spellings


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
    explained_by: str | None = Field(
        description="The incident that it is a consequence of: what its source depends on is down;"
        " null: none is known, or it has outlasted that"
    )
    via: list[str] = Field(
        description="Sources from its own to the cause's, each depending on the next, of those in"
        " your area"
    )
    why: Why = Field(
        description="What was decided last of whether it is a consequence: depends, late, again,"
        " outlasts, off; empty: nothing was"
    )


class Filter(NamedTuple):
    """Each that is given narrows the list."""

    kind: list[str] | None
    source: list[str] | None
    origin: list[Origin] | None
    since: datetime | None
    until: datetime | None

    def parameters(self, sources: list[str] | None) -> dict[str, Any]:
        """Of the query, from the first incident on; without its limit.

        Args:
            sources: whose incidents who asks gets; None: all.
        """
        return {
            "kinds": [name for one in self.kind for name in spellings(one)] if self.kind else None,
            "sources": sources,
            "origins": self.origin,
            "since": self.since,
            "until": self.until,
            **dict.fromkeys(("after_time", "after_id")),
        }


def asked_for(
    *,
    kind: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
    since: Annotated[str | None, Query(description="Proven or amended then or later")] = None,
    until: Annotated[str | None, Query(description="Began before")] = None,
) -> Filter:
    """A dependency: what a request asks for."""
    return Filter(kind, source, origin, moment_of("since", since), moment_of("until", until))


Asked = Annotated[Filter, Depends(asked_for)]


def body(row: Any, inside: list[str] | None) -> IncidentBody:
    """Of a row of the query.

    Args:
        inside: sources of which may be told; None: all.
    """
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
        explained_by=row[17],
        via=[one for one in row[18] if inside is None or one in inside],
        why=row[19],
    )
