"""What comes late, again, corrected or unusable, through the stage and the writer: stored once.

The cases are those of public reports; beside each stands a control without what makes it right.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple

import numpy as np
import pytest

from models.scorer import METRICS
from streams.database import connect
from streams.events import (
    DAY,
    LATE,
    MINUTE,
    OVERDUE,
    REPEATED,
    SECOND,
    Correction,
    Event,
    Mark,
    Micros,
    Readings,
    Scored,
    Tick,
    decode,
    from_datetime,
    to_datetime,
)
from streams.runtime.marks import Marks
from streams.settings import Settings
from streams.tables import packs, search
from streams.tables.readings import TABLE as READINGS
from streams.tables.writer import PART, copy
from streams.topics import CORRECTIONS, SCORED
from tests.support.extension import extended
from tests.support.fleet import Fleet
from tests.support.loops import GATEWAY, PERIOD, START, Driver, controls
from tests.support.nursery import Nursery
from tests.support.storing import RUN, counted, reached, until, writing
from tests.support.upstream import Upstream, mark, read_all
from tests.support.wells import BOOT, well
from tests.support.wells import folder as wells
from tests.support.wells import pack as well_pack

FREE, JAM = (600.0, 10.0, 45.0), (100.0, 80.0, 3.0)
Reading = tuple[str, Micros, tuple[float, ...]]
"""Source, time, values."""


class Store:
    """A writer's partition of ``scored``, and what comes of what is sent there."""

    def __init__(self, settings: Settings, upstream: Upstream) -> None:
        self.settings, self.upstream, self.sent = settings, upstream, 0

    def send(self, events: Sequence[Event]) -> None:
        numbered = [(event, mark(self.sent + n)) for n, event in enumerate(events)]
        self.upstream.send(SCORED, 0, numbered)
        self.sent += len(events)

    def take(self, events: Sequence[Event], patience_s: float = 60.0) -> "Store":
        self.send(events)
        with writing(self.settings):
            until(reached(self.settings, {(SCORED, 0): self.sent}), patience_s=patience_s)
        return self

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.settings, "test") as connection:
            return connection.execute(query).fetchall()

    @property
    def readings(self) -> dict[tuple[str, str, Micros], list[tuple[float | None, bool]]]:
        """By source, metric and time: value and whether it is late, of each row."""
        found = defaultdict(list)
        for source, metric, time, value, late in self.rows(
            "SELECT source, metric, time, value, late FROM readings"
        ):
            found[source, metric, from_datetime(time)].append((value, late))
        return dict(found)

    @property
    def corrections(self) -> list[tuple[Any, ...]]:
        """(source, metric, time, old, new, decided at), in the order in which they came."""
        query = "SELECT source, metric, time, old, new, decided_at FROM corrections ORDER BY ctid"
        return [
            (source, metric, from_datetime(time), old, new, from_datetime(decided))
            for source, metric, time, old, new, decided in self.rows(query)
        ]

    @property
    def counts(self) -> Counter[str]:
        return counted(self.settings)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    upstream = Upstream(settings)
    yield Store(settings, upstream)
    upstream.close()


def packed(
    readings: Sequence[Reading],
    sequence: int,
    time: Micros,
    metrics: tuple[str, ...] = METRICS,
) -> Readings:
    names = tuple(dict.fromkeys(source for source, _, _ in readings))
    return Readings(
        gateway=GATEWAY,
        time=time,
        sequence=sequence,
        origin="simulated",
        sources=names,
        metrics=metrics,
        source=np.array([names.index(source) for source, _, _ in readings], "<u2").tobytes(),
        times=np.array([at for _, at, _ in readings], "<i8").tobytes(),
        values=np.array([values for _, _, values in readings], "<f8").tobytes(),
    )


def cut(readings: Sequence[Reading], size: int, first: int, time: Micros) -> list[Readings]:
    """Packs of so many readings, numbered from ``first``."""
    return [
        packed(readings[begin : begin + size], first + n, time)
        for n, begin in enumerate(range(0, len(readings), size))
    ]


def scored_of(driver: Driver) -> list[Scored]:
    return driver.events(Scored)


def ticks(first: Micros, last: Micros) -> list[Tick]:
    return [Tick(time) for time in range(first, last + 1, SECOND)]


