"""More alarms than a person can answer: told at once, with nothing critical late."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from services.notifier.templates import Line, write
from services.oncall import deciding
from services.oncall.deciding import Facts, Happened, Message, Ticked, Told, replay
from services.oncall.floods import CALM, MOST, MOST_GROUPS, WITHIN, Group, spans
from services.oncall.plans import Policy, Step
from streams.events import MINUTE, SECOND, Micros
from tests.support.oncall import NIGHT, ROOM, facts, peopled, planned, raised

EACH = Policy(name="each", steps=(Step(0, ("user:lan",)),))


def alarm(n: int, **changes: Any) -> Facts:
    source = f"loop-{n}"
    made = {"severity": "medium", "kind": "congestion", "source": source, "source_en": source}
    return facts(
        f"a-{n}", **made | {"wards": {source: "Lê Chân" if n % 3 else "Hồng Bàng"}} | changes
    )


def storm(number: int, every: Micros = 2 * SECOND) -> list[Happened]:
    return [raised(alarm(n), NIGHT + n * every) for n in range(number)]


def ticks(since: int, until: int) -> list[Happened]:
    return [Ticked(NIGHT + n * 10 * SECOND) for n in range(since * 6, until * 6)]


def told(*events: Happened) -> list[Message]:
    return list(replay([*planned(EACH), peopled("lan", "duc"), *events]))


def test_of_a_summary_who_moved_hears_what_is_theirs_now() -> None:
    messages = told(*storm(30), *ticks(2, 3))
    (summary,) = [one.summary for one in messages if one.summary]
    whole = summary.count
    theirs = summary.within(["Lê Chân"])
    assert theirs
    assert 0 < theirs.count < whole
    assert {group.ward for group in theirs.groups} == {"Lê Chân"}
    assert "loop-0" not in repr(theirs), "what came first is elsewhere"
    assert summary.within(["An Biên"]) is None
    assert summary.within(["Lê Chân", "Hồng Bàng"]) == summary


def test_ten_in_ten_minutes_are_none_and_eleven_are() -> None:
    even = [n * 59 * SECOND for n in range(MOST + 1)]
    assert spans(even[:MOST], now=even[-1]) == []
    ((first, until, count),) = spans(even, now=even[-1])
    assert (first, until, count) == (0, None, MOST + 1)
    assert spans([n * 61 * SECOND for n in range(50)], now=50 * MINUTE) == []


def test_it_is_over_where_fewer_than_five_are_left_and_another_one_begins_anew() -> None:
    first = [n * SECOND for n in range(20)]
    second = [60 * MINUTE + one for one in first]
    found = spans([*first, *second], now=90 * MINUTE)
    assert [(span.first, span.number) for span in found] == [(0, 20), (20, 20)]
    assert found[0].until == first[-CALM] + WITHIN


def test_two_operators_bear_twice_as_much() -> None:
    times = [n * 40 * SECOND for n in range(60)]
    assert spans(times, now=times[-1], operators=2) == []
    assert spans(times, now=times[-1]) != []


def test_in_a_flood_a_recipient_gets_one_summary_instead_of_single_messages() -> None:
    messages = told(*storm(100), *ticks(4, 16))
    single = [one for one in messages if one.summary is None]
    (summary,) = [one.summary for one in messages if one.summary is not None]
    assert len(single) == MOST
    assert summary.count == 100 - MOST
    assert summary.first.alert == "a-0"
    assert {(one.kind, one.ward): one.count for one in summary.groups} == {
        ("congestion", "Lê Chân"): 60, ("congestion", "Hồng Bàng"): 30
    }  # fmt: skip


def test_control_without_it_each_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        deciding, "_spared", lambda situation, messages, _time: (situation, messages)
    )
    assert len(told(*storm(100), *ticks(4, 16))) == 100


@pytest.mark.parametrize("changes", [{"severity": "critical"}, {"severity": "high", "priority": 1}])
def test_what_is_critical_is_told_at_once_also_in_a_flood(changes: dict[str, Any]) -> None:
    at = NIGHT + 100 * 2 * SECOND
    messages = told(*storm(100), raised(alarm(999, **changes), at))
    (found,) = [one for one in messages if one.facts.alert == "a-999"]
    assert found.time == at
    assert found.summary is None


def test_a_long_flood_is_told_every_ten_minutes_and_nothing_is_lost() -> None:
    events: list[Happened] = []
    for n in range(600):
        at = NIGHT + n * 3 * SECOND
        events += [raised(alarm(n), at), Ticked(at)]
    messages = told(*events, *ticks(30, 60))
    summaries = [one for one in messages if one.summary]
    assert sum(one.summary.count if one.summary else 1 for one in messages) == 600
    apart = [b.time - a.time for a, b in pairwise(summaries)]
    assert min(apart) >= 10 * MINUTE
    assert len(summaries) <= 4


def test_once_it_is_over_each_is_told_again() -> None:
    later = raised(alarm(500), NIGHT + 40 * MINUTE)
    messages = told(*storm(50), *ticks(2, 39), later)
    assert (messages[-1].facts.alert, messages[-1].summary) == ("a-500", None)


def test_what_is_live_and_what_is_not_never_go_in_one_summary() -> None:
    drill = [
        raised(alarm(n + 1000, origin="simulated"), NIGHT + n * 2 * SECOND + 1) for n in range(50)
    ]
    mixed = [one for pair in zip(storm(50), drill, strict=True) for one in pair]
    summaries = [one for one in told(*mixed, *ticks(2, 10)) if one.summary]
    assert sorted(one.facts.origin for one in summaries) == ["live", "simulated"]
    assert {one.summary.count for one in summaries if one.summary} == {40}


def test_of_another_ward_a_summary_says_nothing() -> None:
    events = [
        raised(alarm(n, wards={f"loop-{n}": "Kiến An", "loop-x": "Lê Chân"}), NIGHT + n * SECOND)
        for n in range(30)
    ]
    messages = list(replay([*planned(EACH), peopled(lan=("Lê Chân",)), *events, *ticks(1, 10)]))
    (summary,) = [one.summary for one in messages if one.summary]
    assert summary.first.source_en == ""
    assert [one.ward for one in summary.groups] == [""]


def test_a_summary_says_what_its_recipient_may_see_when_it_is_said() -> None:
    policy = msgspec.structs.replace(EACH, fallback=("user:duc",))
    before = [*planned(policy), peopled("lan", "duc"), *storm(50)]
    (all_of_it,) = [one for one in replay([*before, *ticks(2, 10)]) if one.summary]
    # Control: there is something of both wards, and what is named first lies in the other one.
    assert all_of_it.summary is not None
    assert {one.ward for one in all_of_it.summary.groups} == {"Lê Chân", "Hồng Bàng"}
    assert all_of_it.summary.first.ward == "Hồng Bàng"
    limited = peopled("duc", lan=("Lê Chân",))
    (less,) = [one for one in replay([*before, limited, *ticks(2, 10)]) if one.summary]
    assert less.summary is not None
    assert [one.ward for one in less.summary.groups] == ["Lê Chân"]
    assert less.summary.count < all_of_it.summary.count
    assert (less.summary.first.ward, less.summary.first.source_en) == ("", "")
    elsewhere = less.facts.wards[less.facts.source] != "Lê Chân"
    assert less.told[0] == Told("user:lan", partial=elsewhere)
    nothing = peopled("duc", lan=("Kiến An",))
    assert not [one for one in replay([*before, nothing, *ticks(2, 10)]) if one.summary]
    gone = peopled("duc")
    (instead,) = [one for one in replay([*before, gone, *ticks(2, 10)]) if one.summary]
    assert [one.recipient for one in instead.told] == ["user:duc"]


def test_a_summary_falls_back_on_nobody_who_may_see_less() -> None:
    policy = msgspec.structs.replace(EACH, fallback=("user:minh", "user:duc"))
    people = peopled("lan", "duc", minh=("Lê Chân", "Hồng Bàng"))
    messages = list(replay([*planned(policy), people, *storm(50), *ticks(2, 10)]))
    (summary,) = [one for one in messages if one.summary]
    assert [one.recipient for one in messages[0].told] == ["user:lan", "user:minh", "user:duc"]
    assert [one.recipient for one in summary.told] == ["user:lan", "user:duc"]


def test_what_is_remembered_is_bounded_whatever_comes() -> None:
    situation, _ = deciding.Situation(), ()
    for event in [*planned(EACH), peopled("lan"), *storm(2_000, every=1)]:
        situation, _ = deciding.decide(situation, event)
    (held,) = situation.held.values()
    assert len(msgspec.json.encode(held)) < 8_000


def test_no_more_groups_are_told_than_anybody_reads() -> None:
    events = [raised(alarm(n, kind=f"kind-{n % 40}"), NIGHT + n * SECOND) for n in range(200)]
    (summary,) = [one.summary for one in told(*events, *ticks(3, 10)) if one.summary]
    assert len(summary.groups) == MOST_GROUPS
    assert summary.count == 190


def test_a_program_or_a_feed_is_told_of_each() -> None:
    policy = msgspec.structs.replace(EACH, steps=(Step(0, ("channel:room",)),))
    messages = list(replay([*planned(ROOM, policy), peopled("lan"), *storm(100), *ticks(4, 16)]))
    assert len(messages) == 100
    assert not [one for one in messages if one.summary]


def test_a_policy_that_is_gone_has_no_summary() -> None:
    gone = deciding.Planned("policy", "each")
    assert [one for one in told(*storm(50), gone, *ticks(2, 20)) if one.summary] == []


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Flood of alerts: 90"), ("vi", "Dồn cảnh báo: 90")]
)
def test_the_summary_says_what_came_first_and_what_where(language: Any, subject: str) -> None:
    (message,) = [one for one in told(*storm(100), *ticks(4, 16)) if one.summary]
    line = Line(message.id, message.facts, False, None, 0, False, summary=message.summary)
    written = write([line], language, "https://city.example.vn", exercise=False)
    assert written.subject == subject
    assert "loop-0" in written.text or "Cầu tàu 3" in written.text
    assert "60: " in written.text
    assert written.data[0]["flood"]["groups"][0] == {
        "kind": "congestion", "ward": "Lê Chân", "count": 60
    }  # fmt: skip
    assert Group(kind="congestion", ward="Lê Chân", count=60, severity="medium") in (
        message.summary.groups if message.summary else ()
    )
