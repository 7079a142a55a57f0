"""What the catalogue says of joins and combinations: those that are in force, in words."""

import pytest
from typer.testing import Result

from services.api.routes.catalogue import catalogue
from streams.kinds import combination, combinations, joins
from tests.support.commandline import cityops

TABLE = """
combinations:
  flooded_jam:
    name: {vi: Ùn tắc do ngập, en: a jam where water stands}
    severity: high
    within_minutes: 30
    within_m: 400
    of: [{kind: high_value, metric: flood_depth}, {kind: congestion}]
"""


@pytest.fixture
def combined(monkeypatch: pytest.MonkeyPatch) -> None:
    found = combinations.checked(combination.parsed(TABLE, "table"), "table")
    monkeypatch.setattr(combinations, "combinations", lambda: found)


def _shown(monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr("services.commands.catalogue._asked", lambda: None)
    return cityops("catalogue")


@pytest.mark.usefixtures("combined")
def test_what_is_combined_is_said_with_the_words_of_its_signs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (said,) = catalogue().combinations
    assert (said.id, said.severity, said.within_minutes, said.within_m) == (
        *("flooded_jam", "high", 30.0, 400.0),
    )
    assert said.name.vi == "Ùn tắc do ngập"
    high, jam = said.signs
    assert (high.kind, high.metric, jam.kind, jam.metric) == (
        *("high_value", "flood_depth", "congestion", ""),
    )
    assert high.metric_name
    assert jam.metric_name is None
    assert jam.name.vi != jam.name.en
    shown = _shown(monkeypatch).stdout
    assert all(word in shown for word in ("flooded_jam", "high_value of flood_depth", "400 m"))
    assert "no combinations" not in shown


def test_what_is_joined_is_there_in_its_order_and_that_nothing_is_combined_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = catalogue()
    assert [each.id for each in said.joins] == list(joins.events())
    for join, event in zip(said.joins, joins.events().values(), strict=True):
        assert [(each.metric, each.within_m, each.extends) for each in join.signs] == [
            (each.metric, each.within_m, each.extends) for each in event.signs
        ]
    assert said.combinations == []
    shown = _shown(monkeypatch).stdout
    assert "flood" in shown
    assert "no combinations" in shown


def test_the_tables_are_read_from_disk_once(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue()

    def read(*_: object) -> bytes:
        raise AssertionError("it is read again")

    for module in (combination, joins):
        monkeypatch.setattr(module, "read_file", read)
    catalogue()
    combination.written()
    combination.written.cache_clear()
    with pytest.raises(AssertionError, match="read again"):
        combination.written()
