"""Whether an alert is still what somebody was told of, so that their link may acknowledge it."""

import msgspec
import pytest

from services.alerts.alert import fold
from services.alerts.lifecycle import receive
from services.alerts.store import Recorded
from services.alerts.transitions import Joined, Parted, Transition, number
from services.api.routes.acknowledging import changed
from streams.events import MINUTE, Severity
from tests.support.alerting import START, incident


def recorded(lines: list[Transition]) -> list[Recorded]:
    return [Recorded(number, 0, line) for number, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("severity", "then"), [("low", False), ("high", False), ("critical", True)]
)
def test_one_that_comes_again_is_another_where_it_is_more_severe(
    severity: Severity, then: bool
) -> None:
    lines = [*receive(None, incident(severity="high"), None)]
    again = incident(id="again", start=START + MINUTE, severity=severity)
    lines += receive(fold(lines), again, None)
    assert len(lines) == 2
    assert changed(recorded(lines), 1) is then
    assert not changed(recorded(lines), 2)


def test_one_that_is_split_off_asks_anew() -> None:
    lines = [*receive(None, incident(severity="low"), None)]
    for event in (Joined(into="whole", comment="x"), Parted(because="person", comment="x")):
        lines += number(lines[0].alert, len(lines), [event], time=START, actor="lan")
    assert fold(lines).state == "unacknowledged"
    assert changed(recorded(lines), 1)


def test_one_that_is_judged_otherwise_is_another() -> None:
    first = incident(severity="low")
    lines = [*receive(None, first, None)]
    worse = msgspec.structs.replace(first, severity="critical", revision=1)
    lines += receive(fold(lines), worse, 0)
    assert changed(recorded(lines), 1)
