"""``/api/alerts``: listing, one alert with its timeline, its evidence, what operators do."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import rationale, store
from services.alerts.alert import Alert
from services.alerts.area import Area, Shown, line_seen_by, seen_by
from services.alerts.commands import Action, Command, Refused
from services.api import bodies, listing
from services.api.areas import area_of
from services.api.auth import may, pool_of
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.recording import recorded
from services.api.users import User
from streams.events import to_rfc3339

router = APIRouter(tags=["alerts"], prefix="/api/alerts")

_ID = re.compile(r"[0-9a-f-]{4,36}")
Actor = Annotated[User, may(Permission.ALERTS_ACT)]
Commenter = Annotated[User, may(Permission.ALERTS_COMMENT)]


class Act(BaseModel):
    """What an operator asks. Send the same `command_id` again after a lost answer: it is done
    once, and the answer is the same.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"command_id": "3f6c2a34-6d1b-4d38-9d1d-3b6a3c1f7e55", "comment": "Crew sent."}
            ]
        }
    )
    command_id: str = Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")
    expected_version: int | None = Field(
        None, ge=1, description="Refuse with 409 unless the alert is still at this version"
    )
    comment: str = Field("", max_length=2000)


@router.get("", dependencies=[may(Permission.ALERTS_READ)], responses=answers(400, 401, 422))
def list_alerts(
    request: Request,
    wanted: listing.Asked,
    *,
    order: listing.Order = "latest",
    limit: Annotated[int, Query(ge=1, le=listing.MAX_PAGE)] = 100,
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> bodies.AlertPage:
    """A page of alerts, as of one instant; `last_event_id` is where the live stream goes on."""
    with pool_of(request).connection() as connection:
        page = listing.page(connection, wanted, order, limit, cursor)
    return bodies.AlertPage(
        alerts=[
            bodies.body(one, page.consequences.get(alert.id, 0))
            for alert in page.alerts
            if (one := seen_by(alert, wanted.area))
        ],
        next=page.next,
        last_event_id=page.last_sequence,
        counts=page.counts,
    )


@router.get("/{id}", dependencies=[may(Permission.ALERTS_READ)], responses=answers(401, 404, 409))
def get_alert(id: str, request: Request) -> bodies.AlertDetail:
    """One alert with why it was raised, what is to be done about it, and its timeline.

    A beginning of its id is enough where it is unambiguous.
    """
    with pool_of(request).connection() as connection, connection.transaction():
        area = area_of(request)
        alert, seen = of_area(connection, full_id(connection, id, area), area)
        history = store.history(connection, alert.id, alert.version)
        return bodies.detail(
            seen,
            [line_seen_by(line, alert, area) for line in history],
            rationale.of(connection, alert) if seen.own else None,
            rationale.of_members(connection, alert, area),
            cause=_cause(connection, alert, area),
            consequences=_consequences(connection, alert, area),
        )


def _cause(connection: store.Connection, alert: Alert, area: Area) -> Shown | None:
    found = store.known_incident(connection, alert.explained_by) if alert.explained_by else None
    return seen_by(found[0], area) if found else None


def _consequences(connection: store.Connection, alert: Alert, area: Area) -> list[Shown]:
    wanted = {"alert": alert.id, "area": None if area is None else sorted(area)}
    found = connection.execute(SQL["consequences_list"], wanted)
    return [one for (text,) in found if (one := seen_by(store.decode_alert(text), area))]


@router.post("/{id}/acknowledge", responses=answers(401, 403, 404, 409, 422))
def acknowledge(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Says "I have seen it". Whoever comes second gets 409, naming the first."""
    return _do("acknowledge", id, act, request, user)


@router.post("/{id}/resolve", responses=answers(401, 403, 404, 409, 422))
def resolve(id: str, act: Act, request: Request, user: Actor) -> bodies.AlertBody:
    """Closes it; while the condition is still there a comment must say why.

    What nobody has acknowledged is acknowledged with it.
    """
    return _do("resolve", id, act, request, user)


@router.post("/{id}/comment", responses=answers(401, 403, 404, 409, 422))
def comment(id: str, act: Act, request: Request, user: Commenter) -> bodies.AlertBody:
    """Adds a remark to the timeline."""
    return _do("comment", id, act, request, user)


def _do(action: Action, id: str, act: Act, request: Request, user: User) -> bodies.AlertBody:
    command = Command(
        id=act.command_id,
        action=action,
        actor=user.name,
        time=event_time(request),
        comment=act.comment.strip(),
        expected_version=act.expected_version,
    )
    notify = store.channel(request.app.state.settings.namespace)
    area = area_of(request)
    with pool_of(request).connection() as connection, recorded(request, connection):
        _, seen = of_area(connection, id, area)
        if not seen.own:
            raise ProblemError(
                403, "outside_area", "the alert is another ward's, of which you see a part"
            )
        outcome = store.execute(connection, id, command, notify)
        if isinstance(outcome, Refused):
            raise _problem(outcome)
    return bodies.body(seen_by(outcome, area) or seen)


def _problem(refused: Refused) -> ProblemError:
    status = 422 if refused.reason == "comment_required" else 409
    more: dict[str, Any] = {}
    if refused.by and refused.at is not None:
        more = {"by": refused.by, "at": to_rfc3339(refused.at)}
    return ProblemError(status, refused.reason, refused.message, **more)


def of_area(connection: store.Connection, id: str, area: Area) -> tuple[Alert, Shown]:
    """An alert, whole and as somebody may see it.

    Raises:
        NoAlertError: also where nothing of it is in their area.
    """
    alert = store.get(connection, id)
    seen = seen_by(alert, area)
    if seen is None:
        raise store.NoAlertError(id)
    return alert, seen


def full_id(connection: store.Connection, beginning: str, area: Area) -> str:
    """The one id that begins so, of alerts that somebody may see.

    Raises:
        NoAlertError
        ProblemError: more than one begins so.
    """
    if not _ID.fullmatch(beginning):
        raise store.NoAlertError(beginning)
    wanted = {"prefix": beginning, "area": None if area is None else sorted(area)}
    found = connection.execute(SQL["alerts_by_prefix"], wanted).fetchall()
    if not found:
        raise store.NoAlertError(beginning)
    if len(found) > 1:
        raise ProblemError(409, "ambiguous", f"more than one alert begins with {beginning}")
    return str(found[0][0])
