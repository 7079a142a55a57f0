"""Sensors of any type told to the ``score`` stage, reading by reading, for tests of conditions."""

from collections.abc import Iterable, Mapping

from streams.events import SECOND, Incident, Place, Rule, Source, Tick
from streams.feeds.registry import of_asset_type
from tests.support.loops import START, Driver, controls
from tests.support.stories import reading

Said = tuple[float, Mapping[str, float]]
"""Seconds since the start, and values by metric."""


def play(
    rule: Rule,
    *told: Iterable[Said],
    type: str = "loop",
    period: float = 5,
    reload: bool = False,
    late: Iterable[Said] = (),
) -> list[Incident]:
    """What is announced of sources ``s0``, ``s1`` …, one for each of ``told``.

    Args:
        reload: the state goes through its stored form after each event.
        late: what ``s0`` says of earlier times when all else is said.
    """
    feed = of_asset_type(type)
    assert feed
    driver = Driver()
    sources = [
        Source(
            *(f"s{n}", type, "S", "S", "simulated", Place(20.8, 106.6), "gw"),
            period=round(period * SECOND),
        )
        for n in range(len(told))
    ]
    driver.feed(*controls([*sources, rule]), Tick(START))
    rows = [(at, n, values) for n, of in enumerate(told) for at, values in of]
    rows.sort(key=lambda row: row[:2])
    tick = START
    for at, n, values in rows:
        time = START + round(at * SECOND)
        if time > tick:
            tick = time
            driver.feed(Tick(tick))
        driver.feed(reading(f"s{n}", time, driver.offset, dict(values), "gw"))
        if reload:
            driver.reload()
    driver.feed(Tick(tick + SECOND), Tick(tick + feed.lateness + 2 * SECOND))
    for at, values in late:
        time = START + round(at * SECOND)
        driver.feed(reading("s0", time, driver.offset, dict(values), "gw"))
    failed = {name: n for name, n in driver.counts.items() if name.startswith("failed")}
    assert not failed, failed
    return driver.incidents


def evenly(metric: str, values: Iterable[float], period: float = 5, since: float = 0) -> list[Said]:
    """One reading each period."""
    return [(since + period * n, {metric: value}) for n, value in enumerate(values, 1)]