def once(store: Store) -> bool:
    return all(len(rows) == 1 for rows in store.readings.values())


# --- uploaded twice -------------------------------------------------------------------------


def twice(sources: int, minutes: int, seed: int) -> tuple[list[Scored], list[Scored]]:
    """A backlog of days ago, which comes once in order, and again shuffled and cut otherwise."""
    names = [f"s{n:03}" for n in range(sources)]
    backlog = [
        (name, START - 10 * DAY + minute * MINUTE, (500.0 + minute % 7, 10.0, 40.0))
        for minute in range(minutes)
        for name in names
    ]
    driver = Driver().city(*names).feed(*cut(backlog, 1000, 1, START))
    first = scored_of(driver)
    random.Random(seed).shuffle(backlog)
    driver.feed(Tick(START + 5 * SECOND), *cut(backlog, 700, 10_000, START))
    return first, scored_of(driver)[len(first) :]


@pytest.mark.parametrize(("sources", "seed"), [(1, 1), (1, 2), (60, 3)])
def test_a_backlog_that_is_uploaded_twice_is_stored_once(
    store: Store, sources: int, seed: int
) -> None:
    first, second = twice(sources, 6000 // sources, seed)
    store.take([*first, *second])
    assert once(store)
    assert len(store.readings) == 3 * 6000
    assert {row for rows in store.readings.values() for _, row in rows} == {True}
    assert store.corrections == []
    counts = store.counts
    assert (counts["late"], counts["repeated"], counts["corrected"]) == (18_000, 18_000, 0)
    assert counts["readings"] == 18_000


def test_control_it_is_stored_twice_where_nobody_looks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "stored", lambda *_: {})
    first, second = twice(1, 300, 1)
    store.take(first).take(second)
    assert not once(store)


KEPT, ASKED = 400, 3_000
"""Late rows that the server has had no time to count, and how many are looked for."""


def looked_up(settings: Settings) -> int:
    """By how many looks into an index late rows are found beside others, and changed."""

    def row(n: int, value: float) -> tuple[Any, ...]:
        time = to_datetime(START + n * SECOND)
        return (time, f"s-{n % 7}", "speed", value, None, True, "live", "", GATEWAY, None)

    with connect(settings, "test") as connection:
        copy(connection, READINGS, [row(n, 1.0) for n in range(KEPT)])
        keys = [row(n, 0.0)[:3] for n in range(ASKED)]
        found = search.stored(connection, READINGS, keys)
        assert found == {row(n, 1.0)[:3]: 1.0 for n in range(KEPT)}
        search.change(connection, READINGS, {key: (*key, 2.0, *row(0, 0.0)[4:]) for key in found})
        values = connection.execute("SELECT DISTINCT value FROM readings").fetchall()
        assert values == [(2.0,)], "each is changed, and none is there twice"
        looks = connection.execute(
            "SELECT sum(idx_scan)::int FROM pg_stat_xact_all_tables WHERE relname LIKE %s",
            ["_hyper_%_chunk"],
        ).fetchone()
    assert looks is not None
    return looks[0]


def test_each_late_row_is_found_by_its_index_where_the_server_knows_nothing_of_them(
    settings: Settings,
) -> None:
    assert looked_up(settings) >= ASKED + KEPT


def test_control_the_server_goes_through_all_that_is_asked_for_each_row_that_it_has(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search.Way, "named", lambda _, statement: statement)
    assert looked_up(settings) < KEPT


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_backlog_of_600_000_that_is_uploaded_twice_is_stored_once(store: Store) -> None:
    first, second = twice(100, 6000, 4)
    store.take([*first, *second], patience_s=1500)
    query = "SELECT count(*), count(DISTINCT (source, metric, time)) FROM readings"
    assert store.rows(query) == [(1_800_000, 1_800_000)]
    assert store.counts["repeated"] == 1_800_000


