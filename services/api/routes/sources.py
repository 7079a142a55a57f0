"""``/api/sources``: every camera and sensor that is configured, and when it was last heard of."""

from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import answers
from streams.configuration import log as control_log
from streams.control import EMPTY, Control, in_order
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
    latitude: float
    longitude: float
    segment: str
    model: str
    newest: str | None = Field(description="Time of its newest event; null: none heard of lately")
    up: bool = Field(description="Whether that is recent, for how often it speaks")
    zones: list[str]


class SourceList(BaseModel):
    sources: list[SourceBody]


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_sources(request: Request) -> SourceList:
    """All sources, ordered by id."""
    control = configured(request)
    newest = newest_events(request.app.state.heartbeats.latest().values())
    now = wall_clock()
    return SourceList(
        sources=[_body(control, source, newest, now) for source in in_order(control.sources)]
    )


def configured(request: Request) -> Control:
    """What is configured now; reads only what is new since the last request."""
    known: Control = getattr(request.app.state, "control", EMPTY)
    with pool_of(request).connection() as connection:
        control = control_log.folded(control_log.read(connection, after=known.sequence), known)
    request.app.state.control = control
    return control


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


def _body(control: Control, source: Source, newest: dict[str, Micros], now: Micros) -> SourceBody:
    heard = newest.get(source.id)
    return SourceBody(
        id=source.id,
        kind=source.kind,
        carries=carries(source),
        name_vi=source.name_vi,
        name_en=source.name_en,
        origin=source.origin,
        latitude=source.place.latitude,
        longitude=source.place.longitude,
        segment=source.place.segment,
        model=source.model,
        newest=None if heard is None else to_rfc3339(heard),
        up=speaks(heard, source.period, now),
        zones=[zone.id for zone in in_order(control.zones) if zone.source == source.id],
    )
