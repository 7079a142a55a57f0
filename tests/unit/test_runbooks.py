"""What is to be done, step by step, and who has done it."""

from typing import Any

import pytest

from services.alerts.alert import Alert, Tick, fold
from services.alerts.commands import Command, Done, Refused, decide
from services.alerts.lifecycle import receive
from services.alerts.runbooks import (
    NOTHING,
    Runbook,
    RunbookError,
    check,
    demanded,
    prose,
    steps,
    unsaid,
)
from services.alerts.transitions import Stepped, Transition
from streams.events import MINUTE, SECOND
from tests.support.alerting import START, incident

BOOK = Runbook(
    vi="# Đám đông\n\nXem kỹ.\n\n- [ ] Xem hình\n- [ ] Gọi 113\n",
    en="# Crowd\n\nLook well.\n\n- [ ] Look at the picture\n* [x] Call 113\n",
)


class Life:
    """An alert, and what is done to it."""

    def __init__(self) -> None:
        self.lines: tuple[Transition, ...] = receive(None, incident(), None)

    @property
    def alert(self) -> Alert:
        return fold(self.lines)

    def do(self, action: Any, actor: str = "lan", **more: Any) -> Refused | None:
        time = START + len(self.lines) * MINUTE
        command = Command(id=str(len(self.lines)), action=action, actor=actor, time=time, **more)
        outcome = decide(self.alert, command, ())
        if isinstance(outcome, Refused):
            return outcome
        assert isinstance(outcome, Done)
        self.lines += outcome.transitions
        return None


def reason(refused: Refused | None) -> str:
    return refused.reason if refused else ""


def test_its_steps_are_the_lines_with_a_box_and_the_rest_is_prose() -> None:
    assert [step.words.en for step in steps(check(BOOK))] == ["Look at the picture", "Call 113"]
    assert prose(BOOK.en) == "# Crowd\n\nLook well."


@pytest.mark.parametrize(
    ("book", "why"),
    [
        (Runbook(vi="- [ ] một", en="- [ ] one\n- [ ] two"), "vi has 1 steps and en has 2"),
        (Runbook(vi=" ", en="x"), "vi: give"),
        (Runbook(vi="- [ ] a\n" * 31, en="- [ ] b\n" * 31), "30 steps"),
        (Runbook(vi="x" * 10_001, en="y"), "vi: give"),
    ],
)
def test_one_that_nobody_could_go_by_is_refused(book: Runbook, why: str) -> None:
    with pytest.raises(RunbookError, match=why):
        check(book)


def test_a_step_says_who_did_it_and_when_and_can_be_taken_back() -> None:
    life = Life()
    assert life.do("step", step=2, runbook=7) is None
    assert life.alert.steps == {2: Tick("lan", START + MINUTE)}
    assert life.alert.runbook == 7
    assert reason(life.do("step", "minh", step=2, runbook=7)) == "already_done"
    assert reason(life.do("step", step=1, done=False, runbook=7)) == "not_done"
    assert life.do("step", "minh", step=2, done=False, runbook=7) is None
    assert life.alert.steps == {}
    assert reason(life.do("step", "minh", step=1, runbook=8)) == "version_conflict"
    assert life.alert.runbook == 7, "nobody ticks a step of another version"
    kinds = [line.event for line in life.lines if isinstance(line.event, Stepped)]
    assert [event.done for event in kinds] == [True, False]


def test_with_open_steps_it_is_not_closed_where_the_site_demands_that() -> None:
    life = Life()
    life.do("step", step=1)
    refused = life.do("resolve", comment="towed", steps=2)
    assert reason(refused) == "open_steps"
    assert refused
    assert refused.message.endswith(": 2")
    life.do("step", step=2)
    assert life.do("resolve", comment="towed", steps=2) is None


def test_control_where_nothing_is_demanded_it_is_closed() -> None:
    assert Life().do("resolve", comment="towed") is None


@pytest.mark.parametrize(
    ("severity", "least", "so"),
    [
        ("high", "high", True),
        ("critical", "high", True),
        ("medium", "high", False),
        ("critical", "", False),
    ],
)
def test_steps_are_demanded_from_a_severity_on(severity: Any, least: str, so: bool) -> None:
    assert demanded(severity, least) is so


@pytest.mark.parametrize("disposition", sorted(NOTHING))
def test_what_was_nothing_says_why_where_it_takes_no_steps(disposition: Any) -> None:
    life = Life()
    assert unsaid(life.alert, disposition, "  ")
    if disposition == "duplicate":
        assert unsaid(life.alert, disposition, "the same")
        life.do("link", to="b" * 32)
    assert not unsaid(life.alert, disposition, "the same")


def test_what_comes_again_after_it_was_closed_begins_with_no_step_done() -> None:
    life = Life()
    life.do("step", step=1, runbook=3)
    life.do("resolve", comment="towed")
    again = incident(subject="track-2", start=START + 8 * MINUTE, after=20 * SECOND)
    life.lines += receive(life.alert, again, None)
    assert (life.alert.count, life.alert.steps, life.alert.runbook) == (2, {}, None)