def test_what_was_in_time_and_comes_again_much_later_is_stored_once(store: Store) -> None:
    """Later than the stage's windows reach."""
    live = [("s", START + n * PERIOD, (600.0 + n, 10.0, 45.0)) for n in range(100)]
    driver = Driver().city("s")
    for n, reading in enumerate(live):
        driver.feed(packed([reading], n, reading[1]), Tick(reading[1] + PERIOD))
    end = live[-1][1] + 10 * SECOND
    driver.feed(Tick(end), *cut(live[::-1], 7, 1000, end))
    store.take(scored_of(driver))
    assert once(store)
    assert len(store.readings) == 300
    assert {late for rows in store.readings.values() for _, late in rows} == {False}
    # the newest ones are known to the stage, which passes nothing on of them
    assert 150 < store.counts["repeated"] < 300


def back_from_an_outage() -> tuple[list[Scored], list[Scored]]:
    """An hour's backlog, oldest first, and at once again, as no answer came.

    Its sensor has become slow by then, so that the second time all of it is judged.

    Returns what is late, and what is judged.
    """
    hour = [("s", START + n * MINUTE, (600.0 + n, 10.0, 45.0)) for n in range(60)]
    driver = Driver().city("s").feed(*ticks(START + SECOND, START + 60 * MINUTE))
    now = START + 60 * MINUTE
    driver.feed(*cut(hour, 10, 1, now), *cut(hour, 7, 100, now))
    late = scored_of(driver)
    driver.feed(*ticks(now + SECOND, now + 10 * MINUTE))
    return late, scored_of(driver)[len(late) :]


def test_what_was_late_and_is_judged_when_it_comes_again_is_stored_once(store: Store) -> None:
    late, judged = back_from_an_outage()
    assert {flag for event in late for flag in event.flags} == {LATE}
    assert {flag for event in judged for flag in event.flags} == {OVERDUE, OVERDUE | REPEATED}
    store.take(late).take(judged)
    assert once(store)
    assert len(store.readings) == 180


def test_control_it_is_stored_twice_where_only_late_rows_are_looked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "MAY_HAVE_COME", LATE)
    late, judged = back_from_an_outage()
    assert not once(store.take(late).take(judged))


# --- corrected ------------------------------------------------------------------------------


def corrected_in_time() -> list[Scored]:
    driver = Driver().city("s")
    for n in range(8):
        time = START + n * PERIOD
        driver.feed(packed([("s", time, JAM)], 2 * n, time), Tick(time + SECOND))
        driver.feed(packed([("s", time, FREE)], 2 * n + 1, time + SECOND), Tick(time + PERIOD))
    return scored_of(driver.feed(Tick(START + MINUTE)))


def test_before_it_is_released_the_last_value_wins(store: Store) -> None:
    store.take(corrected_in_time())
    assert store.readings == {
        ("s", metric, START + n * PERIOD): [(value, False)]
        for n in range(8)
        for metric, value in zip(METRICS, FREE, strict=True)
    }
    assert store.corrections == []


class Corrected(NamedTuple):
    events: list[Scored]
    time: Micros
    """Of the reading that is corrected."""
    tick: Micros
    """When it is."""


def corrected_late() -> Corrected:
    driver = Driver().city("s")
    for n in range(8):
        time = START + n * PERIOD
        driver.feed(packed([("s", time, JAM)], n, time), Tick(time + PERIOD))
    tick = START + 2 * MINUTE
    time = START + 3 * PERIOD
    changed = (600.0, JAM[1], 45.0)
    driver.feed(Tick(tick), packed([("s", time, changed)], 100, tick))
    return Corrected(scored_of(driver), time, tick)


def is_corrected(store: Store, case: Corrected) -> bool:
    now = {metric: store.readings["s", metric, case.time] for metric in METRICS}
    return (
        once(store)
        and len(store.readings) == 24
        and now == {"flow": [(600.0, True)], "occupancy": [(80.0, False)], "speed": [(45.0, True)]}
        and sorted(store.corrections)
        == [
            ("s", "flow", case.time, 100.0, 600.0, case.tick),
            ("s", "speed", case.time, 3.0, 45.0, case.tick),
        ]
    )


@pytest.mark.parametrize("batches", [1, 2])
def test_after_that_it_is_corrected_and_what_it_said_before_is_kept(
    store: Store, batches: int
) -> None:
    case = corrected_late()
    *before, _ = case.events
    if batches > 1:
        store.take(before)
    assert is_corrected(store.take(case.events[store.sent :]), case)
    counts = store.counts
    assert (counts["corrected"], counts["repeated"], counts["late"]) == (2, 1, 0)


