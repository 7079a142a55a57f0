"""``/api/warnings``: telling the public, which takes two persons."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api import warnings
from services.api.asked import now_of
from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.routes.alerts import full_id
from services.api.users import User
from services.api.warnings import State
from streams.events import from_datetime, to_rfc3339

router = APIRouter(tags=["notifications"], prefix="/api/warnings")

Warner = Annotated[User, may(Permission.ALERTS_WARN)]


class WarningIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"alert": "3f6c2a34", "channel": "public", "reason": "Quay is on fire."}]
        },
    )
    alert: str = Field(min_length=4, max_length=36, description="Its id, or its beginning")
    channel: str = Field(min_length=1, max_length=64, description="A public one")
    reason: str = Field(min_length=3, max_length=500, description="For who is to confirm it")


class WarnedBody(BaseModel):
    recipient: str = Field(description="`channel:NAME`, or `station:NAME` of one that speaks")
    over: bool = Field(description="It is the end of the warning")
    state: Literal["waiting", "sending", "sent", "failed", "withheld"] = Field(
        description="`sent`: it has it; a station has acknowledged it"
    )
    detail: str
    changed_at: str | None = Field(description="By the clock")


class WarningBody(BaseModel):
    id: str
    alert: str
    channel: str
    reason: str
    proposed_by: str
    proposed_at: str
    state: State
    decided_by: str | None = Field(description="Who confirmed or withdrew it; null: nobody yet")
    decided_at: str | None
    told: list[WarnedBody] = Field(description="What became of it, and of its end, one by one")


@router.get("", dependencies=[may(Permission.ONCALL_READ)], responses=answers(401, 403))
def list_warnings(database: Database) -> list[WarningBody]:
    """Public warnings, the latest first, and what became of each."""
    found = warnings.everything(database)
    told = warnings.told(database, found)
    return [_body(one, told.get(one.id, [])) for one in found]


@router.post("", status_code=201, responses=answers(401, 403, 404, 409, 422))
def propose_warning(
    body: WarningIn, request: Request, user: Warner, database: Database
) -> WarningBody:
    """Proposes to tell the public of an alert that is live and there; another person confirms it,
    within an hour.
    """
    asked = {"channel": body.channel, "reason": body.reason}
    alert = full_id(database, body.alert, None)
    now = now_of(request.app.state)
    return _body(warnings.propose(database, user, now, alert=alert, **asked))


@router.post("/{id}/confirm", responses=answers(401, 403, 404, 409, 422))
def confirm_warning(id: str, request: Request, user: Warner, database: Database) -> WarningBody:
    """Tells the public; whoever proposed it may not."""
    return _body(warnings.confirm(database, user, id, now_of(request.app.state)))


@router.post("/{id}/withdraw", responses=answers(401, 403, 404, 409))
def withdraw_warning(id: str, request: Request, user: Warner, database: Database) -> WarningBody:
    """Nobody is told of it; what was confirmed stays so."""
    return _body(warnings.withdraw(database, user, id, now_of(request.app.state)))


def _body(one: warnings.PublicWarning, told: Sequence[warnings.Became] = ()) -> WarningBody:
    decided = one.decided_at
    return WarningBody(
        id=one.id,
        alert=one.alert,
        channel=one.channel,
        reason=one.reason,
        proposed_by=one.proposed_by,
        proposed_at=to_rfc3339(from_datetime(one.proposed_at)),
        state=one.state,
        decided_by=one.decided_by,
        decided_at=None if decided is None else to_rfc3339(from_datetime(decided)),
        told=[
            WarnedBody.model_validate(
                each._asdict()
                | {
                    "changed_at": None
                    if each.changed_at is None
                    else to_rfc3339(from_datetime(each.changed_at))
                }
            )
            for each in told
        ],
    )
