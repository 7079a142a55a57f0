"""A feeder of the simulated city fails: the stages find one cause, and what follows of it."""

from simulators.feeds.packs import Gateways
from simulators.world.calendar import at
from simulators.world.script import Occurrence
from simulators.world.state import World
from streams.events import MINUTE, SECOND, ControlChange, Incident, Micros, Tick, Topology
from streams.runtime.offline import Offline
from streams.stages.correlate import Correlate
from streams.stages.explain import Explain
from streams.stages.score import Score
from streams.stages.upstreams import upstream
from streams.topics import CORRELATED, INCIDENTS, READINGS
from tests.support.systems import SEED, default_rules, only, some

MONDAY = at(2026, 11, 30)
FEEDER, OLD, WIRED = "feeder-003", "bts-0085", "wifi-005"
BELOW = (OLD, WIRED, "wifi-007", "air-02", "pa-02")
"""On that feeder: a station with an old battery, and others that have none."""


def told(*, topology: bool) -> list[Incident]:
    """What goes out while the feeder is off for half an hour."""
    assets = only(some(FEEDER, *BELOW), {FEEDER, *BELOW})
    off = Occurrence("feeder_failure", FEEDER, MONDAY + 5 * MINUTE, MONDAY + 35 * MINUTE)
    stages = [
        Score({}, 1),
        Correlate([upstream("score", READINGS, 0)]),
        Explain([upstream(Correlate.name, INCIDENTS, 0)]),
    ]
    offline, gateways = Offline(stages, 1), Gateways(World(SEED, assets, [off]))
    reporting = [one for one in assets if one.gateway]
    changes = [*assets, *default_rules(reporting), Topology(topology)]
    for number, change in enumerate(changes, 1):
        offline.publish_everywhere(ControlChange(number, MONDAY, change))
    list(gateways.closed(MONDAY))
    for step in range(1, 34 * 6):
        now: Micros = MONDAY + step * 10 * SECOND
        offline.publish_everywhere(Tick(now))
        for name, draft in gateways.closed(now):
            offline.publish(READINGS, draft.stamped(name, now, step), name)
        offline.drain()
    return [one for one in offline.events(CORRELATED) if isinstance(one, Incident)]


def last(found: list[Incident]) -> dict[tuple[str, str], Incident]:
    """The newest revision by kind and source."""
    return {(one.kind, one.sources[0]): one for one in found}


def test_a_feeder_that_fails_is_one_cause_and_the_rest_its_consequences() -> None:
    found = last(told(topology=True))
    root = found["not_in_service", FEEDER]
    assert not root.explained_by
    for kind, source in (
        ("not_in_service", OLD),
        ("no_data", WIRED),
        ("no_data", "wifi-007"),
        ("not_in_service", "pa-02"),
    ):
        assert found[kind, source].explained_by == root.id, source
        assert found[kind, source].via[-1] == FEEDER


def test_control_without_topology_each_is_an_alert_of_its_own() -> None:
    found = last(told(topology=False))
    assert len([one for one in found.values() if not one.explained_by]) == len(found) >= 5
