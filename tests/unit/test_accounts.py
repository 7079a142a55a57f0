"""Accounts: every value that comes in is found in them exactly once, whatever becomes of it."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.database import migrate
from models.scorer import METRICS
from streams.accounts.entries import Added, Entries, Entry
from streams.accounts.ledger import EVERY, MOST_BOOKED, ROWS, Ledger, Whose
from streams.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Accounts,
    BadMessage,
    Detections,
    Event,
    FrameRef,
    Micros,
    Place,
    Readings,
    Scored,
    Source,
    Tick,
    encode,
)
from streams.runtime.partition import Partition
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.stages.score import Score
from streams.tables.agreement import Agreement, Difference, compared, restored
from streams.tables.rows import in_doubt, rows_of
from streams.topics import DETECTIONS, READINGS
from tests.support.loops import GATEWAY, START, SumScorer, controls, loop

NAMES = ("a", "b", "c")
NAN = math.nan
UNREADABLE = BadMessage("undecodable", "")
WHOSE = Whose("score", READINGS, 0)


def partition(stage: Any = None) -> Partition:
    return Partition(stage or Score({SumScorer.id: SumScorer()}, 1), 0, 1)


class Told:
    """A partition, and what it said."""

    def __init__(self, stage: Any = None) -> None:
        self.partition = partition(stage)
        self.events: list[Any] = []

    def feed(self, *events: Event) -> "Told":
        run = self.partition
        for event in events:
            offset = run.next_offset
            outcome = run.take(offset, event, None, partial(encode, event))
            self.events += [out.event for out in outcome.outputs]
            run.apply(offset, None, outcome)
        return self

    def reload(self) -> None:
        """As after a crash."""
        run = self.partition
        self.partition = Partition.decode(run.stage, 0, 1, run.encode())

    def ticks(self, first: Micros, last: Micros, step: Micros = SECOND) -> "Told":
        return self.feed(*(Tick(time) for time in range(first, last + 1, step)))

    @property
    def accounts(self) -> list[Accounts]:
        return [event for event in self.events if isinstance(event, Accounts)]

    def by(self, *what: str) -> Counter[Any]:
        found: Counter[Any] = Counter()
        for row in (row for event in self.accounts for row in event.rows):
            key = tuple(getattr(row, name) for name in what)
            found[key[0] if len(key) == 1 else key] += row.number
        return Counter({key: number for key, number in found.items() if number})


def pack(
    rows: Sequence[tuple[str, Micros, tuple[float, ...]]],
    sequence: int,
    metrics: tuple[str, ...] = METRICS,
) -> Readings:
    names = tuple(dict.fromkeys(name for name, _, _ in rows))
    return Readings(
        GATEWAY,
        START + sequence,
        sequence,
        "simulated",
        names,
        metrics,
        np.array([names.index(name) for name, _, _ in rows], "<u2").tobytes(),
        np.array([time for _, time, _ in rows], "<i8").tobytes(),
        np.array([values for _, _, values in rows], "<f8").tobytes(),
    )


def city(stage: Any = None) -> Told:
    return Told(stage).feed(*controls(map(loop, NAMES)), Tick(START))


def values(event: Readings) -> int:
    """As somebody counts who knows nothing of the code: a reading without any counts for one."""
    rows = np.frombuffer(event.values, "<f8").reshape(-1, len(event.metrics))
    return sum(max(1, sum(not math.isnan(value) for value in row)) for row in rows.tolist())


def left(events: Sequence[Any]) -> int:
    """Rows that all this leaves in tables."""
    scored = [event for event in events if isinstance(event, Scored)]
    tables = (rows for event in scored for rows in (rows_of(event), in_doubt(event)))
    return sum(len(rows) for found in tables for rows in found.values())


def test_what_is_accepted_late_repeated_corrected_and_refused_is_told_apart() -> None:
    told = city().ticks(START + SECOND, START + 60 * SECOND)
    at = START + 59 * SECOND
    told.feed(
        pack([("a", at, (600.0, 10.0, 40.0)), ("b", at, (NAN, 10.0, NAN))], 1),
        pack([("a", at, (600.0, 11.0, NAN))], 2),  # one repeated, one corrected
        pack([("b", at, (NAN, 900.0, 41.0))], 3),  # no occupancy is 900 %: the good one stays
        pack([("c", at, (NAN, NAN, NAN)), ("nobody", at, (1.0, NAN, NAN))], 4),
        pack([("c", at - 90 * DAY, (1.0, 2.0, NAN))], 5),
    )
    told.ticks(START + 61 * SECOND, START + 70 * SECOND)
    told.feed(
        pack([("a", at - 30 * SECOND, (600.0, math.inf, NAN))], 6),  # late
        pack([("a", at, (600.0, 11.0, 40.0))], 7),  # late, and the same
    )
    told.ticks(START + 71 * SECOND, START + EVERY + SECOND)
    assert told.by("source", "fate", "reason") == {
        ("a", "accepted", ""): 3,
        ("a", "corrected", ""): 1,
        ("a", "late", ""): 1,
        ("a", "refused", "infinite"): 1,
        ("a", "repeated", ""): 4,
        ("b", "accepted", ""): 2,
        ("b", "refused", "out_of_range"): 1,
        ("c", "refused", "not_measured"): 1,
        ("c", "refused", "absurd_time"): 2,
        ("", "refused", "unknown_source"): 1,
    }
    assert {row.hour for event in told.accounts for row in event.rows} == {START // HOUR * HOUR}
    last = told.accounts[-1]
    assert (last.received, last.known, last.waiting) == (17, 17, 0)
    assert last.sent == left(told.events)


def test_junk_metrics_are_refused_by_themselves() -> None:
    told = city()
    junk = tuple(f"m{n}" for n in range(40))
    rows = [("a", START, (5.0, *(1.0,) * 40)), ("b", START, (NAN,) * 41)]
    told.feed(pack(rows, 1, ("flow", *junk)))
    told.ticks(START + SECOND, START + EVERY + SECOND)
    assert told.by("source", "fate", "reason") == {
        ("a", "accepted", ""): 1 + 16,
        ("a", "refused", "unknown_metric"): 24,
        ("b", "refused", "not_measured"): 1,
    }
    last = told.accounts[-1]
    assert last.received == last.known == 1 + 40 + 1


def test_a_pack_that_is_refused_as_a_whole_is_told_by_its_sources() -> None:
    told = city()
    good = pack([("a", START, (1.0, 2.0, NAN)), ("b", START, (NAN, NAN, NAN))], 1)
    told.feed(msgspec.structs.replace(good, metrics=("flow", "flow", "speed")))
    told.feed(msgspec.structs.replace(good, times=b""))  # nobody knows what it says
    told.ticks(START + SECOND, START + EVERY + SECOND)
    assert told.by("source", "fate", "reason") == {
        ("a", "refused", "wrong_type"): 2,
        ("b", "refused", "wrong_type"): 1,
        ("", "refused", "wrong_type"): 1,
    }
    last = told.accounts[-1]
    assert last.received == last.known == 4


def test_what_cannot_be_decoded_counts_for_one_and_ticks_for_nothing() -> None:
    told = city()
    run = told.partition
    for type_ in (b"cityops.readings", b"cityops.tick"):
        raw = [("ce_type", type_), ("ce_source", b"gw-1")], b"\xc1"
        outcome = run.reject(run.next_offset, UNREADABLE, partial(tuple, raw))
        run.apply(run.next_offset, None, outcome)
    told.ticks(START + SECOND, START + EVERY + SECOND)
    assert told.by("source", "fate", "reason") == {("", "refused", "undecodable"): 1}


VALUE = st.sampled_from([NAN, NAN, 0.0, 5.0, 7.0, math.inf, -4.0, 1e9])
ROW = st.tuples(
    st.sampled_from([*NAMES, *NAMES, "nobody"]),
    st.integers(-400, 20).map(lambda s: s * SECOND // 2) | st.sampled_from([-DAY, -90 * DAY, DAY]),
    st.tuples(VALUE, VALUE, VALUE),
)
STEP = st.lists(ROW, min_size=1, max_size=6) | st.sampled_from(["again", "crash", "tick", "tick"])


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=40))
def test_whatever_comes_in_is_found_exactly_once(steps: list[Any]) -> None:
    """At every crash and every sum; the control is that values come in."""
    told, sure, sent, last = city(), city(), 0, None
    clock = itertools.count(1)
    now = START
    for step in steps:
        if step == "crash":
            told.reload()
        elif step == "tick":
            now += 5 * SECOND
            told.feed(Tick(now))
            sure.feed(Tick(now))
        elif step == "again":
            if last is not None:
                told.feed(last)
                sure.feed(last)
                sent += values(last)
        else:
            last = pack([(name, now + off, cells) for name, off, cells in step], next(clock))
            told.feed(last)
            sure.feed(last)
            sent += values(last)
    for run in (told, sure):
        run.ticks(now + SECOND, now + 2 * EVERY, 5 * SECOND)
    end = told.accounts[-1]
    assert (end.received, end.known, end.waiting) == (sent, sent, 0)
    assert end.sent == left(told.events)
    assert told.by("fate").total() == sent
    assert told.accounts == sure.accounts, "crashes change nothing that is said"
    for event in told.accounts:
        assert event.received == event.known + event.waiting


def test_values_that_wait_are_of_no_hour_yet() -> None:
    due = START // EVERY * EVERY + EVERY
    told = city().ticks(START + SECOND, due - 3 * SECOND)
    told.feed(pack([("a", due + 5 * SECOND, (1.0, 2.0, 3.0))], 1))
    told.ticks(due - 2 * SECOND, due + 3 * SECOND)
    last = told.accounts[-1]
    assert (last.received, last.known, last.waiting) == (3, 0, 3)


def test_an_earlier_releases_snapshot_begins_with_what_waits() -> None:
    told = city()
    told.feed(pack([("a", START + 5 * SECOND, (1.0, 2.0, 3.0))], 1))
    stored = msgspec.msgpack.decode(told.partition.encode())
    told.partition = Partition.decode(
        told.partition.stage, 0, 1, msgspec.msgpack.encode(stored[:-1])
    )
    told.ticks(START + SECOND, START + EVERY + SECOND)
    last = told.accounts[-1]
    assert (last.received, last.known, last.waiting) == (3, 3, 0)


# --- pictures -------------------------------------------------------------------------------------


def seen(time: Micros, *, late: bool = False, camera: str = "cam-1") -> Detections:
    ref = FrameRef(0, 0, "0" * 64)
    return Detections(camera, time, 1, "live", ref, 64, 48, "m@1", b"", b"", b"", late)


def test_a_picture_that_is_not_interpreted_is_no_longer_accepted() -> None:
    camera = Source("cam-1", "camera", "c", "c", "live", Place(20.8, 106.7), period=SECOND)
    told = Told(Interpret(1)).feed(*controls([camera]), Tick(START))
    told.feed(
        seen(START + SECOND),
        seen(START + SECOND),
        Tick(START + 60 * SECOND),
        seen(START + 2 * SECOND),
        seen(START + 3 * SECOND, late=True),
        seen(START + 4 * SECOND, camera="nobody"),
        Tick(START + EVERY),
    )
    assert told.by("source", "fate", "reason") == {
        ("cam-1", "accepted", ""): -2,
        ("cam-1", "repeated", ""): 1,
        ("cam-1", "not_judged", ""): 1,
        ("nobody", "accepted", ""): -1,
        ("nobody", "refused", "unknown_source"): 1,
    }
    assert told.accounts[-1].received == 0
    told.feed(Accounts("detect", "frames", 0, START, ()))
    assert "dead_lettered" in told.partition.counts
    assert told.partition.counts["dead_lettered"] == 1, "of nobody's; accounts are passed over"


# --- the ledger -----------------------------------------------------------------------------------


def many(sources: Sequence[str], time: Micros, number: int = 1) -> Entries:
    n = len(sources)
    return Entries(
        sources, np.arange(n), np.full(n, time), np.full(n, number, np.int64), "accepted"
    )


def test_it_is_due_once_in_five_minutes_and_where_there_is_too_much() -> None:
    ledger = Ledger()
    assert ledger.is_due(START)
    ledger = ledger.after(START)
    assert not ledger.is_due(START // EVERY * EVERY + EVERY - 1)
    assert ledger.is_due(START // EVERY * EVERY + EVERY)
    few = MOST_BOOKED // 2
    for hour in range(3):
        assert not ledger.is_due(START) or hour == 2
        ledger.add(Added([many([f"s{n}" for n in range(few)], START - hour * HOUR)]))
        stored = Ledger.of(ledger.stored())
        assert stored.is_due(START) == ledger.is_due(START), "also when it was stored meanwhile"
    assert ledger.is_due(START)


def test_it_says_everything_in_messages_that_fit() -> None:
    ledger, names = Ledger(), [f"s{n:05}" for n in range(2 * ROWS + 1)]
    ledger.add(Added([many(names, START, 2)], received=5, sent=7))
    told = [*ledger.say(WHOSE, START, 3)]
    assert [len(event.rows) for event in told] == [ROWS, ROWS, 1]
    assert [event.more for event in told] == [True, True, False]
    assert [row.source for event in told for row in event.rows] == names
    last = told[-1]
    assert (last.received, last.known, last.waiting, last.sent) == (5, 2 * len(names), 3, 7)
    assert next(ledger.after(START).say(WHOSE, START, 0)).rows == ()


def test_what_adds_up_to_nothing_is_not_said() -> None:
    ledger = Ledger()
    ledger.add(Added([Entry("a", START, "late"), Entry("a", START + MINUTE, "late", "", -1)]))
    assert ledger.booked() == ()


def test_lists_of_sources_that_change_are_not_mixed_up() -> None:
    ledger = Ledger()
    for number in range(40):
        ledger.add(Added([many([f"s{number}", "always"], START)]))
    found = {row.source: row.number for row in ledger.booked()}
    assert found == {**{f"s{number}": 1 for number in range(40)}, "always": 40}


# --- and what is stored ---------------------------------------------------------------------------


def accounts(
    time: Micros, sent: int, received: int = 0, known: int = 0, waiting: int = 0
) -> Accounts:
    return Accounts("score", READINGS, 0, time, (), False, received, known, waiting, sent)


def test_as_much_is_stored_as_was_sent() -> None:
    agreed, found = compared(Agreement().took(9), accounts(START, sent=100))
    assert found is None, "what went before nobody knows"
    agreed, found = compared(agreed.took(2).took(3), accounts(START + 1, sent=105))
    assert found is None
    assert agreed == Agreement(0, 105, 0, START + 1)
    assert restored(msgspec.to_builtins({"score": agreed})) == {"score": agreed}


@pytest.mark.parametrize(("took", "missing"), [(4, 1), (6, -1), (0, 5)])
def test_a_difference_is_told_once(took: int, missing: int) -> None:
    agreed, _ = compared(Agreement(), accounts(START, sent=100))
    agreed, found = compared(agreed.took(took), accounts(START + 1, sent=105))
    assert found == Difference(missing, "stored", START)
    agreed, found = compared(agreed.took(2), accounts(START + 2, sent=107))
    assert found is None


def test_what_goes_astray_in_a_stage_is_told_once_also_beside_another_difference() -> None:
    agreed, _ = compared(Agreement(), accounts(START, sent=0))
    agreed, found = compared(agreed, accounts(START + 1, sent=5, received=10, known=5, waiting=2))
    assert found == Difference(5, "stored", START)
    after = accounts(START + 2, sent=5, received=10, known=7)
    agreed, found = compared(agreed, after)
    assert found == Difference(3, "received", START + 1)
    assert compared(agreed, after)[1] is None


def test_a_stage_that_begins_to_count_anew_is_believed() -> None:
    agreed, _ = compared(Agreement(), accounts(START, sent=100))
    assert compared(agreed.took(3), accounts(START, sent=2))[1] is None


def test_detections_are_read_from_where_detect_says_its_accounts() -> None:
    """Or what is stored of them could not be compared."""
    assert Detect.accounts_to == DETECTIONS
    assert Score.accounts_to == "scored"


def test_the_view_knows_every_stage_and_where_it_says_its_accounts() -> None:
    sql = (Path(migrate.__file__).parent / "0057_accounts_said.sql").read_text()
    told = dict(re.findall(r"\('(\w+)', '(\w+)'\)", sql))
    assert told == {stage.name: stage.accounts_to for stage in (Detect, Interpret, Score)}
    assert f"INTERVAL '{EVERY // MINUTE} minutes'" in sql
