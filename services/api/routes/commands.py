"""``/api/commands``: commands of this machine that reach past the API say that they are given."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.asked import asked
from services.api.auth import asker, may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import answers

router = APIRouter(tags=["people"], prefix="/api/commands")

Action = Literal[
    "recording:make",
    "replay:run",
    "replay:compare",
    "replay:remove",
    "letter:view",
    "letter:retry",
    "model:fetch",
    "stack:stop",
    "stack:reset",
    "audit:accept",
    "key:renew",
    "key:revoke",
    "feed:add",
]


class CommandIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"action": "recording:make", "subject": "rush-hour"}]},
    )
    action: Action
    subject: str = Field("", max_length=200)
    why: str = Field("", max_length=500, description="The reason that was given")
    detail: str = Field("", max_length=500)


class Given(BaseModel):
    name: str = Field(description="In whose name it is recorded")


@router.post("", dependencies=[may(Permission.COMMANDS_OWN)], responses=answers(401, 403, 422))
def say(body: CommandIn, request: Request, database: Database) -> Given:  # noqa: ARG001
    """Records that you are about to give a command that needs no permission here, but this
    machine's servers and files; it is in the audit log when it is answered.
    """
    asked(request).says(body.action, body.subject, body.why, body.detail)
    return Given(name=asker(request).user.name)
