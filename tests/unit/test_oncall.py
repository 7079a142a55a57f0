"""Who is told of what, and when: decided from what happened, and from nothing else."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.oncall import calendar, law
from services.oncall.deciding import (
    Alerted,
    Facts,
    Happened,
    People,
    Peopled,
    Planned,
    Proclaimed,
    Situation,
    Stood,
    Ticked,
    Told,
    Warned,
    decide,
    replay,
    stood,
)
from services.oncall.plans import (
    Override,
    PlanError,
    Plans,
    Policy,
    Rotation,
    Step,
    check,
    needed_by,
    next_change,
    on_call,
)
from services.oncall.unseen import unseen
from streams.events import DAY, HOUR, MINUTE, to_datetime
from tests.support.oncall import (
    NIGHT,
    POLICY,
    ROOM,
    ROTATION,
    facts,
    peopled,
    planned,
    raised,
    whom,
)

PLANS = planned(ROTATION, ROOM, POLICY)
PEOPLE = peopled("lan", "minh", "duc")


def told(*events: Happened) -> list[tuple[str, int, int]]:
    return whom(replay([*PLANS, PEOPLE, *events]))


def ticks(*minutes: int) -> list[Happened]:
    return [Ticked(NIGHT + each * MINUTE) for each in minutes]


def test_who_is_on_call_is_told_at_once_and_the_next_while_nobody_acknowledges() -> None:
    assert told(raised(facts()), *ticks(4, 5, 14, 15, 60)) == [
        ("user:lan", 0, 0),
        ("user:duc", 1, 5),
        ("channel:room", 2, 15),
    ]


def test_who_may_not_see_all_that_a_policy_tells_is_listed_and_is_not_told() -> None:
    plans = Plans(
        rotations={"desk": ROTATION},
        overrides={
            "o": Override(name="o", rotation="desk", user="sub", since=NIGHT, until=NIGHT + 1)
        },
        channels={"room": msgspec.structs.replace(ROOM, wards=("Lê Chân",))},
    )
    areas = {"lan": None, "minh": ("Lê Chân",), "sub": ("Hồng Bàng", "Lê Chân"), "duc": None}
    people = People(areas, {"Leads": ("duc", "gone")})
    steps = (Step(0, ("rotation:desk", "team:Leads")), Step(9, ("channel:room",)))
    policy = Policy(name="night", steps=steps, wards=("Hồng Bàng",), fallback=("user:minh",))
    minh = ("user:minh", ("Lê Chân",), ("Hồng Bàng",))
    assert [tuple(one) for one in unseen(policy, plans, people, NIGHT)] == [
        ("rotation:desk", *minh),
        ("team:Leads", "user:gone", (), ("Hồng Bàng",)),
        ("channel:room", "channel:room", ("Lê Chân",), ("Hồng Bàng",)),
        ("user:minh", *minh),
    ]
    everywhere = msgspec.structs.replace(policy, wards=(), fallback=())
    assert [(one.who, one.misses) for one in unseen(everywhere, plans, people, NIGHT)] == [
        (who, ()) for who in ("user:minh", "user:sub", "user:gone", "channel:room")
    ]
    later = unseen(everywhere, plans, people, NIGHT + 1)
    assert "user:sub" not in {one.who for one in later}, "who stood in does so no more"
    # What is listed is what is decided: of an alert in Hồng Bàng these hear nothing.
    events = [*planned(*plans.rotations.values(), *plans.channels.values(), policy)]
    told_of = whom(replay([*events, Peopled(people), raised(facts()), *ticks(9)]))
    assert told_of == [("user:lan", 0, 0), ("user:duc", 0, 0), ("", 1, 9)]


def test_acknowledging_stops_it_and_a_new_occurrence_begins_anew() -> None:
    seen = raised(facts(version=2, asks=False), NIGHT + 2 * MINUTE)
    again = raised(facts(version=3), NIGHT + 30 * MINUTE)
    assert told(raised(facts()), seen, *ticks(5, 20), again) == [
        ("user:lan", 0, 0),
        ("user:lan", 0, 30),
    ]


def test_what_happens_to_an_alert_meanwhile_tells_nobody_twice() -> None:
    more = [raised(facts(version=n, count=n), NIGHT + n) for n in range(2, 9)]
    assert told(raised(facts()), *more) == [("user:lan", 0, 0)]


def test_a_later_step_says_what_is_so_by_then() -> None:
    events = [raised(facts()), raised(facts(version=2, count=9)), *ticks(5)]
    *_, second = replay([*PLANS, PEOPLE, *events])
    assert second.facts.count == 9


def as_stored(one: Any) -> Any:
    """As jsonb gives it back: keys by their length first."""
    if isinstance(one, dict):
        ordered = sorted(one.items(), key=lambda item: (len(item[0].encode()), item[0]))
        return {key: as_stored(value) for key, value in ordered}
    return [as_stored(each) for each in one] if isinstance(one, list) else one


def test_what_a_record_begins_with_decides_in_the_same_order_after_it_was_stored() -> None:
    names = ("night", "all", "a-long-name", "b")
    policies = [msgspec.structs.replace(POLICY, name=name) for name in names]
    events = [*planned(ROTATION, ROOM, *policies), PEOPLE]
    said = as_stored(msgspec.to_builtins(stood(events)))
    begins = msgspec.convert(said, Stood)
    found = [one.policy for one in replay([begins, raised(facts())])]
    assert found == [one.policy for one in replay([*events, raised(facts())])] == sorted(names)


def test_what_is_over_when_it_is_first_heard_of_wakes_nobody() -> None:
    assert told(raised(facts(active=False)), *ticks(5)) == []


def test_what_ends_unacknowledged_goes_on_to_ask() -> None:
    over = raised(facts(version=2, active=False), NIGHT + MINUTE)
    assert told(raised(facts()), over, *ticks(5))[1:] == [("user:duc", 1, 5)]


# --- who hears what becomes of it -------------------------------------------------------------

FEED = msgspec.structs.replace(ROOM, name="feed", follows=True)
BOTH = Policy(name="out", steps=(Step(0, ("channel:feed", "channel:room")),))


def versions(*events: Happened) -> list[tuple[str, int]]:
    """Who was told as of which version of the alert."""
    found = replay([*planned(ROOM, FEED, BOTH), PEOPLE, *events])
    return [(one.told[0].recipient, one.facts.version) for one in found]


FIRST = [("channel:feed", 1), ("channel:room", 1)]


def test_a_channel_that_follows_hears_what_others_see_change_until_it_is_closed() -> None:
    seen = raised(facts(version=2, asks=False))
    more = raised(facts(version=3, asks=False, count=2))
    over = raised(facts(version=4, asks=False, count=2, active=False))
    held = raised(facts(version=5, asks=False, count=3))
    closed = raised(facts(version=6, asks=False, count=3, closed=True))
    later = raised(facts(version=7, asks=False, count=4, closed=True))
    assert versions(raised(facts()), seen, more, over, held, closed, later, *ticks(60)) == [
        *FIRST,
        *(("channel:feed", version) for version in (3, 4, 5, 6)),
    ]


def test_who_is_asked_anew_is_told_once_and_follows_on() -> None:
    seen = raised(facts(version=2, asks=False))
    again = raised(facts(version=3, count=2))
    closed = raised(facts(version=4, count=2, asks=False, closed=True))
    assert versions(raised(facts()), seen, again, closed) == [
        *FIRST,
        ("channel:feed", 3),
        ("channel:room", 3),
        ("channel:feed", 4),
    ]


def test_what_nobody_was_told_of_is_followed_by_nobody() -> None:
    over = facts(active=False, asks=False)
    closed = raised(msgspec.structs.replace(over, version=2, closed=True))
    assert versions(raised(over), closed) == []
    gone = Planned("channel", "feed")
    closed = raised(facts(version=2, asks=False, closed=True))
    assert versions(raised(facts()), gone, closed) == FIRST


def test_a_record_that_is_cut_while_somebody_follows_says_the_rest() -> None:
    begun: list[Happened] = [*planned(ROOM, FEED, BOTH), PEOPLE, raised(facts())]
    begun.append(raised(facts(version=2, asks=False)))
    closed = raised(facts(version=3, asks=False, closed=True))
    (last,) = replay([stood(begun), closed])
    assert last == [*replay([*begun, closed])][-1]


def proclaimed(one: Facts, warning: str = "w-1", channel: str = "public") -> Proclaimed:
    told = (Told(f"channel:{channel}"),)
    return Proclaimed(
        warning=Warned("duc", "an", warning), channel=channel, told=told, facts=one, time=NIGHT
    )


def ends(*events: Happened) -> list[tuple[str, str, int, bool]]:
    """Of public warnings: id, recipient, version of the alert, and whether it is the end."""
    return [
        (one.warning.id, one.told[0].recipient, one.facts.version, one.warning.over)
        for one in replay([*planned(ROOM, FEED, BOTH), PEOPLE, *events])
        if one.warning is not None
    ]


def test_what_the_public_was_told_of_ends_there_and_nothing_else_follows_by_itself() -> None:
    begun = proclaimed(facts())
    worse = raised(facts(version=2, asks=False, count=2))
    over = raised(facts(version=3, asks=False, count=2, active=False))
    closed = raised(facts(version=4, asks=False, count=2, closed=True))
    later = raised(facts(version=5, asks=False, count=3, closed=True))
    told = ("w-1", "channel:public", 1, False)
    assert ends(raised(facts()), begun, worse, over) == [told], "one person has not closed it"
    assert ends(raised(facts()), begun, worse, over, closed, later, *ticks(60)) == [
        told,
        ("w-1", "channel:public", 4, True),
    ]
    assert ends(raised(facts()), closed) == []  # control: the public was not told


def test_a_warning_that_is_said_again_ends_once_and_each_channel_has_its_own_end() -> None:
    again = proclaimed(facts(version=2, asks=False), "w-2")
    other = proclaimed(facts(version=2, asks=False), "w-3", "siren")
    closed = raised(facts(version=3, asks=False, closed=True))
    found = ends(raised(facts()), proclaimed(facts()), again, other, closed)
    assert [one for one in found if one[3]] == [
        ("w-2", "channel:public", 3, True),
        ("w-3", "channel:siren", 3, True),
    ]
    messages = [*replay([raised(facts()), proclaimed(facts()), again, other, closed])]
    assert [one.id for one in messages[:3]] == ["w-1", "w-2", "w-3"]
    assert len({one.id for one in messages}) == len(messages)


def test_where_incidents_are_found_to_be_one_the_public_hears_the_end_with_that_one() -> None:
    one = msgspec.structs.replace(facts(), alert="one")
    gone = msgspec.structs.replace(one, version=2, asks=False, closed=True, into="whole")
    whole = msgspec.structs.replace(facts(), alert="whole")
    more = msgspec.structs.replace(whole, version=2, count=2)
    further = msgspec.structs.replace(gone, alert="whole", version=3, into="last")
    told = ("w-1", "channel:public", 1, False)
    begun = [raised(one), proclaimed(one), raised(whole), raised(gone), raised(more)]
    assert ends(*begun) == [told], "a machine's own all-clear"
    begun.append(raised(further))
    closed = msgspec.structs.replace(gone, alert="last", version=4, into="")
    over = ("w-1", "channel:public", 2, True)
    assert ends(*begun, raised(closed), raised(closed)) == [told, over]
    (last, *_) = [m for m in replay([*begun, raised(closed)]) if m.warning and m.warning.over]
    assert last.facts == gone, "what it was told of is over"
    assert [*replay([stood(begun), raised(closed)])] == [last]


def test_a_record_that_is_cut_knows_what_the_public_was_told() -> None:
    closed = raised(facts(version=2, asks=False, closed=True))
    begun: list[Happened] = [raised(facts()), proclaimed(facts())]
    (last,) = replay([stood(begun), closed])
    assert last == [*replay([*begun, closed])][-1]
    assert last.warning is not None
    assert last.warning.by_two


@pytest.mark.parametrize(
    ("policy", "so"),
    [
        ({"severity": "critical"}, True),
        ({"kinds": ("intrusion",)}, True),
        ({"kinds": ("crowd",)}, False),
        ({"wards": ("Hồng Bàng",)}, True),
        ({"wards": ("Lê Chân",)}, False),
    ],
)
def test_a_policy_is_for_severities_kinds_and_wards(policy: dict[str, Any], so: bool) -> None:
    other = msgspec.structs.replace(POLICY, **policy)
    found = whom(replay([*planned(ROTATION, ROOM, other), PEOPLE, raised(facts())]))
    assert bool(found) is so


def test_a_policy_is_for_no_less_than_its_severity() -> None:
    assert told(raised(facts(severity="medium"))) == []
    worse = raised(facts(version=2, severity="high"), NIGHT + MINUTE)
    assert told(raised(facts(severity="medium")), worse) == [("user:lan", 0, 1)]


def test_where_event_time_leaps_there_is_time_to_answer_to_each_step() -> None:
    assert told(raised(facts()), *ticks(600, 601, 610)) == [
        ("user:lan", 0, 0),
        ("user:duc", 1, 600),
        ("channel:room", 2, 610),
    ]


def test_who_is_limited_to_wards_is_told_of_those_and_nothing_of_others() -> None:
    people = peopled("minh", lan=("Lê Chân",), duc=("Lê Chân", "Hồng Bàng"))
    inside = [*PLANS, people, raised(facts()), *ticks(5)]
    found = list(replay(inside))
    assert found[0].told == (), "lan is on call, and may not see it"
    assert whom(found)[1] == ("user:duc", 1, 5)
    both = facts(wards={"quay-3": "Hồng Bàng", "loop-1": "Lê Chân"})
    first, second = replay([*PLANS, people, raised(both), *ticks(5)])
    assert (first.told[0].partial, second.told[0].partial) == (True, False)


def test_where_a_step_finds_nobody_the_fallback_is_told_and_so_it_is_where_it_cannot_reach() -> (
    None
):
    policy = msgspec.structs.replace(POLICY, fallback=("user:duc", "channel:room"))
    plans = planned(ROTATION, ROOM, policy)
    (alone,) = replay([*plans, peopled("duc"), raised(facts())])
    assert [one.recipient for one in alone.told] == ["user:duc", "channel:room"]
    (there,) = replay([*plans, PEOPLE, raised(facts())])
    assert [one.recipient for one in there.told] == ["user:lan", "user:duc", "channel:room"]


def test_where_there_is_nobody_at_all_that_is_a_message_too() -> None:
    (found,) = replay([*PLANS, peopled(), raised(facts())])
    assert found.told == ()


def test_a_policy_that_is_removed_tells_no_more() -> None:
    assert told(raised(facts()), Planned("policy", "night"), *ticks(5, 15)) == [("user:lan", 0, 0)]


def test_origin_plays_no_part_in_deciding() -> None:
    live = told(raised(facts()), *ticks(5))
    assert told(raised(facts(origin="simulated")), *ticks(5)) == live


EVENTS = st.lists(
    st.one_of(
        st.builds(
            lambda name, version, asks, grave, at: Alerted(
                facts(name, version=version, asks=asks, severity="critical" if grave else "low"),
                NIGHT + at * MINUTE,
            ),
            st.sampled_from(["a-1", "a-2"]),
            st.integers(1, 9),
            st.booleans(),
            st.booleans(),
            st.integers(0, 60),
        ),
        st.builds(lambda at: Ticked(NIGHT + at * MINUTE), st.integers(0, 90)),
        st.sampled_from([Planned("policy", "night"), PLANS[2], peopled("duc"), PEOPLE]),
    ),
    max_size=30,
)


@given(EVENTS)
def test_a_replay_decides_the_same_and_no_key_comes_twice_for_two_things(
    events: list[Happened],
) -> None:
    everything = [*PLANS, PEOPLE, *events]
    written = [msgspec.json.decode(msgspec.json.encode(one), type=Happened) for one in everything]
    first, second = list(replay(everything)), list(replay(written))
    assert first == second
    by_id: dict[str, set[tuple[str, int, int, str]]] = {}
    for one in first:
        said = (one.facts.alert, one.step, one.time, one.policy)
        by_id.setdefault(one.id, set()).add((*said[:2], 0, *said[3:]))
    assert all(len(each) == 1 for each in by_id.values())


@given(EVENTS)
def test_nobody_is_told_of_what_does_not_ask(events: list[Happened]) -> None:
    situation = Situation()
    for event in (*PLANS, PEOPLE):
        situation, _ = decide(situation, event)
    asking: dict[str, bool] = {}
    for event in events:
        if isinstance(event, Alerted):
            asking[event.facts.alert] = event.facts.asks
        situation, messages = decide(situation, event)
        assert all(asking[one.facts.alert] for one in messages)


# --- turns ------------------------------------------------------------------------------------

DESK = Plans({"desk": ROTATION})


@pytest.mark.parametrize(
    ("hours", "who"), [(-2, ""), (-1, "lan"), (6, "lan"), (7, "minh"), (14, "minh"), (15, "lan")]
)
def test_turns_are_taken_over_and_over_from_the_first_handover(hours: int, who: str) -> None:
    assert on_call(DESK, "desk", NIGHT + hours * HOUR) == who


def test_days_hand_over_at_the_same_hour_of_the_citys_day() -> None:
    weekly = Plans({"desk": msgspec.structs.replace(ROTATION, hours=168)})
    for week in range(60):
        change = next_change(weekly, "desk", NIGHT + week * 7 * DAY)
        assert change is not None
        assert (change - ROTATION.start) % DAY == 0


def test_who_stands_in_does_so_for_a_while_and_the_latest_of_them_counts() -> None:
    first = Override(
        name="o1", rotation="desk", user="duc", since=NIGHT, until=NIGHT + 2 * HOUR, made=1
    )
    second = Override(
        name="o2", rotation="desk", user="mai", since=NIGHT + HOUR, until=NIGHT + 3 * HOUR, made=2
    )
    plans = Plans({"desk": ROTATION}, {"o1": first, "o2": second})
    at = [on_call(plans, "desk", NIGHT + n * HOUR) for n in range(4)]
    assert at == ["duc", "mai", "mai", "lan"]
    assert next_change(plans, "desk", NIGHT) == NIGHT + HOUR


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Rotation(name="x", people=(), start=0, hours=8), "people"),
        (Rotation(name="x", people=("nobody",), start=0, hours=8), "no user"),
        (Rotation(name="x", people=("lan",), start=0, hours=0), "hours"),
        (Rotation(name="a/b", people=("lan",), start=0, hours=8), "name"),
        (Policy(name="x", steps=()), "steps"),
        (Policy(name="x", steps=(Step(0, ()),)), "steps"),
        (Policy(name="x", steps=(Step(0, ("rotation:gone",)),)), "no rotation"),
        (Policy(name="x", steps=(Step(0, ("lan",)),)), "no recipient"),
        (Policy(name="x", steps=(Step(5, ("user:lan",)), Step(5, ("user:lan",)))), "later"),
        (Override(name="x", rotation="desk", user="lan", since=5, until=5), "before it begins"),
    ],
)
def test_what_could_not_be_followed_is_refused(plan: Any, said: str) -> None:
    with pytest.raises(PlanError, match=said):
        check(plan, DESK, ["lan"], [])


def test_what_is_needed_is_named() -> None:
    plans = Plans({"desk": ROTATION}, {}, {"night": POLICY}, {"room": ROOM})
    assert needed_by("rotation", "desk", plans) == ["policy night"]
    assert needed_by("channel", "room", plans) == ["policy night"]
    assert needed_by("policy", "night", plans) == []


# --- origin -----------------------------------------------------------------------------------


def asked(origin: Any, **changes: Any) -> law.Verdict:
    common: dict[str, Any] = {"test": False, "public": False, "confirmed": False}
    return law.verdict(origin, **common | {"exercises_until": None, "now": NIGHT} | changes)


@pytest.mark.parametrize("origin", ["simulated", "recorded", "replayed"])
@pytest.mark.parametrize("test", [False, True])
def test_what_is_not_live_reaches_no_public_channel(origin: Any, test: bool) -> None:
    until = NIGHT + DAY
    for confirmed in (False, True):
        found = asked(
            origin, test=test, public=True, confirmed=confirmed, exercises_until=until, now=NIGHT
        )
        assert not found.may


@pytest.mark.parametrize("origin", ["simulated", "recorded", "replayed"])
def test_whoever_accepts_exercises_has_them_marked_and_for_a_while(origin: Any) -> None:
    def may(now: int) -> tuple[bool, bool]:
        found = asked(origin, exercises_until=NIGHT, now=now)
        return found.may, found.exercise

    assert may(NIGHT - 1) == (True, True)
    assert not may(NIGHT)[0]


def test_control_what_is_live_goes_unmarked() -> None:
    found = asked("live", public=True, confirmed=True)
    assert (found.may, found.exercise) == (True, False)
    assert asked("live").may


def test_the_public_is_told_by_two_persons_only() -> None:
    assert asked("live", public=True) == law.Verdict(False, False, "unconfirmed")
    assert Warned("lan", "duc").by_two
    for one, other in (("lan", "lan"), ("lan", "Lan"), ("", "lan"), ("lan", ""), ("", "")):
        assert not Warned(one, other).by_two


# --- holidays, and the calendar ---------------------------------------------------------------

TET = ("2026-11-17", "2026-11-18", "2026-12-25")
HOLIDAYS = msgspec.structs.replace(ROTATION, holidays=TET, holiday_people=("duc", "an"))
MIDNIGHT = NIGHT - (NIGHT + 7 * HOUR) % DAY
"""When NIGHT's day, the 18th, begins in Viet Nam."""


