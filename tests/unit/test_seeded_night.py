"""A seeded night of twelve hours in event time: who is told of what, when, and how often asked.

Nothing but what decides: incidents become alerts, an operator answers, policies tell. A storm
raises hundreds; twelve are critical.
"""

import random
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

import msgspec
import pytest

from services.alerts import lifecycle
from services.alerts.alert import Alert, apply
from services.alerts.commands import Command, Done, decide
from services.alerts.facts import facts_of
from services.alerts.lifecycle import receive
from services.alerts.passing import passed
from services.alerts.transitions import Transition
from services.oncall import deciding
from services.oncall.deciding import (
    Alerted,
    Decided,
    Happened,
    Message,
    Situation,
    Ticked,
    replay,
)
from services.oncall.plans import Policy, Rotation, Step
from streams.events import HOUR, MINUTE, SECOND, Incident, Micros, Severity
from streams.incidents.identity import incident_id
from tests.support.alerting import PLACE, ended, incident
from tests.support.oncall import NIGHT, peopled, planned

SEED = 18
LENGTH: Micros = 12 * HOUR
ANSWERS: Micros = 30 * SECOND
"""After so long the operator acknowledges what asks."""
WORST_KINDS = ("intrusion", "stopped_vehicle", "crowd")


class Scene(msgspec.Struct):
    time: Micros
    source: str
    kind: str
    severity: Severity
    lasts: Micros
    cause: str = ""
    """Source of what explains it."""


def scenes() -> list[Scene]:
    """Loops that flap all night, a storm, and twelve that are critical."""
    drawn = random.Random(SEED)
    found = []
    for n in range(3):  # a jam that comes and goes: a minute there, a minute not
        time = NIGHT + n * 7 * SECOND
        while time < NIGHT + LENGTH:
            found.append(Scene(time, f"loop-{n}", "congestion", "medium", MINUTE))
            time += 2 * MINUTE + drawn.randrange(10) * SECOND
    storm = NIGHT + 5 * HOUR
    for n in range(8):  # feeders, with the stations behind them
        time = storm + drawn.randrange(1800) * SECOND
        found.append(Scene(time, f"feeder-{n}", "not_in_service", "high", HOUR))
        for m in range(25):
            later = time + drawn.randrange(5, 60) * SECOND
            found.append(Scene(later, f"station-{n}-{m}", "no_data", "medium", HOUR, f"feeder-{n}"))
    for n in range(30):  # and gauges that nothing explains
        time = storm + drawn.randrange(500) * SECOND
        found.append(Scene(time, f"gauge-{n}", "high_value", "medium", HOUR))
    for n in range(12):
        time = NIGHT + HOUR * n + drawn.randrange(3000) * SECOND
        found.append(Scene(time, f"quay-{n}", WORST_KINDS[n % 3], "critical", 10 * MINUTE))
    return sorted(found, key=lambda one: (one.time, one.source))


def incidents(*, explained: bool = True) -> list[Incident]:
    """Each, and its end, in the order in which they are decided."""
    found, ids = [], {}
    for one in scenes():
        id_ = ids[one.source] = incident_id(one.kind, one.source, "", "", one.time)
        why = {"explained_by": ids[one.cause], "why": "depends"} if explained and one.cause else {}
        first = incident(
            id=id_,
            kind=one.kind,
            rule=one.kind,
            severity=one.severity,
            source=one.source,
            zone="",
            subject="",
            start=one.time,
            after=5 * SECOND,
            origin="live",
            place=PLACE,
            **why,
        )
        found += [first, ended(first, one.time + one.lasts)]
    return sorted(found, key=lambda one: (one.decided_at, one.id, one.revision))


