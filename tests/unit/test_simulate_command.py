"""``cityops simulate``: what it announces, and what it says when it cannot start."""

import pytest

from services.commands import simulate
from simulators.city.assets import changes, rules
from streams.configuration.configured import NOTHING, Configured
from streams.events import Rule
from tests.support.commandline import cityops


def test_everything_is_announced_to_a_new_city() -> None:
    assert simulate.missing(changes(), NOTHING) == changes()


def test_a_rule_that_an_operator_changed_is_left_alone() -> None:
    theirs = Rule("city-congestion", "congestion", "critical")
    announced = simulate.missing(changes(), Configured(rules={theirs.id: theirs}))
    left = [change.id for change in announced if isinstance(change, Rule)]
    assert left == [rule.id for rule in rules() if rule.id != theirs.id]
    assert len(announced) == len(changes()) - 1


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
