"""A few of the city's systems, one gateway each, and the stage for sensors driven through a day."""

from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from simulators import announced
from simulators.city import registry
from simulators.feeds.packs import Gateways
from simulators.world.script import Occurrence
from simulators.world.state import Coupling, World
from streams.configuration.configured import NOTHING, copied, take
from streams.configuration.defaults import missing_rules
from streams.events import SECOND, Incident, Micros, Rule, Source, Tick
from streams.feeds.registry import all_feeds
from tests.support.loops import Driver, controls

SEED = 7
EVERY: Micros = 10 * SECOND
"""Between ticks: further apart they would say that nobody was there meanwhile."""


def some(*ids: str, seed: int = SEED) -> list[Source]:
    """Those of the default city, with all that they depend on, connected to their simulators."""
    there = {one.id: one for one in registry.whole(seed)}
    wanted, left = set[str](), list(ids)
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += there[name].parents
    return [announced.connected(one) for one in there.values() if one.id in wanted]


def only(assets: Iterable[Source], reporting: Collection[str]) -> list[Source]:
    """The same, of which those alone report: each system costs a test its time."""
    return [one if one.id in reporting else replace(one, gateway="", period=0) for one in assets]


def default_rules(assets: Iterable[Source]) -> list[Rule]:
    known = copied(NOTHING)
    for asset in assets:
        take(known, asset)
    kinds = {one.kind for one in assets if one.gateway}
    return [
        rule
        for feed in all_feeds().values()
        if kinds & feed.asset_types.keys()
        for rule in missing_rules(known, feed)
    ]


def run(
    assets: Sequence[Source],
    start: Micros,
    seconds: float,
    happens: Sequence[Occurrence] = (),
    *,
    without: Collection[Coupling] = (),
    every: Micros = EVERY,
) -> Driver:
    """The stage after so many seconds of these assets, with the default rules of their feeds."""
    driver, gateways = Driver(), Gateways(World(SEED, assets, happens, without=without))
    reporting = [one for one in assets if one.gateway]
    driver.feed(*controls([*reporting, *default_rules(reporting)], time=start), Tick(start))
    list(gateways.closed(start))
    for number in range(1, round(seconds * SECOND / every) + 1):
        now = start + number * every
        driver.feed(Tick(now))  # before them: no clock is ahead of it
        for name, draft in gateways.closed(now):
            driver.feed(draft.stamped(name, now, number))
    return driver


def begun(driver: Driver) -> list[Incident]:
    """As they were announced, in order."""
    return [one for one in driver.incidents if one.revision == 0]
