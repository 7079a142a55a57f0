"""What cannot be in an indicator whose fields are all there and of their types."""

import math
from collections.abc import Iterator

from models.scorer import WINDOW
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.ids import id_fault
from streams.indicators.indicator import LIMITS, MOST_WEIGHT, THOUSANDTHS, Formula, Indicator

MOST = 2.0**43
"""Of one reading, in thousandths: a million of them are added in 64 bits, on any machine alike."""
_FORMS = ("mean", "share", "total", "places", "cases")


def faults(indicator: Indicator) -> Iterator[str]:
    """Each of them, as what to say after the file's name and the indicator's."""
    if fault := id_fault(indicator.id):
        yield f"id {fault}"
    if indicator.target is not None and not math.isfinite(indicator.target):
        yield "target: give a number that is finite, or leave the line out"
    if (indicator.target is None) != (indicator.says == "nobody"):
        yield "says: give nobody where there is no target, and only there"
    if (indicator.formula is None) == (indicator.needs is None):
        yield "give formula, or needs where no feed has its data"
    if indicator.formula is not None:
        for fault in _of_formula(indicator.formula):
            yield f"formula: {fault}"
        if indicator.formula.is_level and indicator.period != "hour":
            yield "period: what says how things stand has the period hour"


def _of_formula(formula: Formula) -> Iterator[str]:
    feeds = {name: feed for name, feed in all_feeds().items() if feed.carries == "readings"}
    feed = feeds.get(formula.feed)
    if feed is None:
        yield f"feed: there is no feed of readings {formula.feed!r}; there are {', '.join(feeds)}"
        return
    forms = [name for name in _FORMS if getattr(formula, name)]
    if len(forms) != 1:
        yield f"give one of {', '.join(_FORMS)}"
        return
    told = {"in_time": feed.counts, "succeeded": feed.tallies}
    if formula.cases and told[formula.cases] is None:
        yield f"cases: {formula.cases}: {feed.id} has no events that say that"
    for name in (*forms, "by"):
        metric = getattr(formula, name) if name != "cases" else ""
        if metric and metric not in feed.metrics:
            known = ", ".join(feed.metrics)
            yield f"{name}: {feed.id} has no metric {metric!r}; it has {known}"
    for type_ in formula.types:
        described = feed.asset_types.get(type_)
        if described is None or not described.reports:
            yield f"types: {feed.id} has no asset type {type_!r} that reports"
    if formula.by and not formula.mean:
        yield "by: only a mean is weighted"
    elif (formula.mean or formula.total) and _largest(formula, feed) > MOST:
        yield f"{forms[0]}: its range is so wide that sums of it cannot be exact: narrow it"
    limits = [name for name in LIMITS if getattr(formula, name) is not None]
    wanted = 1 if formula.share or formula.places else 0
    if len(limits) != wanted:
        said = f"give one of {', '.join(LIMITS)}" if wanted else "leave the limit out"
        yield f"{said}, as it is a {forms[0]}"
    if not all(math.isfinite(getattr(formula, name)) for name in limits):
        yield f"{limits[0]}: give a number that is finite"
    if not 1 <= formula.readings <= WINDOW:
        yield f"readings: give 1 to {WINDOW}"
    if formula.readings > 1 and not formula.places:
        yield "readings: only places are counted by several in a row"


def _largest(formula: Formula, feed: Feed) -> float:
    """What one reading may add at most, in thousandths; 0: of a metric that there is not."""
    if formula.metric not in feed.metrics:
        return 0.0
    value = max(map(abs, feed.metrics[formula.metric].range))
    weight = feed.metrics[formula.by].range[1] if formula.by in feed.metrics else 1.0
    return value * THOUSANDTHS * min(weight, MOST_WEIGHT)
