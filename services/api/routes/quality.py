"""``/api/quality``: how well what sources are to send has come, and who keeps their promise."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api.areas import here, sources_here
from services.api.asked import now_of
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from streams.events import Delivered, Origin, Source, from_datetime, to_datetime, to_rfc3339
from streams.feeds.feed import Feed
from streams.feeds.promises import broken, shares
from streams.feeds.registry import all_feeds

router = APIRouter(tags=["sources"], prefix="/api/quality")

MAX_HOURS = 31 * 24
MOST_SOURCES = 10_000
"""All of a city, for a list of all."""


class AxesBody(BaseModel):
    """Percent; null: nobody knows."""

    complete: float | None = Field(
        description="Đủ: of the readings that are to come, those that do"
    )
    valid: float | None = Field(description="Đúng: of those that came, those with no refused value")
    clean: float | None = Field(description="Sạch: not stuck, sent twice or corrected")
    live: float | None = Field(description="Sống: in time to be judged")


class FeedQualityBody(BaseModel):
    feed: str
    name_vi: str
    name_en: str
    owner_vi: str = Field(description="The agency that answers for it; empty: nobody named")
    owner_en: str
    origin: Origin
    promise: AxesBody
    hours: int = Field(description="That were looked at")
    kept: int = Field(description="In which the promise was kept")
    score: float = Field(description="Percent of the hours in which it was")
    hour: str = Field(description="Start of the last one")
    last: AxesBody
    broken: list[str] = Field(description="Axes below the promise in the last hour")


class SourceQualityBody(BaseModel):
    source: str
    name_vi: str
    name_en: str
    feed: str
    origin: Origin
    hour: str
    expected: int = Field(description="Readings that its period asks for; 0: nobody knows how many")
    arrived: int
    refused: int
    unclean: int
    late: int
    axes: AxesBody
    broken: list[str]


class QualityBody(BaseModel):
    feeds: list[FeedQualityBody]
    sources: list[SourceQualityBody] = Field(description="Those below the promise first")
    matching: int = Field(description="How many sources there are in all")


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401, 422))
def get_quality(
    request: Request,
    *,
    feed: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
    hours: Annotated[int, Query(ge=1, le=MAX_HOURS, description="Before the last one")] = 24,
    limit: Annotated[int, Query(ge=0, le=MOST_SOURCES)] = 100,
) -> QualityBody:
    """What each feed has kept of its owner's promise, and the last hour of each source."""
    known = here(request, configured(request)).sources
    with pool_of(request).connection() as connection:
        now = to_datetime(now_of(request.app.state))
        row = connection.execute(SQL["quality_newest"], {"now": now}).fetchone()
        if row is None or row[0] is None:
            return QualityBody(feeds=[], sources=[], matching=0)
        wanted: dict[str, Any] = {"feeds": feed, "since": row[0] - timedelta(hours=hours - 1)}
        wanted["sources"] = sources_here(request, connection, source)
        by_feed = connection.execute(SQL["quality_hours"], wanted).fetchall()
        rows = connection.execute(SQL["quality_sources"], wanted).fetchall()
    feeds = all_feeds()
    told: dict[tuple[str, Origin], list[Delivered]] = {}
    for name, origin, time, sources, *numbers in by_feed:
        one = Delivered(name, origin, from_datetime(time), sources, 0, *(n or 0 for n in numbers))
        if name in feeds:
            told.setdefault((name, origin), []).append(one)
    bodies = [source_quality(feeds[row[1]], row, known) for row in rows if row[1] in feeds]
    bodies.sort(key=lambda body: (not body.broken, body.feed, body.source))
    return QualityBody(
        feeds=[_feed(feeds[name], all_) for (name, _), all_ in told.items()],
        sources=bodies[:limit],
        matching=len(bodies),
    )


def _feed(feed: Feed, told: list[Delivered]) -> FeedQualityBody:
    last, kept = told[-1], sum(not broken(feed, one) for one in told)
    promise = feed.promise
    return FeedQualityBody(
        feed=feed.id,
        name_vi=feed.name.vi,
        name_en=feed.name.en,
        owner_vi=feed.owner.vi if feed.owner else "",
        owner_en=feed.owner.en if feed.owner else "",
        origin=last.origin,
        promise=AxesBody(
            complete=promise.complete, valid=promise.valid, clean=promise.clean, live=promise.live
        ),
        hours=len(told),
        kept=kept,
        score=1000 * kept // len(told) / 10,
        hour=to_rfc3339(last.hour),
        last=_axes(last),
        broken=[axis for axis, _ in broken(feed, last)],
    )


def source_quality(feed: Feed, row: Any, known: Mapping[str, Source]) -> SourceQualityBody:
    """Args: row: of ``quality_sources`` or ``quality_of_source``."""
    source, _, origin, time, expected, arrived, refused, unclean, late = row
    counted = min(arrived, expected)
    one = Delivered(
        feed.id,
        origin,
        from_datetime(time),
        1,
        0,
        expected,
        counted,
        arrived,
        refused,
        unclean,
        late,
    )
    configured_ = known.get(source)
    return SourceQualityBody(
        source=source,
        name_vi=configured_.name_vi if configured_ else source,
        name_en=configured_.name_en if configured_ else source,
        feed=feed.id,
        origin=origin,
        hour=to_rfc3339(one.hour),
        expected=expected,
        arrived=arrived,
        refused=refused,
        unclean=unclean,
        late=late,
        axes=_axes(one),
        broken=[axis for axis, _ in broken(feed, one)],
    )


def _axes(told: Delivered) -> AxesBody:
    found = shares(told)
    return AxesBody(**{axis: None if each is None else each / 10 for axis, each in found.items()})
