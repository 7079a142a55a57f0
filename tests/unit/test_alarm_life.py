"""Random commands against a model that was written independently: shelves, suppressions, holds."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.alert import Alert, apply, fold
from services.alerts.commands import Command, Done, Refused, Whole, decide
from services.alerts.lifecycle import receive
from services.alerts.passing import passed
from services.alerts.store import decode_alert
from services.alerts.suppressions import Suppression
from services.alerts.transitions import Restored, Transition, number
from streams.events import SECOND, Incident
from tests.support.alarm_model import Model
from tests.support.alerting import START, ended, incident

PEOPLE = ("acknowledge", "resolve", "comment", "unshelve", "reopen", "undo", "merge", "split")
WAITS = (1, 9, 11, 29, 31, 70, 250)
"""Minutes: about the hold, the limits, and what makes a repeat."""
BEGINS = tuple(
    (severity, subject) for severity in ("low", "high", "critical") for subject in (0, 1)
)
STEPS = st.lists(
    st.one_of(
        st.sampled_from([("wait", minutes) for minutes in WAITS]),
        st.sampled_from(BEGINS),
        st.sampled_from(BEGINS),
        st.sampled_from([("acknowledge", 0), ("end", 0), ("end", 1)]),
        st.sampled_from([(action, 0) for action in PEOPLE]),
        st.sampled_from([("shelve", minutes) for minutes in (1, 5, 30, 720, 721)]),
        st.sampled_from([("out", 0), ("window", 1), ("window", 60), ("return", 0), ("return", 1)]),
    ),
    min_size=20,
    max_size=60,
)


class Room:
    """What the alerts service does about one rule and source, beside the model of its alert."""

    def __init__(self) -> None:
        self.now = 0
        self.history: list[Transition] = []
        self.model: Model | None = None
        self.there: list[Incident] = []
        self.suppressions: dict[str, Suppression] = {}
        self.number = 0

    @property
    def time(self) -> int:
        return START + self.now * SECOND

    @property
    def alert(self) -> Alert | None:
        return fold(self.history) if self.history else None

    def append(self, lines: Iterable[Transition]) -> None:
        for line in lines:
            if self.history and line.alert != self.history[0].alert:
                self.history = []
            self.history.append(line)

    def in_force(self) -> tuple[Suppression, ...]:
        return tuple(one for one in self.suppressions.values() if one.in_force(self.time))

    def look(self) -> None:
        """What event time has done, and what is in force of those that were closed meanwhile."""
        alert, model = self.alert, self.model
        if alert is None or model is None:
            return
        self.append(passed(alert, self.time, self.in_force()))
        model.pass_to(self.now)
        self.cover(model)

    def cover(self, model: Model) -> None:
        for one in self.in_force():
            if one.id not in model.quiet:
                end = None if one.until is None else (one.until - START) // SECOND
                model.suppress(one.id, one.kind, end)

    def tell(self, one: Incident, known: int | None) -> None:
        in_force = self.in_force()
        self.append(receive(self.alert, one, known, suppressions=in_force, whole_open=True))


@settings(max_examples=120, deadline=None)
@given(STEPS)
def test_alert_and_model_agree_whatever_happens(steps: list[tuple[str, int]]) -> None:
    room = Room()
    for step, amount in steps:
        room.now += amount * 60 if step == "wait" else 1
        room.number += 1
        room.look()
        done = play(room, step, amount)
        agree(room, done)


def play(room: Room, step: str, amount: int) -> tuple[bool, bool] | None:
    """Whether it was done, in earnest and in the model; None: nobody could say no."""
    model, name = room.model, str(room.number)
    if step in ("low", "high", "critical"):
        subject = ("", "track-2")[amount]
        one = incident(start=room.time - 20 * SECOND, subject=subject, severity=step, id=name)
        if model is None or not model.takes(room.now - 20):
            room.model = model = Model()
            room.there = []
        room.tell(one, None)
        room.there.append(one)
        model.begin(name, room.now, room.now - 20, step, subject)
        room.cover(model)
    elif step == "end" and room.there and model:
        one = room.there.pop(amount % len(room.there))
        over = msgspec.structs.replace(ended(one, room.time), decided_at=room.time)
        room.tell(over, 0)
        model.end(one.id, room.now)
    elif step in ("out", "window"):
        out = step == "out"
        one_ = Suppression(
            id=name,
            kind="out_of_service" if out else "maintenance",
            scope="source",
            subject="cam-1",
            begin=room.time,
            until=None if out else room.time + amount * 60 * SECOND,
            by="hoa",
            reason="repair",
        )
        room.suppressions[name] = one_
        room.look()
    elif step == "return" and room.suppressions:
        names = list(room.suppressions)
        gone = names[amount % len(names)]
        one_ = room.suppressions[gone]
        if one_.until is None or one_.until > room.time:
            room.suppressions[gone] = msgspec.structs.replace(one_, until=room.time)
            give_back(room, gone)
    elif step in (*PEOPLE, "shelve"):
        return command(room, step, amount)
    return None


def give_back(room: Room, name: str) -> None:
    alert = room.alert
    if alert is not None and room.model is not None and name in alert.suppressions:
        event = Restored(suppression=name, comment="mended")
        room.append(number(alert.id, alert.version, [event], time=room.time, actor="hoa"))
        room.model.restore(name)


def command(room: Room, action: Any, minutes: int) -> tuple[bool, bool] | None:
    alert, model = room.alert, room.model
    if alert is None or model is None:
        return None
    asked = Command(
        id=str(room.number),
        action=action,
        actor="an",
        time=room.time,
        comment="seen",
        until=room.time + minutes * 60 * SECOND,
        to="whole",
        whole=Whole(origin=alert.origin, severity="high", closed=False),
    )
    outcome = decide(alert, asked, ())
    if isinstance(outcome, Refused):
        assert outcome.message
        return False, model.do(action, room.now, minutes)
    assert isinstance(outcome, Done)
    room.append(outcome.transitions)
    did = model.do(action, room.now, minutes)
    room.look()  # what is opened again may be suppressed
    return True, did


def agree(room: Room, done: tuple[bool, bool] | None) -> None:
    alert, model = room.alert, room.model
    assert done is None or done[0] == done[1], "both do it, or both refuse"
    if alert is None or model is None:
        assert alert is None
        assert model is None
        return
    assert alert.state == model.state
    assert (alert.acknowledged_at is not None) == (model.seen is not None)
    assert (alert.count, alert.active) == (model.count, bool(model.there))
    assert alert.due is None or alert.due > room.time, "nothing is due that has not been done"
    assert (alert.active_since is not None) == alert.active
    assert decode_alert(msgspec.json.encode(alert).decode()) == alert
    for line in room.history:
        assert line.time is not None
        assert line.actor or not line.command, "whoever acts has a name"


def test_the_model_is_no_mirror() -> None:
    """Control: a model with another hold disagrees."""
    room = Room()
    for step, amount in [("high", 0), ("acknowledge", 0), ("end", 0), ("wait", 9), ("high", 0)]:
        room.now += amount * 60 if step == "wait" else 1
        room.number += 1
        room.look()
        play(room, step, amount)
    agree(room, None)
    assert room.model is not None
    room.model.seen = None
    with pytest.raises(AssertionError):
        agree(room, None)


def test_time_that_is_looked_at_late_does_the_same() -> None:
    """A service that was away for a day finds what one finds that looked every second."""
    first = incident()
    (line,) = receive(None, first, None)
    alert = fold([line])
    shelve = Command(
        id="c", action="shelve", actor="an", time=START + 60 * SECOND, comment="crew is there",
        until=START + 360 * SECOND,
    )  # fmt: skip
    outcome = decide(alert, shelve, ())
    assert isinstance(outcome, Done)
    shelved = apply(alert, outcome.transitions[0])
    often, now = shelved, START
    for _ in range(2000):
        now += 50 * SECOND
        for one in passed(often, now):
            often = apply(often, one)
    late = shelved
    for one in passed(shelved, now):
        late = apply(late, one)
    assert late == often
    assert (late.state, late.shelf) == ("unacknowledged", None)
