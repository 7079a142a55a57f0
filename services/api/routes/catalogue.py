"""``/api/catalogue``: kinds of incidents, feeds, and what is joined or combined here, in words."""

from functools import cache
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.api.auth import may
from services.api.bodies import WordsBody, words
from services.api.permissions import Permission
from services.api.problems import answers
from streams.events import SECOND, Severity
from streams.feeds.feed import Clock, Feed
from streams.feeds.registry import all_feeds
from streams.kinds import combination, combinations, joins
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import all_kinds, find

router = APIRouter(tags=["catalogue"], prefix="/api/catalogue")


class ParameterBody(BaseModel):
    name: str
    default: float
    least: float
    most: float
    whole: bool = Field(description="Whether it takes whole numbers only")
    unit: WordsBody
    meaning: WordsBody


class KindBody(BaseModel):
    id: str
    version: int
    formerly: list[str]
    name: WordsBody
    category: str
    sub_category: str | None
    cap_category: str = Field(description="CAP 1.2, section 3.2.2")
    certainty: Literal["Observed", "Likely", "Possible"]
    watches: Watches
    classes: list[str]
    needs: list[str] = Field(description="Metrics without which a sensor cannot be judged")
    parameters: list[ParameterBody]
    beyond: Literal["above", "below", ""] = Field(
        description="Of a kind of limits: the side on which a value is too far"
    )
    why: WordsBody = Field(description="{name} stands for a parameter's value")
    cause: WordsBody
    consequence: WordsBody
    response: WordsBody


class MetricBody(BaseModel):
    name: str
    words: WordsBody
    unit: WordsBody
    least: float
    most: float


class AssetTypeBody(BaseModel):
    id: str
    name: WordsBody
    period_seconds: float = Field(description="Between its events; 0: it differs")
    reports: bool = Field(description="False: nothing ever comes of it")


class DefaultRuleBody(BaseModel):
    kind: str
    severity: Severity
    parameters: dict[str, float] = Field(description="Those that differ from the kind's defaults")


class FeedBody(BaseModel):
    id: str
    version: int
    name: WordsBody
    carries: Literal["frames", "readings"]
    clock: Clock = Field(
        description="Whose clock stamps its events; arrival: the tick at which they come"
    )
    lateness_seconds: float
    missing: list[float] = Field(description="Values that stand for nothing measured")
    asset_types: list[AssetTypeBody]
    metrics: list[MetricBody]
    default_rules: list[DefaultRuleBody] = Field(
        description="What `POST /api/feeds/{id}/rules` puts in force on its sources"
    )


class SignBody(BaseModel):
    """An incident that is looked for."""

    kind: str
    name: WordsBody
    metric: str = Field(description="That its evidence shows; empty: any")
    metric_name: WordsBody | None


class JoiningSignBody(SignBody):
    within_m: float = Field(description="From what extends the event, in metres")
    before_minutes: float = Field(description="So much earlier than that it may have begun")
    extends: bool = Field(description="Whether others join it there, too")


class JoinBody(BaseModel):
    """An event of which several incidents tell; they are one alert."""

    id: str
    name: WordsBody
    reach_m: float = Field(description="How far it may extend from what leads it")
    signs: list[JoiningSignBody] = Field(description="In the order in which they lead")


class CombinationBody(BaseModel):
    """Incidents that together are one of their own, of the kind `signs_together`."""

    id: str
    name: WordsBody
    severity: Severity
    within_minutes: float = Field(description="From the first's beginning to the last's")
    within_m: float = Field(description="Of the one that came last; 0: of one source")
    signs: list[SignBody]


class CatalogueBody(BaseModel):
    kinds: list[KindBody]
    feeds: list[FeedBody]
    joins: list[JoinBody] = Field(description="Of `joins.yaml`, in the order in which they count")
    combinations: list[CombinationBody] = Field(description="Of `combinations.yaml`")


@router.get("", dependencies=[may(Permission.CATALOGUE_READ)], responses=answers(401))
def catalogue() -> CatalogueBody:
    """Kinds and feeds in order of their ids; joins and combinations in that of their tables."""
    return CatalogueBody(
        kinds=[_kind(kind) for kind in all_kinds().values()],
        feeds=[_feed(feed) for feed in all_feeds().values()],
        joins=[_join(name, event) for name, event in joins.events().items()],
        combinations=[_combination(*each) for each in combinations.combinations().items()],
    )


def _join(id: str, event: joins.Event) -> JoinBody:
    return JoinBody(
        id=id,
        name=words(event.name.words),
        reach_m=event.reach_m,
        signs=[
            JoiningSignBody(
                **_sign(sign).model_dump(),
                within_m=sign.within_m,
                before_minutes=sign.before_minutes,
                extends=sign.extends,
            )
            for sign in event.signs
        ],
    )


def _combination(id: str, one: combination.Combination) -> CombinationBody:
    return CombinationBody(
        id=id,
        name=words(one.name.words),
        severity=one.severity,
        within_minutes=one.within_minutes,
        within_m=one.within_m,
        signs=[_sign(sign) for sign in one.of],
    )


def _sign(sign: joins.Sign | combination.Sign) -> SignBody:
    kind = find(sign.kind)
    return SignBody(
        kind=kind.id,
        name=words(kind.name),
        metric=sign.metric,
        metric_name=_metrics().get(sign.metric),
    )


@cache
def _metrics() -> dict[str, WordsBody]:
    """Of the first feed that has each."""
    found: dict[str, WordsBody] = {}
    for feed in all_feeds().values():
        for name, metric in feed.metrics.items():
            found.setdefault(name, words(metric.name))
    return found


def _kind(kind: Kind) -> KindBody:
    return KindBody(
        id=kind.id,
        version=kind.version,
        formerly=list(kind.formerly),
        name=words(kind.name),
        category=kind.category,
        sub_category=kind.sub_category,
        cap_category=kind.cap_category,
        certainty=kind.certainty,
        watches=kind.watches,
        classes=sorted(kind.classes),
        needs=list(kind.needs),
        parameters=[
            ParameterBody(
                name=name,
                default=known.default,
                least=known.least,
                most=known.most,
                whole=known.whole,
                unit=words(known.units),
                meaning=words(known.meaning),
            )
            for name, known in kind.parameters.items()
        ],
        beyond=kind.beyond,
        why=words(kind.why),
        cause=words(kind.cause),
        consequence=words(kind.consequence),
        response=words(kind.response),
    )


def _feed(feed: Feed) -> FeedBody:
    return FeedBody(
        id=feed.id,
        version=feed.version,
        name=words(feed.name),
        carries=feed.carries,
        clock=feed.clock,
        lateness_seconds=feed.lateness / SECOND,
        missing=list(feed.missing),
        asset_types=[
            AssetTypeBody(
                id=name,
                name=words(known.name),
                period_seconds=known.period_seconds,
                reports=known.reports,
            )
            for name, known in feed.asset_types.items()
        ],
        metrics=[
            MetricBody(
                name=name,
                words=words(metric.name),
                unit=words(metric.unit),
                least=metric.range[0],
                most=metric.range[1],
            )
            for name, metric in feed.metrics.items()
        ],
        default_rules=[
            DefaultRuleBody(
                kind=rule.kind, severity=rule.severity, parameters=feed.parameters(rule)
            )
            for rule in feed.default_rules
        ],
    )
