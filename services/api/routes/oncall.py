"""``/api/oncall``, ``/api/rotations``, ``/api/policies``: who takes turns, who is told of what."""

from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.store import Connection
from services.api import planning
from services.api.asked import now_of
from services.api.auth import asker, may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.times import time_of
from services.oncall import calendar, record
from services.oncall.plans import (
    LONGEST_DELAY_MINUTES,
    LONGEST_TURN_HOURS,
    MOST_HOLIDAYS,
    MOST_NAMED,
    MOST_STEPS,
    Override,
    Plans,
    Policy,
    Rotation,
    Step,
    next_change,
    on_call,
    split,
)
from services.oncall.unseen import Unseen, unseen
from streams.events import DAY, Micros, Severity, to_rfc3339
from streams.kinds.registry import all_kinds
from streams.stamps import wall_clock

router = APIRouter(tags=["notifications"], prefix="/api")

_READ = [may(Permission.ONCALL_READ)]
_MANAGE = [may(Permission.ONCALL_MANAGE)]
LONGEST_CALENDAR: Micros = 400 * DAY
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"description": "iCalendar (RFC 5545)", "content": {calendar.MEDIA_TYPE: {}}}
}
_HOLIDAYS: Any = Field(
    default=[],
    max_length=MOST_HOLIDAYS,
    description="Days of Viet Nam's calendar, such as `2027-01-01`: others have the turn then",
)
Name = Annotated[str, Field(min_length=1, max_length=64)]
Names = Annotated[list[str], Field(max_length=MOST_NAMED)]


class DutyBody(BaseModel):
    rotation: str
    user: str | None = Field(description="Null: nobody, as its first turn has not begun")
    until: str | None = Field(description="RFC 3339: when that may change; null: never")


class RotationIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"people": ["lan", "minh"], "start": "2026-11-30T08:00:00+07:00"}]
        },
    )
    people: list[Name] = Field(min_length=1, max_length=MOST_NAMED, description="In turn")
    start: str = Field(description="RFC 3339: the first hand-over, and so the time of the others")
    hours: int = Field(default=24 * 7, ge=1, le=LONGEST_TURN_HOURS, description="Of a turn")
    holidays: list[Annotated[str, Field(max_length=10)]] = _HOLIDAYS
    holiday_people: Names = Field(default=[], description="Who take turns of a holiday each")


class OverrideIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"user": "minh", "since": "2026-12-01T08:00:00Z", "until": "2026-12-02T08:00:00Z"}
            ]
        },
    )
    user: Name
    since: str = Field(description="RFC 3339")
    until: str = Field(description="RFC 3339: the first moment at which it is over")


class OverrideBody(BaseModel):
    id: str
    rotation: str
    user: str
    since: str
    until: str


class RotationBody(BaseModel):
    name: str
    people: list[str]
    start: str
    hours: int
    holidays: list[str]
    holiday_people: list[str]
    overrides: list[OverrideBody]


class StepIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    after: int = Field(
        ge=0, le=LONGEST_DELAY_MINUTES, description="Minutes of event time since the alert"
    )
    tell: list[str] = Field(
        min_length=1,
        max_length=MOST_NAMED,
        description="`user:…`, `rotation:…`, `team:…`, `channel:…`",
    )


class PolicyIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"steps": [{"after": 0, "tell": ["rotation:desk"]}]}]},
    )
    severity: Severity = Field(default="informational", description="At least")
    kinds: Names = Field(default=[], description="Empty: all")
    wards: Names = Field(default=[], description="Empty: all, and what is in none")
    priority: int = Field(
        default=0, ge=0, le=4, description="At least this urgent, 1 to 4; 0: whatever it is"
    )
    steps: list[StepIn] = Field(min_length=1, max_length=MOST_STEPS)
    fallback: Names = Field(default=[], description="Told where nobody of a step is reached")


class UnseenBody(BaseModel):
    recipient: str = Field(description="As the policy names it")
    who: str = Field(description="A person or a channel that is meant by it: `user:…`, `channel:…`")
    hears: list[str] = Field(
        description="Wards that they may see: they are told of alerts that have a source there;"
        " empty: they may see no alerts, or cannot sign in"
    )
    misses: list[str] = Field(
        description="Wards that the policy names and that they may not see; empty: it names none,"
        " and they miss whatever is elsewhere"
    )


