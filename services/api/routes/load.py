"""``/api/load``: what alerts ask of operators; how often they were right."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.alerts import load, shift_store, store
from services.alerts.area import Area
from services.alerts.load import Told
from services.alerts.precision import By, precision
from services.alerts.store import Connection
from services.api.areas import area_of
from services.api.auth import may, pool_of
from services.api.exports import dispositions
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.times import moment_of, time_of
from streams.events import DAY, HOUR, MINUTE, Micros, to_datetime, to_rfc3339

router = APIRouter(tags=["alerts"], prefix="/api/load")

_READ = [may(Permission.ALERTS_READ)]
_SHIFT: Micros = 8 * HOUR
LONGEST: Micros = 31 * DAY
LEAD: Micros = HOUR
"""Before the period: a flood may have begun in it."""
MOST_JUDGED = 50_000


class TimesBody(BaseModel):
    """Seconds; null: it never happened."""

    number: int
    median: float | None
    p90: float | None
    most: float | None


class WorstBody(BaseModel):
    source: str
    alarms: int
    share: float = Field(description="Of all, 0 to 1")


class LoadBody(BaseModel):
    since: str
    until: str
    operators: int = Field(description="Who shared it evenly")
    alarms: int = Field(
        description="How often an alert began to ask to be acknowledged: raised, come again after"
        " that, back from a shelf; of all operators"
    )
    per_hour: float = Field(description="Of one operator, on average")
    per_ten_minutes: float = Field(description="Likewise. ISA-18.2: 1 can be managed, 2 at most")
    most_in_ten_minutes: float = Field(description="Of one operator")
    floods: int = Field(description="More than 10 in ten minutes, until fewer than 5 are")
    flood_share: float = Field(description="Of the time, 0 to 1. ISA-18.2: less than 0.01")
    chattering: int = Field(description="Alerts that flapped")
    stale: int = Field(description="There for longer than 24 hours at the end")
    unacknowledged: int = Field(description="Nobody had acknowledged at the end")
    worst: list[WorstBody] = Field(description="The ten sources that asked most")
    priorities: dict[str, int] = Field(description="Priority to how many asked with it")
    acknowledged: TimesBody = Field(description="How long it took, from when it asked")
    resolved: TimesBody = Field(description="How long it took, from when it was raised")


class PrecisionBody(BaseModel):
    """How often it was right, by what people said when they closed; 95 % interval (Wilson)."""

    name: str
    right: int = Field(description="Closed as `true` or `nuisance`")
    wrong: int = Field(description="Closed as `false`")
    nuisance: int
    precision: float
    low: float
    high: float


class PrecisionList(BaseModel):
    rows: list[PrecisionBody] = Field(description="The least precise first")
    judged: int = Field(description="How many closed alerts that is of")
    cut: bool = Field(description="There are more: these are the latest closed of them")


@router.get("", dependencies=_READ, responses=answers(401, 422))
def get_load(
    request: Request,
    *,
    since: Annotated[
        str | None, Query(description="RFC 3339; left out: eight hours before its end")
    ] = None,
    until: Annotated[str | None, Query(description="RFC 3339; left out: now")] = None,
    operators: Annotated[
        int | None,
        Query(ge=1, le=1000, description="Who share the work; left out: who are on shift now"),
    ] = None,
) -> LoadBody:
    """What alerts asked of each operator in a period of event time, as EEMUA 191 measures it."""
    end = event_time(request) if until is None else time_of("until", until)
    begin = end - _SHIFT if since is None else time_of("since", since)
    if not 0 < end - begin <= LONGEST:
        raise ProblemError(422, "invalid", "since: before until, by 31 days at most")
    if end > event_time(request) + MINUTE:  # nobody has been told of what is to come
        raise ProblemError(422, "invalid", "until: now at the latest")
    if begin < 0:
        raise ProblemError(422, "invalid", "since: in 1970 or later")
    with pool_of(request).connection() as connection:
        told = _told(connection, begin, end, area_of(request))
        number = operators or shift_store.operators(connection, area_of(request))
    found = load.measure(told, begin, end, number)
    return LoadBody(
        **found._asdict()
        | {
            "since": to_rfc3339(begin),
            "until": to_rfc3339(end),
            "worst": [WorstBody(**one._asdict()) for one in found.worst],
            "priorities": {str(level): number for level, number in found.priorities.items()},
            "acknowledged": TimesBody(**found.acknowledged._asdict()),
            "resolved": TimesBody(**found.resolved._asdict()),
        }
    )


@router.get("/precision", dependencies=_READ, responses=answers(401, 422))
def get_precision(
    request: Request,
    *,
    by: Annotated[Literal["rule", "source", "model", "kind"], Query()] = "rule",
    since: Annotated[str | None, Query(description="Closed then or later (RFC 3339)")] = None,
    until: Annotated[str | None, Query(description="Closed before")] = None,
) -> PrecisionList:
    """How often each rule, camera, model or kind was right, the least precise first."""
    asked = _asked(request, since, until)
    named: By = by
    with pool_of(request).connection() as connection:
        alerts = dispositions.alerts(connection, asked, MOST_JUDGED + 1)
    cut, alerts = len(alerts) > MOST_JUDGED, alerts[:MOST_JUDGED]
    rows = [
        PrecisionBody(
            name=one.name,
            right=one.right,
            wrong=one.wrong,
            nuisance=one.nuisance,
            precision=one.share.value,
            low=one.share.low,
            high=one.share.high,
        )
        for one in precision(alerts, named)
    ]
    return PrecisionList(rows=rows, judged=len(alerts), cut=cut)


def _asked(request: Request, since: str | None, until: str | None) -> dispositions.Filter:
    begin, end = moment_of("since", since), moment_of("until", until)
    return dispositions.Filter(begin, end, area_of(request))


def _told(connection: Connection, since: Micros, until: Micros, area: Area) -> list[Told]:
    """Of alerts whose first source is in the area."""
    wanted = {"since": to_datetime(since - LEAD), "until": to_datetime(until)}
    with connection.transaction(), connection.cursor("load") as found:
        found.execute(store.SQL["transitions_within"], wanted)
        lines = (store.recorded(row).transition for row in found)
        return [
            one
            for one in load.of_alerts(lines, since - LEAD, until)
            if area is None or one.alert.wards.get(one.alert.source, "") in area
        ]
