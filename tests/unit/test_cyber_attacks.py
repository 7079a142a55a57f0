"""Attacks one by one: at any hour, and due at any hour."""

import numpy as np
import pytest

from simulators.feeds.cyber_attacks import IN_A_DAY, SIMULATED, SORTS
from simulators.world.calendar import at
from simulators.world.chance import key
from streams.events import DAY, HOUR, MINUTE, SECOND, ControlChange, Incident, Rule, Tick
from streams.feeds.registry import all_feeds
from streams.topics import CORRELATED, READINGS
from tests.support.measured import Told, pack, ran, source

SATURDAY = at(2026, 11, 28, 22)
MONITORS = np.array([key(7, f"soc-{number}") for number in range(1, 4)], np.uint64)


@pytest.mark.parametrize(
    ("feed", "type", "overdue"),
    [("cyber_attacks", "security_monitor", True), ("dossiers", "dossier_office", False)],
)
def test_it_is_overdue_on_a_sunday_where_it_is_dealt_with_around_the_clock(
    feed: str, type: str, overdue: bool
) -> None:
    """The control is a feed whose promises run in working time."""
    described = all_feeds()[feed]
    rule = Rule("late", "high_value", "high", parameters=described.parameters(
        described.default_rules[0]
    ))  # fmt: skip
    begins = {"case": 1.0, "step": 1.0, "promised_hours": 2.0, "procedure": 3.0}
    events: list[Told] = [
        (READINGS, ControlChange(1, SATURDAY, source("s", type, "gw")), ""),
        (READINGS, ControlChange(2, SATURDAY, rule), ""),
        (READINGS, Tick(SATURDAY), ""),
        (READINGS, pack("gw", [("s", SATURDAY, begins)], 1, SATURDAY + 1), "gw"),
    ]
    ticks = range(SATURDAY + MINUTE, SATURDAY + 2 * HOUR + 2 * MINUTE, 30 * SECOND)
    events += [(READINGS, Tick(now), "") for now in ticks]
    found = [one for one in ran(events).events(CORRELATED) if isinstance(one, Incident)]
    assert [one.kind for one in found] == ["high_value"] * overdue
    for one in found:
        assert SATURDAY + 2 * HOUR < one.decided_at <= SATURDAY + 2 * HOUR + MINUTE


def test_they_come_at_any_hour_of_any_day_and_nearly_all_are_dealt_with_in_time() -> None:
    assert SIMULATED.tells
    week = SIMULATED.tells.between(MONITORS, SATURDAY, SATURDAY + 3 * DAY)
    rows = week.values[week.values[:, 1] == 1.0]
    assert 0.6 * 9 * IN_A_DAY < len(rows) < 9 * IN_A_DAY
    assert set(rows[:, 4].tolist()) == {one.number for one in SORTS}
    hours = {time // HOUR % 24 for time in week.time.tolist()}
    assert len(hours) == 24
