"""``/api/sources``: every camera and sensor that is configured, and when it was last heard of."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.api.areas import here
from services.api.auth import may, pool_of
from services.api.bodies import ShapeBody
from services.api.changing import Accepted, Changer, Database
from services.api.doubts import UnjudgedPlace, unjudged_now
from services.api.life import Lives, lives
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.gateway.capture import Address
from services.gateway.orders import remove_source
from streams.configuration.camera_addresses import CameraAddress, shown
from streams.configuration.check import InvalidChangeError, check_id
from streams.configuration.configured import NOTHING, Configured, folded, in_order
from streams.configuration.log import append, read
from streams.events import SECOND, Micros, Origin, Place, Rests, Source, to_rfc3339
from streams.feeds.registry import asset_type, of_asset_type
from streams.feeds.reporting import reports

router = APIRouter(tags=["sources"], prefix="/api/sources")

Carries = Literal["frames", "readings"]


class SourceBody(BaseModel):
    id: str
    kind: str = Field(description="Its asset type, see /api/catalogue")
    carries: Carries | None = Field(description="What it sends; null: its feed is gone")
    name_vi: str
    name_en: str
    origin: Origin
    latitude: float | None = Field(description="Degrees north, WGS 84; null: not known")
    longitude: float | None = Field(description="Degrees east, WGS 84; null: not known")
    segment: str
    shape: ShapeBody | None = Field(description="Of a line or an area; null: it is a point")
    ward: str = Field(description="Ward, commune or special zone; empty: not known")
    owner: str = Field(description="Who runs it; empty: not known")
    parents: list[str] = Field(description="Sources that it depends on")
    model: str
    newest: str | None = Field(description="Time of its newest event; null: none heard of lately")
    heard: str | None = Field(
        description="Event time at which that arrived, whatever time it had; null: as newest"
    )
    lag_ms: int | None = Field(
        description="How long it took, to a second; negative: it is ahead; null: not known"
    )
    up: bool = Field(description="Whether it was heard lately, for how often it speaks")
    rests: Rests = Field(
        description="Why nothing is to come of it. off: it is switched off; ended: its recording is"
        " over; empty: it is up, or should be"
    )
    awaited: bool = Field(
        description="Nothing was heard of it since the service knows it, and it may be its turn yet"
    )
    gateway: str = Field(description="Its gateway; empty: it has none, as a camera")
    gateway_heard: str | None = Field(
        description="When any source was last heard through its gateway; null: none lately"
    )
    zones: list[str]
    verified: bool | None = Field(
        description="Whether its certificate is looked at; null: it is not asked by TLS"
    )
    unjudged: list[UnjudgedPlace] = Field(
        description="Rules that are not judged by it now, and why"
    )


class SourceIn(BaseModel):
    """A sensor, as its feed declares its type."""

    model_config = ConfigDict(extra="forbid")
    id: str
    kind: str = Field(max_length=64, description="Its asset type, see /api/catalogue")
    gateway: str = Field(description="The roadside device whose packs carry its readings")
    period_seconds: float | None = Field(
        default=None, ge=0, le=30 * 86400, description="Between its readings; null: as its type"
    )
    name_vi: str = Field(default="", description="Empty: the English name, or the id.")
    name_en: str = ""
    origin: Origin = "live"
    latitude: float | None = Field(default=None, description="Degrees north; null: not known")
    longitude: float | None = Field(default=None, description="Degrees east; null: not known")
    segment: str = Field(default="", description="Road segment that it is on")
    shape: ShapeBody | None = Field(default=None, description="Where it is no point")
    ward: str = Field(default="", description="Ward, commune or special zone")
    owner: str = Field(default="", description="Who runs it")
    parents: list[str] = Field(default=[], description="Sources that it depends on")

    def to_event(self) -> Source:
        feed = of_asset_type(self.kind)
        usual = feed.asset_types[asset_type(self.kind)].period_seconds if feed else 0.0
        period = usual if self.period_seconds is None else self.period_seconds
        return Source(
            self.id,
            self.kind,
            self.name_vi or self.name_en or self.id,
            self.name_en or self.name_vi or self.id,
            self.origin,
            Place(self.latitude, self.longitude, self.segment),
            gateway=self.gateway,
            period=round(period * SECOND),
            shape=self.shape.to_event() if self.shape else None,
            ward=self.ward,
            owner=self.owner,
            parents=tuple(self.parents),
        )


class SourceList(BaseModel):
    sources: list[SourceBody]


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_sources(request: Request) -> SourceList:
    """All sources, ordered by id; assets of which nothing comes are in `/api/assets` only."""
    everything = configured(request)
    known = here(request, everything)
    found = lives(request, everything.sources.values())
    by_source: dict[str, list[UnjudgedPlace]] = {}
    for one in unjudged_now(request, everything, found):
        by_source.setdefault(one.source.id, []).append(UnjudgedPlace.of(one))
    with pool_of(request).connection() as connection:
        read_here = shown(connection)
    return SourceList(
        sources=[
            _body(known, source, found, by_source.get(source.id, []), read_here.get(source.id))
            for source in reporting(known)
        ]
    )


@router.post("", status_code=201, responses=answers(401, 403, 422))
def post_source(source: SourceIn, user: Changer, database: Database) -> Accepted:
    """Makes a sensor known, or changes the one of that id; a camera is added by `/api/cameras`."""
    feed = of_asset_type(source.kind)
    if feed is not None and feed.carries == "frames":
        raise ProblemError(
            422,
            "invalid",
            f"{source.kind}: add a camera by /api/cameras, or with 'cityops camera add'",
        )
    try:
        check_id("gateway", source.gateway)
        changes = append(database, [source.to_event()], user.name)
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    return Accepted(sequence=changes[-1].sequence)


@router.delete("/{id}", responses=answers(401, 403, 404, 422))
def delete_source(id: str, request: Request, user: Changer, database: Database) -> Accepted:
    """Removes a sensor, and the rules that then have nothing left to watch."""
    if id not in configured(request).sources:
        raise ProblemError(404, "no_source", f"there is no source {id!r}")
    try:
        return Accepted(sequence=remove_source(database, id, user.name))
    except InvalidChangeError as error:
        raise ProblemError(422, "invalid", str(error)) from None


def configured(request: Request) -> Configured:
    """What is configured now; reads only what is new since the last request."""
    known: Configured = getattr(request.app.state, "configured", NOTHING)
    with pool_of(request).connection() as connection:
        known = folded(read(connection, after=known.sequence), known)
    request.app.state.configured = known
    return known


def reporting(known: Configured) -> list[Source]:
    """The assets that report, in order of ids; others nobody misses."""
    return [source for source in in_order(known.sources) if reports(source)]


def carries(source: Source) -> Carries | None:
    """What its feed's events are."""
    feed = of_asset_type(source.kind)
    return feed.carries if feed else None


def _body(
    known: Configured,
    source: Source,
    found: Lives,
    unjudged: list[UnjudgedPlace],
    camera: CameraAddress | None,
) -> SourceBody:
    life = found.of(source)
    latitude, longitude = source.place.point or (None, None)
    return SourceBody(
        id=source.id,
        kind=asset_type(source.kind),
        carries=carries(source),
        name_vi=source.name_vi,
        name_en=source.name_en,
        origin=source.origin,
        latitude=latitude,
        longitude=longitude,
        segment=source.place.segment,
        shape=ShapeBody.of(source.shape),
        ward=source.ward,
        owner=source.owner,
        parents=list(source.parents),
        model=source.model,
        newest=_time(life.newest),
        heard=_time(life.heard),
        lag_ms=None if life.lag is None else life.lag // 1000,
        up=life.up,
        rests=found.rests(source),
        awaited=life.awaited,
        gateway=source.gateway,
        gateway_heard=_time(found.gateway(source)),
        zones=[zone.id for zone in in_order(known.zones) if zone.source == source.id],
        verified=camera.verified if camera and Address(camera.address).is_secure else None,
        unjudged=unjudged,
    )


def _time(time: Micros | None) -> str | None:
    return None if time is None else to_rfc3339(time)
