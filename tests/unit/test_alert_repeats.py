"""What comes late asks for nothing, nor does what comes too often once it is acknowledged."""

import msgspec
import pytest

from services.alerts import holding
from services.alerts.alert import Alert, apply, fold
from services.alerts.commands import Command, Done, decide
from services.alerts.lifecycle import REPEAT_WITHIN, alert_id, receive
from services.alerts.passing import passed
from services.alerts.transitions import Asked, Repeated, Transition
from streams.events import DAY, HOUR, MINUTE, SECOND, Incident, Place, Severity
from tests.support.alerting import START, ended, incident


def jam(start: int, end: int | None = None, *, severity: Severity = "high") -> Incident:
    """Proven ten seconds after its start; with an end it is heard of when it is over."""
    one = incident(start=start, subject="", source="loop-1", after=10 * SECOND, severity=severity)
    return one if end is None else msgspec.structs.replace(one, end=end, decided_at=end)


def told(alert: Alert | None, one: Incident, known: int | None = None) -> Alert:
    for line in receive(alert, one, known):
        alert = apply(alert if alert and line.alert == alert.id else None, line)
    assert alert is not None
    return alert


def did(alert: Alert, action: str, time: int) -> Alert:
    command = Command(id=f"{action}{time}", action=action, actor="an", time=time, comment="seen")  # type: ignore[arg-type]
    outcome = decide(alert, command, ())
    assert isinstance(outcome, Done)
    for line in outcome.transitions:
        alert = apply(alert, line)
    return alert


def over(*, action: str = "") -> Alert:
    """From START for five minutes; acknowledged or resolved a minute later."""
    alert = told(None, jam(START))
    alert = told(alert, ended(jam(START), START + 5 * MINUTE), 0)
    return did(alert, action, START + 6 * MINUTE) if action else alert


def only(lines: tuple[Transition, ...]) -> Repeated:
    (line,) = lines
    assert isinstance(line.event, Repeated)
    return line.event


# --- what comes late --------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["", "acknowledge", "resolve"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (-3 * DAY, -3 * DAY + 5 * MINUTE),
        (-5 * MINUTE, -MINUTE),
        (-5 * MINUTE, 2 * MINUTE),
        (-3 * DAY, 2 * MINUTE),
        (MINUTE, 3 * MINUTE),
    ],
)
def test_what_was_over_before_is_kept_and_changes_nothing(
    action: str, start: int, end: int
) -> None:
    alert = over(action=action)
    late = jam(START + start, START + end)
    lines = receive(alert, late, None)
    event = only(lines)
    assert (event.manner, event.start, event.end) == ("past", late.start, late.end)
    after = apply(alert, lines[0])
    assert after == msgspec.structs.replace(alert, version=alert.version + 1)
    assert receive(after, late, 0) == ()
    assert receive(after, msgspec.structs.replace(late, revision=1), 0) == ()


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_nor_does_what_was_over_before_somebody_saw_to_it(action: str) -> None:
    alert = over(action=action)
    begin = alert.last_activity + SECOND
    after = told(alert, jam(begin, begin + 20 * SECOND))
    assert after == msgspec.structs.replace(alert, version=alert.version + 1)
    much = jam(START + HOUR, START + HOUR + MINUTE)
    later = did(over(), action, START + DAY)
    assert told(later, much).id == alert_id(much.id), "another alert, of which nobody was told"


def test_nor_does_it_while_the_alert_stands() -> None:
    alert = did(told(None, jam(START)), "acknowledge", START + MINUTE)
    late = jam(START - 3 * DAY, START - 3 * DAY + MINUTE)
    after = told(alert, late)
    assert (after.state, after.count, after.version) == ("acknowledged", 1, alert.version + 1)


@pytest.mark.parametrize("action", ["", "acknowledge", "resolve"])
def test_what_is_older_and_still_lasts_is_an_alert_of_its_own(action: str) -> None:
    """Nobody has been told of it; and after event time went back everything is older."""
    alert = over(action=action)
    one = jam(START - 3 * DAY)
    (line,) = receive(alert, one, None)
    assert line.alert == alert_id(one.id) != alert.id
    assert fold([line]).state == "unacknowledged"


def test_what_lasts_within_the_time_of_a_closed_alert_reopens_it() -> None:
    after = told(over(action="resolve"), jam(START + 2 * MINUTE))
    assert (after.state, after.count) == ("unacknowledged", 2)


@pytest.mark.parametrize(("before", "same"), [(REPEAT_WITHIN, True), (REPEAT_WITHIN + 1, False)])
def test_what_began_a_little_before_is_the_same_alert(before: int, same: bool) -> None:
    alert = told(None, jam(START))
    after = told(alert, jam(START - before))
    assert (after.id == alert.id) == same
    assert after.event_time == START - before, "the first occurrence is the one that began first"


