"""Originals: pictures as cameras sent them. Who sees one is a person; it is kept who, and why."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.asked import Asked, asked, because
from services.api.auth import asker, pool_of
from services.api.problems import ProblemError
from services.api.recording import record_first
from services.api.users import SERVICE
from services.privacy.keys import Place
from services.privacy.masker import MASKED
from streams.events import to_rfc3339

JPEG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG, byte for byte as the camera sent it; `X-Picture-Masked` is `nothing`",
        "content": {"image/jpeg": {}},
    }
}

LEAST = 10
"""Letters of a reason."""


class Reasoned(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "Police request 114/2026: hit and run"}]},
    )
    reason: str = Field(min_length=LEAST, max_length=500, description="Why it has to be seen")


def see(request: Request, body: Reasoned, place: Place, jpeg: bytes) -> Response:
    """The answer, once it is in the audit log who gets it, and why.

    Raises:
        ProblemError: it would be nobody, for no reason, or cannot be recorded.
    """
    told = reasoned(request, body.reason)
    told.detail = f"{place.camera} at {to_rfc3339(place.time)}, sha256 {place.sha256}"
    with pool_of(request).connection() as connection:
        record_first(request, connection)
    return Response(jpeg, media_type="image/jpeg", headers={MASKED: "nothing"})


def reasoned(request: Request, reason: str) -> Asked:
    """Takes the reason of a person; raises as ``see``."""
    if asker(request).purpose == SERVICE:
        raise ProblemError(
            403, "no_person", "it is on record who: sign in by 'cityops signin NAME'"
        )
    reason = " ".join(reason.split())
    if len(reason) < LEAST:
        raise ProblemError(422, "invalid", f"reason: say why, in {LEAST} letters or more")
    because(request, reason)
    return asked(request)
