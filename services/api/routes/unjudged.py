"""``/api/unjudged``: which rules are not judged by which sources, now and hour by hour."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api.areas import here, sources_here
from services.api.auth import may, pool_of
from services.api.doubts import UnjudgedPlace, unjudged_now
from services.api.life import event_time, lives
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from services.api.times import before, moment_of
from streams.cameras.sight import near_enough
from streams.configuration.configured import Configured
from streams.configuration.unjudged import Doubt, unjudged
from streams.events import SECOND, from_datetime, to_datetime, to_rfc3339

router = APIRouter(tags=["accounts"], prefix="/api/unjudged")

LONGEST = timedelta(days=31)
"""That is asked for at once."""


class UnjudgedList(BaseModel):
    unjudged: list[UnjudgedPlace]


class UnjudgedHour(BaseModel):
    hour: str = Field(description="Its start, event time")
    rule: str
    reason: str = Field(description="As in GET /api/unjudged; missing: accounts say what became")
    sources: int = Field(description="By how many it was not judged for a time")
    seconds: float = Field(description="For how long, of all of them together")


class UnjudgedHours(BaseModel):
    hours: list[UnjudgedHour]


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_unjudged(
    request: Request,
    *,
    rule: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
) -> UnjudgedList:
    """Rules and sources by which they are not judged now, in order of their ids."""
    known = configured(request)
    inside = here(request, known).sources
    found = unjudged_now(request, known, lives(request, known.sources.values()))
    return UnjudgedList(
        unjudged=[
            UnjudgedPlace.of(one)
            for one in found
            if one.source.id in inside
            and (not rule or one.rule.id in rule)
            and (not source or one.source.id in source)
        ]
    )


@router.get("/hours", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401, 422))
def list_hours(
    request: Request,
    *,
    since: Annotated[str | None, Query(description="From then on; null: the last hour")] = None,
    until: Annotated[str | None, Query(description="Up to then; null: up to now")] = None,
    rule: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
) -> UnjudgedHours:
    """For how long rules on cameras were not judged, by hour and reason, the latest hour first.

    By the rules as they are now, and the cameras' pictures as they came then.
    """
    known = here(request, configured(request))
    to = moment_of("until", until)
    end = to or to_datetime(event_time(request))
    begin = moment_of("since", since) or before(end, timedelta(hours=1))
    if end - begin > LONGEST:
        raise ProblemError(422, "invalid", f"since: at most {LONGEST.days} days before until")
    with pool_of(request).connection() as connection:
        inside = sources_here(request, connection, source)
        asked = {"since": begin, "until": to, "sources": inside}
        rows = connection.execute(SQL["sight_hours"], asked).fetchall()
    return UnjudgedHours(hours=hours(known, rows, set(rule or ())))


def hours(known: Configured, rows: Iterable[Any], rules: set[str]) -> list[UnjudgedHour]:
    """Args: rows: of the query ``sight_hours``; rules: those that are asked for, empty: all."""
    rows = list(rows)
    blind = {camera: Doubt("missing", None) for _, camera, *_ in rows}
    watch: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in unjudged(known, blind):
        if not rules or one.rule.id in rules:
            watch[one.source.id].append((one.rule.id, one.needs))
    seconds: dict[tuple[Any, str, str], float] = defaultdict(float)
    cameras: dict[tuple[Any, str, str], set[str]] = defaultdict(set)
    for hour, camera, apart, reason, lasted in rows:
        gap = round(apart.total_seconds() * SECOND) if apart else 0
        for rule, needs in watch[camera]:
            if not near_enough(gap, needs):
                seconds[hour, rule, reason] += lasted
                cameras[hour, rule, reason].add(camera)
    return [
        UnjudgedHour(
            hour=to_rfc3339(from_datetime(hour)),
            rule=rule,
            reason=reason,
            sources=len(cameras[hour, rule, reason]),
            seconds=round(lasted, 1),
        )
        for (hour, rule, reason), lasted in sorted(
            seconds.items(), key=lambda item: (-item[0][0].timestamp(), *item[0][1:])
        )
    ]