def test_what_the_server_has_compressed_is_corrected_row_by_row(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, chunk = corrected_late(), search.Chunk
    monkeypatch.setattr(search, "Chunk", lambda first, end, _: chunk(first, end, compressed=True))
    assert is_corrected(store.take(case.events), case)


def test_control_the_old_value_stays_where_nothing_is_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "change", lambda *_: None)
    case = corrected_late()
    assert not is_corrected(store.take(case.events), case)


def said(settings: Settings) -> list[tuple[Correction, Mark]]:
    """Every message in the topic of corrections, and its mark."""
    messages = [
        decode(*message)
        for partition in range(settings.partitions)
        for message in read_all(settings, CORRECTIONS, partition)
    ]
    return [(event, mark) for event, mark in messages if mark is not None]


def as_rows(events: Iterable[Correction]) -> list[tuple[Any, ...]]:
    return sorted((e.source, e.metric, e.time, e.old, e.new, e.decided_at) for e in events)


def test_a_correction_is_an_event_of_the_row_that_corrects(store: Store) -> None:
    case = corrected_late()
    store.take(case.events)
    found = said(store.settings)
    assert as_rows(event for event, _ in found) == sorted(store.corrections)
    last = len(case.events) - 1
    assert sorted(mark for _, mark in found) == [
        Mark(PART, SCORED, 0, last, 0),  # flow; occupancy, the next one, was repeated
        Mark(PART, SCORED, 0, last, 2),
    ]
    store.send(case.events[-1:])  # as a stage does after a crash: with another mark of its own
    store.take([])
    assert len(said(store.settings)) == 2


DIES_ONCE = """
import os, signal, sys
from pathlib import Path
from streams import settings
from streams.tables import writer

def flush(publisher, whole=writer.Publisher.flush):
    whole(publisher)
    if not Path(sys.argv[1]).exists():
        Path(sys.argv[1]).touch()
        os.kill(os.getpid(), signal.SIGKILL)

writer.Publisher.flush = flush
writer.run(settings.load())
"""
"""A writer that is killed when the broker has its first corrections and nothing is stored."""


def test_it_is_said_once_though_the_writer_is_killed_before_it_is_stored(
    store: Store, tmp_path: Path, nursery: Nursery
) -> None:
    case = corrected_late()
    store.send(case.events)
    with Fleet(store.settings, tmp_path, nursery) as fleet:
        fleet.start(PART, "-c", DIES_ONCE, str(tmp_path / "died"))
        until(reached(store.settings, {(SCORED, 0): store.sent}), fleet.tend)
        assert fleet.terminate(PART) == 0, fleet.tails()
        assert fleet.restarts == 1
    assert is_corrected(store, case)
    found, marks = said(store.settings), Marks()
    taken = [event for event, mark in found if marks.take(mark)]
    assert as_rows(taken) == sorted(store.corrections)
    assert len(found) == 4, "control: whoever looks at no marks takes each of the two twice"


def test_a_value_where_an_earlier_release_stored_none_is_a_correction(store: Store) -> None:
    case = corrected_late()
    store.take(case.events[:-1])
    with connect(store.settings, "test") as connection:
        connection.execute("UPDATE readings SET value = NULL WHERE metric = 'flow'")
    store.take(case.events[-1:])
    assert ("s", "flow", case.time, None, 600.0, case.tick) in store.corrections
    assert None in [event.old for event, _ in said(store.settings)]


# --- by arrival -----------------------------------------------------------------------------


def test_what_goes_by_arrival_is_stored_once_with_what_the_device_said(
    store: Store, tmp_path: Path
) -> None:
    """By a device that has no idea of the time, and sends everything again, cut otherwise."""
    rows = [("a", BOOT + n * SECOND, float(n)) for n in range(20)]
    with extended(wells(tmp_path)):
        driver = Driver().feed(*controls([well("a")]), Tick(START))
        driver.feed(well_pack(rows, 1), *ticks(START + SECOND, START + MINUTE))
        driver.feed(well_pack(rows[5:], 2), well_pack(rows[:12], 3))
        driver.feed(*ticks(START + MINUTE + SECOND, START + 2 * MINUTE))
    store.take(scored_of(driver))
    stored = store.rows("SELECT time, value, device_time FROM readings ORDER BY time")
    assert [(from_datetime(time), value, from_datetime(said)) for time, value, said in stored] == [
        (START - (19 - n) * SECOND, float(n), BOOT + n * SECOND) for n in range(20)
    ]
    assert store.counts["corrected"] == 0


