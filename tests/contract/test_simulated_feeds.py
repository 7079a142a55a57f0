"""Every feed's simulator by itself; a new one is found here without being named."""

import importlib.util
import io
import tokenize
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulators import announced
from simulators.feeds.packs import Gateways, gateway_of
from simulators.feeds.registry import ELSEWHERE, all_simulated
from simulators.world.calendar import at
from simulators.world.chance import key
from simulators.world.state import Rows, World
from streams.events import DAY, SECOND, Readings, Source
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.feeds.reporting import reports
from streams.sensors.register import told_by
from tests.contract.test_homes import names

MONDAY = at(2026, 11, 30)
by_id = pytest.mark.parametrize(
    "feed",
    [all_feeds()[name] for name, one in all_simulated().items() if not one.tells],
    ids=lambda feed: feed.id,
)
telling = pytest.mark.parametrize(
    "feed", [name for name, one in all_simulated().items() if one.tells]
)


@cache
def assets() -> list[Source]:
    return announced.assets("whole", 7)


@cache
def world() -> World:
    return World(7, assets())


def rows_of(feed: Feed, most: int = 8) -> Rows:
    """Readings of a day of some assets of each of its types."""
    chosen: list[int] = []
    for name in feed.asset_types:
        chosen += [n for n, one in enumerate(assets()) if one.kind == name and one.gateway][:most]
    asset = np.repeat(np.array(chosen, np.intp), 48)
    time = MONDAY + np.tile(np.arange(48) * (DAY // 48), len(chosen)).astype(np.int64)
    return Rows(asset, time, time // (60 * SECOND), world().keys[asset])


def test_each_feed_has_one_or_says_why_not() -> None:
    own = {name for name, feed in all_feeds().items() if any_reports(feed)}
    assert set(all_simulated()) | set(ELSEWHERE) == own
    assert not set(all_simulated()) & set(ELSEWHERE)
    assert all(ELSEWHERE.values())


def any_reports(feed: Feed) -> bool:
    return any(described.reports for described in feed.asset_types.values())


@by_id
def test_what_it_measures_is_what_the_feed_declares_and_lies_in_its_range(feed: Feed) -> None:
    rows = rows_of(feed)
    measured = all_simulated()[feed.id].measure(world(), rows)
    assert set(measured) == set(feed.metrics)
    for name, values in measured.items():
        assert values.shape == rows.time.shape
        there = values[~np.isnan(values)]
        low, high = feed.metrics[name].range
        assert len(there), name
        assert low <= there.min(), name
        assert there.max() <= high, name


@by_id
def test_it_depends_on_its_arguments_alone(feed: Feed) -> None:
    rows = rows_of(feed, 3)
    order = np.random.default_rng(1).permutation(len(rows.time))
    simulated = all_simulated()[feed.id]
    whole, some = (
        simulated.measure(world(), rows),
        simulated.measure(World(7, assets()), rows.take(order)),
    )
    other = simulated.measure(World(8, assets()), rows._replace(keys=rows.keys + np.uint64(1)))
    for name, values in whole.items():
        np.testing.assert_array_equal(values[order], some[name])
    assert any(not np.array_equal(whole[name], other[name], equal_nan=True) for name in whole)


@telling
def test_what_it_tells_of_are_events_of_a_feed_that_counts_them(feed: str) -> None:
    simulated = all_simulated()[feed]
    assert simulated.tells
    described = all_feeds()[feed]
    assert described.made_here
    keys = np.array([key(7, f"{feed}-{number}") for number in range(4)], np.uint64)
    then = MONDAY + DAY
    for told in (simulated.tells.between(keys, MONDAY, then), simulated.tells.standing(keys, then)):
        assert len(told.time) == len(told.source) == len(told.values) > 20
        assert (np.diff(told.time) >= 0).all()
        assert (told.time <= then).all()
        values = [tuple(row) for row in told.values[:: 1 + len(told.time) // 1000].tolist()]
        once = described.tallies is not None
        assert all(told_by(0, row, 1, at_once=once) for row in values), "each can be"


@by_id
def test_it_names_no_other_feeds_words(feed: Feed) -> None:
    spec = importlib.util.find_spec(f"simulators.feeds.{feed.id}")
    assert spec
    assert spec.origin
    text = Path(spec.origin).read_text()
    own = {feed.id, *feed.type_ids, *feed.metrics}
    strings = {
        token.string.strip("\"'")
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.STRING
    }
    assert strings & (names() - {"flow", "loop", "speed"}) <= own


def test_whatever_reports_is_carried_and_is_there_in_time() -> None:
    for asset in assets():
        feed = next((f for f in all_feeds().values() if asset.kind in f.type_ids), None)
        assert feed
        if feed.id not in ELSEWHERE:
            assert reports(asset) == bool(gateway_of(asset)) == bool(asset.gateway)
    carried = {asset.id for asset in assets() if gateway_of(asset)}
    gateways, heard = Gateways(world()), set[str]()
    list(gateways.closed(MONDAY))
    for number in range(1, 40):
        for name, draft in gateways.closed(MONDAY + number * 10 * SECOND):
            pack = draft.stamped(name, MONDAY + number * 10 * SECOND, number)
            assert isinstance(pack, Readings)
            pack.arrays()
            heard |= set(draft.sources)
    assert heard <= carried
    often = {asset.id for asset in assets() if asset.id in carried and asset.period <= 300 * SECOND}
    assert len(often - heard) < 0.01 * len(often), "a few are lost on their way"


@pytest.mark.parametrize("name", ["cases", "counting", "faults", "packs", "registry", "simulated"])
def test_a_feed_may_be_called_as_a_module_that_is_no_simulator(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("simulators.feeds.registry.all_feeds", lambda: {name: None, "payments": 1})
    assert set(all_simulated.__wrapped__()) == {"payments"}
