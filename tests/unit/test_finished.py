"""Runs that were done are not done again, and nothing else is taken for them."""

import json
from pathlib import Path

import pytest

from services.commandline import evaluation
from services.commandline.evaluation import SeedResult
from services.commandline.finished import Finished
from services.commandline.output import CommandError
from streams.settings import Settings
from tests.support.commandline import cityops


def result(name: str = "quiet", seed: int = 1, seconds: float = 60.0) -> SeedResult:
    return SeedResult(name, seed, seconds, 1800, [], [])


def test_a_result_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.json.runs"
    Finished(path, Settings()).add(result())
    Finished(path, Settings()).add(result(seed=2))
    found = Finished(path, Settings())
    assert found.get("quiet", 1, 60) == result()
    assert found.get("quiet", 2, 60.0) == result(seed=2)


@pytest.mark.parametrize("asked", [("quiet", 3, 60.0), ("quiet", 1, 61.0), ("night", 1, 60.0)])
def test_another_run_is_another(tmp_path: Path, asked: tuple[str, int, float]) -> None:
    found = Finished(tmp_path / "runs", Settings())
    found.add(result())
    assert found.get(*asked) is None


def test_with_other_code_or_providers_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Finished(tmp_path / "runs", Settings()).add(result())
    assert Finished(tmp_path / "runs", Settings(onnx_providers="CUDA")).get("quiet", 1, 60) is None
    code = tmp_path / "code"
    code.mkdir()
    (code / "model.py").write_text("1")
    monkeypatch.setattr("services.commandline.finished.ROOT", tmp_path)
    monkeypatch.setattr("services.commandline.finished.RUNS_ON", ("code",))
    Finished(tmp_path / "runs", Settings()).add(result())
    assert Finished(tmp_path / "runs", Settings()).get("quiet", 1, 60)
    (code / "model.py").write_text("2")
    assert Finished(tmp_path / "runs", Settings()).get("quiet", 1, 60) is None


def test_a_scenario_that_was_edited_is_another(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("{name: mine, description: Nothing.}")
    found = Finished(tmp_path / "runs", Settings())
    found.add(result(str(mine)))
    assert found.get(str(mine), 1, 60)
    mine.write_text("{name: mine, description: Nothing., hour: 22}")
    assert found.get(str(mine), 1, 60) is None


def test_a_line_that_was_cut_off_costs_that_run_alone(tmp_path: Path) -> None:
    path = tmp_path / "runs"
    found = Finished(path, Settings())
    found.add(result())
    found.add(result(seed=2))
    path.write_bytes(path.read_bytes()[:-20])
    again = Finished(path, Settings())
    assert again.get("quiet", 1, 60)
    assert again.get("quiet", 2, 60) is None
    again.add(result(seed=3))
    assert Finished(path, Settings()).get("quiet", 3, 60)


def test_an_evaluation_goes_on_where_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def runs(settings: object, left: list[tuple[str, int]], seconds: float, workers: int) -> object:
        for name, seed in left:
            if seed == 3 and not done[2:]:
                raise KeyboardInterrupt
            done.append(seed)
            yield result(name, seed, seconds)

    monkeypatch.setattr(evaluation, "evaluate", runs)
    words = ("evaluate", "vision", "--scenario", "quiet", "--seeds", "1-4", "--seconds", "60")
    out = tmp_path / "out.json"
    assert cityops(*words, "-o", out).exit_code != 0
    assert done == [1, 2]
    assert not out.exists()
    done.append(0)  # from here on nothing interrupts
    again = cityops(*words, "-o", out)
    assert again.exit_code == 0, again.output
    assert "2 of 4 runs were done already" in again.stderr
    assert done == [1, 2, 0, 3, 4]
    assert [run["seed"] for run in json.loads(out.read_text())["runs"]] == [1, 2, 3, 4]
    assert cityops(*words, "-o", out, "--anew").exit_code == 0
    assert done == [1, 2, 0, 3, 4, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("vision", "--seeds", "9-3"), 2, "FIRST-LAST"),
        (("vision", "--seeds", "1" * 5000), 2, "at most nine digits"),
        (("sensors", "--seeds", "1-999999999"), 2, "at most 10,000"),
        (("vision", "--scenario", "nope"), 2, "with the city come"),
        (("vision", "--workers", "-1"), 2, "'--workers'"),
        (("sensors", "--workers", "-1"), 2, "'--workers'"),
        (("vision", "--seconds", "-1"), 2, "'--seconds'"),
        (("vision", "-o", "."), 1, "is a folder"),
        (("vision", "-o", "/dev/null/x"), 1, "/dev/null: "),
    ],
)
def test_what_cannot_be_evaluated_is_one_clear_line_before_it_begins(
    words: tuple[str, ...], code: int, said: str
) -> None:
    refused = cityops("evaluate", *words, env={"COLUMNS": "200"})
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert said in refused.stderr


def test_where_nothing_can_be_written_a_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "out.json.runs").mkdir()
    with pytest.raises(CommandError, match="Is a directory"):
        Finished(tmp_path / "out.json.runs", Settings()).add(result())
