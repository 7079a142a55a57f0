"""Tells a kind's scenario to the stages, without Kafka."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from models.registry import Registry
from models.scorer import TASK, OnnxScorer
from streams.events import SECOND, Incident, Place, Readings, Rule, Source, Tick
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.kinds.kind import Kind, Watches
from streams.kinds.scenario import Scenario
from streams.rules.duties import can_judge
from streams.stages.score import Score
from tests.support.loops import START, Driver, controls
from tests.support.watchman import HEIGHT, WIDTH, Thing, Watchman, at, camera, rule, zone

MIDDLE = ((0.2, 0.2), (0.9, 0.2), (0.9, 0.9), (0.2, 0.9))
UPWARD = ((0.5, 0.9), (0.5, 0.1))
DRAWN = {Watches.ZONE: MIDDLE, Watches.LINE: UPWARD}


def tell(kind: Kind, scenario: Scenario) -> list[Incident]:
    """What is decided of the story, by a rule of the kind with default parameters."""
    if scenario.measured:
        feeds = [feed for feed in all_feeds().values() if feed.carries == "readings"]
        feed = next(feed for feed in feeds if can_judge(kind, feed))
        return _measure(kind, scenario, feed)
    drawn = [zone(polygon=DRAWN[kind.watches])] if kind.watches in DRAWN else []
    man = Watchman(camera(), *drawn, rule(kind.id))
    for step in range(round(scenario.seconds * 5)):
        second = step / 5
        if second < scenario.heard_until:
            man.see(*_things(scenario, second))
    man.pass_until(man.time + 120 * SECOND if scenario.heard_until < scenario.seconds else man.time)
    return [incident for incident in man.incidents if incident.kind == kind.id]


def _things(scenario: Scenario, second: float) -> Iterator[Thing]:
    for group in scenario.objects:
        if group.since <= second < group.until:
            left, top = (
                start + speed * (second - group.since)
                for start, speed in zip(group.at, group.moves, strict=True)
            )
            for number in range(group.number):
                yield at(group.label, (left + 0.08 * number) * WIDTH, top * HEIGHT)


@cache
def stage() -> Score:
    """With the models that are in force without any configuration."""
    models = Registry()
    ids = [manifest.id for manifest in models.catalogue() if manifest.task == TASK]
    return Score({name: OnnxScorer(models.load(name)) for name in ids}, 1)


def _measure(kind: Kind, scenario: Scenario, feed: Feed) -> list[Incident]:
    asset_type, described = next(iter(feed.asset_types.items()))
    period = round((described.period_seconds or 5) * SECOND)
    source = Source(
        "sensor", asset_type, "S", "S", "simulated", Place(20.8, 106.6), "gw", period=period
    )
    driver = Driver(stage())
    driver.feed(*controls([source, Rule(kind.id, kind.id, "high")]), Tick(START))
    sequence = 0
    for step in range(int(scenario.seconds * SECOND // period)):
        time = START + (step + 1) * period
        second = (step + 1) * period / SECOND
        if second < scenario.heard_until:
            values = next(m.values for m in scenario.measured if second <= m.until)
            sequence += 1
            driver.feed(reading("sensor", time, sequence, dict(values)))
        driver.feed(Tick(time + SECOND))
    driver.feed(Tick(START + round(scenario.seconds * SECOND) + 30 * SECOND))
    return [incident for incident in driver.incidents if incident.kind == kind.id]


def reading(
    source: str, time: int, sequence: int, values: dict[str, float], gateway: str = "gw"
) -> Readings:
    """A pack of one row."""
    return Readings(
        gateway=gateway,
        time=time,
        sequence=sequence,
        origin="simulated",
        sources=(source,),
        metrics=tuple(values),
        source=np.array([0], "<u2").tobytes(),
        times=np.array([time], "<i8").tobytes(),
        values=np.array(list(values.values()), "<f8").tobytes(),
    )
