"""``/api/notifications``: what people were told, when, and what became of each message."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.alerts import kinds
from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.queries import SQL
from services.oncall.deciding import Message
from streams.events import Origin, Severity, from_datetime, to_rfc3339

router = APIRouter(tags=["notifications"], prefix="/api/notifications")

State = Literal["waiting", "sending", "sent", "failed", "withheld"]
MOST = 500
_MESSAGE = msgspec.json.Decoder(Message)


class NotificationBody(BaseModel):
    sequence: int = Field(description="In order of deciding")
    id: str = Field(description="Its idempotency key")
    alert: str | None = Field(description="Null: it tries a channel out")
    policy: str | None
    step: int
    alerts: int = Field(description="For how many it stands: in a flood one is for several")
    severity: Severity
    kind: str | None
    kind_vi: str | None
    kind_en: str | None
    origin: Origin
    recipient: str | None = Field(description="Whom it is for; null: there was nobody")
    time: str = Field(description="Event time at which it was decided, RFC 3339")
    state: State
    told: str | None = Field(description="Whom it went to, or is tried for")
    channel: str | None
    exercise: bool = Field(description="It was marked as an exercise")
    attempts: int
    detail: str = Field(description="Why it was not sent, or not to whom it was for")
    changed_at: str | None = Field(description="By the clock; null: nothing was tried yet")


@router.get("", dependencies=[may(Permission.ONCALL_READ)], responses=answers(401, 403, 422))
def list_notifications(
    database: Database,
    *,
    state: Annotated[State | None, Query(description="Only those")] = None,
    alert: Annotated[str | None, Query(max_length=64, description="Of this alert")] = None,
    id: Annotated[str | None, Query(max_length=200, description="This message")] = None,
    before: Annotated[
        int | None, Query(ge=0, lt=2**63, description="Of a lower sequence: the next page")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> list[NotificationBody]:
    """Messages, the newest first."""
    asked = {"state": state, "alert": alert, "id": id, "before": before, "limit": limit}
    return [_body(*row) for row in database.execute(SQL["notifications_list"], asked).fetchall()]


def _body(sequence: int, body: str, *delivery: Any) -> NotificationBody:
    state, told, channel, exercise, attempts, detail, changed = delivery
    message = _MESSAGE.decode(body)
    facts = message.facts
    return NotificationBody(
        sequence=sequence,
        id=message.id,
        alert=facts.alert or None,
        policy=message.policy or None,
        step=message.step,
        alerts=message.summary.count if message.summary else 1,
        severity=facts.severity,
        kind=facts.kind or None,
        kind_vi=kinds.of(facts.kind).name_vi if facts.kind else None,
        kind_en=kinds.of(facts.kind).name_en if facts.kind else None,
        origin=facts.origin,
        recipient=message.told[0].recipient if message.told else None,
        time=to_rfc3339(message.time),
        state=state or "waiting",
        told=told or None,
        channel=channel or None,
        exercise=bool(exercise),
        attempts=attempts or 0,
        detail=detail or "",
        changed_at=None if changed is None else to_rfc3339(from_datetime(changed)),
    )