def test_others_have_the_turn_on_holidays_by_viet_nams_days() -> None:
    plans = Plans(rotations={"desk": HOLIDAYS})
    assert on_call(plans, "desk", MIDNIGHT) == "an"
    assert on_call(plans, "desk", MIDNIGHT + DAY - 1) == "an"
    assert on_call(plans, "desk", MIDNIGHT - 1) == "duc"
    assert next_change(plans, "desk", MIDNIGHT + 23 * HOUR) == MIDNIGHT + DAY
    # After it whoever's turn it would have been.
    assert on_call(plans, "desk", MIDNIGHT + DAY) == on_call(
        Plans(rotations={"desk": ROTATION}), "desk", MIDNIGHT + DAY
    )
    # And who stands in stands in on holidays, too.
    away = Override(name="o", rotation="desk", user="lan", since=MIDNIGHT, until=MIDNIGHT + DAY)
    assert on_call(Plans({"desk": HOLIDAYS}, {"o": away}), "desk", MIDNIGHT) == "lan"


@pytest.mark.parametrize(
    "changes",
    [
        {"holidays": ("2026-02-30",)},
        {"holidays": ("17.11.2026",)},
        {"holidays": ("20261117",)},
        {"holidays": ("2026-11-18", "2026-11-17")},
        {"holidays": ("2026-11-17", "2026-11-17")},
        {"holidays": ()},
        {"holiday_people": ()},
        {"holiday_people": ("nobody",)},
    ],
)
def test_holidays_that_are_none_are_refused(changes: dict[str, Any]) -> None:
    people = ("lan", "minh", "duc", "an")
    assert check(HOLIDAYS, Plans(), people, ())
    with pytest.raises(PlanError):
        check(msgspec.structs.replace(HOLIDAYS, **changes), Plans(), people, ())


