"""``/api/suppressions``: what is out of service or maintained, and so asks for nothing."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import store, suppression_store
from services.alerts.suppression_store import Asked
from services.alerts.suppressions import Kind, Scope, Suppression, Wrong
from services.api import bodies
from services.api.auth import may, pool_of
from services.api.changing import Database
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from services.api.times import time_of
from services.api.users import User
from streams.events import to_rfc3339
from streams.wards import spelled

router = APIRouter(tags=["alerts"], prefix="/api/suppressions")

Suppressor = Annotated[User, may(Permission.ALERTS_SUPPRESS)]
_COMMAND = Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")


class SuppressionIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "command_id": "7d3c",
                    "kind": "maintenance",
                    "scope": "source",
                    "subject": "quay-3",
                    "begin": "2026-11-30T01:00:00Z",
                    "until": "2026-11-30T03:00:00Z",
                    "reason": "New lens",
                }
            ]
        },
    )
    command_id: Annotated[str, _COMMAND]
    kind: Kind
    scope: Scope = Field(
        description="Out of service: a source or a rule. Maintenance: a source or a ward"
    )
    subject: str = Field(min_length=1, max_length=100)
    begin: str | None = Field(
        None, description="Event time (RFC 3339); null: now. Maintenance only"
    )
    until: str | None = Field(
        None, description="Event time; maintenance always has one, out of service never"
    )
    reason: str = Field(max_length=500)


class SuppressionEnd(BaseModel):
    command_id: Annotated[str, _COMMAND]
    reason: str = Field(max_length=500)


@router.get("", dependencies=[may(Permission.ALERTS_READ)], responses=answers(401))
def list_suppressions(
    request: Request,
    *,
    over: Annotated[bool, Query(description="Also those that are over")] = False,
) -> list[bodies.SuppressionBody]:
    """What is out of service or maintained, now or planned, the latest to begin first."""
    now = event_time(request)
    with pool_of(request).connection() as connection:
        found = suppression_store.everything(connection).values()
    there = [one for one in found if over or one.until is None or one.until > now]
    there.sort(key=lambda one: (one.begin, one.id), reverse=True)
    return [bodies.suppression(one) for one in there]


@router.post("", status_code=201, responses=answers(401, 403, 409, 422))
def suppress(
    body: SuppressionIn, request: Request, user: Suppressor, database: Database
) -> bodies.SuppressionBody:
    """Takes a source or rule out of service, or plans a window of maintenance.

    Alerts that it covers stay where they are, in the state `out_of_service` or `suppressed`, which
    says who did it, why and until when; they count what comes, and ask for nothing.
    """
    if body.kind == "out_of_service" and body.begin is not None:
        raise ProblemError(422, "window", "what is out of service is so from now on")
    asked = Asked(
        kind=body.kind,
        scope=body.scope,
        subject=_subject(request, body, database),
        begin=time_of("begin", body.begin),
        until=time_of("until", body.until),
        reason=body.reason.strip(),
    )
    store.lock(database)
    by = suppression_store.Request(user.name, body.command_id, event_time(request))
    done = suppression_store.start(database, asked, by, _channel(request))
    return _answer(done)


@router.post("/{id}/end", responses=answers(401, 403, 404, 409, 422))
def end_suppression(
    id: str, body: SuppressionEnd, request: Request, user: Suppressor, database: Database
) -> bodies.SuppressionBody:
    """Returns to service what was out of it, or cuts a window short; what is still there asks.

    A beginning of its id is enough where it is unambiguous.
    """
    store.lock(database)
    begin_so = [one for one in suppression_store.everything(database) if one.startswith(id)]
    if not begin_so:
        raise ProblemError(404, "no_suppression", f"there is no suppression {id!r}")
    if len(begin_so) > 1:
        raise ProblemError(409, "ambiguous", f"more than one suppression begins with {id}")
    by = suppression_store.Request(user.name, body.command_id, event_time(request))
    reason = body.reason.strip()
    return _answer(suppression_store.finish(database, begin_so[0], reason, by, _channel(request)))


def _answer(done: Suppression | Wrong) -> bodies.SuppressionBody:
    if isinstance(done, Suppression):
        return bodies.suppression(done)
    status = 409 if done.reason.startswith("already") else 422
    more: dict[str, Any] = {"by": done.by, "at": to_rfc3339(done.at)} if done.by and done.at else {}
    raise ProblemError(status, done.reason, done.message, **more)


def _subject(request: Request, body: SuppressionIn, database: store.Connection) -> str:
    """Its id, or the ward as it is spelt; raises ProblemError where there is none."""
    known = configured(request)
    if body.scope == "ward":
        ward = spelled(body.subject)
        if not any(ward == known_ward for (known_ward, *_) in database.execute(SQL["wards_known"])):
            raise ProblemError(422, "no_subject", f"there is no ward {ward!r}")
        return ward
    there = known.sources if body.scope == "source" else known.rules
    if body.subject not in there:
        raise ProblemError(422, "no_subject", f"there is no {body.scope} {body.subject!r}")
    return body.subject


def _channel(request: Request) -> str:
    return store.channel(request.app.state.settings.namespace)
