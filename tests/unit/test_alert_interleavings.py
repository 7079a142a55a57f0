"""Whatever incidents and operators do, in whatever order: an alert is in a state of ISA-18.2."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.alert import STATES, Alert, apply, fold
from services.alerts.commands import Command, Done, decide
from services.alerts.lifecycle import receive, repeats
from services.alerts.store import decode_alert
from services.alerts.transitions import (
    Acknowledged,
    Asked,
    Merged,
    Raised,
    Repeated,
    Resolved,
    Returned,
    Transition,
)
from streams.events import DAY, HOUR, MINUTE, SECOND, Incident
from tests.support.alerting import START, ended, incident

FURTHER = ("end", "again", "unknown", "proven", "merge", "worse")
PEOPLE = ("acknowledge", "resolve", "comment")
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["begin", "whole"]),
            st.integers(0, 3),
            st.sampled_from([-3 * DAY, -HOUR, -5 * MINUTE, 0, MINUTE, 4 * MINUTE, HOUR]),
        ),
        st.tuples(st.sampled_from(FURTHER), st.integers(0, 9), st.integers(0, 900)),
        st.tuples(st.sampled_from(PEOPLE), st.integers(0, 9), st.just(0)),
    ),
    max_size=40,
)


class Room:
    """What the alerts service holds: every alert of one rule and source, and who caused what."""

    def __init__(self) -> None:
        self.now = START
        self.histories: dict[str, list[Transition]] = {}
        self.alerts: dict[str, Alert] = {}
        self.told: dict[str, Incident] = {}
        self.of: dict[str, str] = {}

    def tell(self, one: Incident) -> tuple[Transition, ...]:
        """As the consumer does."""
        before = self.told.get(one.id)
        if before is not None:
            alert, known = self.alerts.get(self.of.get(one.id, "")), before.revision
            lines = receive(alert, one, known) if alert else ()
        else:
            lines = receive(self.candidate(one), one, None)
        for line in lines:
            self.append(line)
            self.of[one.id] = line.alert
        self.told[one.id] = one
        return lines

    def candidate(self, one: Incident) -> Alert | None:
        latest = sorted(self.alerts.values(), key=lambda alert: alert.last_activity, reverse=True)
        return next((alert for alert in latest if repeats(alert, one)), next(iter(latest), None))

    def append(self, line: Transition) -> None:
        before = self.alerts.get(line.alert)
        after = self.alerts[line.alert] = apply(before, line)
        self.histories.setdefault(line.alert, []).append(line)
        if before is not None:
            step(before, line, after)


def step(before: Alert, line: Transition, after: Alert) -> None:
    """What one transition may change."""
    event = line.event
    anew = isinstance(event, Repeated) and event.manner == "anew"
    asks = anew or isinstance(event, Asked)
    if before.acknowledged_at is not None and not asks:
        assert after.acknowledged_at is not None, "only what is new withdraws it"
    if before.resolved_at is not None and not anew:
        assert after.state == "resolved", "only a new occurrence reopens it"
    begins = isinstance(event, Repeated) and event.manner != "past"
    if not before.active and not begins:
        assert not after.active, "nothing but an occurrence makes it active"
    if before.active and not isinstance(event, Returned | Merged):
        assert after.active, "nothing but its end makes it inactive"
    assert after.count == before.count + begins
    if isinstance(event, Repeated) and event.manner == "past":
        same = msgspec.structs.replace(before, version=after.version)
        assert after == msgspec.structs.replace(same, stalled_since=after.stalled_since)
    if isinstance(event, Acknowledged):
        assert after.active == before.active
        assert after.state == ("acknowledged" if before.active else "normal")
    if isinstance(event, Resolved):
        assert after.state == "resolved"
    if asks:
        assert after.state == "unacknowledged"


def holds(room: Room) -> None:
    """What is so after every step."""
    for name, history in room.histories.items():
        alert = room.alerts[name]
        assert fold(history) == alert
        assert decode_alert(msgspec.json.encode(alert).decode()) == alert
        assert [line.version for line in history] == list(range(1, len(history) + 1))
        assert alert.state in STATES
        assert alert.active == bool(alert.open) == (alert.ended is None)
        assert alert.unknown.keys() <= alert.open.keys()
        assert alert.unknown_since is None or alert.active
        assert (alert.acknowledged_at is None) == (alert.acknowledged_by == "")
        assert alert.event_time <= alert.latest_time <= alert.last_activity
        began = [
            event.incident
            for event in (line.event for line in history)
            if isinstance(event, Raised) or (isinstance(event, Repeated) and event.manner != "past")
        ]
        assert alert.count == len(began) == len(set(began))
        lasting = {one for one in began if room.told[one].end is None}
        assert alert.open.keys() == lasting, "what lasts is open, and nothing else"
        if alert.flapping_since is not None:
            assert alert.count >= 3
            assert alert.flapping_since >= alert.event_time


def further(action: str, of: Incident, seconds: int) -> Incident:
    proven = max(of.decided_at, of.start) + seconds * SECOND
    changes: dict[str, Any] = {"revision": of.revision + 1, "decided_at": proven}
    match action:
        case "end":
            return ended(of, of.start + seconds * SECOND)
        case "unknown":
            changes["unknown_since"] = of.decided_at
        case "proven":
            changes["unknown_since"] = None
        case "merge":
            changes |= {"end": proven, "part_of": "another"}
        case "worse":
            changes["severity"] = "critical"
    return msgspec.structs.replace(of, **changes)


@settings(max_examples=400, deadline=None)
@given(STEPS)
def test_every_interleaving_is_a_state_that_isa_18_2_knows(
    steps: list[tuple[str, int, int]],
) -> None:
    room = Room()
    for number, (action, which, amount) in enumerate(steps):
        room.now += MINUTE
        if action in ("begin", "whole"):
            one = incident(start=room.now + amount, subject=("", "track-2")[which % 2])
            if one.id not in room.told:
                room.tell(ended(one, one.start + MINUTE) if action == "whole" else one)
        elif action in FURTHER and room.told:
            one = list(room.told.values())[which % len(room.told)]
            if action != "again" and one.end is None:
                one = further(action, one, amount)
                room.tell(one)
            assert room.tell(one) == (), "what is told twice changes nothing"
            if one.end is not None:
                twice = msgspec.structs.replace(one, revision=one.revision + 1)
                assert room.tell(twice) == (), "nor does an end that is told twice"
        elif room.alerts:
            alert = list(room.alerts.values())[which % len(room.alerts)]
            command = Command(
                id=str(number),
                action=action,  # type: ignore[arg-type]
                actor="an",
                time=room.now,
                comment="seen",
            )
            outcome = decide(alert, command, ())
            for line in outcome.transitions if isinstance(outcome, Done) else ():
                room.append(line)
        holds(room)


def test_an_alert_of_an_earlier_release_knows_nothing_of_flapping() -> None:
    alert = fold(receive(None, incident(), None))
    body = json.loads(msgspec.json.encode(alert))
    del body["starts"], body["flapping_since"]
    read = decode_alert(json.dumps(body))
    assert (read.starts, read.flapping_since) == ((), None)
    again = fold([*receive(None, incident(), None)])
    assert msgspec.structs.replace(read, starts=again.starts) == again
