"""The evening of storm: hundreds of failures, a handful of alerts, the same by the same seed."""

from functools import cache

from msgspec.structs import replace

from simulators.demo.evening import assets, readings, rules, storm
from streams.configuration.check import check
from streams.configuration.configured import NOTHING, copied, take
from streams.events import SECOND, ControlChange, Incident, Micros, Tick, Topology, Watermark
from streams.feeds.registry import of_asset_type
from streams.runtime.partition import Partition
from streams.stages.explain import Explain
from streams.stages.upstreams import upstream
from tests.support.loops import Driver, controls

START: Micros = 1_795_000_000 * SECOND
EVENING = storm()


@cache
def found(seed: int) -> list[Incident]:
    """What the rules find of it, in order."""
    own = assets(EVENING, seed)
    driver = Driver()
    driver.feed(*controls([*own, *rules(EVENING, seed, NOTHING)], time=START), Tick(START))
    number = 0
    for second in range(0, round(EVENING.lasts_s) + 30, 5):
        now = START + second * SECOND
        driver.feed(Tick(now))
        if second < EVENING.lasts_s:
            for name, draft in readings(EVENING, seed, second, now):
                number += 1
                driver.feed(draft.stamped(name, now, number))
    return driver.incidents


def explained(seed: int, incidents: list[Incident], *, on: bool) -> list[Incident]:
    """What the whole city's stage makes of it."""
    part = Partition(Explain([upstream("correlate", "incidents", 0)]), 0, 1)
    said = [*assets(EVENING, seed), Topology(on, on)]
    changes = [ControlChange(n, START, change) for n, change in enumerate(said, 1)]
    end = START + 3600 * SECOND
    events = [*changes, *incidents, Watermark("correlate", "incidents", 0, end, end)]
    sent: list[Incident] = []
    for event in events:
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        assert not outcome.counts.get("dead_lettered"), event
        sent += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
    return sent


def roots(sent: list[Incident]) -> dict[str, str]:
    """Of what was never, or only for a while, one of its own: source to kind."""
    latest = {one.id: one for one in sent}
    return {one.sources[0]: one.kind for one in latest.values() if not one.explained_by}


def test_hundreds_of_failures_are_a_handful_of_alerts() -> None:
    incidents = found(7)
    begun = [one for one in incidents if one.revision == 0]
    assert len(begun) >= 190
    alone = roots(explained(7, incidents, on=True))
    assert len(alone) <= 9, alone
    assert {name.removeprefix(EVENING.prefix).rstrip("-0123456789") for name in alone} == {
        "feeder", "cable", "gauge", "far-gauge", "crash", "portal", "tree",
    }  # fmt: skip
    assert all(one.origin == "simulated" for one in begun)


def test_control_without_topology_and_grouping_each_is_an_alert() -> None:
    incidents = found(7)
    assert len(roots(explained(7, incidents, on=False))) >= 190


def test_the_same_seed_is_the_same_evening_and_another_is_another() -> None:
    assert assets(EVENING, 3) == assets(EVENING, 3)
    assert [one.place for one in assets(EVENING, 3)] != [one.place for one in assets(EVENING, 4)]
    once, again = (
        [draft.values.tobytes() for _, draft in readings(EVENING, 3, 60, START)] for _ in range(2)
    )
    assert once == again


def test_it_can_be_announced_and_touches_nothing_of_the_citys() -> None:
    known = copied(NOTHING)
    own = assets(EVENING, 7)
    for change in [*own, *rules(EVENING, 7, NOTHING)]:
        check(known, change)
        take(known, change)
        assert change.id.startswith(EVENING.prefix)
    assert all(set(one.parents) <= {each.id for each in own} for one in own)
    for one in own:
        feed = of_asset_type(one.kind)
        assert feed is not None
        metrics = EVENING.groups[_group(one.id)].normal
        assert metrics.keys() <= feed.metrics.keys()
    # Where the city's own default rules watch for the same nobody is alarmed twice.
    quick = {rule.id for rule in rules(EVENING, 7, NOTHING) if "quick." in rule.id}
    city = copied(NOTHING)
    for number, rule in enumerate(rules(EVENING, 7, NOTHING)):
        if rule.id not in quick:
            take(city, replace(rule, id=f"city-{number}"))
    assert {rule.id for rule in rules(EVENING, 7, city)} == quick


def _group(name: str) -> str:
    return name.removeprefix(EVENING.prefix).rstrip("0123456789").rstrip("-").replace("-", "_")
