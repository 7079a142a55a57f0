"""How urgent an alert is: by the first row that fits, written into what raises it."""

from typing import Any

import msgspec
import pytest

from services.alerts.alert import fold
from services.alerts.lifecycle import receive
from services.alerts.priority import (
    BY_SEVERITY,
    DEFAULT,
    Case,
    Given,
    Row,
    Table,
    TableError,
    category,
    check,
    given,
)
from services.alerts.transitions import Raised
from services.oncall.deciding import replay
from streams.events import DAY, HOUR, SEVERITIES
from streams.kinds.registry import all_kinds
from tests.support.alerting import START, incident
from tests.support.oncall import POLICY, ROOM, ROTATION, facts, peopled, planned, raised, whom

MONDAY = 1_795_366_800_000_000
"""2026-11-23 00:00 in the city."""
ALL = Row(name="all", priority=4)


def case(**changes: Any) -> Case:
    made = Case(
        severity="medium",
        kind="congestion",
        category="Transport",
        ward="Hồng Bàng",
        start=MONDAY + 8 * HOUR,
    )
    return msgspec.structs.replace(made, **changes)


def priority(row: dict[str, Any], **changes: Any) -> int:
    table = Table(rows=(Row(name="one", priority=1, **row), ALL))
    return given(table, case(**changes)).priority


@pytest.mark.parametrize(
    ("row", "inside", "outside"),
    [
        ({"severities": ("medium",)}, {}, {"severity": "high"}),
        ({"kinds": ("congestion",)}, {}, {"kind": "crowd"}),
        ({"categories": ("Transport",)}, {}, {"category": "Security"}),
        ({"wards": ("Hồng Bàng",)}, {}, {"ward": ""}),
        ({"dependents": 10}, {"dependents": 10}, {"dependents": 9}),
        ({"hours": (6, 9)}, {}, {"start": MONDAY + 9 * HOUR}),
        ({"hours": (22, 5)}, {"start": MONDAY + 4 * HOUR}, {"start": MONDAY + 5 * HOUR}),
        ({"hours": (22, 5)}, {"start": MONDAY + 22 * HOUR}, {"start": MONDAY + 21 * HOUR}),
        ({"days": (0, 4)}, {}, {"start": MONDAY + DAY}),
    ],
)
def test_a_row_fits_what_meets_each_of_its_conditions(
    row: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    assert priority(row, **inside) == 1
    assert priority(row, **outside) == 4


def test_by_the_default_rush_hours_and_what_depends_on_it_count() -> None:
    check(DEFAULT, all_kinds())
    assert given(DEFAULT, case()).row == "traffic in rush hours"
    assert given(DEFAULT, case(start=MONDAY + 12 * HOUR)).priority == 3
    assert given(DEFAULT, case(severity="high", dependents=12)).priority == 1
    assert given(DEFAULT, case(severity="high")).priority == 2


def test_the_alert_says_which_row_and_goes_by_what_its_severity_is_now() -> None:
    first = incident(severity="low")
    worse = msgspec.structs.replace(first, severity="critical", revision=1)
    lines = receive(None, first, None, dependents=3)
    alert = fold(lines)
    assert alert.given == Given(priority=4, row="everything else", table=0, dependents=3)
    after = fold((*lines, *receive(alert, worse, 0)))
    assert (after.priority, after.given and after.given.row) == (1, "critical")


def test_a_later_table_changes_no_alert_that_is_there_and_holds_for_what_comes_again() -> None:
    new = Table(rows=(Row(name="ours", priority=1),), version=7)
    lines = receive(None, incident(), None)
    alert = fold(lines)
    assert alert.priority == 2
    again = incident(start=START + HOUR, subject="track-2")
    assert receive(alert, again, None, table=new)[0].event.given == Given(  # type: ignore[union-attr]
        priority=1, row="ours", table=7
    )
    assert fold(lines) == alert  # whatever the table says by then


def test_asking_the_version_that_is_named_again_gives_the_same() -> None:
    tables = {
        0: DEFAULT,
        1: Table(rows=(Row(name="two", priority=2, hours=(0, 12)), ALL), version=1),
    }
    for n in range(48):
        severity, table = SEVERITIES[n % 5], tables[n % 2]
        one = incident(start=START + n * HOUR, severity=severity)
        event = receive(None, one, None, table=table, dependents=n, wards={"cam-1": "Hồng Bàng"})[
            0
        ].event
        assert isinstance(event, Raised)
        assert event.given is not None
        asked = Case(
            severity=event.severity,
            kind=event.kind,
            category=category(event.kind),
            ward=event.wards["cam-1"],
            start=event.start,
            dependents=event.given.dependents,
        )
        assert given(tables[event.given.table], asked) == event.given


def test_what_an_earlier_release_stored_goes_by_its_severity() -> None:
    (line,) = receive(None, incident(severity="critical"), None)
    old = msgspec.structs.replace(line, event=msgspec.structs.replace(line.event, given=None))  # type: ignore[arg-type]
    assert fold([old]).priority == BY_SEVERITY["critical"] == 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ((), "1 to 100"),
        ((Row(name="one", priority=1, days=(1,)),), "last row fits everything"),
        ((ALL,), "a critical alert would have priority 4"),
        (
            (Row(name="a", priority=1, severities=("critical",), hours=(8, 17)), ALL),
            "a critical alert",
        ),
        ((Row(name="a", priority=1), Row(name="a", priority=4)), "two of that name"),
        ((Row(name="a", priority=2, kinds=("dragon",)), Row(name="b", priority=2)), "no kind"),
        ((Row(name="a", priority=2, categories=("X",)), Row(name="b", priority=2)), "categories"),
        ((Row(name="a", priority=2, hours=(5, 5)), Row(name="b", priority=2)), "hours"),
        ((Row(name="a", priority=2, hours=(24, 0)), Row(name="b", priority=2)), "hours"),
        ((Row(name="a", priority=2, dependents=2**64), Row(name="b", priority=2)), "dependents"),
        ((Row(name="a", priority=2, days=(7,)), Row(name="b", priority=2)), "days"),
    ],
)
def test_a_table_that_hides_or_says_nothing_is_refused(rows: tuple[Row, ...], why: str) -> None:
    with pytest.raises(TableError, match=why):
        check(Table(rows=rows), all_kinds())


def test_a_table_with_a_row_for_what_is_critical_is_taken() -> None:
    check(Table(rows=(Row(name="c", priority=2, severities=("critical",)), ALL)), all_kinds())


@pytest.mark.parametrize(("level", "so"), [(1, True), (2, True), (3, False), (0, False)])
def test_a_policy_may_be_for_what_is_urgent(level: int, so: bool) -> None:
    policy = msgspec.structs.replace(POLICY, priority=2)
    events = [
        *planned(ROTATION, ROOM, policy),
        peopled("lan", "duc"),
        raised(facts(priority=level)),
    ]
    assert bool(whom(replay(events))) is so
