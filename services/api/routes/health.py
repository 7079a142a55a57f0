"""``/healthz`` for supervisors, ``/api/status`` for people, ``/openapi.json`` for programs."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.api.areas import area_of, here
from services.api.auth import may, pool_of
from services.api.doubts import UnjudgedPlace, unjudged_now
from services.api.flooding import FloodBody
from services.api.life import Life, lives
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.routes.drift import Drift, DriftBody
from services.api.routes.sources import Carries, carries, configured, reporting
from streams.configuration.configured import Configured, in_order
from streams.configuration.contradictions import contradictory_rules
from streams.configuration.unjudged import Unjudged, masked, unjudged_rules, unread_sources
from streams.events import SECOND, Heartbeat, Micros, Origin, Rests, Source, to_rfc3339
from streams.feeds.registry import asset_type
from streams.kafka.access import CITY
from streams.kafka.clients import BrokerAwayError, reach
from streams.kafka.dead_lettered import DeadLettered, dead_lettered
from streams.kafka.heartbeat import SILENT, clock_ahead, event_time, stalled_since
from streams.kafka.outage import away
from streams.kinds.registry import present
from streams.readers import PARTS
from streams.settings import Settings
from streams.stamps import wall_clock

router = APIRouter(tags=["health"])

PLACES = 3
"""Of each rule, in the status: which is asked for every second."""

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
    newest: str | None = Field(description="When it was last heard; null: not lately")


class RestingBody(BaseModel):
    """A source of which nothing is to come now: nobody misses it."""

    id: str
    kind: str
    carries: Carries | None
    name_vi: str
    name_en: str
    rests: Rests = Field(description="off: switched off; ended: its recording is over")


class LaggingBody(BaseModel):
    id: str
    kind: str
    name_vi: str
    name_en: str
    lag_ms: int = Field(description="How long its newest event took; negative: it was ahead")


class UnjudgedRule(BaseModel):
    id: str
    kind: str = Field(description="No kind of that name is in this installation")


class UnjudgedSource(BaseModel):
    id: str
    kind: str = Field(description="No feed of this installation declares that asset type")
    name_vi: str
    name_en: str


class PartlyJudged(BaseModel):
    """A rule that is not judged by some sources that it reaches."""

    rule: str
    kind: str
    sources: int = Field(description="By how many")
    reasons: dict[str, int] = Field(description="Reason to by how many, see places; most first")
    since: str | None = Field(description="Since when by the first of them; null: not known")
    places: list[UnjudgedPlace] = Field(
        description=f"At most {PLACES}, those of the most frequent reason first; every one is in"
        " GET /api/unjudged"
    )


class MaskedPlace(BaseModel):
    rule: str
    source: str
    name_vi: str
    name_en: str
    zone: str = Field(description="Empty: the whole picture")
    percent: int = Field(description="Of it that is masked")


class TouringCamera(BaseModel):
    id: str
    name_vi: str
    name_en: str


class UnjudgedBody(BaseModel):
    """Configured, and passed over: it needs a kind or a feed that is not in this installation, or
    more than its sources tell now, or it is masked, or a view that does not stay."""

    rules: list[UnjudgedRule]
    sources: list[UnjudgedSource]
    partly: list[PartlyJudged]
    masked: list[MaskedPlace]
    tours: list[TouringCamera] = Field(
        description="Cameras that turn by themselves: whether they were moved is not judged"
    )


class DeadLetteredBody(BaseModel):
    """Messages that could not be used."""

    count: int = Field(description="All of them, be they kept as dead letters or not")
    not_kept: dict[str, int] = Field(
        description="By reason: beyond the quota of their source, and so only counted"
    )
    untrusted: dict[str, int] = Field(
        description="By reason: not signed by who may publish it, and so perhaps an attack"
    )
    since: str | None = Field(description="Since when; null: an earlier release began to count")

    @classmethod
    def of(cls, found: DeadLettered) -> "DeadLetteredBody":
        since = None if found.since is None else to_rfc3339(found.since)
        return cls(
            count=found.number, not_kept=found.not_kept, untrusted=found.untrusted, since=since
        )


class ContradictoryRule(BaseModel):
    """A rule whose parameters contradict each other: what proves it does not end it."""

    id: str
    kind: str
    reason: str


class OutageBody(BaseModel):
    """How long a reader of a topic may be away before inputs are refused or data is lost."""

    reader: str = Field(description="A stage, which workers run, or the writer or the alerts")
    topic: str
    partition: int = Field(description="Where least time is left")
    seconds: int | None = Field(
        description="From now on; 0: inputs are refused, or something is lost; null: it has not"
        " said how far it has read, or the rate is not known yet"
    )
    unread_bytes: int
    bytes_per_second: int | None = Field(
        description="What is written there, lately at most; null: not measured yet"
    )
    used: float = Field(description="Part of what the broker keeps that is unread, from 0 to 1")


class AwayBody(BaseModel):
    """How long a part may be away before inputs are refused or data is lost."""

    part: str = Field(description="The writer, the database, a group of workers or the alerts")
    seconds: int | None = Field(description="As of an outage")
    reader: str = Field(description="Which of its readers has least time left, or is not known")
    topic: str
    partition: int


class StatusBody(BaseModel):
    time: str
    ok: bool = Field(description="Every part that has spoken lately is well")
    parts: list[PartBody]
    counts: dict[str, int] = Field(description="Of all parts together")
    dead_lettered: DeadLetteredBody
    sources: dict[str, Up] = Field(
        description="By what they send, frames or readings: how many speak, of how many that are to"
    )
    newest: str | None = Field(description="Time of the newest event of any source")
    last_event_id: int
    lagging: list[LaggingBody] = Field(
        description="Sources that speak, and whose events take longer than their feed allows, or"
        " come from a clock that is ahead"
    )
    awaited: int = Field(
        description="Sources of which nothing was heard since the service knows them, as it may not"
        " be their turn yet; not among the silent ones"
    )
    silent: list[SilentBody] = Field(
        description="Sources that do not speak, cameras first, without those that rest"
    )
    resting: list[RestingBody] = Field(
        description="Sources that are switched off, and cameras whose recording has ended"
    )
    unjudged: UnjudgedBody
    drifting: list[DriftBody] = Field(
        description="Cameras that do not see what is usual at that hour; see GET /api/drift"
    )
    contradictory: list[ContradictoryRule] = Field(
        description="Rules of an earlier release that would be refused now"
    )
    origins: list[Origin] = Field(description="Of the configured sources")
    event_time: str | None = Field(
        description="The last tick where the stages are furthest behind; null: no worker says"
    )
    away: list[AwayBody] = Field(description="Empty: Kafka has not said how much it keeps")
    outages: list[OutageBody] = Field(description="Empty: Kafka has not said how much it keeps")
    stalled: bool = Field(
        description="Event time does not go on: alerts come, what amends them waits"
    )
    flood: FloodBody | None = Field(description="Null: no more alerts ask than people can answer")
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
    everywhere = area_of(request) is None
    parts = []
    totals: Counter[str] = Counter()
    for name in sorted(heartbeats):
        beat = heartbeats[name]
        if not _meant(request.app.state.settings, beat, now):
            continue
        totals.update(beat.counts)
        parts.append(
            PartBody(
                part=name,
                version=beat.version,
                pid=beat.pid,
                time=to_rfc3339(beat.time),
                age_seconds=round((now - beat.time) / SECOND, 1),
                ok=beat.ok and now - beat.time <= SILENT,
                detail=_detail(beat, now, everywhere=everywhere),
                lag=beat.lag,
                counts=beat.counts,
            )
        )
    sources: dict[str, Up] = {}
    everything = configured(request)
    known = here(request, everything)
    silent: list[SilentBody] = []
    resting: list[RestingBody] = []
    lagging: list[LaggingBody] = []
    awaited = 0
    found = lives(request, everything.sources.values())
    times: list[Micros] = []
    for source in reporting(known):
        kind = sources.setdefault(carries(source) or source.kind, Up(up=0, all=0))
        if rests := found.rests(source):
            resting.append(_resting(source, rests))
            continue
        kind.all += 1
        life = found.of(source)
        if life.newest is not None:
            times.append(life.newest)
        if life.lags(source):
            lagging.append(_lagging(source, life))
        if life.up:
            kind.up += 1
        elif life.awaited:
            awaited += 1
        else:
            silent.append(_silent(source, life.heard))
    drift: Drift = request.app.state.drift
    ticked = event_time(heartbeats.values(), now)
    budgets = request.app.state.outages.budgets(heartbeats.values())
    return StatusBody(
        time=to_rfc3339(now),
        ok=all(part.ok for part in parts),
        parts=parts,
        counts=dict(totals),
        dead_lettered=DeadLetteredBody.of(dead_lettered(heartbeats.values())),
        sources=sources,
        newest=to_rfc3339(max(times)) if times else None,
        last_event_id=request.app.state.live.last,
        lagging=lagging,
        awaited=awaited,
        silent=sorted(silent, key=lambda source: source.carries or source.kind),
        resting=resting,
        unjudged=_unjudged(
            known,
            [
                one
                for one in unjudged_now(request, everything, found)
                if one.source.id in known.sources
            ],
        ),
        drifting=[
            one
            for one in drift.of(request)
            if one.state == "drifts" and (everywhere or one.source in known.sources)
        ],
        contradictory=[
            ContradictoryRule(id=rule.id, kind=rule.kind, reason=reason)
            for rule, reason in contradictory_rules(known.rules.values())
        ],
        origins=sorted({source.origin for source in reporting(known)}),
        event_time=None if ticked is None else to_rfc3339(ticked),
        away=[AwayBody(**one._asdict()) for one in away(budgets, PARTS)],
        outages=[OutageBody(**budget._asdict()) for budget in budgets],
        stalled=stalled_since(heartbeats.values(), now) is not None,
        flood=request.app.state.floods.of(request),
        clock_ahead_seconds=round(clock_ahead(heartbeats) / SECOND, 3),
        broker=_delivers(request.app.state.settings, heartbeats.values(), now),
    )


def _meant(settings: Settings, beat: Heartbeat, now: Micros) -> bool:
    """Whether it runs, or is to: the simulated city is not where it is left out."""
    return settings.simulate or beat.part != CITY or now - beat.time <= SILENT


def _detail(beat: Heartbeat, now: Micros, *, everywhere: bool) -> str:
    """What a part says of itself may name cameras of any ward."""
    if now - beat.time > SILENT:
        return "silent"
    if everywhere or beat.ok:
        return beat.detail if everywhere else ""
    return "not well"


def _silent(source: Source, heard: Micros | None) -> SilentBody:
    return SilentBody(
        id=source.id,
        kind=asset_type(source.kind),
        carries=carries(source),
        name_vi=source.name_vi,
        name_en=source.name_en,
        newest=None if heard is None else to_rfc3339(heard),
    )


def _resting(source: Source, rests: Rests) -> RestingBody:
    return RestingBody(
        id=source.id,
        kind=asset_type(source.kind),
        carries=carries(source),
        name_vi=source.name_vi,
        name_en=source.name_en,
        rests=rests,
    )


def _lagging(source: Source, life: Life) -> LaggingBody:
    return LaggingBody(
        id=source.id,
        kind=asset_type(source.kind),
        name_vi=source.name_vi,
        name_en=source.name_en,
        lag_ms=(life.lag or 0) // 1000,
    )


def _unjudged(known: Configured, pairs: list[Unjudged]) -> UnjudgedBody:
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
        partly=[_partly(list(found)) for _, found in groupby(pairs, key=lambda pair: pair.rule.id)],
        masked=[
            MaskedPlace(
                rule=place.rule.id,
                source=place.source.id,
                name_vi=place.source.name_vi,
                name_en=place.source.name_en,
                zone=place.zone,
                percent=place.percent,
            )
            for place in masked(known)
        ],
        tours=[
            TouringCamera(id=source.id, name_vi=source.name_vi, name_en=source.name_en)
            for source in in_order(known.sources)
            if source.tours
        ],
    )


def _partly(pairs: list[Unjudged]) -> PartlyJudged:
    """Of one rule, at least one."""
    reasons = Counter(pair.doubt.reason for pair in pairs)
    most = dict(sorted(reasons.items(), key=lambda found: (-found[1], found[0])))
    order = {reason: place for place, reason in enumerate(most)}
    since = [pair.doubt.since for pair in pairs if pair.doubt.since is not None]
    return PartlyJudged(
        rule=pairs[0].rule.id,
        kind=present(pairs[0].rule.kind),
        sources=len(pairs),
        reasons={str(reason): number for reason, number in most.items()},
        since=to_rfc3339(min(since)) if since else None,
        places=[
            UnjudgedPlace.of(pair)
            for pair in sorted(pairs, key=lambda pair: order[pair.doubt.reason])[:PLACES]
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
