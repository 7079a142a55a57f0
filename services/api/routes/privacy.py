"""``/api/privacy``: how long what is kept of people is kept, and erasing pictures of them."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.areas import insist_here, sources_here
from services.api.auth import asker, may, pool_of
from services.api.changing import Database
from services.api.originals import LEAST, reasoned
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.recording import record_first
from services.api.times import time_of
from services.privacy import erasures
from services.privacy.erasures import Given, Order
from services.privacy.retention import What, kept
from services.privacy.vault import Vault
from streams.events import to_rfc3339
from streams.kafka.outage import positions
from streams.readers import READS
from streams.stages.detect import Detect
from streams.topics import FRAMES

router = APIRouter(tags=["privacy"], prefix="/api/privacy")


class KeptBody(BaseModel):
    what: What
    days: int | None = Field(description="Of event time; null: until somebody removes it")
    bytes: int | None = Field(description="What is beyond these goes before; null: no such bound")


class MaskingBody(BaseModel):
    real: str = Field(
        description="`name@version` of what looks for people in real pictures; empty: none is"
        " there, and they are masked whole"
    )
    simulated: str


class PrivacyBody(BaseModel):
    kept: list[KeptBody]
    masking: MaskingBody
    pictures: int = Field(description="Of the evidence, kept now")
    originals: int = Field(description="Of those, as cameras sent them")
    waiting: int = Field(description="Of those, that nobody has masked yet")
    oldest_at: str | None = Field(description="When the oldest was taken, RFC 3339; null: none is")


class ErasureIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": "cam-cau-rao",
                    "since": "2026-11-29T08:00:00Z",
                    "until": "2026-11-29T09:00:00Z",
                    "reason": "request 31/2026 of a passer-by",
                }
            ]
        },
    )
    source: str = Field(min_length=1, max_length=200, description="Id of the camera")
    since: str = Field(max_length=40, description="RFC 3339, event time")
    until: str = Field(max_length=40, description="RFC 3339, event time; before which")
    reason: str = Field(min_length=LEAST, max_length=500)


class ReachedBody(BaseModel):
    pictures: int = Field(description="Of the evidence")
    days: list[str] = Field(description="UTC; their keys were destroyed whole")
    parts: list[str] = Field(description="UTC; what is left of them was sealed anew")
    frames: int = Field(description="Of the camera, that left Kafka")
    frames_left: int = Field(
        description="The same, still there as not everybody has read them: give the order again"
    )
    dead_letters: int = Field(description="Frames of the camera that could not be used")
    others: int = Field(description="Other messages that left Kafka with them")
    away: str = Field(description="Why nothing left Kafka: give the order again; empty: some did")


class ErasureBody(BaseModel):
    id: int
    source: str
    since: str
    until: str
    actor: str
    reason: str
    ordered_at: str
    reached: ReachedBody | None = Field(description="null: it was interrupted; give it again")


class ErasureList(BaseModel):
    erasures: list[ErasureBody]


@router.get("", dependencies=[may(Permission.STATUS_READ)], responses=answers(401))
def privacy(request: Request, database: Database) -> PrivacyBody:
    """How long pictures and all that names people are kept, and what masks them."""
    vault: Vault = request.app.state.vault
    pictures, originals, waiting, oldest = vault.count(database)
    return PrivacyBody(
        kept=[
            KeptBody(what=one.what, days=one.days, bytes=one.bytes)
            for one in kept(request.app.state.settings)
        ],
        masking=MaskingBody(
            real=vault.masker.model("live"), simulated=vault.masker.model("simulated")
        ),
        pictures=pictures,
        originals=originals,
        waiting=waiting,
        oldest_at=None if oldest is None else to_rfc3339(oldest),
    )


@router.get("/erasures", dependencies=[may(Permission.PICTURES_ERASE)], responses=answers(401, 403))
def list_erasures(request: Request, database: Database) -> ErasureList:
    """Orders that were given, the newest first."""
    inside = sources_here(request, database, None)
    return ErasureList(
        erasures=[
            _body(given)
            for given in erasures.orders(database)
            if inside is None or given.order.camera in inside
        ]
    )


@router.post(
    "/erasures",
    dependencies=[may(Permission.PICTURES_ERASE)],
    responses=answers(401, 403, 404, 422),
)
def erase(body: ErasureIn, request: Request) -> ErasureBody:
    """Erases the pictures of a camera and time, for good: their keys, so that no copy of the
    database shows them, and its frames in Kafka. Recordings are files: `cityops privacy erase`
    finds those of its machine."""
    after, until = time_of("since", body.since), time_of("until", body.until)
    if after is None or until is None or until <= after:
        raise ProblemError(
            422, "invalid", "it ends before it begins: until must be later than since"
        )
    why = reasoned(request, body.reason).why
    beats = request.app.state.heartbeats.latest().values()
    read = {
        number: offset
        for (reader, (topic, number)), offset in positions(beats, READS).items()
        if (reader, topic) == (Detect.name, FRAMES)
    }
    with pool_of(request).connection() as connection:
        insist_here(request, connection, body.source)
        record_first(request, connection)
        given = erasures.erase(
            connection,
            request.app.state.vault,
            request.app.state.settings,
            Order(body.source, after, until),
            actor=asker(request).user.name,
            reason=why,
            read=read,
        )
    return _body(given)


def _body(given: Given) -> ErasureBody:
    order, reached = given.order, given.reached
    fields: dict[str, Any] = {
        "id": given.id,
        "source": order.camera,
        "since": to_rfc3339(order.after),
        "until": to_rfc3339(order.until),
        "actor": given.actor,
        "reason": given.reason,
        "ordered_at": to_rfc3339(given.ordered_at),
        "reached": None
        if reached is None
        else ReachedBody(
            pictures=reached.pictures,
            days=list(reached.days),
            parts=list(reached.parts),
            frames=reached.frames,
            frames_left=reached.frames_left,
            dead_letters=reached.dead_letters,
            others=reached.others,
            away=reached.away,
        ),
    }
    return ErasureBody(**fields)
