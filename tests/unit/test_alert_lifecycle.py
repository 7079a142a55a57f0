"""The life of an alert: what incidents and operators make of it, in any order."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.alert import Alert, apply, fold
from services.alerts.commands import Action, Command, Done, Refused, Whole, decide
from services.alerts.exhibits import exhibit
from services.alerts.facts import facts_of
from services.alerts.lifecycle import REPEAT_WITHIN, alert_id, receive
from services.alerts.store import decode_alert
from services.alerts.suppressions import Suppression
from services.alerts.transitions import (
    SYSTEM,
    Acknowledged,
    Asked,
    Proven,
    Returned,
    Transition,
    number,
)
from streams.events import MINUTE, SECOND, Incident, Place
from tests.support.alerting import START, dead, ended, explained, incident, jam, joined


def raised(first: Incident | None = None) -> Alert:
    return fold(receive(None, first or incident(), None))


def after(alert: Alert, *transitions: Transition) -> Alert:
    for transition in transitions:
        alert = apply(alert, transition)
    return alert


def done(alert: Alert, action: Action, actor: str = "lan", **more: object) -> Alert:
    command = Command(
        id=f"{action}-{alert.version}", action=action, actor=actor, time=START, **more
    )  # type: ignore[arg-type]
    outcome = decide(alert, command, ())
    assert isinstance(outcome, Done)
    return after(alert, *outcome.transitions)


def refused(alert: Alert, action: Action, **more: object) -> Refused:
    command = Command(id="again", action=action, actor="minh", time=START, **more)  # type: ignore[arg-type]
    outcome = decide(alert, command, ())
    assert isinstance(outcome, Refused)
    return outcome


def test_an_incident_raises_an_alert_whose_id_follows_from_it() -> None:
    first = incident()
    alert = raised(first)
    assert alert.id == alert_id(first.id) == raised(first).id
    assert (alert.state, alert.version, alert.count) == ("unacknowledged", 1, 1)
    assert (alert.event_time, alert.decided_at) == (first.start, first.decided_at)


def test_condition_and_acknowledgement_are_separate_facts() -> None:
    first = incident()
    alert = raised(first)
    end = ended(first, START + MINUTE)
    returned = after(alert, *receive(alert, end, 0))
    assert returned.state == "returned_unacknowledged"
    assert returned.ended == START + MINUTE
    assert done(returned, "acknowledge").state == "normal"
    acknowledged = done(alert, "acknowledge")
    assert acknowledged.state == "acknowledged"
    assert after(acknowledged, *receive(acknowledged, end, 0)).state == "normal"


WHOLE = Whole(origin="simulated", severity="high", closed=False)


def part(alert: Alert) -> Alert:
    return done(alert, "merge", to="whole", whole=WHOLE, comment="the same lorry")


def test_a_part_is_held_while_its_whole_is_open_and_is_another_alert_after_that() -> None:
    alert = part(raised(incident(severity="medium")))
    assert (alert.state, alert.merged_into, alert.disposition) == ("resolved", "whole", "duplicate")
    later = START + 3 * REPEAT_WITHIN
    more = incident(start=later, id="later", severity="medium")
    held = after(alert, *receive(alert, more, None, whole_open=True))
    assert (held.state, held.count, held.merged_into) == ("resolved", 2, "whole")
    over = after(held, *receive(held, ended(more, later + MINUTE), 0, whole_open=True))
    assert over.state == "resolved"
    anew = incident(start=later + 3 * REPEAT_WITHIN, id="anew", severity="medium")
    (first, *_) = receive(over, anew, None)
    assert (first.alert, first.version) == (alert_id("anew"), 1), "the whole is closed"


@pytest.mark.parametrize("amended", [False, True])
def test_a_part_that_becomes_more_severe_is_none_any_more(amended: bool) -> None:
    first = incident(severity="medium")
    alert = part(done(raised(first), "acknowledge"))
    worse = msgspec.structs.replace(first, severity="critical", revision=1)
    if not amended:
        worse = incident(id="worse", start=START + MINUTE, severity="critical")
    known = 0 if amended else None
    alone = after(alert, *receive(alert, worse, known, whole_open=True))
    assert (alone.state, alone.merged_into, alone.joined) == ("unacknowledged", "", None)


@pytest.mark.parametrize("amended", [False, True])
def test_a_part_of_what_is_out_of_service_asks_nobody_when_it_becomes_more_severe(
    amended: bool,
) -> None:
    first = incident(severity="medium")
    worse = msgspec.structs.replace(first, severity="critical", revision=1)
    if not amended:
        worse = incident(id="worse", start=START + MINUTE, severity="critical")
    off = Suppression(
        id="off",
        kind="out_of_service",
        scope="source",
        subject="cam-1",
        begin=START,
        until=None,
        by="hoa",
        reason="repaired",
    )
    known, alert = 0 if amended else None, part(raised(first))
    alone = after(alert, *receive(alert, worse, known, whole_open=True, suppressions=(off,)))
    assert (alone.state, alone.joined, alone.asked_at) == ("out_of_service", None, None)


def test_what_is_merged_can_be_split_and_what_the_streams_found_one_cannot() -> None:
    alert = done(raised(incident(severity="low")), "acknowledge")
    merged = part(alert)
    assert done(merged, "split", comment="another lorry").state == "acknowledged"
    assert done(merged, "undo").state == "acknowledged"
    assert refused(merged, "split").reason == "comment_required"
    assert refused(alert, "split", comment="x").reason == "not_merged"
    assert refused(merged, "reopen", comment="x").reason == "merged", "it is split, not reopened"
    one = incident()
    found = msgspec.structs.replace(one, part_of="whole", revision=1)
    by_streams = after(raised(one), *receive(raised(one), found, 0, into="its alert"))
    assert refused(by_streams, "split", comment="x").reason == "merged"
    assert (facts_of(by_streams).into, facts_of(merged).into) == ("its alert", "whole")


@pytest.mark.parametrize(
    ("to", "whole", "comment", "reason"),
    [
        ("whole", WHOLE, "", "comment_required"),
        ("whole", None, "x", "whole_closed"),
        ("whole", msgspec.structs.replace(WHOLE, closed=True), "x", "whole_closed"),
        ("whole", msgspec.structs.replace(WHOLE, origin="live"), "x", "other_origin"),
        ("whole", msgspec.structs.replace(WHOLE, severity="medium"), "x", "more_severe"),
        ("self", WHOLE, "x", "merges_itself"),
    ],
)
def test_no_alert_is_made_part_of(to: str, whole: Whole, comment: str, reason: str) -> None:
    alert = raised(incident(severity="high"))
    to = alert.id if to == "self" else to
    assert refused(alert, "merge", to=to, whole=whole, comment=comment).reason == reason


def test_a_consequence_asks_for_nothing_and_what_outlasts_its_cause_does() -> None:
    child, station = dead("cam-1"), dead("bts-1")
    alert = done(raised(child), "acknowledge")
    amended = explained(child, station)
    transitions = receive(alert, amended, 0, cause="its alert")
    assert [type(one.event).__name__ for one in transitions] == ["Explained"]
    consequence = after(alert, *transitions)
    assert (consequence.state, consequence.active) == ("suppressed", True)
    assert (consequence.explained_by, consequence.consequence_of) == (station.id, "its alert")
    assert receive(consequence, amended, 1) == (), "said once"
    over = msgspec.structs.replace(ended(amended, START + 5 * MINUTE), revision=2)
    assert after(consequence, *receive(consequence, over, 1)).state == "normal", "nobody is asked"
    back = explained(amended, None)
    alone = after(consequence, *receive(consequence, back, 1))
    assert (alone.state, alone.why, alone.explained_by) == ("unacknowledged", "outlasts", "")
    assert alone.acknowledged_by == "", "it asks anew"


def test_a_further_occurrence_of_what_was_a_consequence_is_none_until_that_is_said() -> None:
    child, station = dead("cam-1"), dead("bts-1")
    amended = explained(child, station)
    alert = after(raised(child), *receive(raised(child), amended, 0, cause="its alert"))
    alert = after(alert, *receive(alert, ended(amended, START + 5 * MINUTE), 1))
    again = incident(
        id="again", source="cam-1", zone="", subject="", kind="no_data", rule="quiet",
        start=START + 6 * MINUTE,
    )  # fmt: skip
    alert = after(alert, *receive(alert, again, None))
    assert (alert.count, alert.state, alert.consequence_of) == (2, "unacknowledged", "")


def test_one_that_is_heard_of_first_when_it_is_a_consequence_is_raised_as_one() -> None:
    child, station = dead("cam-1"), dead("bts-1")
    first = receive(None, explained(child, station), None, cause="its alert")
    assert fold(first).state == "suppressed"


def test_the_second_acknowledger_is_told_who_was_first() -> None:
    alert = done(raised(), "acknowledge", "lan")
    refusal = refused(alert, "acknowledge")
    assert (refusal.reason, refusal.by, refusal.at) == ("already_acknowledged", "lan", START)


def test_the_same_request_again_is_done_once_and_answered_the_same() -> None:
    alert = raised()
    command = Command(id="c1", action="acknowledge", actor="lan", time=START)
    first = decide(alert, command, ())
    assert isinstance(first, Done)
    now = done(after(alert, *first.transitions), "comment", comment="later")
    assert decide(now, command, first.transitions) == Done((), first.version)


def test_a_command_id_used_for_something_else_is_refused() -> None:
    alert = raised()
    first = decide(alert, Command(id="c1", action="acknowledge", actor="lan", time=START), ())
    assert isinstance(first, Done)
    other = Command(id="c1", action="resolve", actor="lan", time=START, comment="x")
    outcome = decide(alert, other, first.transitions)
    assert isinstance(outcome, Refused)
    assert outcome.reason == "command_reused"


def test_an_expected_version_that_has_passed_is_refused() -> None:
    alert = done(raised(), "comment", comment="seen from the tower")
    assert refused(alert, "acknowledge", expected_version=1).reason == "version_conflict"
    assert done(alert, "acknowledge", expected_version=2).state == "acknowledged"


def test_resolving_an_active_condition_takes_a_reason() -> None:
    alert = raised()
    assert refused(alert, "resolve").reason == "comment_required"
    resolved = done(alert, "resolve", comment="false alarm")
    assert (resolved.state, resolved.active) == ("resolved", True)
    assert (resolved.acknowledged_by, resolved.resolved_by) == ("lan", "lan")
    assert refused(resolved, "resolve", comment="x").reason == "already_resolved"
    assert refused(resolved, "acknowledge").by == "lan"


def test_what_has_ended_is_resolved_without_a_word() -> None:
    first = incident()
    alert = raised(first)
    alert = after(alert, *receive(alert, ended(first, START + MINUTE), 0))
    assert done(alert, "resolve").state == "resolved"


@pytest.mark.parametrize("gap", [0, REPEAT_WITHIN])
def test_a_repeat_within_ten_minutes_reopens_the_alert_with_a_count(gap: int) -> None:
    first = incident()
    alert = raised(first)
    end = ended(first, START + MINUTE)
    alert = done(after(alert, *receive(alert, end, 0)), "resolve")
    again = incident(start=end.decided_at + gap, subject="track-2")
    reopened = after(alert, *receive(alert, again, None))
    assert (reopened.id, reopened.count, reopened.state) == (alert.id, 2, "unacknowledged")
    assert (reopened.acknowledged_by, reopened.resolved_by, reopened.ended) == ("", "", None)
    assert (reopened.event_time, reopened.latest_time) == (START, again.start)


def test_a_repeat_after_ten_minutes_is_a_new_alert() -> None:
    first = incident()
    alert = raised(first)
    end = ended(first, START + MINUTE)
    alert = after(alert, *receive(alert, end, 0))
    late = incident(start=end.decided_at + REPEAT_WITHIN + 1, subject="track-2")
    (transition,) = receive(alert, late, None)
    assert transition.alert == alert_id(late.id)
    assert fold([transition]).count == 1


@pytest.mark.parametrize(
    "other",
    [{"rule": "other"}, {"zone": "kerb"}, {"source": "cam-2"}, {"origin": "recorded"}],
)
def test_only_the_same_rule_source_zone_and_origin_repeat(other: dict[str, str]) -> None:
    alert = raised()
    different = incident(start=START + SECOND, subject="track-2", **other)
    (transition,) = receive(alert, different, None)
    assert transition.alert != alert.id


def test_two_at_once_return_to_normal_when_the_last_ends() -> None:
    one, two = incident(), incident(start=START + SECOND, subject="track-2")
    alert = raised(one)
    alert = after(alert, *receive(alert, two, None))
    alert = after(alert, *receive(alert, ended(one, START + MINUTE), 0))
    assert (alert.active, alert.ended, alert.count) == (True, None, 2)
    alert = after(alert, *receive(alert, ended(two, START + 2 * MINUTE), 0))
    assert (alert.active, alert.ended) == (False, START + 2 * MINUTE)


def test_a_standing_condition_takes_repeats_however_late() -> None:
    alert = raised()
    later = incident(start=START + 3 * 60 * MINUTE, subject="track-2")
    assert after(alert, *receive(alert, later, None)).count == 2


def test_a_closed_alert_whose_end_never_came_is_left_alone_after_ten_minutes() -> None:
    alert = done(raised(), "resolve", comment="camera is gone")
    later = incident(start=START + 3 * 60 * MINUTE, subject="track-2")
    assert receive(alert, later, None)[0].alert != alert.id


def test_a_revision_that_is_known_says_nothing() -> None:
    first = incident()
    alert = raised(first)
    assert receive(alert, first, 0) == ()
    assert receive(alert, first, 3) == ()


def test_an_incident_first_heard_of_with_its_end_is_raised_and_returned() -> None:
    whole = msgspec.structs.replace(ended(incident(), START + MINUTE))
    transitions = receive(None, whole, None)
    assert [t.version for t in transitions] == [1, 2]
    assert fold(transitions).state == "returned_unacknowledged"


def test_an_amendment_changes_what_is_known_and_nothing_else() -> None:
    first = incident()
    alert = done(raised(first), "acknowledge")
    milder = msgspec.structs.replace(first, revision=1, severity="low")
    amended = after(alert, *receive(alert, milder, 0))
    assert (amended.severity, amended.state, amended.count) == ("low", "acknowledged", 1)
    assert amended.open == {first.id: 1}
    again = msgspec.structs.replace(first, revision=2)
    assert after(amended, *receive(amended, again, 1)).state == "acknowledged", "known as severe"


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"severity": "critical"}, "severity"),
        ({"place": Place(20.86, 106.68, "lach-tray")}, "place"),
        ({"place": Place(20.87, 106.68, "cau-rao")}, "place"),
    ],
)
def test_an_amendment_that_nobody_could_know_of_asks(
    change: dict[str, object], because: str
) -> None:
    first = incident()
    alert = done(raised(first), "acknowledge")
    lines = receive(alert, msgspec.structs.replace(first, revision=1, **change), 0)  # type: ignore[arg-type]
    assert lines[-1].event == Asked(because=because)  # type: ignore[arg-type]
    asks = after(alert, *lines)
    assert (asks.state, asks.count, asks.acknowledged_by) == ("unacknowledged", 1, "")
    seen = done(asks, "acknowledge", "minh")
    same = msgspec.structs.replace(first, revision=2, **change)  # type: ignore[arg-type]
    assert after(seen, *receive(seen, same, 1)).state == "acknowledged"


def test_what_another_source_proves_too_goes_on_in_one_alert() -> None:
    car, queue = incident(), jam()
    whole, part = joined(car, queue)
    shown = tuple(exhibit(one) for one in queue.evidence)
    one = after(raised(car), *receive(raised(car), whole, 0, evidence=shown))
    assert (one.state, one.count, one.sources) == ("unacknowledged", 1, ("cam-1", "loop-1"))
    assert one.evidence == shown
    other = after(raised(queue), *receive(raised(queue), part, 0, into=one.id))
    assert (other.state, other.merged_into, other.resolved_by) == ("resolved", one.id, SYSTEM)
    assert not other.active
    for action in ("acknowledge", "resolve"):
        assert refused(other, action).reason == "merged"  # type: ignore[arg-type]
    later = msgspec.structs.replace(jam(), id="later", start=START + 5 * MINUTE)
    again = after(other, *receive(other, later, None))
    assert (again.state, again.count, again.merged_into) == ("unacknowledged", 2, "")


def test_what_is_heard_while_event_time_stands_is_marked_until_it_goes_on() -> None:
    """What people do says nothing of event time, and so changes nothing."""
    first, stood = incident(), START - MINUTE
    alert = fold(receive(None, first, None, stalled_since=stood))
    assert alert.stalled_since == stood
    alert = done(alert, "acknowledge")
    assert alert.stalled_since == stood
    assert decode_alert(msgspec.json.encode(alert).decode()) == alert
    again = incident(start=START + MINUTE, subject="track-2")
    assert (
        after(alert, *receive(alert, again, None, stalled_since=stood + 1)).stalled_since
        == stood + 1
    )
    alert = after(alert, *receive(alert, ended(first, START + MINUTE), 0))
    assert alert.stalled_since is None


def test_an_alert_that_an_earlier_release_stored_is_read() -> None:
    alert = fold(receive(None, incident(), None, stalled_since=START))
    stored = json.loads(msgspec.json.encode(alert))
    stored["stood_since"] = stored.pop("stalled_since")
    assert decode_alert(json.dumps(stored)) == alert
    stored["subject"], stored["stood_since"] = "stood_since", None
    read = decode_alert(json.dumps(stored))
    assert (read.subject, read.stalled_since) == ("stood_since", None)


def test_earlier_occurrences_stay_when_the_latest_is_merged() -> None:
    first = jam()
    alert = after(raised(first), *receive(raised(first), ended(first, START + MINUTE), 0))
    second = msgspec.structs.replace(jam(), id="second", start=START + 2 * MINUTE)
    alert = after(alert, *receive(alert, second, None))
    assert alert.count == 2
    _, part = joined(incident(), second)
    alert = after(alert, *receive(alert, part, 0, into="whole"))
    assert (alert.state, alert.merged_into) == ("returned_unacknowledged", "")


def test_a_part_that_was_never_announced_says_nothing() -> None:
    _, part = joined(incident(), jam())
    assert receive(None, part, None) == ()


def test_a_history_of_another_alert_is_refused() -> None:
    alert = raised()
    stray = number("another", 1, [Acknowledged()], time=START)
    with pytest.raises(ValueError, match="after"):
        apply(alert, stray[0])
    with pytest.raises(ValueError, match="being raised"):
        apply(None, stray[0])
    with pytest.raises(ValueError, match="without"):
        fold([])


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.integers(0, 3), st.integers(0, 2000)),
        st.tuples(st.just("end"), st.integers(0, 3), st.integers(0, 2000)),
        st.tuples(
            st.sampled_from(["acknowledge", "resolve", "comment"]),
            st.integers(0, 5),
            st.sampled_from(["", "why"]),
        ),
    ),
    max_size=30,
)


@given(STEPS)
def test_in_any_order_the_fold_is_consistent(steps: list[tuple[str, int, object]]) -> None:
    """Versions rise by one, states follow from the facts, and a request again adds nothing."""
    histories: dict[str, list[Transition]] = {}
    alerts: dict[str, Alert] = {}
    latest: Alert | None = None
    known: dict[str, tuple[str, Incident]] = {}

    def append(transitions: tuple[Transition, ...]) -> None:
        for transition in transitions:
            alerts[transition.alert] = apply(alerts.get(transition.alert), transition)
            histories.setdefault(transition.alert, []).append(transition)

    for step, subject, extra in steps:
        if step == "begin":
            assert isinstance(extra, int)
            new = incident(start=START + extra * SECOND, subject=f"track-{subject}")
            if new.id in known:
                continue
            transitions = receive(latest, new, None)
            append(transitions)
            latest = alerts[transitions[0].alert]
            known[new.id] = latest.id, new
        elif step == "end":
            assert isinstance(extra, int)
            for one, (alert, first) in list(known.items()):
                if first.subject == f"track-{subject}" and first.revision == 0:
                    end = ended(first, first.start + extra * SECOND)
                    append(receive(alerts[alert], end, 0))
                    known[one] = alert, end
        elif latest is not None:
            command = Command(
                id=f"c{subject}",
                action=step,  # type: ignore[arg-type]
                actor="lan",
                time=START,
                comment=str(extra),
            )
            earlier = [t for h in histories.values() for t in h if t.command == command.id]
            outcome = decide(alerts[latest.id], command, earlier)
            if isinstance(outcome, Done):
                append(outcome.transitions)
                again = decide(alerts[latest.id], command, [*earlier, *outcome.transitions])
                assert again == Done((), outcome.version)
        if latest is not None:
            latest = alerts[latest.id]

    for name, history in histories.items():
        alert = alerts[name]
        assert fold(history) == alert
        assert [t.version for t in history] == list(range(1, len(history) + 1))
        assert alert.active == (alert.ended is None)
        assert (alert.acknowledged_at is None) == (alert.acknowledged_by == "")
        assert alert.resolved_at is None or alert.acknowledged_at is not None
        assert alert.count == len({c.incident for t in history if hasattr(c := t.event, "start")})


def unheard(of: Incident, since: int) -> Incident:
    """Its next revision: last proven then, which half a minute proves."""
    return msgspec.structs.replace(
        of, unknown_since=since, decided_at=since + 30 * SECOND, revision=of.revision + 1
    )


def heard(of: Incident, time: int) -> Incident:
    return msgspec.structs.replace(
        of, unknown_since=None, decided_at=time, revision=of.revision + 1
    )


@pytest.mark.parametrize("acknowledged", [True, False])
def test_while_its_source_is_not_heard_nobody_knows_whether_it_lasts(
    acknowledged: bool,
) -> None:
    first = incident()
    alert = done(raised(first), "acknowledge") if acknowledged else raised(first)
    lost = unheard(first, START + MINUTE)
    unknown = after(alert, *receive(alert, lost, 0))
    assert unknown.unknown_since == START + MINUTE
    # A further fact: it is as active, and as acknowledged, as it was.
    assert (unknown.state, unknown.active, unknown.ended) == (alert.state, True, None)
    assert (unknown.count, unknown.severity, unknown.sources) == (1, "high", ("cam-1",))
    assert receive(unknown, lost, 1) == ()
    back = heard(lost, START + 2 * MINUTE)
    again = after(unknown, *receive(unknown, back, 1))
    assert (again.unknown_since, again.state) == (None, alert.state)
    assert [line.event for line in receive(unknown, back, 1)] == [
        Proven(incident=first.id, revision=2)
    ]


def test_one_whose_source_does_not_come_back_is_over_as_of_its_last_proof() -> None:
    first = incident()
    lost = unheard(first, START + MINUTE)
    alert = after(raised(first), *receive(raised(first), lost, 0))
    over = ended(lost, START + MINUTE)
    (line,) = receive(alert, over, 1)
    assert line.event == Returned(incident=first.id, revision=2, end=START + MINUTE, unseen=True)
    alert = after(alert, line)
    assert (alert.state, alert.unknown_since) == ("returned_unacknowledged", None)
    assert (alert.ended, alert.unknown) == (START + MINUTE, {})
    seen = ended(first, START + MINUTE)
    (line,) = receive(raised(first), seen, 0)
    assert isinstance(line.event, Returned)
    assert not line.event.unseen


def test_it_is_known_while_one_of_its_occurrences_is() -> None:
    one, two = incident(), incident(start=START + MINUTE, subject="track-2", severity="low")
    alert = raised(one)
    alert = after(alert, *receive(alert, unheard(one, START + 2 * MINUTE), 0))
    alert = after(alert, *receive(alert, two, None))
    assert alert.unknown_since is None, "it has just been proven again"
    alert = after(alert, *receive(alert, unheard(two, START + 3 * MINUTE), 0))
    assert alert.unknown_since == START + 3 * MINUTE
    alert = after(alert, *receive(alert, heard(unheard(one, START + 2 * MINUTE), START * 2), 1))
    assert alert.unknown_since is None
    assert alert.severity == "low", "an earlier occurrence says nothing of the later"


def test_a_merge_and_a_word_of_the_source_at_once_are_two_lines() -> None:
    car, queue = incident(), jam()
    lost = unheard(car, START + 10 * SECOND)
    alert = after(raised(car), *receive(raised(car), lost, 0))
    whole, _ = joined(lost, queue)
    whole = msgspec.structs.replace(whole, unknown_since=None)
    shown = tuple(exhibit(one) for one in queue.evidence)
    lines = receive(alert, whole, 1, evidence=shown)
    assert [type(line.event).__name__ for line in lines] == ["Amended", "Proven"]
    alert = after(alert, *lines)
    assert (alert.unknown_since, alert.sources) == (None, ("cam-1", "loop-1"))


def test_one_that_is_first_heard_of_when_it_is_unknown_is_raised_so() -> None:
    lost = unheard(incident(), START + MINUTE)
    assert raised(lost).unknown_since == START + MINUTE


def test_an_alert_that_an_earlier_release_stored_is_known() -> None:
    body = json.loads(msgspec.json.encode(raised()))
    del body["unknown"]
    assert decode_alert(json.dumps(body)).unknown_since is None
