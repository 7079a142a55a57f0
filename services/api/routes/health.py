"""``/healthz`` for supervisors, ``/api/status`` for people, ``/openapi.json`` for programs."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.sources import Carries, carries, configured, newest_events
from streams.configuration.configured import Configured, in_order
from streams.configuration.unjudged import unjudged_rules, unread_sources
from streams.events import SECOND, Heartbeat, Micros, Origin, Source, to_rfc3339
from streams.feeds.registry import asset_type
from streams.hearing import speaks
from streams.kafka.clients import BrokerAwayError, reach
from streams.kafka.heartbeat import SILENT, clock_ahead, event_now, event_time, stalled_since
from streams.settings import Settings
from streams.stamps import wall_clock

router = APIRouter(tags=["health"])

SUSPECT: Micros = 4 * SECOND
GONE: Micros = 6 * SECOND
"""With no word from any part for so long Kafka is asked, or taken to be gone, frozen perhaps."""
REACH_SECONDS = 1.0


class Health(BaseModel):
    ok: bool = True


class PartBody(BaseModel):
    part: str
    version: str
    pid: int
    time: str = Field(description="Of its last heartbeat")
    age_seconds: float
    ok: bool = Field(description="It says that it is well, and said so lately")
    detail: str
    lag: int = Field(description="Messages behind the end of its inputs")
    counts: dict[str, int]


class Up(BaseModel):
    up: int
    all: int


class SilentBody(BaseModel):
    id: str
    kind: str
    carries: Carries | None
    name_vi: str
    name_en: str
    newest: str | None = Field(description="Time of its newest event; null: none heard of lately")


class UnjudgedRule(BaseModel):
    id: str
    kind: str = Field(description="No kind of that name is in this installation")


class UnjudgedSource(BaseModel):
    id: str
    kind: str = Field(description="No feed of this installation declares that asset type")
    name_vi: str
    name_en: str


class UnjudgedBody(BaseModel):
    """Configured, and passed over: it needs a kind or a feed that is not in this installation."""

    rules: list[UnjudgedRule]
    sources: list[UnjudgedSource]


class StatusBody(BaseModel):
    time: str
    ok: bool = Field(description="Every part that has spoken lately is well")
    parts: list[PartBody]
    counts: dict[str, int] = Field(description="Of all parts together")
    sources: dict[str, Up] = Field(
        description="By what they send, frames or readings: how many speak, of how many"
    )
    newest: str | None = Field(description="Time of the newest event of any source")
    last_event_id: int
    silent: list[SilentBody] = Field(description="Sources that do not speak, cameras first")
    unjudged: UnjudgedBody
    origins: list[Origin] = Field(description="Of the configured sources")
    event_time: str | None = Field(
        description="The last tick where the stages are furthest behind; null: no worker says"
    )
    stalled: bool = Field(
        description="Event time does not go on: alerts come, what amends them waits"
    )
    clock_ahead_seconds: float = Field(
        description="By how much the gateway's machine's clock is ahead and not believed;"
        " negative: behind; 0: it is believed"
    )
    broker: bool = Field(description="Whether Kafka delivers; if not, nothing is known of the rest")


@router.get("/healthz", responses=answers())
def healthz(request: Request) -> Health:
    """200 while the database answers and incidents are being read, else 503."""
    with pool_of(request).connection() as connection:
        connection.execute("SELECT 1")
    problem = request.app.state.problem()
    if problem:
        raise ProblemError(503, "not_reading", problem)
    return Health()


@router.get("/api/status", dependencies=[may(Permission.STATUS_READ)], responses=answers(401))
def status(request: Request) -> StatusBody:
    """Every part's last heartbeat, and how many sources speak."""
    now = wall_clock()
    heartbeats = request.app.state.heartbeats.latest()
    parts = []
    totals: Counter[str] = Counter()
    for name in sorted(heartbeats):
        beat = heartbeats[name]
        totals.update(beat.counts)
        parts.append(
            PartBody(
                part=name,
                version=beat.version,
                pid=beat.pid,
                time=to_rfc3339(beat.time),
                age_seconds=round((now - beat.time) / SECOND, 1),
                ok=beat.ok and now - beat.time <= SILENT,
                detail=beat.detail if now - beat.time <= SILENT else "silent",
                lag=beat.lag,
                counts=beat.counts,
            )
        )
    newest = newest_events(heartbeats.values())
    due = event_now(heartbeats, now)
    sources: dict[str, Up] = {}
    known = configured(request)
    silent: list[SilentBody] = []
    for source in in_order(known.sources):
        kind = sources.setdefault(carries(source) or source.kind, Up(up=0, all=0))
        kind.all += 1
        heard = newest.get(source.id)
        if speaks(heard, source.period, due):
            kind.up += 1
        else:
            silent.append(_silent(source, heard))
    ticked = event_time(heartbeats.values(), now)
    times = [time for source, time in newest.items() if source in known.sources]
    return StatusBody(
        time=to_rfc3339(now),
        ok=all(part.ok for part in parts),
        parts=parts,
        counts=dict(totals),
        sources=sources,
        newest=to_rfc3339(max(times)) if times else None,
        last_event_id=request.app.state.live.last,
        silent=sorted(silent, key=lambda source: source.carries or source.kind),
        unjudged=_unjudged(known),
        origins=sorted({source.origin for source in known.sources.values()}),
        event_time=None if ticked is None else to_rfc3339(ticked),
        stalled=stalled_since(heartbeats.values(), now) is not None,
        clock_ahead_seconds=round(clock_ahead(heartbeats) / SECOND, 3),
        broker=_delivers(request.app.state.settings, heartbeats.values(), now),
    )


def _silent(source: Source, heard: Micros | None) -> SilentBody:
    return SilentBody(
        id=source.id,
        kind=asset_type(source.kind),
        carries=carries(source),
        name_vi=source.name_vi,
        name_en=source.name_en,
        newest=None if heard is None else to_rfc3339(heard),
    )


def _unjudged(known: Configured) -> UnjudgedBody:
    return UnjudgedBody(
        rules=[
            UnjudgedRule(id=rule.id, kind=rule.kind)
            for rule in unjudged_rules(known.rules.values())
        ],
        sources=[
            UnjudgedSource(
                id=source.id, kind=source.kind, name_vi=source.name_vi, name_en=source.name_en
            )
            for source in unread_sources(known.sources.values())
        ],
    )


def _delivers(settings: Settings, heartbeats: Iterable[Heartbeat], now: Micros) -> bool:
    """Heartbeats come through Kafka, this service's own among them: none of all means Kafka."""
    latest = max((beat.time for beat in heartbeats), default=None)
    if latest is not None:
        if now - latest <= SUSPECT:
            return True
        if now - latest > GONE:
            return False
    try:
        reach(settings, REACH_SECONDS)
    except BrokerAwayError:
        return False
    return True


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    description: dict[str, Any] = request.app.openapi()
    return description


@router.get("/", include_in_schema=False)
def root() -> dict[str, str]:
    return {"name": "CityOps", "api": "/openapi.json", "sign_in": "POST /api/session"}
