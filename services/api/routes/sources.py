"""``/api/sources``: every camera and sensor that is configured, and when it was last heard of."""

from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.api.auth import may, pool_of
from services.api.bodies import ShapeBody
from services.api.permissions import Permission
from services.api.problems import answers
from streams.configuration.configured import NOTHING, Configured, folded, in_order
from streams.configuration.log import read
from streams.events import Heartbeat, Micros, Origin, Source, to_rfc3339
from streams.feeds.registry import of_asset_type
from streams.hearing import speaks
from streams.stamps import wall_clock

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
    up: bool = Field(description="Whether that is recent, for how often it speaks")
    zones: list[str]


class SourceList(BaseModel):
    sources: list[SourceBody]


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_sources(request: Request) -> SourceList:
    """All sources, ordered by id."""
    known = configured(request)
    newest = newest_events(request.app.state.heartbeats.latest().values())
    now = wall_clock()
    return SourceList(
        sources=[_body(known, source, newest, now) for source in in_order(known.sources)]
    )


def configured(request: Request) -> Configured:
    """What is configured now; reads only what is new since the last request."""
    known: Configured = getattr(request.app.state, "configured", NOTHING)
    with pool_of(request).connection() as connection:
        known = folded(read(connection, after=known.sequence), known)
    request.app.state.configured = known
    return known


def newest_events(heartbeats: Iterable[Heartbeat]) -> dict[str, Micros]:
    """Source id to the newest event that any part knows of."""
    newest: dict[str, Micros] = {}
    for heartbeat in heartbeats:
        for source, time in heartbeat.sources.items():
            newest[source] = max(time, newest.get(source, time))
    return newest


def carries(source: Source) -> Carries | None:
    """What its feed's events are."""
    feed = of_asset_type(source.kind)
    return feed.carries if feed else None


def _body(known: Configured, source: Source, newest: dict[str, Micros], now: Micros) -> SourceBody:
    heard = newest.get(source.id)
    latitude, longitude = source.place.point or (None, None)
    return SourceBody(
        id=source.id,
        kind=source.kind,
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
        newest=None if heard is None else to_rfc3339(heard),
        up=speaks(heard, source.period, now),
        zones=[zone.id for zone in in_order(known.zones) if zone.source == source.id],
    )