def test_what_ended_after_somebody_closed_it_asks() -> None:
    """He cannot have known of it, although something later has been heard of since."""
    alert = told(None, jam(START))
    alert = did(alert, "resolve", START + MINUTE)
    alert = told(alert, ended(jam(START), START + 5 * MINUTE), 0)
    after = told(alert, jam(START + 2 * MINUTE, START + 4 * MINUTE))
    assert (after.state, after.count) == ("returned_unacknowledged", 2)


def test_an_end_that_is_told_twice_changes_nothing() -> None:
    alert = over(action="acknowledge")
    end = ended(jam(START), START + 5 * MINUTE)
    assert receive(alert, end, 1) == ()
    assert receive(alert, msgspec.structs.replace(end, revision=2, end=START + HOUR), 1) == ()


# --- what comes too often ---------------------------------------------------------------------


def flap(seconds: int, number: int, *, acknowledged_after: int = 1) -> list[Alert]:
    """The alert at each of so many beginnings, as long there as not."""
    found: list[Alert] = []
    alert: Alert | None = None
    for each in range(number):
        start = START + 2 * each * seconds * SECOND
        one = jam(start)
        alert = told(alert, one)
        found.append(alert)
        if each + 1 == acknowledged_after and alert.acknowledged_at is None:
            alert = did(alert, "acknowledge", start + 15 * SECOND)
        end = msgspec.structs.replace(one, end=start + seconds * SECOND, revision=1)
        alert = told(alert, msgspec.structs.replace(end, decided_at=start + seconds * SECOND), 0)
    return found


@pytest.mark.parametrize("seconds", [10, 20, 30, 60, 75])
def test_what_flaps_says_so_and_asks_for_no_more(seconds: int) -> None:
    found = flap(seconds, 30, acknowledged_after=3)
    assert len({alert.id for alert in found}) == 1
    assert [alert.flapping_since for alert in found[:2]] == [None, None]
    assert {alert.flapping_since for alert in found[2:]} == {START}
    assert {alert.state for alert in found[:3]} == {"unacknowledged"}
    assert {alert.state for alert in found[3:]} == {"acknowledged"}
    assert found[-1].count == 30


def test_one_that_is_acknowledged_at_once_asks_no_more() -> None:
    """30 s there, 30 s not: nobody need wait until it is known to flap."""
    found = flap(30, 3)
    assert [alert.state for alert in found] == ["unacknowledged", "acknowledged", "acknowledged"]
    assert found[-1].flapping_since == START


@pytest.mark.parametrize("seconds", [76, 120, 300])
def test_what_is_slower_is_no_flapping_and_is_held_all_the_same(seconds: int) -> None:
    found = flap(seconds, 4)
    assert len({alert.id for alert in found}) == 1
    assert {alert.flapping_since for alert in found} == {None}
    assert [alert.state for alert in found] == ["unacknowledged"] + 3 * ["acknowledged"]
    assert found[-1].count == 4


def flapping() -> Alert:
    """After the end of the fourth occurrence; acknowledged."""
    alert = did(flap(30, 3, acknowledged_after=3)[-1], "acknowledge", START + 130 * SECOND)
    third = jam(START + 120 * SECOND)
    return told(alert, ended(third, START + 150 * SECOND), 0)


def test_what_has_gone_while_it_flaps_is_acknowledged() -> None:
    assert (flapping().state, flapping().flapping_since) == ("normal", START)


def test_a_more_severe_one_asks() -> None:
    after = told(flapping(), jam(START + 180 * SECOND, severity="critical"))
    assert (after.state, after.flapping_since) == ("unacknowledged", START)


def test_a_pause_ends_the_flapping_and_not_the_hold() -> None:
    alert = flapping()
    after = told(alert, jam(START + 8 * MINUTE))
    assert (after.id, after.state, after.flapping_since) == (alert.id, "acknowledged", None)
    later = told(alert, jam(START + 20 * MINUTE))
    assert (later.id == alert.id, later.state) == (False, "unacknowledged")


def test_one_that_stands_for_long_flaps_no_more() -> None:
    one = jam(START + 180 * SECOND)
    alert = told(flapping(), one)
    assert alert.flapping_since == START
    assert told(alert, ended(one, one.start + 6 * MINUTE), 0).flapping_since is None


def test_closing_it_ends_its_peace() -> None:
    after = told(did(flapping(), "resolve", START + 160 * SECOND), jam(START + 180 * SECOND))
    assert after.state == "unacknowledged"


