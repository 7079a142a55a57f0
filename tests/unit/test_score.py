"""The ``score`` stage: what comes in order, late, twice or broken, and what that may change."""

import itertools
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import (
    BAD,
    FAULTS,
    HOUR,
    LATE,
    REPEATED,
    SECOND,
    BadMessage,
    DeadLetter,
    Event,
    Incident,
    Removed,
    Rule,
    Scored,
    Tick,
    Watermark,
    decode,
)
from streams.events.time import shown
from streams.feeds.registry import city_lateness
from streams.runtime.offline import Offline
from streams.sensors import reordering
from streams.sensors.intake import MOST_UNDECLARED
from streams.sensors.lag import MOST_LATENESS
from streams.stage import EVERY_PARTITION
from streams.stages.score import Score
from streams.topics import INCIDENTS, READINGS, SCORED
from tests.support.loops import (
    LATENESS,
    METRICS,
    PERIOD,
    START,
    Driver,
    Row,
    SumScorer,
    controls,
    loop,
    pack,
    rows_of,
)

RULES = (
    Rule("jam", "congestion", "medium"),
    Rule(
        "odd", "anomaly", "low", parameters={"score": 0.5, "readings": 2.0, "readings_clear": 2.0}
    ),
    Rule("quiet", "silence", "medium"),
)
NAMES = ("a", "b", "c")
FEW = settings(max_examples=12, deadline=None)


