"""What cannot be in a feed whose fields are all there and of their types."""

import math
from collections import Counter
from collections.abc import Iterator

import msgspec

from streams.events import DAY, SECOND
from streams.feeds.feed import EVENT_FIELDS, KEY_SEPARATOR, Feed
from streams.ids import id_fault, metric_fault

LONGEST_PERIOD = 30 * DAY / SECOND


def faults(feed: Feed) -> Iterator[str]:
    """Each of them, as what to say after the file's name."""
    if fault := id_fault(feed.id):
        yield f"id {fault}"
    if feed.version < 1:
        yield "version: give 1 or more"
    if feed.carries == "readings" and not feed.metrics:
        yield "it carries readings and names no metric"
    if feed.carries == "frames" and feed.clock == "arrival":
        yield "clock: give source or gateway: frames are stamped before they are sent"
    if feed.evidence and feed.evidence not in feed.metrics:
        yield f"evidence: there is no metric {feed.evidence!r} to show"
    # Anything else could be the end of another gateway's id.
    if feed.state_key and not feed.state_key.startswith(KEY_SEPARATOR):
        yield f"state_key {feed.state_key!r}: leave the line out"
    yield from _figures(feed)
    yield from _asset_types(feed)
    yield from _metrics(feed)
    yield from _counts(feed)


def _figures(feed: Feed) -> Iterator[str]:
    if not 0 <= feed.lateness_seconds <= DAY / SECOND:
        yield f"lateness_seconds: give 0 to {DAY / SECOND:.0f}"
    if not all(map(math.isfinite, feed.missing)):
        yield "missing: give numbers that are finite; what is not measured may be left out"
    for name, share in msgspec.structs.asdict(feed.promise).items():
        if not 0 <= share <= 100:
            yield f"promise: {name}: give 0 to 100 (percent)"
    for rule in feed.default_rules:
        if rule.metric and rule.metric not in feed.metrics:
            yield f"default rule {rule.kind}: there is no metric {rule.metric!r}"
        for name, value in rule.parameters.items():
            if not math.isfinite(value):
                yield f"default rule {rule.kind}: {name}: give a number that is finite"


def _asset_types(feed: Feed) -> Iterator[str]:
    if not feed.asset_types:
        yield "asset_types: give one at least"
    for name, described in feed.asset_types.items():
        if fault := id_fault(name):
            yield f"asset type {fault}"
        if not 0 <= described.period_seconds <= LONGEST_PERIOD:
            yield f"asset type {name}: period_seconds: give 0 to {LONGEST_PERIOD:.0f}"
        elif described.period_seconds and not described.reports:
            yield f"asset type {name}: period_seconds: it does not report: leave the line out"
        if not all(described.formerly):
            yield f"asset type {name}: formerly: one of them is empty"
    given = Counter(
        name for present, each in feed.asset_types.items() for name in (present, *each.formerly)
    )
    for name, times in given.items():
        if times > 1:
            yield f"asset type {name}: {times} of this file are, or were, called so"


def _metrics(feed: Feed) -> Iterator[str]:
    spelled: dict[str, str] = {}
    for name, metric in feed.metrics.items():
        vi, en = metric.unit
        if vi != (taken := spelled.setdefault(en, vi)):
            yield f"metric {name}: unit: {en!r} is {taken!r} in Vietnamese above: give the same"
        if fault := metric_fault(name):
            yield f"metric {fault}"
        low, high = metric.range
        if not (math.isfinite(low) and math.isfinite(high)):
            yield f"metric {name}: range: give two numbers that are finite"
        elif low >= high:
            yield f"metric {name}: range: it is empty or the wrong way round"
        for code in feed.missing:
            if low <= code <= high:
                yield f"metric {name}: range: {code:g} is in it, and is also in missing"


def _counts(feed: Feed) -> Iterator[str]:
    events = feed.counts or feed.tallies
    if events is None:
        return
    called = "counts" if feed.counts else "tallies"
    if feed.counts and feed.tallies:
        yield "tallies: it counts already: give one of the two"
    if feed.carries != "readings" or feed.clock == "arrival":
        yield f"{called}: events have times of their own: give carries: readings, and another clock"
    for field, name in zip(events.__struct_fields__, events.metrics, strict=False):
        if name not in feed.metrics:
            yield f"{called}: {field}: there is no metric {name!r}"
        if events.metrics.count(name) > 1:
            yield f"{called}: {field}: {name} is named twice"
        begins_anew = field in ("begun", "ended", "in_time")  # what is tallied is of a minute
        if name in feed.metrics and feed.metrics[name].counter != begins_anew:
            how = "begins at 0 again at midnight" if begins_anew else "goes up and down"
            yield f"{called}: {field}: {name} {how}: say counter: {str(begins_anew).lower()}"
    for name in feed.metrics:
        if name in EVENT_FIELDS:
            yield f"metric {name}: events call something else so: give another name"
