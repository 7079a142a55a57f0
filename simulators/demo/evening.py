"""A scripted evening: assets of its own, what is to be watched of them, and their readings.

What it is like is a file beside this, such as ``storm.yaml``; where things are, and how much later
each fails, is drawn by a seed. Nothing of the running city is touched: every id begins with the
evening's own prefix.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
import numpy as np

from models.documents import document
from models.files import SMALL, read_file
from models.measured import nothing
from simulators.feeds.packs import ORIGIN, Draft
from simulators.world.chance import key
from streams.configuration.configured import Configured
from streams.events import SECOND, Micros, Place, Rule, Severity, Source
from streams.feeds.feed import Feed
from streams.feeds.registry import of_asset_type
from streams.rules.reach import reaches

METRES_PER_LATITUDE, METRES_PER_LONGITUDE = 110_700.0, 104_000.0
"""Here, as for the default city."""
IN_TIME: Micros = 5 * SECOND
"""Readings come so much before they would be late: what a feed waits for is not waited for once
more, or a gauge's flood would be known ten minutes after a caller's."""
OWNER = {"vi": "Diễn tập", "en": "exercise"}
Point = tuple[float, float]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Assets of one type; see the file."""

    type: str
    count: int
    ward: str
    at: Point
    within_m: float
    normal: dict[str, float]
    vi: str = ""
    en: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    """In both languages, of one asset after the other, in place of ``vi`` and ``en``."""
    parents: tuple[str, ...] = ()
    """Groups: the n-th asset depends on the n-th of each, and so on again."""
    segment: str = ""
    later_s: float = 0.0
    then: dict[str, tuple[Point, ...]] = {}

    def names(self, number: int) -> tuple[str, str]:
        if self.texts:
            return self.texts[number % len(self.texts)]
        return self.vi.format(n=number + 1), self.en.format(n=number + 1)


