"""The whole stack, servers included, on a machine whose clock is set while it runs."""

import time
from collections.abc import Iterator

import pytest

from deploy.local import kafka, timescale
from streams.events import from_rfc3339
from tests.support import servers
from tests.support.pretended import COMPILER, Pretended
from tests.support.stack import System
from tests.support.waiting import eventually

DAY = 86_400
SHIFTS = [40 * DAY, -21 * DAY, 600, -600]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(COMPILER is None, reason="no C compiler"),
    pytest.mark.timeout(900),
]


@pytest.fixture
def corrected(tmp_path_factory: pytest.TempPathFactory, by: int) -> Iterator[Pretended]:
    """A first start with a clock that is wrong by so many seconds."""
    system = Pretended(tmp_path_factory.mktemp("corrected"))
    servers.fetch(system.settings, kafka, timescale)
    system.shift(by)
    system.up()
    yield system
    system.stop()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pretended]:
    system = Pretended(tmp_path_factory.mktemp("set"))
    servers.fetch(system.settings, kafka, timescale)
    system.up()
    yield system
    system.shift(0)
    system.stop()


def stored(system: System) -> int:
    ((number,),) = system.query("SELECT count(*) FROM readings")
    return int(number)


@pytest.mark.parametrize("by", SHIFTS)
def test_a_clock_that_is_set_costs_nothing(system: Pretended, by: int) -> None:
    eventually(lambda: stored(system) > 0, 120)
    before, oldest = stored(system), system.query("SELECT min(time) FROM readings")
    system.shift(by)
    try:
        eventually(lambda: system.status()["clock_ahead_seconds"], 60)
        status = system.status()
        assert abs(status["clock_ahead_seconds"] - by) < 30
        during = stored(system)
        eventually(lambda: stored(system) > during, 60)
        ticked = from_rfc3339(system.status()["event_time"]) / 1e6
        assert abs(ticked - time.time()) < 30, "event time goes on as it was"
    finally:
        system.shift(0)
    eventually(lambda: not system.status()["clock_ahead_seconds"], 60)
    after = stored(system)
    assert after > before
    eventually(lambda: stored(system) > after, 60)
    assert system.query("SELECT min(time) FROM readings") == oldest
    assert system.query("SELECT count(*) FROM readings WHERE late") == [(0,)]
    assert system.query("SELECT count(*) FROM frames WHERE late") == [(0,)]
    assert system.query("SELECT count(*) FROM incidents WHERE kind = 'no_data'") == [(0,)]
    ((newest,),) = system.query("SELECT extract(epoch FROM max(time)) FROM readings")
    assert float(newest) < time.time() + 30
    said = "SELECT count(*) FROM incidents WHERE kind = 'system_clock' AND end_time IS NOT NULL"
    eventually(lambda: system.query(said)[0][0] > 0, 60)


@pytest.mark.parametrize("by", [40 * DAY, -400 * DAY])
def test_a_stack_started_under_a_wrong_clock_goes_on_when_it_is_put_right(
    corrected: Pretended, by: int
) -> None:
    system = corrected
    eventually(lambda: stored(system) > 0, 120)
    # Nothing says that a clock ahead is wrong; none is right from before the release.
    assert bool(system.status()["clock_ahead_seconds"]) == (by < 0)
    # A city that warms up slowly is silent at first, whatever the clock shows.
    silent = "SELECT count(*) FROM incidents WHERE kind = 'no_data' AND revision = 0"
    at_first = system.query(silent)
    system.shift(0)
    eventually(lambda: system.status()["clock_ahead_seconds"] * by < 0, 60)
    before = stored(system)
    eventually(lambda: stored(system) > before, 60)
    done = system.run("clock", "accept", "--yes")
    assert done.returncode == 0, done.stderr
    eventually(lambda: not system.status()["clock_ahead_seconds"], 60)

    def ticked() -> float:
        return from_rfc3339(system.status()["event_time"]) / 1e6

    eventually(lambda: abs(ticked() - time.time()) < 30, 60)
    recent = "SELECT count(*) FROM {} WHERE time BETWEEN now() - interval '1 min' AND now()"
    for table in ("readings", "frames"):
        eventually(lambda table=table: system.query(recent.format(table))[0][0] > 0, 60)
    assert stored(system) > before
    (undone,) = system.query(
        "SELECT count(*) FROM incidents WHERE subject = 'event time undone'"
        " AND end_time > now() + interval '39 days'"
    )
    assert undone == (int(by > 0),)
    assert system.query(silent) == at_first
    assert system.query("SELECT count(*) FROM incidents WHERE kind = 'data_loss'") == [(0,)]
