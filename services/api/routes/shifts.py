"""``/api/shifts``: who is on shift, notes, and hand-overs with two signatures."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import shift_store, shifts
from services.alerts.area import Area
from services.alerts.shifts import (
    LONGEST_NOTE,
    Accepted,
    Began,
    Ended,
    Event,
    Handover,
    Line,
    Noted,
    Offered,
    Refused,
    Shift,
)
from services.api import planning, users
from services.api.areas import area_of
from services.api.auth import may
from services.api.bodies import time_or_none
from services.api.changing import Database
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.users import User
from streams.events import to_rfc3339
from streams.wards import UnknownWardError, found

router = APIRouter(tags=["alerts"], prefix="/api/shifts")

_READ = [may(Permission.ONCALL_READ)]
Operator = Annotated[User, may(Permission.ALERTS_ACT)]
_ANSWERS = answers(401, 403, 409, 422)
LATEST = 20
"""Hand-overs that are listed of each area."""


class ShiftIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"command_id": "7d3c", "area": "Hồng Bàng"}]},
    )
    command_id: str = Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")
    area: str = Field("", max_length=100, description="A ward; empty: the whole city")


class NoteIn(ShiftIn):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE)


class OfferIn(ShiftIn):
    comment: str = Field("", max_length=LONGEST_NOTE)


class AcceptIn(ShiftIn):
    digest: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="Of the document that was read: it is signed by it"
    )


class OnShiftBody(BaseModel):
    user: str
    since: str


class NoteBody(BaseModel):
    time: str
    by: str
    text: str


class HandoverBody(BaseModel):
    """Two signatures under one document."""

    digest: str = Field(description="SHA-256 of the document")
    from_user: str
    time: str
    to_user: str | None = Field(description="Null: nobody has accepted it yet")
    accepted_at: str | None
    comment: str
    counts: dict[str, int] = Field(description="What was open or put aside, by state")
    notes: list[NoteBody]


class ShiftBody(BaseModel):
    area: str = Field(description="Empty: the whole city")
    on: list[OnShiftBody]
    notes: list[NoteBody] = Field(description="Since the last hand-over")
    offered: HandoverBody | None = Field(description="Waits to be accepted by somebody else")
    handed: list[HandoverBody] = Field(description="The latest first")


@router.get("", dependencies=_READ, responses=answers(401, 403))
def list_shifts(request: Request, database: Database) -> list[ShiftBody]:
    """Who is on shift in each area, notes, and the latest hand-overs."""
    known = shift_store.everything(database)
    return [
        _body(area, shift) for area, shift in sorted(known.items()) if _sees(area_of(request), area)
    ]


@router.get(
    "/document",
    response_class=Response,
    dependencies=_READ,
    responses={
        200: {
            "description": "What is signed, byte for byte: its SHA-256 is the digest",
            "content": {"application/json": {}},
        },
        **answers(401, 403, 404, 422),
    },
)
def get_document(
    request: Request,
    database: Database,
    digest: Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")],
) -> Response:
    """The document of a hand-over, rebuilt from the log."""
    for area, shift in shift_store.everything(database, digest).items():
        for one in (*shift.handed, *([shift.offered] if shift.offered else [])):
            if one.digest == digest and _sees(area_of(request), area):
                return Response(shifts.written(one.document), media_type="application/json")
    raise ProblemError(404, "no_handover", "there is no hand-over of that digest")


@router.post("/begin", responses=_ANSWERS)
def begin_shift(body: ShiftIn, request: Request, user: Operator, database: Database) -> ShiftBody:
    """You are on shift from now on, beside whoever is."""

    def decide(shift: Shift, line: Line) -> Event | Refused:
        return shifts.begin(shift, line.actor)

    return _do(body, request, user, database, decide, kind=Began)


@router.post("/end", responses=_ANSWERS)
def end_shift(body: ShiftIn, request: Request, user: Operator, database: Database) -> ShiftBody:
    """You are not on shift any more, and hand nothing over."""

    def decide(shift: Shift, line: Line) -> Event | Refused:
        return shifts.end(shift, line.actor)

    return _do(body, request, user, database, decide, kind=Ended)


@router.post("/note", responses=_ANSWERS)
def add_note(body: NoteIn, request: Request, user: Operator, database: Database) -> ShiftBody:
    """Notes something for those who come; an offer that waits is void, as it lacks the note."""

    def decide(shift: Shift, line: Line) -> Event | Refused:
        return shifts.note(shift, line.actor, body.text.strip())

    return _do(body, request, user, database, decide, kind=Noted)


@router.post("/offer", responses=_ANSWERS)
def offer_handover(
    body: OfferIn, request: Request, user: Operator, database: Database
) -> ShiftBody:
    """Hands over: you sign what is noted, open and put aside; it holds once somebody accepts."""

    def decide(shift: Shift, line: Line) -> Event | Refused:
        items, counts = shift_store.open_ones(database, line.area)
        return shifts.offer(shift, line, body.comment.strip(), items, counts)

    return _do(body, request, user, database, decide, kind=Offered)


@router.post("/accept", responses=_ANSWERS)
def accept_handover(
    body: AcceptIn, request: Request, user: Operator, database: Database
) -> ShiftBody:
    """Takes over: you sign the same document. Nobody accepts what they hand over themselves."""

    def decide(shift: Shift, line: Line) -> Event | Refused:
        return shifts.accept(shift, line.actor, body.digest)

    return _do(body, request, user, database, decide, kind=Accepted)


def _do(
    body: ShiftIn,
    request: Request,
    user: User,
    database: Any,
    decide: Callable[[Shift, Line], Event | Refused],
    *,
    kind: type[Event],
) -> ShiftBody:
    users.insist_person(database, user)
    area = _area(request, database, body.area)
    line = Line(
        area=area,
        time=event_time(request),
        actor=user.name,
        event=Began(),
        command=body.command_id,
    )
    done = shift_store.append(database, line, kind, decide)
    if isinstance(done, Refused):
        raise ProblemError(409, done.reason, done.message)
    return _body(area, done)


def _area(request: Request, database: Any, named: str) -> str:
    """The ward as it is spelled; raises ProblemError. Whoever is limited hears the same of a ward
    that there is not as of one that is not theirs."""
    own = area_of(request)
    if own is None:
        return planning.wards(database, [named])[0] if named else ""
    with suppress(UnknownWardError):
        if named:
            return found([named], own)[0]
    raise ProblemError(403, "outside_area", "that is outside your area")


def _sees(area: Area, ward: str) -> bool:
    """Whoever is limited to wards sees theirs, and not what goes on in the whole city."""
    return area is None or ward in area


def _body(area: str, shift: Shift) -> ShiftBody:
    return ShiftBody(
        area=area,
        on=[OnShiftBody(user=one.user, since=to_rfc3339(one.since)) for one in shift.on],
        notes=[_note(one) for one in shift.notes],
        offered=_handover(shift.offered) if shift.offered else None,
        handed=[_handover(one) for one in shift.handed[: -LATEST - 1 : -1]],
    )


def _handover(one: Handover) -> HandoverBody:
    document = one.document
    return HandoverBody(
        digest=one.digest,
        from_user=document.from_user,
        time=to_rfc3339(document.time),
        to_user=one.to_user or None,
        accepted_at=time_or_none(one.accepted),
        comment=document.comment,
        counts=document.counts,
        notes=[_note(each) for each in document.notes],
    )


def _note(one: shifts.Note) -> NoteBody:
    return NoteBody(time=to_rfc3339(one.time), by=one.by, text=one.text)