# --- one by one -----------------------------------------------------------------------------


def test_one_metric_a_message_is_as_good_as_all_in_one(store: Store) -> None:
    one, all_in_one = Driver().city("s"), Driver().city("s")
    for n in range(12):
        time = START + n * PERIOD
        for m, metric in enumerate(METRICS):
            one.feed(packed([("s", time, JAM[m : m + 1])], 3 * n + m, time, (metric,)))
        all_in_one.feed(packed([("s", time, JAM)], n, time))
        for driver in (one, all_in_one):
            driver.feed(Tick(time + PERIOD))
    store.take(scored_of(one))
    assert store.readings == {
        ("s", metric, START + n * PERIOD): [(value, False)]
        for n in range(12)
        for metric, value in zip(METRICS, JAM, strict=True)
    }
    found, whole = (
        sorted(row for event in scored_of(driver) for row in READINGS.rows(event))
        for driver in (one, all_in_one)
    )
    assert found == whole


def test_late_too_one_metric_a_message_is_as_good_as_all_in_one(store: Store) -> None:
    driver, time = Driver().city("s"), START - DAY
    for m, metric in enumerate(METRICS):
        driver.feed(packed([("s", time, JAM[m : m + 1])], m, START, (metric,)))
    driver.feed(packed([("s", time, JAM)], 10, START))
    store.take(scored_of(driver))
    assert store.readings == {
        ("s", metric, time): [(value, True)] for metric, value in zip(METRICS, JAM, strict=True)
    }
    assert store.counts["repeated"] == 3


def test_sensors_of_one_metric_each_behind_one_gateway_leave_as_many_rows_as_values(
    store: Store,
) -> None:
    names = [f"s{n}" for n in range(8)]
    driver = Driver().city(*names)
    for n in range(6):
        time = START + n * PERIOD
        for m, name in enumerate(names):
            pack = packed([(name, time, (20.0 + m,))], 8 * n + m, time, (f"m{m}",))
            driver.feed(pack)
        driver.feed(Tick(time + PERIOD))
    store.take(scored_of(driver))
    assert store.readings == {
        (f"s{m}", f"m{m}", START + n * PERIOD): [(20.0 + m, False)]
        for n in range(6)
        for m in range(8)
    }
    assert store.rows("SELECT count(*) FROM quality") == [(0,)]


@pytest.mark.parametrize(
    ("sent", "reason"), [(65535.0, "out_of_range"), (float("-inf"), "infinite")]
)
@pytest.mark.parametrize("late", [False, True])
def test_one_bad_value_is_refused_alone_and_says_which_and_why(
    store: Store, sent: float, reason: str, late: bool
) -> None:
    driver, first = Driver().city("s"), START - DAY * late
    for n in range(12):
        time = first + n * PERIOD
        driver.feed(packed([("s", time, (600.0, 12.0, sent))], n, START + n * PERIOD))
        driver.feed(Tick(START + (n + 1) * PERIOD))
    store.take(scored_of(driver))
    times = [first + n * PERIOD for n in range(12)]
    assert store.readings == {
        ("s", metric, time): [(value, late)]
        for time in times
        for metric, value in (("flow", 600.0), ("occupancy", 12.0))
    }
    refused = "SELECT source, metric, value, reason, late, gateway, time FROM quality ORDER BY time"
    assert [(*row[:-1], from_datetime(row[-1])) for row in store.rows(refused)] == [
        ("s", "speed", sent, reason, late, GATEWAY, time) for time in times
    ]
    assert store.counts["quality"] == 12


