"""The dossiers of the simulated city, told from one instant to another."""

from collections import defaultdict

from msgspec.structs import replace

from simulators.feeds.packs import Gateways
from simulators.world.state import World
from streams.events import CaseHours, ControlChange, Micros, Rule, Source, Tick
from streams.feeds.registry import all_feeds
from streams.runtime.offline import Offline
from streams.topics import READINGS, SCORED
from tests.support.measured import Told, source

FEED = all_feeds()["dossiers"]
GATEWAY = "sim-dossiers"
OFFICES = tuple(f"desk-{number:02}" for number in range(1, 13))
RULE = Rule("late", "high_value", "medium", parameters=FEED.parameters(FEED.default_rules[0]))
Hours = dict[tuple[str, Micros, int], list[int]]
"""Begun, forwarded, ended and in time, by office, hour and kind of procedure."""


def offices() -> list[Source]:
    period = round(FEED.asset_types["dossier_office"].period_seconds * 1_000_000)
    return [replace(source(name, "dossier_office", GATEWAY), period=period) for name in OFFICES]


def told(start: Micros, until: Micros, every: Micros, seed: int = 7) -> list[Told]:
    """A city that starts then: what it announces, ticks, and what its offices tell."""
    changes = [*offices(), RULE]
    found: list[Told] = [
        (READINGS, ControlChange(number, start, change), "")
        for number, change in enumerate(changes, 1)
    ]
    gateways = Gateways(World(seed, offices()))
    for number, now in enumerate(range(start, until + 1, every), 1):
        found.append((READINGS, Tick(now), ""))
        for name, draft in gateways.closed(now):
            found.append((READINGS, draft.stamped(name, now, number), name))
    return found


def hours(offline: Offline) -> Hours:
    """What the stage has made of them."""
    sums: Hours = defaultdict(lambda: [0] * 4)
    for event in offline.events(SCORED):
        for row in event.rows if isinstance(event, CaseHours) else ():
            own = sums[row.source, row.hour, row.procedure]
            more = row.begun, row.forwarded, row.ended, row.in_time
            own[:] = (a + b for a, b in zip(own, more, strict=True))
    return {place: own for place, own in sorted(sums.items()) if any(own)}
