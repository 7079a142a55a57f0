"""``cityops simulate``: what it announces, and what it says when it cannot start."""

from pathlib import Path

import msgspec
import pytest

from simulators.announced import changes
from simulators.city.assets import changes as registered
from simulators.city.assets import rules
from streams.configuration.configured import NOTHING, Configured, copied, take
from streams.events import Rule
from streams.rules.reach import reaches
from tests.support.commandline import cityops


def test_everything_is_announced_to_a_new_city() -> None:
    announced = changes("none", 7)
    assert [one for one in announced if one in registered()] == registered()


def test_a_rule_that_an_operator_changed_is_left_alone() -> None:
    theirs = Rule("city-congestion", "congestion", "critical")
    announced = changes("none", 7, Configured(rules={theirs.id: theirs}))
    left = {change.id for change in announced if isinstance(change, Rule)}
    assert theirs.id not in left
    assert {rule.id for rule in rules()} - left == {theirs.id}


def test_a_larger_city_is_watched_as_the_smaller_one_was() -> None:
    """Also where an own rule on one station has the default name all others."""
    small = copied(NOTHING)
    for change in changes("part", 7):
        take(small, change)
    station = next(one.id for one in small.sources.values() if one.kind == "base_station")
    take(small, Rule("mine", "no_data", "high", sources=(station,)))
    for change in changes("part", 7, small):
        take(small, change)
    for change in changes("whole", 7, small):
        take(small, change)
    stations = {
        one.id for one in small.sources.values() if one.kind == "base_station" and one.gateway
    }
    assert len(stations) > 2000
    assert watched_of(small, stations) == stations


def test_what_an_operator_took_out_of_a_default_rule_stays_out() -> None:
    known = copied(NOTHING)
    for change in changes("part", 7):
        take(known, change)
    (rule,) = (one for one in known.rules.values() if one.id == "base_stations.no_data")
    stations = {
        one.id for one in known.sources.values() if one.kind == "base_station" and one.gateway
    }
    out, *kept = sorted(stations)
    take(known, msgspec.structs.replace(rule, types=(), sources=tuple(kept)))
    for change in changes("part", 7, known):
        take(known, change)
    assert watched_of(known, stations) == stations - {out}


def watched_of(known: Configured, stations: set[str]) -> set[str]:
    watching = [rule for rule in known.rules.values() if rule.kind == "no_data"]
    return {
        name
        for name in stations
        if any(reaches(rule, name, known.sources[name].kind) for rule in watching)
    }


@pytest.mark.parametrize(
    "script",
    [
        "after_s: [-1, 5], lasts_s: 10",
        "after_s: [10, 5], lasts_s: 10",
        "after_s: [0, .inf], lasts_s: 10",
        "after_s: [.nan, .nan], lasts_s: 10",
        "after_s: [0, 5], lasts_s: 0",
        "after_s: [0, 5], lasts_s: -5",
        "after_s: [0, 5], lasts_s: .inf",
        "after_s: [0, 5], lasts_s: .nan",
        "after_s: [0, 5], lasts_s: 10, strength: 0",
        "after_s: [0, 5], lasts_s: 10, strength: .inf",
    ],
)
def test_numbers_that_make_no_sense_are_one_line_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str
) -> None:
    file = tmp_path / "mine.yaml"
    listed = f"  - {{kind: gate_queue, {script}}}\n"
    file.write_text(f"name: mine\ndescription: x\nincidents:\n{listed}")
    result = cityops("simulate", "--systems", str(file))
    said = capsys.readouterr().err + result.output
    assert result.exit_code == 2, said
    assert "after_s" in said


def test_an_unknown_scenario_is_one_line_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    result = cityops("simulate", "--scenario", "flood")
    assert result.exit_code == 2
    assert "cannot read scenario 'flood'" in capsys.readouterr().err + result.output


def test_without_a_database_it_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYOPS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    result = cityops("simulate", "--scenario", "quiet")
    assert result.exit_code == 1
    assert "run 'make up' first" in capsys.readouterr().err + result.output