def test_a_late_value_that_was_refused_is_refused_once(store: Store) -> None:
    driver, time = Driver().city("s"), START - DAY
    bad = ("s", time, (600.0, 12.0, 65535.0))
    driver.feed(packed([bad], 1, START), packed([bad, ("s", time + 1, FREE)], 2, START))
    worse = ("s", time, (600.0, 12.0, 65534.0))
    store.take(scored_of(driver.feed(packed([worse], 3, START))))
    assert [row[0] for row in store.rows("SELECT value FROM quality ORDER BY value")] == [
        65534.0,
        65535.0,
    ]
    assert store.counts["repeated"] == 2 + 1 + 2


# --- in any order, however the writer is treated --------------------------------------------


def history(seed: int, number: int) -> tuple[list[Scored], list[tuple[tuple[Any, ...], float]]]:
    """Packs in which some readings are late, of which many were there before, some with another
    value; and what they say, in order: (source, metric, time), value."""
    chance, told, events = random.Random(seed), [], []
    for n in range(number):
        late = chance.random() < 0.7
        now = START + n * MINUTE
        rows, flags = [], []
        for source in range(3):
            back = chance.randrange(1, 40) * MINUTE if late else 0
            rows.append((source, now - back, chance.choice((1.0, 2.0)), chance.choice((5.0, 6.0))))
            flags.append(LATE if late else 0)
        chance.shuffle(rows)
        events.append(
            Scored(
                gateway=GATEWAY,
                time=now + SECOND,
                origin="simulated",
                model="",
                sources=("s0", "s1", "s2"),
                metrics=("flow", "speed"),
                source=np.array([row[0] for row in rows], "<u2").tobytes(),
                times=np.array([row[1] for row in rows], "<i8").tobytes(),
                values=np.array([row[2:] for row in rows], "<f8").tobytes(),
                scores=np.full(3, 65535, "<u2").tobytes(),
                flags=bytes(flags),
            )
        )
        for source, time, flow, speed in rows:
            told += [((f"s{source}", "flow", time), flow), ((f"s{source}", "speed", time), speed)]
    return events, told


def outcome(told: Sequence[tuple[tuple[Any, ...], float]]) -> tuple[dict[Any, float], Counter[str]]:
    """What is to be stored, and how often values came again, and came otherwise."""
    newest: dict[Any, float] = {}
    counts: Counter[str] = Counter()
    for key, value in told:
        if key in newest:
            counts["repeated" if newest[key] == value else "corrected"] += 1
        newest[key] = value
    return newest, counts


def agrees(store: Store, told: Sequence[tuple[tuple[Any, ...], float]]) -> None:
    newest, counts = outcome(told)
    assert {key: [value for value, _ in rows] for key, rows in store.readings.items()} == {
        key: [value] for key, value in newest.items()
    }
    found = store.counts
    assert (found["repeated"], found["corrected"]) == (counts["repeated"], counts["corrected"])
    assert found["readings"] == len(newest)
    steps = [each[:5] for each in store.corrections]
    assert len(steps) == counts["corrected"]
    was: dict[Any, float] = {}
    for key, value in told:  # each correction leads on from the value before it
        if was.get(key, value) != value:
            assert (*key, was[key], value) in steps
        was[key] = value


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_whatever_comes_is_new_repeated_or_corrected(store: Store, batches: int) -> None:
    events, told = history(batches, 120)
    for number in range(batches):
        store.take(events[120 * number // batches : 120 * (number + 1) // batches])
    agrees(store, told)


def test_control_it_does_not_agree_where_nobody_looks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "stored", lambda *_: {})
    events, told = history(0, 60)
    with pytest.raises(AssertionError):
        agrees(store.take(events[:30]).take(events[30:]), told)


def test_a_writer_that_is_killed_again_and_again_comes_to_the_same(
    store: Store, tmp_path: Path, nursery: Nursery
) -> None:
    chance = random.Random(7)
    events, told = history(7, 300)
    with Fleet(store.settings, tmp_path, nursery) as fleet:
        fleet.start("writer", "-c", RUN)
        for begin in range(0, len(events), 50):
            store.send(events[begin : begin + 50])
            sleep(chance.uniform(0.1, 0.8))
            fleet.kill("writer")
        until(reached(store.settings, {(SCORED, 0): store.sent}), fleet.tend)
        assert fleet.terminate("writer") == 0, fleet.tails()
    agrees(store, told)