class Night:
    """Alerts, the operator, and the record of who is told."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.of: dict[str, str] = {}
        """Incident to alert."""
        self.asked: list[Micros] = []
        self.waits: list[tuple[Micros, str]] = []
        self.record: list[Happened] = [
            *planned(
                Rotation(name="desk", people=("lan", "minh"), start=NIGHT - HOUR, hours=8),
                Policy(
                    name="night",
                    severity="medium",
                    steps=(Step(0, ("rotation:desk",)), Step(5, ("user:duc",))),
                ),
            ),
            peopled("lan", "minh", "duc"),
        ]
        self.situation = Situation()
        self.messages: list[Message] = []
        for event in self.record:
            self._decide(event)

    def _decide(self, event: Happened) -> None:
        decided: Decided = deciding.decide(self.situation, event)
        self.situation, messages = decided
        self.messages += messages

    def _happened(self, event: Happened) -> None:
        self.record.append(event)
        self._decide(event)

    def take(self, lines: tuple[Transition, ...], alert: Alert | None) -> None:
        asked = alert is not None and alert.asks
        for line in lines:
            alert = apply(alert, line)
        if alert is not None and alert.asks and not asked:
            self.asked.append(lines[-1].time)
            self.waits.append((lines[-1].time + ANSWERS, alert.id))
        if alert is not None and lines:
            self.alerts[alert.id] = alert
            self._happened(Alerted(facts_of(alert), lines[-1].time))

    def latest(self, one: Incident) -> Alert | None:
        same = [
            each
            for each in self.alerts.values()
            if (each.rule, each.source) == (one.rule, one.sources[0])
        ]
        return max(same, key=lambda each: each.last_activity, default=None)

    def receive(self, one: Incident) -> None:
        self.until(one.decided_at)
        known = self.of.get(one.id)
        alert = self.alerts[known] if known else self.latest(one)
        lines = receive(alert, one, one.revision - 1 if known else None)
        if not lines:
            return
        if alert is not None and lines[0].alert != alert.id:
            alert = None
        if not known:
            self.of[one.id] = lines[0].alert
        self.take(lines, alert)

    def until(self, time: Micros) -> None:
        """What people and event time do meanwhile."""
        for at, name in sorted(one for one in self.waits if one[0] <= time):
            alert = self.alerts[name]
            if alert.asks:
                command = Command(id=f"{name}/{at}", action="acknowledge", actor="lan", time=at)
                outcome = decide(alert, command, ())
                assert isinstance(outcome, Done)
                self.take(outcome.transitions, alert)
        self.waits = [one for one in self.waits if one[0] > time]
        for alert in list(self.alerts.values()):
            if alert.due is not None and alert.due <= time:
                self.take(passed(alert, time, []), alert)
        self._happened(Ticked(time))


def told(messages: Iterator[Message] | list[Message]) -> bytes:
    """Who was told what, when and why: one text."""
    lines = [
        (
            *(one.id, one.time, one.policy, one.step, one.facts.alert),
            [each.recipient for each in one.told],
            one.summary and one.summary.count,
        )
        for one in messages
    ]
    return sha256(msgspec.json.encode(lines)).digest()


def lived(*, explained: bool = True) -> Night:
    night = Night()
    for one in incidents(explained=explained):
        night.receive(one)
    night.until(NIGHT + LENGTH + HOUR)
    return night


@pytest.fixture(scope="module")
def night() -> Night:
    return lived()


def per_hour(night: Night) -> float:
    return len(night.asked) / (LENGTH / HOUR)


def test_there_are_enough_incidents_to_wake_anybody() -> None:
    found = scenes()
    assert len(found) >= 400
    assert sum(one.severity == "critical" for one in found) == 12


def test_each_critical_is_told_within_a_minute(night: Night) -> None:
    critical = [facts_of(alert) for alert in night.alerts.values() if alert.severity == "critical"]
    assert len(critical) == 12
    for facts in critical:
        mine = [one for one in night.messages if one.facts.alert == facts.alert and not one.summary]
        assert mine, facts.source
        assert mine[0].time - facts.decided_at <= 60 * SECOND


def test_who_is_told_what_when_and_why_is_one_digest_live_and_replayed(night: Night) -> None:
    kept = msgspec.json.encode(night.record)
    again = replay(msgspec.json.decode(kept, type=list[Happened]))
    assert told(again) == told(night.messages)
    assert told(lived().messages) == told(night.messages)


def test_control_a_record_that_lacks_an_alert_has_another_digest(night: Night) -> None:
    def kept(event: Happened) -> bool:
        return not (isinstance(event, Alerted) and event.facts.source == "quay-5")

    assert told(replay(filter(kept, night.record))) != told(night.messages)


def test_the_storm_is_told_in_a_few_messages(night: Night) -> None:
    summaries = [one for one in night.messages if one.summary]
    assert summaries
    told_of = Counter(one.told[0].recipient for one in night.messages)
    assert max(told_of.values()) <= 60
    assert len(scenes()) > 1000


def test_an_operator_is_asked_seldom(night: Night) -> None:
    looped = [alert for alert in night.alerts.values() if alert.kind == "congestion"]
    assert sum(alert.count for alert in looped) > 900
    assert per_hour(night) <= 6


def test_control_without_holds_damping_and_causes_an_operator_is_asked_ten_times_as_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        lifecycle, "_manner", lambda _alert, _incident, whole_open: ("anew", "hold")
    )
    assert per_hour(lived(explained=False)) >= 60