class PolicyBody(BaseModel):
    name: str
    severity: Severity
    kinds: list[str]
    wards: list[str]
    priority: int
    steps: list[StepIn]
    fallback: list[str]
    unseen: list[UnseenBody] = Field(
        description="Whom it names who may not see all that it tells, and so are not told of it;"
        " people only for who may see what people may (`users:read`)"
    )


@router.get("/oncall", dependencies=_READ, responses=answers(401, 403, 422))
def who_is_on_call(
    request: Request,
    database: Database,
    at: Annotated[str | None, Query(description="RFC 3339; left out: now, by event time")] = None,
) -> list[DutyBody]:
    """Who is on call, in each rotation."""
    time = now_of(request.app.state) if at is None else time_of("at", at)
    plans = record.known(database).plans
    found = []
    for name in plans.rotations:
        change = next_change(plans, name, time)
        found.append(
            DutyBody(
                rotation=name,
                user=on_call(plans, name, time) or None,
                until=None if change is None else to_rfc3339(change),
            )
        )
    return found


@router.get(
    "/oncall/calendar",
    response_class=Response,
    dependencies=_READ,
    responses={**_CALENDAR, **answers(401, 403, 404, 422)},
)
def calendar_of_turns(
    request: Request,
    database: Database,
    *,
    rotation: Annotated[str | None, Query(description="Left out: all")] = None,
    user: Annotated[str | None, Query(description="Whose turns; left out: everybody's")] = None,
    since: Annotated[str | None, Query(description="RFC 3339; left out: a week ago")] = None,
    until: Annotated[str | None, Query(description="RFC 3339; left out: in 60 days")] = None,
) -> Response:
    """Who is on call, as iCalendar: turns, holidays, and who stands in; for 400 days at most."""
    now, plans = now_of(request.app.state), record.known(database).plans
    if rotation is not None:
        _insist(plans, rotation)
    begin = now - 7 * DAY if since is None else time_of("since", since)
    end = now + 60 * DAY if until is None else time_of("until", until)
    if not begin < end <= begin + LONGEST_CALENDAR:
        raise ProblemError(422, "invalid", "until: after since, by 400 days at most")
    turns = (
        turn
        for name in ([rotation] if rotation is not None else plans.rotations)
        for turn in calendar.turns(plans, name, begin, end)
        if user in (None, turn.user)
    )
    found = list(islice(turns, calendar.MOST + 1))
    if len(found) > calendar.MOST:
        detail = f"until: that is more than {calendar.MOST} turns: ask for less"
        raise ProblemError(422, "invalid", detail)
    return Response(calendar.written(found, now), media_type=calendar.MEDIA_TYPE)


@router.get("/rotations", dependencies=_READ, responses=answers(401, 403))
def list_rotations(database: Database) -> list[RotationBody]:
    """Every rotation, with who stands in for whom."""
    plans = record.known(database).plans
    return [_rotation(one, plans) for one in plans.rotations.values()]


@router.put("/rotations/{name}", dependencies=_MANAGE, responses=answers(401, 403, 422))
def put_rotation(name: str, body: RotationIn, database: Database) -> RotationBody:
    """Adds a rotation, or says it anew."""
    one = Rotation(
        name=planning.named(name),
        people=tuple(body.people),
        start=time_of("start", body.start),
        hours=body.hours,
        holidays=tuple(sorted({*body.holidays})),
        holiday_people=tuple(body.holiday_people),
    )
    planning.put(database, "rotation", one)
    return _rotation(one, record.known(database).plans)


@router.delete("/rotations/{name}", dependencies=_MANAGE, responses=answers(401, 403, 404, 409))
def delete_rotation(name: str, database: Database) -> list[RotationBody]:
    """Removes a rotation that nothing names; those that are left."""
    planning.drop(database, "rotation", name)
    return list_rotations(database)


