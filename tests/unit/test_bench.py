"""The benchmarks' own arithmetic: what they write must be what was measured."""

import json
from pathlib import Path

import pytest

from streams.events import SECOND
from tests.benchmarks import capacity, report
from tests.benchmarks.bed import Sample, rate_of
from tests.benchmarks.feeds import loops_live
from tests.benchmarks.latency import deciding_tick
from tests.benchmarks.recovery import longest
from tests.benchmarks.report import Figure, Run, compared
from tests.benchmarks.workloads import GATEWAYS, READINGS_A_SECOND
from tests.support.loops import LATENESS

RUN = Run(commit="abc", sources="def", machine={"cores": "2"})


def figure(**changes: object) -> Figure:
    whole: dict[str, object] = {"value": 1.0, "unit": "s", "about": "a thing", **changes}
    return Figure(**whole)  # type: ignore[arg-type]


def test_contenders_are_compared_round_by_round() -> None:
    """A slow round of the machine slows both: the ratio of medians would be 1."""
    found = compared(
        [10, 20, 30],
        {"other": [5, 20, 60]},
        {"other": 0.9},
        unit="a/s",
        about="",
        cores={"ours": 1.0},
    )
    assert found.value == 20
    assert found.versus["other"].ratio == 1.0
    assert found.met is True
    assert found.goal == "≥ 0.9 × other"
    assert found.rounds == 3


def test_one_missed_contender_misses_the_goal() -> None:
    others = {"a": [1.0], "b": [100.0]}
    found = compared([10], others, {"a": 1, "b": 1}, unit="", about="", cores={})
    assert found.met is False


def test_the_file_is_as_the_documentation_says(tmp_path: Path) -> None:
    """``{figure: {"value", "unit", "versus": {name: {"value", "ratio"}}, "goal", "rounds"}}``"""
    path = tmp_path / "bench.json"
    fast = compared([4], {"o": [2]}, {"o": 1}, unit="a/s", about="", cores={})
    late = figure(unit="ms", p50=1.0, p99=2.0)
    report.write({"fast": fast, "late": late}, RUN, path)
    found = json.loads(path.read_text())
    assert set(found) == {"fast", "late"}
    assert found["fast"]["versus"] == {"o": {"value": 2.0, "ratio": 2.0}}
    assert found["fast"]["unit"] == "a/s"
    assert found["fast"]["goal"] == "≥ 1 × o"
    assert found["fast"]["rounds"] == 1
    assert (found["late"]["p50"], found["late"]["p99"]) == (1.0, 2.0)
    assert report.read(path).figures == {"fast": fast, "late": late}
    assert report.read(path).commit == "abc"


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


def test_the_longest_silence_is_between_two_that_follow_each_other() -> None:
    assert longest([5.0, 1.0, 2.0, 9.0, 9.5], since=0) == 4.0
    assert longest([1.0, 8.0, 9.0], since=7) == 1.0


def test_a_level_is_carried_in_every_round_or_not_at_all() -> None:
    asked: list[float] = []

    def carries(level: float) -> dict[str, float] | None:
        asked.append(level)
        return {"p": level} if level < 3 or (level == 3 and asked.count(3) < 2) else None

    found = capacity.highest([4, 3, 2, 1], 2, carries)
    assert found == (2, {"p": 2})
    assert asked == [4, 3, 3, 2, 2]
    assert capacity.highest([4], 1, carries) == (0.0, {})