class Quick(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule beside the default ones."""

    kind: str
    metric: str
    severity: Severity
    parameters: dict[str, float]


class Evening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As the file has it."""

    prefix: str
    """Every id begins with it: of sources, gateways and rules."""
    lasts_s: float
    period_s: float
    centre: Point
    groups: dict[str, Group]
    rules: tuple[Quick, ...]


def storm() -> Evening:
    """Hundreds of failures."""
    return _read("storm")


def night() -> Evening:
    """Four failures, of which one is critical."""
    return _read("night")


def _read(name: str) -> Evening:
    text = read_file(Path(__file__).parent / f"{name}.yaml", SMALL)
    return msgspec.convert(document(text), Evening)


def _id(evening: Evening, group: str, number: int) -> str:
    return f"{evening.prefix}{group.replace('_', '-')}-{number + 1}"


def _share(seed: int, name: str) -> float:
    return (key(seed, name) >> 32) / 2**32


def assets(evening: Evening, seed: int) -> list[Source]:
    """All of them, what others depend on first, each carried by a gateway of its feed."""
    found = []
    for group, said in evening.groups.items():
        feed = _feed(said)
        for number in range(said.count):
            name = _id(evening, group, number)
            vi, en = said.names(number)
            north, east = (
                said.at[axis] + said.within_m * (2 * _share(seed, f"{name}/{axis}") - 1)
                for axis in (0, 1)
            )
            found.append(
                Source(
                    name,
                    said.type,
                    f"{vi} ({OWNER['vi']})",
                    f"{en} ({OWNER['en']})",
                    ORIGIN,
                    Place(
                        round(evening.centre[0] + north / METRES_PER_LATITUDE, 6),
                        round(evening.centre[1] + east / METRES_PER_LONGITUDE, 6),
                        said.segment,
                    ),
                    gateway=gateway(evening, feed),
                    period=round(evening.period_s * SECOND),
                    ward=said.ward,
                    parents=tuple(
                        _id(evening, on, number % evening.groups[on].count) for on in said.parents
                    ),
                )
            )
    return found


def gateway(evening: Evening, feed: Feed) -> str:
    return f"{evening.prefix}{feed.id.replace('_', '-')}"


def rules(evening: Evening, seed: int, known: Configured) -> list[Rule]:
    """Its quick ones, and default rules of its feeds where none of the city's watches for it."""
    own = assets(evening, seed)
    feeds = {feed.id: feed for one in own if (feed := of_asset_type(one.kind))}
    found = []
    for name, feed in feeds.items():
        mine = [one for one in own if one.kind in feed.asset_types]
        for rule in evening.rules:
            if rule.metric in feed.metrics:
                place = {"metric": 1.0 + list(feed.metrics).index(rule.metric)}
                ids = _measuring(evening, mine, rule.metric)
                found.append(
                    Rule(
                        f"{evening.prefix}quick.{rule.metric}",
                        rule.kind,
                        rule.severity,
                        ids,
                        parameters={**rule.parameters, **place},
                    )
                )
        for default in feed.default_rules:
            like = feed.parameters(default)
            same = [
                rule
                for rule in known.rules.values()
                if rule.kind == default.kind
                and rule.parameters.get("metric") == like.get("metric")
                and not rule.id.startswith(evening.prefix)
            ]
            bare = tuple(
                one.id for one in mine if not any(reaches(rule, one.id, one.kind) for rule in same)
            )
            if bare:
                found.append(
                    Rule(
                        f"{evening.prefix}{name}.{default.metric or default.kind}",
                        default.kind,
                        default.severity,
                        bare,
                        parameters=like,
                    )
                )  # fmt: skip
    return found


def _measuring(evening: Evening, own: Collection[Source], metric: str) -> tuple[str, ...]:
    groups = evening.groups.items()
    there = {
        _id(evening, group, n)
        for group, said in groups
        if metric in said.normal
        for n in range(said.count)
    }
    return tuple(one.id for one in own if one.id in there)


def readings(
    evening: Evening, seed: int, second: float, now: Micros
) -> Iterator[tuple[str, Draft]]:
    """(gateway, pack) of what every asset says when so many seconds of the evening have passed."""
    by_feed: dict[str, list[tuple[str, dict[str, float]]]] = {}
    feeds: dict[str, Feed] = {}
    for group, said in evening.groups.items():
        feed = _feed(said)
        feeds[feed.id] = feed
        for number in range(said.count):
            name = _id(evening, group, number)
            own = second - said.later_s * _share(seed, f"{name}/later")
            values = {metric: _value(said, metric, own) for metric in said.normal}
            by_feed.setdefault(feed.id, []).append((name, values))
    for name, rows in by_feed.items():
        feed = feeds[name]
        metrics = tuple(one for one in feed.metrics if any(one in values for _, values in rows))
        table = nothing((len(rows), len(metrics)))
        for row, (_, values) in enumerate(rows):
            for column, metric in enumerate(metrics):
                if metric in values:
                    table[row, column] = values[metric]
        places = np.arange(len(rows), dtype=np.uint16)
        times = np.full(len(rows), now - max(feed.lateness - IN_TIME, 0), np.int64)
        yield (
            gateway(evening, feed),
            Draft(tuple(one for one, _ in rows), metrics, places, times, table),
        )


def _value(said: Group, metric: str, second: float) -> float:
    """On the straight line between two points; of two at one time the later holds."""
    points = said.then.get(metric)
    if not points or second < points[0][0]:
        return said.normal[metric]
    before = max(n for n, (time, _) in enumerate(points) if time <= second)
    if before + 1 == len(points):
        return points[before][1]
    (start, low), (end, high) = points[before], points[before + 1]
    return round(low + (high - low) * (second - start) / (end - start), 2)


def _feed(said: Group) -> Feed:
    feed = of_asset_type(said.type)
    assert feed is not None, said.type
    return feed