@router.post(
    "/rotations/{name}/overrides",
    status_code=201,
    dependencies=_MANAGE,
    responses=answers(401, 403, 404, 422),
)
def add_override(name: str, body: OverrideIn, database: Database) -> OverrideBody:
    """Somebody stands in for whoever's turn it is, for a while."""
    _insist(record.known(database).plans, name)
    one = Override(
        name=uuid4().hex[:12],
        rotation=name,
        user=body.user,
        since=time_of("since", body.since),
        until=time_of("until", body.until),
        made=wall_clock(),
    )
    planning.put(database, "override", one)
    return _override(one)


@router.delete(
    "/rotations/{name}/overrides/{id}", dependencies=_MANAGE, responses=answers(401, 403, 404)
)
def delete_override(name: str, id: str, database: Database) -> RotationBody:
    """Nobody stands in any more."""
    plans = record.known(database).plans
    rotation = _insist(plans, name)
    if id not in plans.overrides or plans.overrides[id].rotation != name:
        raise ProblemError(404, "no_override", f"{name} has no override {id!r}")
    planning.drop(database, "override", id)
    return _rotation(rotation, record.known(database).plans)


@router.get("/policies", dependencies=_READ, responses=answers(401, 403))
def list_policies(request: Request, database: Database) -> list[PolicyBody]:
    """Every policy: all that match an alert hold."""
    return _policies(request, database)


@router.put("/policies/{name}", dependencies=_MANAGE, responses=answers(401, 403, 422))
def put_policy(name: str, body: PolicyIn, request: Request, database: Database) -> PolicyBody:
    """Adds a policy, or says it anew; alerts that are on their way go on by what it says now."""
    kinds = all_kinds()
    for kind in body.kinds:
        if kind not in kinds:
            raise ProblemError(422, "invalid", f"kinds: there is no kind {kind!r}")
    one = Policy(
        name=planning.named(name),
        severity=body.severity,
        kinds=tuple(body.kinds),
        wards=planning.wards(database, body.wards) if body.wards else (),
        priority=body.priority,
        steps=tuple(Step(step.after, tuple(step.tell)) for step in body.steps),
        fallback=tuple(body.fallback),
    )
    planning.put(database, "policy", one)
    return next(each for each in _policies(request, database) if each.name == one.name)


@router.delete("/policies/{name}", dependencies=_MANAGE, responses=answers(401, 403, 404, 409))
def delete_policy(name: str, request: Request, database: Database) -> list[PolicyBody]:
    """Removes a policy: nobody is told by it any more; those that are left."""
    planning.drop(database, "policy", name)
    return _policies(request, database)


def _insist(plans: Plans, rotation: str) -> Rotation:
    if rotation not in plans.rotations:
        raise ProblemError(404, "no_rotation", f"there is no rotation {rotation!r}")
    return plans.rotations[rotation]


def _rotation(one: Rotation, plans: Plans) -> RotationBody:
    overrides = [each for each in plans.overrides.values() if each.rotation == one.name]
    return RotationBody(
        name=one.name,
        people=list(one.people),
        start=to_rfc3339(one.start),
        hours=one.hours,
        holidays=list(one.holidays),
        holiday_people=list(one.holiday_people),
        overrides=[_override(each) for each in sorted(overrides, key=lambda each: each.since)],
    )


def _override(one: Override) -> OverrideBody:
    return OverrideBody(
        id=one.name,
        rotation=one.rotation,
        user=one.user,
        since=to_rfc3339(one.since),
        until=to_rfc3339(one.until),
    )


def _policies(request: Request, database: Connection) -> list[PolicyBody]:
    plans, people = record.known(database).plans, record.people(database)
    now, everybody = now_of(request.app.state), Permission.USERS_READ in asker(request).permissions
    found = []
    for one in plans.policies.values():
        missed = unseen(one, plans, people, now)
        found.append(
            _policy(one, [each for each in missed if everybody or split(each.who)[0] == "channel"])
        )
    return found


def _policy(one: Policy, missed: Iterable[Unseen]) -> PolicyBody:
    return PolicyBody(
        name=one.name,
        severity=one.severity,
        kinds=list(one.kinds),
        wards=list(one.wards),
        priority=one.priority,
        steps=[StepIn(after=step.after, tell=list(step.tell)) for step in one.steps],
        fallback=list(one.fallback),
        unseen=[
            UnseenBody(
                recipient=each.recipient,
                who=each.who,
                hears=list(each.hears),
                misses=list(each.misses),
            )
            for each in missed
        ],
    )
