"""Tells a kind's scenario to the stages, without Kafka."""

from collections.abc import Iterator, Mapping
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
from tests.support import watchman
from tests.support.loops import START, Driver, controls
from tests.support.watchman import HEIGHT, WIDTH, Thing, Watchman, at, camera, zone

MIDDLE = ((0.2, 0.2), (0.9, 0.2), (0.9, 0.9), (0.2, 0.9))
UPWARD = ((0.5, 0.9), (0.5, 0.1))
DRAWN = {Watches.ZONE: MIDDLE, Watches.LINE: UPWARD}


def tell(kind: Kind, *scenarios: Scenario, rule: Rule | None = None) -> list[Incident]:
    """What is decided of the stories, one after the other, by a rule with default parameters.

    Args:
        rule: instead of that one, where the kind watches readings; nothing checks it.

    Raises AssertionError where the kind failed: what it does not say then proves nothing.
    """
    if scenarios[0].measured:
        feeds = [feed for feed in all_feeds().values() if feed.carries == "readings"]
        told = {name for each in scenarios for part in each.measured for name, _ in part.values}
        feeds = [feed for feed in feeds if can_judge(kind, feed)]
        assert feeds, f"no feed measures all of {', '.join(kind.needs)}"
        feed = next((feed for feed in feeds if feed.metrics.keys() >= told), feeds[0])
        own = Rule(kind.id, kind.id, "high", parameters=dict(scenarios[0].parameters))
        found, counts = _measure(rule or own, scenarios, feed)
    else:
        found, counts = _show(kind, scenarios)
    assert not counts.get(f"failed {kind.id}"), "its judge failed: the log above says where"
    return [incident for incident in found if incident.kind == kind.id]


def _show(kind: Kind, scenarios: tuple[Scenario, ...]) -> tuple[list[Incident], Mapping[str, int]]:
    drawn = [zone(polygon=DRAWN[kind.watches])] if kind.watches in DRAWN else []
    man = Watchman(camera(), *drawn, watchman.rule(kind.id))
    for scenario in scenarios:
        for step in range(round(scenario.seconds * 5)):
            second = step / 5
            if second < scenario.heard_until:
                man.see(*_things(scenario, second))
        unheard = scenario.heard_until < scenario.seconds
        man.pass_until(man.time + 120 * SECOND if unheard else man.time)
    return man.incidents, man.partition.counts


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


def _measure(
    rule: Rule, scenarios: tuple[Scenario, ...], feed: Feed
) -> tuple[list[Incident], Mapping[str, int]]:
    asset_type, described = next(iter(feed.asset_types.items()))
    period = round((described.period_seconds or 5) * SECOND)
    place, beside = Place(20.8, 106.6), [f"peer-{n}" for n in range(scenarios[0].peers)]
    sources = [
        Source(name, asset_type, "S", "S", "simulated", place, "gw", period=period)
        for name in ("sensor", *beside)
    ]
    driver = Driver(stage())
    driver.feed(*controls([*sources, rule]), Tick(START))
    time = START
    for scenario in scenarios:
        begin = time
        for _ in range(int(scenario.seconds * SECOND // period)):
            time += period
            second = (time - begin) / SECOND
            if second < scenario.heard_until:
                values = dict(next(m.values for m in scenario.measured if second <= m.until))
                unknown = set(values) - set(feed.metrics)
                assert not unknown, f"{feed.id} measures no {', '.join(sorted(unknown))}"
                if period > 30 * SECOND:  # else it would be of a clock that is ahead
                    driver.feed(Tick(time))
                driver.feed(reading("sensor", time, driver.offset, values))
                for peer in beside:
                    driver.feed(reading(peer, time, driver.offset, dict(scenario.peers_say)))
            driver.feed(Tick(time + SECOND))
    # What is told last is judged once the feed's lateness has passed it.
    driver.feed(Tick(time + feed.lateness + max(period, 30 * SECOND)))
    return driver.incidents, driver.counts


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
