"""``/api/catalogue``: every kind of incident and every feed of this installation, in words."""

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
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import all_kinds

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


class CatalogueBody(BaseModel):
    kinds: list[KindBody]
    feeds: list[FeedBody]


@router.get("", dependencies=[may(Permission.CATALOGUE_READ)], responses=answers(401))
def catalogue() -> CatalogueBody:
    """Kinds and feeds in order of their ids."""
    return CatalogueBody(
        kinds=[_kind(kind) for kind in all_kinds().values()],
        feeds=[_feed(feed) for feed in all_feeds().values()],
    )


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
