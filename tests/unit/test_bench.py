"""The benchmarks' own arithmetic: what they write must be what was measured."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from streams.events import SECOND, Readings
from streams.tables import readings
from tests.benchmarks import __main__ as bench
from tests.benchmarks import capacity, consoles, report, rounds
from tests.benchmarks.bed import Sample, Stalled, rate_of, rate_of_moments
from tests.benchmarks.feeds import loops_live
from tests.benchmarks.latency import deciding_tick
from tests.benchmarks.operators import missing
from tests.benchmarks.raw_loop import unpacked
from tests.benchmarks.recovery import longest
from tests.benchmarks.report import Cost, Figure, compared
from tests.benchmarks.rounds import Rate
from tests.benchmarks.workloads import GATEWAYS, READINGS_A_SECOND, measurements
from tests.support.loops import LATENESS
from tests.support.origin import Run
from tests.support.usage import processor_seconds

RUN = Run(commit="abc", sources="def", machine={"cores": "2"})


def figure(**changes: object) -> Figure:
    whole: dict[str, object] = {"value": 1.0, "unit": "s", "about": "a thing", **changes}
    return Figure(**whole)  # type: ignore[arg-type]


def race(
    ours: Sequence[float], others: Mapping[str, Sequence[float]], least: Mapping[str, float]
) -> Figure:
    """Of contenders that each keep one core busy."""
    rates = {name: [Rate(each, {name: 1.0}) for each in values] for name, values in others.items()}
    return compared(
        [Rate(each, {"ours": 1.0}) for each in ours],
        rates,
        least,
        unit="a/s",
        per=(1e3, "thousand"),
        about="",
    )


def test_contenders_are_compared_round_by_round() -> None:
    """A slow round of the machine slows both: the ratio of medians would be 1."""
    found = race([10, 20, 30], {"other": [5, 20, 30]}, {"other": 0.9})
    assert found.value == 20
    assert found.spread == (10, 30)
    assert found.versus["other"].ratio == 1.0
    assert found.versus["other"].spread == (1.0, 2.0)
    assert found.met is True
    assert found.goal == "≥ 0.9 × other"
    assert found.rounds == 3


@pytest.mark.parametrize(
    ("others", "met"),
    [
        ({"a": [5, 5], "b": [100, 100]}, False),
        ({"a": [5, 20], "b": [100, 100]}, False),
        ({"a": [5, 20], "b": [5, 5]}, None),
        ({"a": [5, 10], "b": [5, 5]}, True),
    ],
    ids=["one missed", "one missed, one undecided", "one undecided", "both met"],
)
def test_a_goal_of_two_contenders_is_met_by_both(
    others: dict[str, list[float]], met: bool | None
) -> None:
    assert race([10, 10], others, {"a": 1, "b": 1}).met is met


@pytest.mark.parametrize(
    ("values", "least", "most"),
    [
        ([0.4, 0.45], False, True),
        ([0.5, 0.6], True, None),
        ([0.4, 0.5], None, True),
        ([0.4, 2.2, 0.6], None, None),
        ([0.6, 0.7], True, False),
        ([0.5, 0.5], True, True),
        ([9.0], None, None),
    ],
    ids=["below", "from it", "up to it", "across", "above", "on it", "one round"],
)
def test_a_spread_across_the_goal_decides_nothing(
    values: list[float], least: bool | None, most: bool | None
) -> None:
    assert rounds.at_least(0.5, values) is least
    assert rounds.at_most(0.5, values) is most


def test_contenders_run_in_turn() -> None:
    order: list[str] = []

    def run(name: str) -> int:
        order.append(name)
        return len(order)

    found = rounds.in_turn({"a": lambda: run("a"), "b": lambda: run("b")}, 3)
    assert order == list("ababab")
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_what_a_rate_costs_counts_every_process() -> None:
    """As fast with a quarter of the processors is a quarter of the cost."""
    ours = [Rate(1000, {"ours": 1.0, "kafka": 0.5, "database": 0.5}), Rate(500, {"ours": 2.0})]
    other = [Rate(500, {"other": 0.5}), Rate(500, {"other": 0.5})]
    goals = {"other": 1.0}
    found = compared(ours, {"other": other}, goals, unit="a/s", per=(1e3, "thousand"), about="")
    assert found.cost == Cost(3.0, "thousand", (2.0, 4.0))
    assert found.versus["other"].cost == Cost(1.0, "thousand", (1.0, 1.0))
    assert found.cores == {"ours": 2.0}


def test_what_was_used_before_the_first_tenth_costs_nothing() -> None:
    """A start of a minute of processor time, then ten pieces a second at 0.5 cores."""
    moments = [100 + n / 10 for n in range(100)]
    looks = [Sample(40, 0, {"p": 0.0}), Sample(100, 0, {"p": 60.0})]
    looks += [Sample(100.05 + n, 0, {"p": 60.025 + n / 2}) for n in range(1, 10)]
    rate = rate_of_moments(moments, looks)
    assert rate.value == pytest.approx(10)
    assert rate.seconds == pytest.approx(0.05)
    with pytest.raises(ValueError, match="too soon"):
        rate_of_moments(moments, looks[:2])


def test_what_a_process_that_ended_had_used_is_counted() -> None:
    before = processor_seconds(os.getpid())
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert processor_seconds(os.getpid()) - before >= 0.25


def test_the_file_is_as_the_documentation_says(tmp_path: Path) -> None:
    """Value, spread and cost of each figure, and the same of what it is compared with."""
    path = tmp_path / "bench.json"
    fast = race([4, 4], {"o": [2, 4]}, {"o": 1})
    late = figure(unit="ms", p50=1.0, p99=2.0)
    report.write({"fast": fast, "late": late}, RUN, path)
    found = json.loads(path.read_text())
    assert set(found) == {"fast", "late"}
    assert found["fast"]["spread"] == [4, 4]
    assert found["fast"]["cost"] == {"value": 250.0, "per": "thousand", "spread": [250.0, 250.0]}
    assert found["fast"]["versus"]["o"]["value"] == 3.0
    assert found["fast"]["versus"]["o"]["ratio"] == 1.5
    assert found["fast"]["versus"]["o"]["spread"] == [1.0, 2.0]
    assert found["fast"]["unit"] == "a/s"
    assert found["fast"]["goal"] == "≥ 1 × o"
    assert found["fast"]["rounds"] == 2
    assert (found["late"]["p50"], found["late"]["p99"]) == (1.0, 2.0)
    assert report.read(path).figures == {"fast": fast, "late": late}
    assert report.read(path).commit == "abc"


def test_the_raw_loop_has_a_value_for_each_column_of_the_table_that_it_fills() -> None:
    packs = (event for _, event, _ in measurements(1) if isinstance(event, Readings))
    for row in unpacked(next(packs)):
        dict(zip(readings.TABLE.columns, row, strict=True))


def test_neither_start_nor_end_count_in_a_rate() -> None:
    """Nothing for a minute, then ten a second, then a last one that took long."""
    samples = [Sample(0, 0, {"p": 5.0})]
    samples += [Sample(60 + n, 10 * n, {"p": 6.0 + n / 2}) for n in range(1, 11)]
    samples += [Sample(999, 110, {"p": 99.0})]
    rate = rate_of(samples)
    assert rate.value == pytest.approx(10)
    assert rate.cores == {"p": 0.5}


def test_the_tick_that_decides_is_the_first_behind_which_the_reading_lies() -> None:
    time = 100 * SECOND + SECOND // 2
    _, tick = deciding_tick("loop-1", time)
    assert tick - LATENESS > time
    assert tick - SECOND - LATENESS <= time
    # A reading on the second is not released by the tick whose watermark equals it.
    _, tick = deciding_tick("loop-1", 100 * SECOND)
    assert tick == 101 * SECOND + LATENESS


def test_loops_come_at_the_rate_that_is_asked_for() -> None:
    pace = 2.5
    made = loops_live(pace, 4)
    packs = [due for due in made if due[3]]
    assert len(packs) == GATEWAYS * 10
    assert len(packs) / GATEWAYS * READINGS_A_SECOND / 4 == pace * READINGS_A_SECOND
    assert max(due for due, *_ in made) == pytest.approx(4)


def test_the_longest_gap_is_between_two_that_follow_each_other() -> None:
    assert longest([5.0, 1.0, 2.0, 9.0, 9.5], since=0) == 4.0
    assert longest([1.0, 8.0, 9.0], since=7) == 1.0


def test_each_round_finds_the_highest_level_that_it_carries() -> None:
    asked: list[float] = []

    def carries(level: float) -> dict[str, float] | None:
        asked.append(level)
        return {"p": level} if level < 3 or (level == 3 and asked.count(3) < 2) else None

    found = capacity.highest([4, 3, 2, 1], 2, carries)
    assert found == [Rate(3, {"p": 3}), Rate(2, {"p": 2})]
    assert asked == [2, 3, 4, 2, 3]
    assert capacity.highest([4], 1, carries) == [Rate(0.0, {})]


def test_the_highest_level_is_found_wherever_it_lies() -> None:
    levels = list(range(16, 0, -1))
    for most in range(17):
        asked: list[float] = []

        def carries(level: float, most: int = most, asked: list[float] = asked) -> dict[str, float]:
            asked.append(level)
            return {} if level <= most else None  # type: ignore[return-value]

        (found,) = capacity.highest(levels, 1, carries)
        assert found.value == most
        assert len(asked) <= 5


def test_what_the_machine_carries_is_what_it_carries_in_every_round() -> None:
    found = [Rate(3, {"p": 3.0}), Rate(2, {"p": 1.0}), Rate(3, {"p": 1.5})]
    carried = capacity.figure(found, "cameras", "", pace=5.0, per=report.FRAMES)
    assert (carried.value, carried.spread, carried.cores) == (2, (2, 3), {"p": 1.0})
    # 100 ms, 100 ms and 200 ms of processors for each frame.
    assert carried.cost == Cost(pytest.approx(100.0), "thousand frames", pytest.approx((100, 200)))
    nothing = capacity.figure([Rate(0.0, {})], "cameras", "", pace=5.0, per=report.FRAMES)
    assert (nothing.value, nothing.cost) == (0.0, None)


def test_what_a_client_of_the_stream_lost_or_had_twice_is_counted() -> None:
    said = [3, 4, 5]
    assert missing(said, [[3, 4, 5], [3, 4, 5]]) == (0, 0)
    assert missing(said, [[3, 5], [3, 4, 4, 5], [4, 3, 5], []]) == (4, 2)


def test_changes_of_alerts_are_told_from_what_else_a_stream_says() -> None:
    said = b"retry: 1\nid: 7\nevent: hello\ndata: {}\n\nid: 8\nevent: alert\ndata: id: 9\n\n"
    assert [match[1] for match in consoles.ALERT.finditer(said)] == [b"8"]


class NoBed:
    """Measures that need no servers are given this."""

    memory: Mapping[str, Sequence[float]] = {}

    def __enter__(self) -> "NoBed":
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("stalls", [True, False])
def test_one_figure_that_cannot_be_measured_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stalls: bool
) -> None:
    def stall(*_: object) -> dict[str, Figure]:
        if stalls:
            raise Stalled("nothing moved")
        return {"first": figure()}

    monkeypatch.setattr(bench, "Bed", NoBed)
    monkeypatch.setattr(bench, "OUTPUT", tmp_path / "bench.json")
    monkeypatch.setattr(sys, "argv", ["bench"])
    measures = {
        "first": (stall, ()),
        "second": (lambda *_: {"second": figure()}, ()),
        "third": (lambda _bed, _rounds, known: {"third": known["first"]}, ("first",)),
    }
    monkeypatch.setattr(bench, "MEASURES", measures)
    assert bench.main() == (1 if stalls else 0)
    whole = tmp_path / "bench.json"
    assert whole.exists() != stalls, "README is made of this one"
    written = tmp_path / "bench-some.json" if stalls else whole
    assert [*json.loads(written.read_text())] == (["second"] if stalls else [*measures])
