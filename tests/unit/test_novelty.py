"""``cityops score``: how unlike its past each reading of a series is."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from models import novelty
from streams.settings import load
from tests.support.commandline import cityops

STEP = 300_000_000


def rhythm(rows: int = 3000, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Micros and values: five minutes apart, up by day and down by night, with noise."""
    times = np.arange(rows, dtype=np.int64) * STEP
    noise = np.random.default_rng(seed).normal(0, 1, rows)
    return times, 50 + 20 * np.sin(times / (288 * STEP) * 2 * np.pi) + noise


def scores(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    return novelty.follow(novelty.NEW, times, values)[1]


def test_what_never_was_is_an_alarm_and_what_always_was_is_none() -> None:
    times, values = rhythm()
    quiet = scores(times, values)
    values[2500:2512] = 160
    found = scores(times, values)
    assert found[2500:2512].max() >= novelty.ALARM
    assert (found[:2500] == quiet[:2500]).all(), "nothing of the future is used"
    assert (quiet[1000:] >= novelty.ALARM).sum() <= 2, "the control"


@pytest.mark.parametrize("cut", [0, 1, 19, 1000, 2999])
def test_wherever_it_is_cut_it_goes_on_the_same(cut: int) -> None:
    times, values = rhythm()
    state, first = novelty.follow(novelty.NEW, times[:cut], values[:cut])
    assert len(state) in (0, novelty.SIZE)
    after, second = novelty.follow(state, times[cut:], values[cut:])
    assert (np.concatenate((first, second)) == scores(times, values)).all()
    assert after == novelty.follow(novelty.NEW, times, values)[0]


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(500),
        np.full(500, np.nan),
        np.full(500, 1e300),
        np.array([1e300, -1e300] * 250),
        np.array([5e-324, np.inf, -np.inf, np.nan] * 125),
    ],
)
def test_whatever_is_measured_it_has_a_score_between_0_and_1(values: np.ndarray) -> None:
    found = scores(np.arange(len(values), dtype=np.int64) * STEP, values)
    assert found.max() <= novelty.UNITS


def test_times_may_stand_still_or_go_back() -> None:
    times, values = rhythm(500)
    for odd in (times * 0, times[::-1].copy(), np.full(500, np.iinfo(np.int64).min)):
        assert scores(odd, values).max() <= novelty.UNITS


@pytest.mark.parametrize("state", [b"x", bytes(novelty.SIZE - 1), bytes(novelty.SIZE + 1)])
def test_a_state_of_another_size_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        novelty.follow(state, *rhythm(3))


def test_a_state_of_any_bytes_harms_nothing() -> None:
    chance = np.random.default_rng(3)
    for _ in range(50):
        state = chance.bytes(novelty.SIZE)
        try:
            novelty.follow(state, *rhythm(100))
        except ValueError:
            continue


def test_the_command_writes_each_row_with_its_score(tmp_path: Path) -> None:
    times, values = rhythm(400)
    rows = [f"{at // 1_000_000},{value}" for at, value in zip(times, values, strict=True)]
    (tmp_path / "in.csv").write_text("\n".join(["timestamp,value", *rows]))
    done = cityops("score", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"] == 400
    with (tmp_path / "out.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [f"{row['timestamp']},{row['value']}" for row in found] == rows
    assert all(0 <= float(row["anomaly_score"]) <= 1 for row in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "timestamp"),
        ("a,b\n1,2", "timestamp"),
        ("timestamp,value\n2026-01-01,1\nyesterday,2", "line 3"),
        ("timestamp,value\n2026-01-01,many", "line 2"),
        ("timestamp,value\n1,2,3", "line 2"),
    ],
)
def test_what_is_no_series_is_one_line_that_says_where(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "in.csv").write_text(text)
    done = cityops("score", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
    assert said in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_where_no_alarm_is_worth_most_no_score_is_named_that_there_is_not(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01T{n // 60:02}:{n % 60:02}:00Z,1\n" for n in range(100))
    (tmp_path / "in.csv").write_text(f"timestamp,value\n{rows}")
    windows = tmp_path / "windows.json"
    windows.write_text('{"in.csv": [["2026-01-01T01:00:00Z", "2026-01-01T01:10:00Z"]]}')
    done = cityops("evaluate", "series", "--windows", windows, tmp_path / "in.csv")
    assert (done.exit_code, done.stderr) == (0, "alarms are none: that is worth most\n")


def test_real_traffic_is_scored_as_decision_0067_says() -> None:
    folder = load().data_dir / "nab_traffic"
    names = ("TravelTime_387.csv", "occupancy_6005.csv", "speed_7578.csv")
    if not (folder / "windows.json").is_file():
        pytest.skip("no series of traffic: CITYOPS_DATA_DIR names the folder that has them")
    windows, files = folder / "windows.json", [folder / name for name in names]
    done = cityops("evaluate", "series", "--windows", windows, *files, "--json")
    assert done.exit_code == 0, done.output
    together = json.loads(done.stdout)["together"]
    assert together["score"] > 85
    assert (together["found"], together["windows"]) == (8, 8)