def test_a_calendar_has_every_moment_of_who_is_on_call_once() -> None:
    away = Override(name="o", rotation="desk", user="minh", since=NIGHT, until=NIGHT + 5 * HOUR)
    plans = Plans({"desk": HOLIDAYS}, {"o": away})
    since, until = NIGHT - 10 * HOUR, NIGHT + 5 * DAY
    found = list(calendar.turns(plans, "desk", since, until))
    for time in range(since, until, HOUR // 2):
        users = [one.user for one in found if one.since <= time < one.until]
        assert users == [each for each in [on_call(plans, "desk", time)] if each]
    assert all(one.user != other.user for one, other in pairwise(found))
    read = Calendar.from_ical(calendar.written(found, NIGHT))
    events = list(read.walk("VEVENT"))
    assert [str(event["summary"]) for event in events] == [f"desk: {one.user}" for one in found]
    assert [event.decoded("dtstart") for event in events] == [to_datetime(o.since) for o in found]
    assert [event.decoded("dtend") for event in events] == [to_datetime(o.until) for o in found]
    assert len({str(event["uid"]) for event in events}) == len(events)


def test_a_calendar_of_short_turns_ends_where_it_was_asked_to_and_not_before() -> None:
    hourly = msgspec.structs.replace(ROTATION, hours=1)
    since, until = NIGHT, NIGHT + 400 * DAY
    found = list(calendar.turns(Plans({"desk": hourly}), "desk", since, until))
    assert len(found) > calendar.MOST
    assert (found[0].since, found[-1].until) == (since, until)


def test_before_the_first_turn_a_calendar_has_nobody() -> None:
    plans = Plans(rotations={"desk": ROTATION})
    begun = ROTATION.start
    assert list(calendar.turns(plans, "desk", begun - DAY, begun)) == []
    (only,) = calendar.turns(plans, "desk", begun - DAY, begun + HOUR)
    assert (only.since, only.until) == (begun, begun + HOUR)