@pytest.mark.parametrize(
    ("severity", "state"), [("high", "acknowledged"), ("critical", "unacknowledged")]
)
def test_others_in_the_same_place_are_no_flapping(severity: Severity, state: str) -> None:
    """Each track is a subject of its own: where it is critical, a second one asks at once."""
    alert = did(told(None, incident(severity=severity)), "acknowledge", START + MINUTE)
    alert = told(alert, ended(incident(severity=severity), START + MINUTE), 0)
    for number in (2, 3, 4):
        one = incident(start=START + number * MINUTE, subject=f"track-{number}", severity=severity)
        alert = told(alert, one)
        assert (alert.state, alert.flapping_since) == (state, None)
        if alert.acknowledged_at is None:
            alert = did(alert, "acknowledge", one.decided_at)
        alert = told(alert, ended(one, one.decided_at), 0)
    assert alert.count == 4


def test_two_at_once_are_no_flapping() -> None:
    alert = told(None, jam(START))
    for second in (40, 80, 120):
        alert = told(alert, jam(START + second * SECOND))
    assert alert.flapping_since is None


# --- how long an acknowledgement lasts ----------------------------------------------------------


def seen(severity: Severity = "high") -> Alert:
    """Over since START + 5 min, acknowledged a minute later; a jam of one subject."""
    alert = told(None, jam(START, severity=severity))
    alert = told(alert, ended(jam(START, severity=severity), START + 5 * MINUTE), 0)
    return did(alert, "acknowledge", START + 6 * MINUTE)


def again(alert: Alert, start: int, **changes: object) -> Repeated:
    """How a further occurrence comes to an alert that is heard of meanwhile."""
    alert = msgspec.structs.replace(alert, last_activity=start)
    one = msgspec.structs.replace(jam(start), **changes)  # type: ignore[arg-type]
    return only(receive(alert, one, None))


@pytest.mark.parametrize(
    ("minutes", "how"),
    [(0, ("held", "")), (30, ("held", "")), (31, ("anew", "hold")), (300, ("anew", "limit"))],
)
def test_what_comes_back_is_held_for_half_an_hour(minutes: int, how: tuple[str, str]) -> None:
    event = again(seen(), START + (6 + minutes) * MINUTE)
    assert (event.manner, event.because) == how


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"severity": "critical"}, "severity"),
        ({"kind": "queue"}, "kind"),
        ({"place": Place(20.86, 106.68, "lach-tray")}, "place"),
        ({"place": Place(20.862, 106.68, "cau-rao")}, "place"),
    ],
)
def test_it_asks_where_something_is_new(changes: dict[str, object], because: str) -> None:
    event = again(seen(), START + 8 * MINUTE, **changes)
    assert (event.manner, event.because) == ("anew", because)


def test_nearby_is_no_other_place() -> None:
    event = again(seen(), START + 8 * MINUTE, place=Place(20.8605, 106.68, "cau-rao"))
    assert event.manner == "held"


def test_less_severe_and_back_is_what_somebody_knows() -> None:
    alert = told(seen(), jam(START + 8 * MINUTE, severity="low"))
    assert (alert.state, alert.severity) == ("acknowledged", "low")
    assert again(alert, START + 9 * MINUTE).manner == "held"


@pytest.mark.parametrize(("severity", "hours"), [("critical", 1), ("high", 4), ("low", 12)])
def test_what_lasts_asks_again_after_a_while(severity: Severity, hours: int) -> None:
    alert = did(told(None, jam(START, severity=severity)), "acknowledge", START + MINUTE)
    due = START + MINUTE + hours * HOUR
    assert alert.due == due
    assert passed(alert, due - 1) == ()
    (line,) = passed(alert, due + DAY)
    assert (line.event, line.time, line.actor) == (Asked(because="limit"), due, "")
    assert apply(alert, line).state == "unacknowledged"
    assert apply(alert, line).due is None


def asked(pause: int, there: int, hours: int) -> int:
    """How often somebody who acknowledges at once is asked of a jam that comes and goes; pause and
    there in minutes."""
    times, start = 0, START
    alert: Alert | None = None
    while start < START + hours * HOUR:
        one = jam(start)
        for line in passed(alert, one.decided_at) if alert else ():
            alert = apply(alert, line)
        alert = told(alert, one)
        if alert.acknowledged_at is None:
            times += 1
            alert = did(alert, "acknowledge", one.decided_at)
        end = msgspec.structs.replace(one, end=start + there * MINUTE, revision=1)
        alert = told(alert, msgspec.structs.replace(end, decided_at=start + there * MINUTE), 0)
        start += (there + pause) * MINUTE
    return times


@pytest.mark.parametrize(
    ("pause", "there", "before", "after"), [(1, 1, 2, 2), (2, 1, 160, 15), (5, 5, 48, 12)]
)
def test_how_often_somebody_is_asked_in_eight_hours(
    pause: int, there: int, before: int, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/alarm-life.md says; without a hold, as it was before, it is another number."""
    assert asked(pause, there, 8) == after
    monkeypatch.setattr(holding, "HOLD", 0)
    monkeypatch.setattr(holding, "LIMITS", dict.fromkeys(holding.LIMITS, DAY))
    assert asked(pause, there, 8) == before