def history(steps: int, seed: int = 0, names: tuple[str, ...] = NAMES) -> list[Row]:
    """Readings of every source at the same times, which jam in the middle third."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for step in range(1, steps + 1):
        jam = steps / 3 < step < 2 * steps / 3
        for name in names:
            speed = random.uniform(2, 8) if jam else random.uniform(35, 50)
            occupancy = random.uniform(60, 90) if jam else random.uniform(1, 10)
            flow = 720.0 * random.integers(0, 3)
            measured = speed if flow else math.nan
            rows.append((name, START + step * PERIOD, flow, occupancy, measured))
    return rows


def play(rows_in_order: list[tuple[int, list[Row]]], driver: Driver, until: int) -> Driver:
    """Feeds (arrival time, rows of one pack) with a tick every second up to ``until``."""
    waiting = sorted(enumerate(rows_in_order), key=lambda item: (item[1][0], item[0]))
    number = 0
    for now in range(START + SECOND, until + 1, SECOND):
        while number < len(waiting) and waiting[number][1][0] < now:
            driver.feed(pack(waiting[number][1][1], number + 1))
            number += 1
        driver.feed(Tick(now))
    return driver


def in_time(rows: list[Row]) -> list[tuple[int, list[Row]]]:
    """One pack per time, arriving as it is measured."""
    times = sorted({row[1] for row in rows})
    return [(time, [row for row in rows if row[1] == time]) for time in times]


def undisturbed(rows: list[Row], until: int) -> Driver:
    return play(in_time(rows), Driver().city(*NAMES, rules=RULES), until)


def results(driver: Driver) -> tuple[Any, Any]:
    usable = [row for row in driver.rows if not row[4]]
    ruled = [incident for incident in driver.incidents if incident.kind != "clock_error"]
    return usable, [msgspec.msgpack.encode(incident) for incident in ruled]


ROWS = history(66)
UNTIL = ROWS[-1][1] + 10 * SECOND
TRUTH = undisturbed(ROWS, UNTIL)


def test_the_undisturbed_run_is_worth_comparing_with() -> None:
    kinds = {incident.kind for incident in TRUTH.incidents}
    scores = {row[3] for row in TRUTH.rows}
    assert kinds == {"congestion", "anomaly"}
    assert len(TRUTH.rows) == len(ROWS)
    assert len(scores) > 50
    assert TRUTH.counts == {"accepted": len(ROWS)}


@FEW
@given(st.data())
def test_order_within_the_lateness_changes_nothing(data: st.DataObject) -> None:
    delay = st.integers(0, LATENESS)
    delayed = [(row[1] + data.draw(delay), [row]) for row in ROWS[::7]]
    prompt = [(row[1], [row]) for i, row in enumerate(ROWS) if i % 7]
    run = play(delayed + prompt, Driver().city(*NAMES, rules=RULES), UNTIL)
    assert results(run) == results(TRUTH)
    assert run.counts == TRUTH.counts


@FEW
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_how_rows_are_packed_changes_nothing(sizes: list[int], random: Any) -> None:
    packs: list[tuple[int, list[Row]]] = []
    for time, rows in in_time(ROWS):
        rest = list(rows)
        random.shuffle(rest)
        while rest:
            size = sizes[len(packs) % len(sizes)]
            packs.append((time, rest[:size]))
            rest = rest[size:]
    run = play(packs, Driver().city(*NAMES, rules=RULES), UNTIL)
    assert results(run) == results(TRUTH)


@settings(max_examples=2, deadline=None)
@given(st.sets(st.integers(0, len(ROWS) - 1), min_size=1, max_size=20))
def test_rows_that_are_too_late_are_only_counted(chosen: set[int]) -> None:
    there = [row for i, row in enumerate(ROWS) if i not in chosen]
    after = MOST_LATENESS + 2 * SECOND
    late = [(row[1] + after, [row]) for i, row in enumerate(ROWS) if i in chosen]
    until, judging = UNTIL + after, RULES[:2]
    expected = play(in_time(there), Driver().city(*NAMES, rules=judging), until)
    run = play(in_time(there) + late, Driver().city(*NAMES, rules=judging), until)
    assert results(run) == results(expected)
    assert run.counts == {"accepted": len(there), "late": len(late)}
    flagged = [row for row in run.rows if row[4] == LATE]
    assert sorted(row[:2] for row in flagged) == sorted(ROWS[i][:2] for i in chosen)
    assert {row[3] for row in flagged} == {65535}


def test_a_late_row_would_have_mattered_in_time() -> None:
    """The control of the test above: leaving rows out changes the result."""
    assert results(undisturbed(ROWS[:120] + ROWS[121:], UNTIL)) != results(TRUTH)


@FEW
@given(st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=20), st.integers(0, 9))
def test_repeated_rows_are_only_counted(chosen: list[int], wait_s: int) -> None:
    again = [(ROWS[i][1] + wait_s * SECOND, [ROWS[i]]) for i in chosen]
    run = play(in_time(ROWS) + again, Driver().city(*NAMES, rules=RULES), UNTIL)
    assert results(run) == results(TRUTH)
    assert run.counts == {"accepted": len(ROWS), "repeated": len(chosen)}
    assert all(row[4] & REPEATED for row in run.rows if row[4])


def test_a_pack_sent_again_is_recognised_as_a_whole() -> None:
    run = Driver().city(*NAMES)
    first = pack(ROWS[:6], 1)
    run.feed(first, first, Tick(START + 20 * SECOND), first)
    assert run.counts == {"accepted": 6, "repeated": 12}
    assert len(run.rows) == 6


def test_a_late_row_sent_twice_is_told_apart_where_it_is_stored() -> None:
    run = Driver().city("a").feed(Tick(START + HOUR))
    row = ("a", START + 5 * SECOND, 720.0, 5.0, 40.0)
    first = pack([row], 1, START + HOUR)
    run.feed(first, first, pack([row], 2, START + HOUR + 1), pack([row, row], 3, START + HOUR + 2))
    assert run.counts == {"late": 3, "repeated": 2}
    assert [flags for *_, flags in run.rows] == [LATE, LATE, LATE, LATE | REPEATED]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("apart", [False, True])
def test_one_metric_a_message_is_as_good_as_all_in_one(order: tuple[int, ...], apart: bool) -> None:
    packs: list[tuple[int, list[Row]]] = []
    for row in ROWS:
        for place, metric in enumerate(order):
            values = [row[2 + n] if n == metric else math.nan for n in range(3)]
            packs.append((row[1] + place * LATENESS // 3 * apart, [(*row[:2], *values)]))
    run = play(packs, Driver().city(*NAMES, rules=RULES), UNTIL)
    usable = [row for row in run.rows if not row[4]]
    assert usable == TRUTH.rows
    assert run.incidents == TRUTH.incidents


def test_before_it_is_judged_the_last_value_counts_and_the_change_is_counted() -> None:
    first = ("a", START + PERIOD, 100.0, 80.0, 3.0)
    last = ("a", START + PERIOD, 600.0, 10.0, 45.0)
    run = Driver().city("a").feed(pack([first], 1), pack([last], 2), Tick(START + 20 * SECOND))
    assert [row[2] for row in run.rows if not row[4]] == [(600.0, 10.0, 45.0)]
    assert run.counts == {"accepted": 1, "corrected": 1}


def test_after_it_was_judged_a_value_is_a_repeat_new_or_a_correction() -> None:
    row = ("a", START + PERIOD, 600.0, math.nan, 45.0)
    run = Driver().city("a").feed(pack([row], 1), Tick(START + 20 * SECOND))
    for number, values in enumerate(
        [(600.0, math.nan, 45.0), (math.nan, math.nan, 45.0), (600.0, 12.0, 45.0), (1.0, 2.0, 3.0)]
    ):
        run.feed(pack([("a", row[1], *values)], 2 + number, START + 20 * SECOND + number))
    assert [flags for *_, flags in run.rows] == [0, LATE | REPEATED, LATE | REPEATED, LATE, LATE]
    assert run.counts == {"accepted": 1, "repeated": 2, "late": 1, "corrected": 1}
    assert {event.time for event in run.events(Scored)[1:]} == {START + 20 * SECOND}


@FEW
@given(st.integers(0, 500))
def test_the_state_goes_on_from_its_stored_form(at: int) -> None:
    events: list[Event] = []
    for number, (time, rows) in enumerate(in_time(ROWS)):
        events += [Tick(time - SECOND), pack(rows, number + 1), Tick(time)]
    plain, stored = (Driver().city(*NAMES, rules=RULES) for _ in range(2))
    for number, event in enumerate(events):
        plain.feed(event)
        if number == at % len(events):
            stored.reload()
            stored.stage = Score({SumScorer.id: SumScorer()}, 1)
        stored.feed(event)
    assert stored.outputs == plain.outputs
    assert msgspec.msgpack.encode(stored.state) == msgspec.msgpack.encode(plain.state)


def test_states_are_never_changed_in_place() -> None:
    run = Driver().city(*NAMES, rules=RULES)
    for number, (time, rows) in enumerate(in_time(ROWS)):
        for event in (pack(rows, number + 1), Tick(time + 3 * SECOND)):
            before = msgspec.msgpack.encode(run.state)
            kept = dict(run.state)
            run.feed(event)
            assert msgspec.msgpack.encode(kept) == before


def test_one_model_call_per_tick_for_all_gateways() -> None:
    scorer = SumScorer()
    run = Driver(Score({scorer.id: scorer}, 1))
    run.feed(*controls([loop("a", "gw-1"), loop("b", "gw-2")]), Tick(START))
    for step in range(1, 60):
        time = START + step * PERIOD
        for name, gateway in (("a", "gw-1"), ("b", "gw-2")):
            run.feed(pack([(name, time, 720.0, 5.0, 40.0)], step, gateway=gateway))
        run.feed(Tick(time + LATENESS + 1))
    assert set(scorer.calls) == {2}
    assert len(scorer.calls) == 59 - 36


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ((math.nan, 5.0, math.nan), 0),
        ((math.nan, math.nan, math.nan), BAD),
        ((-1.0, 100.5, -0.1), BAD),
        ((math.inf, -math.inf, 65535.0), BAD),
        ((math.nan, 1e300, math.nan), BAD),
    ],
)
def test_values_no_loop_can_mean_are_kept_out_of_scoring(
    values: tuple[float, float, float], flags: int
) -> None:
    odd = START + 40 * PERIOD
    steady = [("a", START + step * PERIOD, 720.0, 5.0, 40.0) for step in range(1, 60)]
    with_odd = [(*row[:2], *values) if row[1] == odd else row for row in steady]
    run = play(in_time(with_odd), Driver().city("a"), UNTIL)
    without = play(in_time([row for row in steady if row[1] != odd]), Driver().city("a"), UNTIL)
    assert [row[4] for row in run.rows if row[1] == odd] == [flags]
    assert run.counts == ({"accepted": 58, "bad": 1} if flags else {"accepted": 59})
    others = [row for row in run.rows if row[1] != odd]
    assert (others == without.rows) == bool(flags)


@pytest.mark.parametrize(
    ("metric", "wrong"),
    [(0, -1.0), (0, 65535.0), (1, 100.5), (1, math.inf), (2, -0.1), (2, 1e300), (2, -math.inf)],
)
def test_a_value_that_cannot_be_is_refused_alone(metric: int, wrong: float) -> None:
    odd = START + 40 * PERIOD
    steady = [("a", START + step * PERIOD, 720.0, 5.0, 40.0) for step in range(1, 60)]

    def run(value: float) -> Driver:
        values = [value if n == metric else steady[0][2 + n] for n in range(3)]
        rows = [(*row[:2], *values) if row[1] == odd else row for row in steady]
        return play(in_time(rows), Driver().city("a", rules=RULES), UNTIL)

    found, missing = run(wrong), run(math.nan)
    assert found.counts == missing.counts == {"accepted": 59}
    assert [row for row in found.rows if row[1] != odd] == [
        row for row in missing.rows if row[1] != odd
    ]
    assert [row[3] for row in found.rows] == [row[3] for row in missing.rows]
    assert found.incidents == missing.incidents
    (event,) = (event for event in found.events(Scored) if event.faults)
    reason = "infinite" if math.isinf(wrong) else "out_of_range"
    column = event.metrics.index(METRICS[metric])
    faults = np.frombuffer(event.faults, "u1").reshape(-1, len(event.metrics))
    assert FAULTS[faults[0, column] - 1] == reason
    assert np.count_nonzero(faults) == 1
    assert not any(event.faults for event in missing.events(Scored))


def test_a_late_metric_that_nobody_declared_is_no_repeat() -> None:
    row = ("a", START + PERIOD, 600.0, 12.0, 45.0)
    run = Driver().city("a").feed(pack([row], 1), Tick(START + 20 * SECOND))
    late = pack([("a", row[1], 1.0, math.nan, math.nan)], 2, START + 21 * SECOND)
    run.feed(msgspec.structs.replace(late, metrics=("axles", "occupancy", "speed")))
    assert [flags for *_, flags in run.rows] == [0, LATE]
    assert run.events(Scored)[-1].metrics == ("axles",)


def test_metrics_that_nobody_declared_take_no_place_of_those_that_are() -> None:
    run = Driver().city("a")
    time = START + PERIOD
    for number in range(40):
        odd = msgspec.structs.replace(
            pack([("a", time + number, 1.0, 2.0, 3.0)], number + 1),
            metrics=(f"junk_{number}", "flow", f"NO NAME \x00 {number}"),
        )
        run.feed(odd)
    run.feed(pack([("a", time + 100, 720.0, 5.0, 40.0)], 99), Tick(START + 20 * SECOND))
    assert run.rows[-1][2] == (720.0, 5.0, 40.0)
    assert all(row[2][0] == 2.0 for row in run.rows[:-1])
    stored = {metric for event in run.events(Scored) for metric in event.metrics}
    assert len([metric for metric in stored if metric.startswith("junk")]) == MOST_UNDECLARED
    letters = run.events(DeadLetter)
    assert {letter.reason for letter in letters} == {"unknown_metric"}
    assert len(letters) == 40
    remnant, _ = decode(list(letters[-1].headers), letters[-1].value)
    assert remnant.metrics == ("junk_39", "NO NAME \x00 39")


def test_rows_of_unknown_sources_do_not_harm_their_neighbours() -> None:
    mixed = [*ROWS[:3], ("stranger", START + PERIOD, 1.0, 2.0, 3.0), *ROWS[3:6]]
    run = Driver().city(*NAMES).feed(pack(mixed, 1), Tick(START + 20 * SECOND))
    assert [row[:2] for row in run.rows] == [row[:2] for row in ROWS[:6]]
    (letter,) = run.events(DeadLetter)
    assert (letter.reason, letter.detail, letter.offset) == ("unknown_source", "stranger", 4)
    assert run.counts == {"accepted": 6, "dead_lettered": 1}
    remnant, _ = decode(list(letter.headers), letter.value)
    run.feed(*controls([loop("stranger")], first=4), remnant, Tick(START + 30 * SECOND))
    assert run.rows[-1][:2] == ("stranger", START + PERIOD)
    assert run.counts == {"accepted": 7, "dead_lettered": 1}


def test_rows_of_absurd_time_do_not_harm_their_neighbours() -> None:
    absurd = ("a", START + 40 * 24 * HOUR, 1.0, 2.0, 3.0)
    sent = pack([*ROWS[:3], absurd], 1, START + PERIOD)
    run = Driver().city(*NAMES).feed(sent, Tick(START + 20 * SECOND))
    assert [row[:2] for row in run.rows] == [row[:2] for row in ROWS[:3]]
    (letter,) = run.events(DeadLetter)
    assert letter.reason == "absurd_time"
    assert letter.detail == f"a: {shown(absurd[1])}: the last tick was at {shown(START)}"


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([0, 1], "a: 1970-01-01T00:00:00.000000Z and 1 more: "),
        ([2**62], f"a: {2**62} us: "),
        ([-(2**62)], f"a: {-(2**62)} us: "),
    ],
)
def test_of_any_absurd_time_it_is_said_what_it_is(times: list[int], said: str) -> None:
    rows = [("a", time, 1.0, 2.0, 3.0) for time in times]
    run = Driver().city("a").feed(pack(rows, 1, START + PERIOD))
    (letter,) = run.events(DeadLetter)
    assert letter.detail == f"{said}the last tick was at {shown(START)}"


@pytest.mark.parametrize("time", [-1, 2**62])
def test_of_a_pack_of_an_absurd_time_it_is_said_what_it_is(time: int) -> None:
    with pytest.raises(BadMessage) as caught:
        Driver().city("a").feed(msgspec.structs.replace(pack(ROWS[:1], 1), time=time))
    assert caught.value.detail == f"{shown(time)}: the last tick was at {shown(START)}"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"times": b"123"}, "wrong_type"),
        ({"values": b""}, "wrong_type"),
        ({"source": np.full(3, 9, "<u2").tobytes()}, "wrong_type"),
        ({"metrics": ("flow", "flow", "speed")}, "wrong_type"),
        ({"metrics": ("Flow", "OCC \x00", "")}, "unknown_metric"),
        ({"sources": ("a", "a", "b")}, "wrong_type"),
        ({"gateway": ""}, "wrong_type"),
        ({"gateway": "gw-other"}, "unknown_source"),
        ({"sources": ("x", "y", "z")}, "unknown_source"),
        ({"time": 2**62}, "absurd_time"),
        ({"time": -1}, "absurd_time"),
    ],
)
def test_a_pack_that_cannot_be_used_says_why_and_leaves_no_trace(
    changed: dict[str, Any], reason: str
) -> None:
    run = Driver().city(*NAMES)
    before = dict(run.state)
    with pytest.raises(BadMessage) as caught:
        run.feed(msgspec.structs.replace(pack(ROWS[:3], 1), **changed))
    assert caught.value.reason == reason
    assert run.state == before


def test_a_camera_has_no_readings() -> None:
    camera = msgspec.structs.replace(loop("cam"), kind="camera")
    run = Driver().feed(*controls([camera]), Tick(START))
    with pytest.raises(BadMessage, match="unknown_source"):
        run.feed(pack([("cam", START, 1.0, 1.0, 1.0)], 1))


def test_readings_that_no_tick_releases_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 100_000 < reordering.MOST_WAITING < 150_000
    monkeypatch.setattr(reordering, "MOST_WAITING", 13_000)
    run = Driver().city("a")
    rows = [("a", START + i, 720.0, 5.0, 40.0) for i in range(1, 5_001)]
    run.feed(pack(rows[:2_500], 1), pack(rows[2_500:], 2))
    later = [("a", START + 6_000 + i, 720.0, 5.0, 40.0) for i in range(5_000)]
    run.feed(pack(later, 3))
    with pytest.raises(BadMessage, match="overload"):
        run.feed(pack([("a", row[1] + 6_000, *row[2:]) for row in later], 4))
    run.feed(Tick(START + 10 * SECOND))
    assert run.counts == {"accepted": 10_000}


def test_a_watermark_follows_the_outputs_of_every_effective_tick() -> None:
    run = Driver().city("a").feed(Tick(START + 9 * SECOND), Tick(START + 9 * SECOND))
    sent = [output for output in run.outputs if isinstance(output.event, Watermark)]
    assert [output.event.time for output in sent] == [
        START - city_lateness(),
        START + 9 * SECOND - city_lateness(),
    ]
    assert {output.partition for output in sent} == {EVERY_PARTITION}
    assert sent[-1] is run.outputs[-1]


def test_no_incident_is_decided_before_a_watermark_that_was_sent() -> None:
    passed = 0
    for output in TRUTH.outputs:
        if isinstance(output.event, Watermark):
            assert output.event.time > passed
            passed = output.event.time
        elif isinstance(output.event, Incident):
            assert output.topic == "incidents"
            assert output.event.decided_at >= passed


def test_scored_rows_say_which_model_and_carry_sorted_names() -> None:
    for event in TRUTH.events(Scored):
        assert event.model == "sum@1"
        assert list(event.sources) == sorted(event.sources)
        assert list(event.metrics) == sorted(event.metrics)


def test_a_removed_source_is_unknown_from_then_on() -> None:
    run = Driver().city("a").feed(*controls([Removed("source", "a")], first=9))
    with pytest.raises(BadMessage, match="unknown_source"):
        run.feed(pack([("a", START + SECOND, 1.0, 1.0, 1.0)], 1))


@pytest.mark.parametrize("partitions", [2, 3])
def test_how_many_partitions_there_are_changes_no_result(partitions: int) -> None:
    """Three gateways, each with its sources, on one partition and on several."""
    gateways = {name: f"gw-{name}" for name in NAMES}

    def play_on(number: int) -> tuple[list[Any], list[bytes]]:
        offline = Offline([Score({SumScorer.id: SumScorer()}, number)], number)
        for event in controls([*(loop(n, g) for n, g in gateways.items()), *RULES]):
            offline.publish_everywhere(event)
        for sequence, (time, rows) in enumerate(in_time(ROWS), 1):
            for row in rows:
                if row[0] == "c" and sequence > 30:
                    continue  # falls silent
                sent = pack([row], sequence, gateway=gateways[row[0]])
                offline.publish(READINGS, sent, sent.gateway)
            offline.publish_everywhere(Tick(time + 2 * SECOND))
        offline.drain()
        scored = sorted(row for event in offline.events(SCORED) for row in rows_of(event))
        incidents = list(offline.events(INCIDENTS))
        return scored, sorted(
            msgspec.msgpack.encode(i) for i in incidents if isinstance(i, Incident)
        )

    single, several = play_on(1), play_on(partitions)
    assert several == single
    assert len(single[1]) > 4
