"""``/api/measured``: what sensors say now, and the course of one: values, limits, what is usual,
its incidents, and how well its hours have come."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.alerts import kinds
from services.api.areas import here
from services.api.auth import asker, may, pool_of
from services.api.bodies import WordsBody, time_or_none, words
from services.api.latest import Latest
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.quality import SourceQualityBody, source_quality
from services.api.routes.sources import configured
from services.api.usual import bands
from streams.configuration.configured import Configured, in_order
from streams.events import HOUR, SECOND, Micros, Severity, Source, from_datetime, to_datetime
from streams.events import to_rfc3339 as told
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds, of_asset_type
from streams.kinds.registry import UnknownKindError, find
from streams.rules.reach import reaches

router = APIRouter(tags=["sources"], prefix="/api/measured")

MOST_HOURS = 7 * 24
POINTS = 300
"""Of each metric, about; a screen shows no more."""
QUALITY_HOURS = 48


class ValueBody(BaseModel):
    source: str
    metric: str
    value: float
    time: str = Field(description="Of the reading, by its own clock")


class ValueList(BaseModel):
    values: list[ValueBody]


class PointBody(BaseModel):
    """A stretch of the course."""

    time: str = Field(description="Its beginning")
    least: float
    mean: float
    most: float
    usual_low: float | None = Field(
        description="What would have been usual by what came before; null: too little had"
    )
    usual_high: float | None


class LimitBody(BaseModel):
    """Of a rule in force."""

    rule: str
    name: WordsBody = Field(description="Of its kind")
    severity: Severity
    side: Literal["above", "below"] = Field(description="On which a value is too far")
    value: float


class CourseBody(BaseModel):
    metric: str
    name: WordsBody
    unit: WordsBody
    points: list[PointBody] = Field(description="Those in which something was measured")
    limits: list[LimitBody]


class MomentBody(BaseModel):
    """An incident of the source."""

    id: str
    name: WordsBody = Field(description="Of its kind")
    severity: Severity
    start: str
    end: str | None = Field(description="null: it lasts")
    consequence: bool = Field(description="Whether what it depends on explains it")
    alert: str | None = Field(description="Which has it; null: none, or you may not see alerts")


class MeasuredBody(BaseModel):
    source: str
    since: str
    until: str
    step_seconds: int = Field(description="Of a stretch")
    courses: list[CourseBody] = Field(description="Of each metric that was measured")
    incidents: list[MomentBody]
    hours: list[SourceQualityBody] = Field(description="The last two days, oldest first")


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_measured(request: Request) -> ValueList:
    """The newest value of every sensor: of the metric that its feed shows, or else its newest.

    One that has said nothing since this service began, or for two hours before that, is left out.
    """
    everything = configured(request)
    latest: Latest = request.app.state.latest
    values = latest.of(pool_of(request), everything.sources.keys(), event_time(request))
    found = []
    for source in in_order(here(request, everything).sources):
        of = values.get(source.id)
        if of:
            one = of.get(_shown(source)) or max(of.values(), key=lambda each: each.time)
            body = ValueBody(
                source=source.id, metric=one.metric, value=one.value, time=told(one.time)
            )
            found.append(body)
    return ValueList(values=found)


@router.get("/{id}", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401, 404, 422))
def show_measured(
    id: str, request: Request, hours: Annotated[int, Query(ge=1, le=MOST_HOURS)] = 6
) -> MeasuredBody:
    """The course of a source's metrics up to now."""
    known = here(request, configured(request))
    source = known.sources.get(id)
    if source is None:
        raise ProblemError(404, "no_source", f"there is no source {id!r}")
    feed, until = of_asset_type(source.kind), event_time(request)
    since, step = until - hours * HOUR, step_of(hours * HOUR, source.period)
    wanted: dict[str, Any] = {
        "source": id,
        "since": to_datetime(since),
        "until": to_datetime(until + 1),
        "step": step,
    }
    with pool_of(request).connection() as connection:
        rows = connection.execute(SQL["measured_course"], wanted).fetchall()
        met = []
        if Permission.INCIDENTS_READ in asker(request).permissions:
            met = connection.execute(SQL["measured_incidents"], wanted).fetchall()
        wanted["since"] = to_datetime(until) - timedelta(hours=QUALITY_HOURS)
        come = connection.execute(SQL["quality_of_source"], wanted).fetchall()
    alerts = Permission.ALERTS_READ in asker(request).permissions
    return MeasuredBody(
        source=id,
        since=told(since),
        until=told(until),
        step_seconds=step,
        courses=list(_courses(feed, rows, step, _limits(known, source, feed))),
        incidents=[_moment(row, alerts=alerts) for row in met],
        hours=[
            source_quality(all_feeds()[row[1]], row, known.sources)
            for row in come
            if row[1] in all_feeds()
        ],
    )


def step_of(span: Micros, period: Micros) -> int:
    """Seconds of a stretch: whole periods where one is known, so that each has as many readings."""
    least = max(1, -(-span // (POINTS * SECOND)))
    every = -(-period // SECOND)
    return -(-least // every) * every if every else least


def _shown(source: Source) -> str:
    """The metric by which a sensor is known in a list."""
    feed = of_asset_type(source.kind)
    return "" if feed is None else feed.evidence or next(iter(feed.metrics), "")


def _courses(
    feed: Feed | None, rows: Sequence[Any], step: int, limits: dict[str, list[LimitBody]]
) -> Iterator[CourseBody]:
    """In the order of the feed's metrics."""
    by_metric = {name: list(of) for name, of in groupby(rows, key=itemgetter(0))}
    for name in dict.fromkeys([*(feed.metrics if feed else ()), *by_metric]):
        metric = feed.metrics.get(name) if feed else None
        of = by_metric.get(name)
        if of is None:
            continue
        usual = bands([row[3] for row in of])
        yield CourseBody(
            metric=name,
            name=words(metric.name) if metric else WordsBody(vi=name, en=name),
            unit=words(metric.unit) if metric else WordsBody(vi="", en=""),
            points=[
                PointBody(
                    time=told(stretch * step * SECOND),
                    least=least,
                    mean=mean,
                    most=most,
                    usual_low=band and band.low,
                    usual_high=band and band.high,
                )
                for (_, stretch, least, mean, most), band in zip(of, usual, strict=True)
            ],
            limits=limits.get(name, []),
        )


def _limits(known: Configured, source: Source, feed: Feed | None) -> dict[str, list[LimitBody]]:
    """By metric, of the rules that watch the source."""
    found: dict[str, list[LimitBody]] = {}
    for rule in in_order(known.rules):
        try:
            kind = find(rule.kind)
        except UnknownKindError:
            continue
        if not kind.beyond or feed is None or not reaches(rule, source.id, source.kind):
            continue
        limit = LimitBody(
            rule=rule.id,
            name=words(kind.name),
            severity=rule.severity,
            side=kind.beyond,
            value=kind.value(rule, "limit"),
        )
        found.setdefault(kind.metric_of(rule, list(feed.metrics)), []).append(limit)
    return found


def _moment(row: Any, *, alerts: bool) -> MomentBody:
    incident, kind, severity, start, end, consequence, alert = row
    called = kinds.of(kind)
    return MomentBody(
        id=incident,
        name=WordsBody(vi=called.name_vi, en=called.name_en),
        severity=severity,
        start=told(from_datetime(start)),
        end=time_or_none(end and from_datetime(end)),
        consequence=consequence,
        alert=alert if alerts else None,
    )
