"""``/api/clock``: whether the machine's clock is believed, and that it is right after all."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.auth import may
from services.api.changing import Changer, Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from streams.clock import RELEASED, spelled
from streams.configuration import clock_orders
from streams.events import SECOND, to_rfc3339
from streams.kafka.heartbeat import clock_ahead, event_now
from streams.stamps import wall_clock

router = APIRouter(prefix="/api/clock", tags=["clock"])

ANSWER_SECONDS = 5.0


class ClockBody(BaseModel):
    time: str = Field(description="What the machine's clock shows")
    event_time: str = Field(description="What event time should be by now")
    ahead_seconds: float = Field(
        description="By how much the machine's clock is ahead of event time and not believed;"
        " negative: behind; 0: it is believed"
    )
    ahead: str = Field(description="As above, for people; empty: it is believed")


MOST_AHEAD = 1e12
"""Seconds; more than there is between any two times."""


class AcceptIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    ahead_seconds: float = Field(
        ge=-MOST_AHEAD,
        le=MOST_AHEAD,
        description="As it was shown, so that no other step is meant",
    )


@router.get("", dependencies=[may(Permission.STATUS_READ)], responses=answers(401))
def get_clock(request: Request) -> ClockBody:
    heartbeats, wall = request.app.state.heartbeats.latest(), wall_clock()
    ahead = clock_ahead(heartbeats)
    return ClockBody(
        time=to_rfc3339(wall),
        event_time=to_rfc3339(event_now(heartbeats, wall)),
        ahead_seconds=round(ahead / SECOND, 3),
        ahead=spelled(ahead) if ahead else "",
    )


@router.post("/accept", responses=answers(401, 403, 409, 503))
def accept_clock(body: AcceptIn, user: Changer, database: Database) -> ClockBody:
    """Takes the machine's clock for right: event time goes on from what it shows.

    Where event time is ahead it slows down until it is right; by more than a day it goes back,
    into what it had jumped over, and the stretch that was wrong is an incident.
    """
    ahead = round(body.ahead_seconds * SECOND)
    if not ahead:
        raise ProblemError(409, "believed", "the clock is believed; there is nothing to take over")
    if wall_clock() < RELEASED:
        raise ProblemError(
            409, "before_release", "the clock shows a time before this release: put it right"
        )
    taken = clock_orders.wait(
        database, clock_orders.ask(database, ahead, user.name), ANSWER_SECONDS
    )
    if taken is None:
        raise ProblemError(503, "no_gateway", "the gateway does not answer; is it running?")
    if not taken:
        raise ProblemError(409, "changed", "the clock is no longer wrong by so much: look again")
    wall = wall_clock()
    return ClockBody(
        time=to_rfc3339(wall), event_time=to_rfc3339(wall), ahead_seconds=0.0, ahead=""
    )
