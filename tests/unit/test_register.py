"""Dossiers one by one: what is counted of them in whatever order they come; what is overdue."""

import random
import unicodedata
from datetime import datetime, timedelta, timezone
from time import process_time

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.receiver.check import checked, history
from services.receiver.formats import simple
from services.receiver.packs import grouped, packed
from streams.configuration.configured import Configured
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    CaseHours,
    ControlChange,
    Micros,
    Place,
    Rule,
    Scored,
    Tick,
)
from streams.events.time import from_datetime, to_datetime
from streams.feeds.registry import all_feeds
from streams.sensors import register as registers
from streams.worktime.file import working_calendar
from tests.support.measured import Row, source
from tests.support.telling import Telling

CITY = timezone(timedelta(hours=7))
FEED = all_feeds()["dossiers"]
OFFICE, OTHER = "office-1", "office-2"
BEGUN, ENDED, IN_TIME, OPEN, OVERDUE = FEED.counts.metrics if FEED.counts else ("",) * 5
RULE = Rule("late", "high_value", "medium", parameters=FEED.parameters(FEED.default_rules[0]))


def at(text: str) -> Micros:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=CITY))


def begun(
    case: int,
    time: Micros,
    hours: float = 0,
    days: float = 0,
    office: str = OFFICE,
    procedure: float = float("nan"),
) -> Row:
    promised = {"promised_days": float(days)} if days else {"promised_hours": float(hours)}
    nothing = {"promised_hours": float("nan"), "promised_days": float("nan")}
    values = {"case": float(case), "step": 1.0, **nothing, **promised, "procedure": procedure}
    return office, time, values


def paused(case: int, time: Micros) -> Row:
    office, time, values = ended(case, time)
    return office, time, {**values, "step": 3.0}


def resumed(case: int, time: Micros, hours: float) -> Row:
    office, time, values = begun(case, time, hours)
    return office, time, {**values, "step": 4.0}


def forwarded(case: int, time: Micros, office: str = OFFICE) -> Row:
    office, time, values = ended(case, time, office)
    return office, time, {**values, "step": 5.0}


def ended(case: int, time: Micros, office: str = OFFICE) -> Row:
    office, time, values = begun(case, time, float("nan"), office=office)
    return office, time, {**values, "step": 2.0}


class City(Telling):
    """Two offices at one gateway."""

    def __init__(self, start: Micros, rules: tuple[Rule, ...] = (RULE,)) -> None:
        offices = [
            msgspec.structs.replace(source(name, "dossier_office", "gw"), period=10 * MINUTE)
            for name in (OFFICE, OTHER)
        ]
        super().__init__("gw", [*offices, *rules], start, SECOND)

    def told(self, office: str = OFFICE) -> list[tuple[str, dict[str, int]]]:
        """(local time, counts) of its readings."""
        found = []
        for event in self.scored():
            for name, time, values in event:
                if name == office:
                    clock = to_datetime(time).astimezone(CITY).strftime("%H:%M:%S")
                    found.append((clock, {metric: int(value) for metric, value in values.items()}))
        return found

    def by_hour(self) -> dict[tuple[str, str, int], tuple[int, ...]]:
        """(office, local time, procedure): begun, forwarded, ended, in time."""
        sums: dict[tuple[str, str, int], list[int]] = {}
        for event in self.events(CaseHours):
            for row in event.rows:
                clock = to_datetime(row.hour).astimezone(CITY).strftime("%d %H:%M")
                own = sums.setdefault((row.source, clock, row.procedure), [0] * 4)
                told = row.begun, row.forwarded, row.ended, row.in_time
                own[:] = map(sum, zip(own, told, strict=True))
        return {place: tuple(own) for place, own in sorted(sums.items()) if any(own)}

    def scored(self) -> list[list[Row]]:
        return [_rows(event) for event in self.events(Scored)]


def _rows(event: Scored) -> list[Row]:
    index = np.frombuffer(event.source, "<u2").tolist()
    values = np.frombuffer(event.values, "<f8").reshape(len(index), -1).tolist()
    times = np.frombuffer(event.times, "<i8").tolist()
    return [
        (event.sources[place], time, dict(zip(event.metrics, row, strict=True)))
        for place, time, row in zip(index, times, values, strict=True)
    ]


def counts(*numbers: int) -> dict[str, int]:
    return dict(zip((BEGUN, ENDED, IN_TIME, OPEN, OVERDUE), numbers, strict=True))


def test_what_begins_and_ends_is_counted_by_the_day() -> None:
    city = City(at("2026-11-30 09:00:00"))
    city.send(begun(1, city.now, hours=2), begun(2, city.now, days=1))
    city.until(at("2026-11-30 09:05:00")).send(ended(1, city.now)).until(city.now + MINUTE)
    assert city.told() == [("09:00:00", counts(2, 0, 0, 2, 0)), ("09:05:00", counts(2, 1, 1, 1, 0))]
    city.until(at("2026-11-30 23:59:00"), HOUR).until(at("2026-12-01 00:01:00"))
    assert city.told()[-1] == ("00:00:00", counts(0, 0, 0, 1, 0))
    assert city.told(OTHER) == []
    assert city.balanced()


@pytest.mark.parametrize("reloads", [False, True])
def test_it_is_overdue_within_a_minute_after_its_working_time(reloads: bool) -> None:
    """Taken in on the last afternoon before Tết with one hour: due when offices have been open for
    half an hour on the Monday after next."""
    city = City(at("2026-02-13 16:30:00"))
    city.reloads = reloads
    city.send(begun(7, city.now, hours=1)).until(city.now + 2 * MINUTE, 10 * SECOND)
    city.until(at("2026-02-23 07:50:00"), 6 * HOUR).until(at("2026-02-23 07:59:50"))
    assert city.incidents == []
    due = at("2026-02-23 08:00:00")
    city.until(due + MINUTE)
    (incident,) = city.incidents
    assert (incident.kind, incident.evidence[0].source) == ("high_value", OFFICE)
    assert due < incident.decided_at <= due + MINUTE
    assert city.told()[-1] == ("08:00:30", counts(0, 0, 0, 1, 1))
    city.send(ended(7, city.now)).until(city.now + 2 * MINUTE)
    assert [one.end is not None for one in city.incidents] == [False, True]
    assert city.told()[-1][1] == counts(0, 1, 0, 0, 0)


def test_the_same_without_holidays_is_overdue_in_the_middle_of_tet() -> None:
    """What the calendar is for."""
    city = City(at("2026-02-13 16:30:00"))
    city.stage._calendar = msgspec.structs.replace(working_calendar(), off=())
    city.send(begun(7, city.now, hours=1)).until(city.now + 2 * MINUTE, 10 * SECOND)
    city.until(at("2026-02-16 07:59:00"), 6 * HOUR).until(at("2026-02-16 08:01:00"))
    assert len(city.incidents) == 1


def test_what_an_agency_sends_over_http_is_counted_by_a_hash_of_its_number() -> None:
    """As its system may say it: the dossier's own number as a text, and no name."""
    city = City(at("2026-11-30 09:00:00"))
    values = '{"case": "H.29-261130-0001", "step": %d%s}'
    row = '{"source": "office-1", "time": "2026-11-30T09:00:0%d+07:00", "values": %s}'
    told = [
        row % (0, values % (1, ', "promised_hours": 4, "procedure": 17')),
        row % (0, values.replace("0001", "0002") % (1, ', "promised_days": 1')),
        row % (9, values % (2, "")),
    ]
    offices = {
        name: msgspec.structs.replace(source(name, "dossier_office", "gw"), origin="live")
        for name in (OFFICE, OTHER)
    }
    rows = simple.read(f"[{','.join(told)}]")
    found = checked(rows, lambda _: True, Configured(1, offices), city.now + MINUTE)
    assert found.refused == []
    groups = grouped(found.readings)
    city.feed(*packed(groups, [(city.now + 1, 1) for _ in groups])).until(city.now + MINUTE)
    assert city.told()[-1][1] == counts(2, 1, 1, 1, 0)
    (register,) = (each for each in city.state.values() if isinstance(each, registers.Register))
    assert "H.29" not in repr(register)
    assert city.balanced()


def test_an_accented_number_is_one_in_either_form() -> None:
    row = '{"source": "office-1", "values": {"case": "%s", "step": 1}}'
    forms = [unicodedata.normalize(form, "Hồ sơ 17/ĐK") for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    assert simple.read(row % forms[0]) == simple.read(row % forms[1])


def test_what_no_event_can_say_is_refused_by_the_receiver() -> None:
    office = msgspec.structs.replace(source(OFFICE, "dossier_office", "gw"), origin="live")
    known = Configured(1, {OFFICE: office})
    row = '{"source": "office-1", "time": "2026-11-30T09:00:00+07:00", "values": %s}'
    now = START + MINUTE
    for values, reason in (
        ('{"case": "", "step": 1}', "not_a_number"),
        ('{"case": 1, "step": "1"}', "not_a_number"),
        ('{"case": 1, "name": 2}', "unknown_metric"),
        ('{"case": 9007199254740993, "step": 2}', "out_of_range"),  # floats are 2 apart there
        ('{"case": 9007199254740992, "step": 2}', "out_of_range"),
        ('{"case": 1.5, "step": 2}', "out_of_range"),
        ('{"case": -1, "step": 2}', "out_of_range"),
    ):
        found = checked(simple.read(row % values), lambda _: True, known, now)
        assert [one.reason for one in found.refused] == [reason]
    largest = '{"case": 9007199254740991, "step": 2}'
    assert checked(simple.read(row % largest), lambda _: True, known, now).refused == []
    past = history(simple.read(row % '{"case": 1, "step": 2}'), known, START + HOUR)
    assert [one.reason for one in past.refused] == ["unknown_metric"]


def test_one_that_is_decided_in_time_is_never_overdue() -> None:
    city = City(at("2026-11-30 09:00:00"))
    city.send(begun(1, city.now, hours=1))
    city.until(at("2026-11-30 09:59:50")).send(ended(1, city.now)).until(city.now + 3 * MINUTE)
    assert city.incidents == []
    assert city.told()[-1][1] == counts(1, 1, 1, 0, 0)


def test_what_comes_again_late_or_before_what_it_follows_counts_once() -> None:
    city = City(at("2026-11-30 09:00:00"))
    start = city.now
    city.send(ended(1, start + MINUTE)).until(start + 3 * MINUTE)
    assert city.told()[-1][1] == counts(0, 0, 0, 0, 0), "nobody has said that it began"
    city.send(begun(1, start, hours=2), begun(1, start, hours=2)).until(start + 4 * MINUTE)
    city.send(ended(1, start + 2 * MINUTE), begun(1, start + MINUTE, hours=1))
    city.until(start + 6 * MINUTE)
    assert city.told()[-1][1] == counts(1, 1, 1, 0, 0)
    fates = {(row.fate, row.number) for row in city.ledger.booked() if row.number in (6, 8, 3)}
    assert ("repeated", 8) in fates  # three values of each beginning, two of the end
    assert city.balanced()


def test_while_it_waits_for_its_applicant_it_is_not_due() -> None:
    city = City(at("2026-11-30 09:00:00"))
    start = city.now
    city.send(begun(1, start, hours=0.5)).until(start + 20 * MINUTE)
    city.send(paused(1, city.now)).until(start + 59 * MINUTE)
    assert city.incidents == []
    city.send(resumed(1, start + HOUR, hours=0.25)).until(start + 75 * MINUTE)
    assert city.incidents == []
    city.until(start + 76 * MINUTE)
    assert len(city.incidents) == 1
    city.send(ended(1, city.now)).until(city.now + 2 * MINUTE)
    assert city.told()[-1][1] == counts(1, 1, 0, 0, 0)
    assert city.balanced()


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_a_pause_is_told_the_newest_word_counts(seed: int) -> None:
    city = City(START, rules=())
    rows = [
        begun(1, START, hours=0.1),
        paused(1, START + 2 * MINUTE),
        resumed(1, START + 4 * MINUTE, hours=0.1),
        begun(2, START, hours=0.1),
        paused(2, START + 3 * MINUTE),
        paused(2, START + 3 * MINUTE),
    ]
    random.Random(seed).shuffle(rows)
    city.until(START + 5 * MINUTE)
    for row in rows:
        city.send(row).until(city.now + 30 * SECOND)
    assert city.told()[-1][1] == counts(2, 0, 0, 2, 0)
    city.until(START + 11 * MINUTE)
    assert city.told()[-1][1] == counts(2, 0, 0, 2, 1)
    assert city.balanced()


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)], ids=str)
def test_of_two_beginnings_the_first_by_its_own_time_counts(order: tuple[int, ...]) -> None:
    city = City(START, rules=())
    rows = [
        begun(1, START + MINUTE, hours=0.5),
        begun(1, START + 3 * MINUTE, hours=4),
        begun(2, START + 2 * MINUTE, hours=4),
    ]
    city.until(START + 5 * MINUTE, 10 * SECOND)
    for place in order:
        city.send(rows[place]).until(city.now + MINUTE)
    city.until(START + 31 * MINUTE, 10 * SECOND)
    assert city.told()[-1][1] == counts(2, 0, 0, 2, 0)
    city.until(START + 33 * MINUTE, 10 * SECOND)
    assert city.told()[-1][1] == counts(2, 0, 0, 2, 1)
    city.send(paused(1, START + 20 * MINUTE), begun(1, START, hours=0.25))
    city.until(city.now + MINUTE)
    assert city.told()[-1][1] == counts(2, 0, 0, 2, 0), "a later word stands"
    assert city.balanced()


def test_what_cannot_be_is_refused_and_the_rest_of_the_pack_is_taken() -> None:
    city = City(at("2026-11-30 09:00:00"))
    now = city.now
    wrong = [
        begun(2, now),  # promises nothing
        begun(3, now, hours=-1),
        begun(4, now, days=1.5),
        (OFFICE, now, {**begun(5, now, hours=1)[2], "promised_days": 1.0}),
        (OFFICE, now, {**ended(6, now)[2], "step": 6.0}),
        resumed(6, now, 0),
        (OFFICE, now, {**ended(7, now)[2], "case": 1.5}),
        (OFFICE, now, {**ended(7, now)[2], "case": -1.0}),
        (OFFICE, now, {**ended(7, now)[2], "case": 2.0**53}),
        begun(10, now, hours=1, procedure=0),
        begun(11, now, hours=1, procedure=1.5),
        (OFFICE, now, {**begun(9, now, hours=1)[2], "case": float("nan")}),
    ]
    city.send(begun(1, now, hours=1), *wrong, begun(8, now, hours=1, office="nobody"))
    city.until(now + MINUTE)
    assert city.told() == [("09:00:00", counts(1, 0, 0, 1, 0))]
    reasons = {row.reason: row.number for row in city.ledger.booked() if row.fate == "refused"}
    assert reasons.keys() == {"out_of_range", "unknown_source"}
    assert city.balanced()


def test_what_becomes_of_cases_is_told_by_the_hour_and_the_kind_of_procedure() -> None:
    city = City(at("2026-11-30 09:00:00"))
    start = city.now
    city.send(begun(1, start, hours=2, procedure=17), begun(2, start, hours=2))
    city.send(forwarded(1, start + 2 * MINUTE), forwarded(1, start + MINUTE))
    city.until(start + 5 * MINUTE).send(ended(1, start + 5 * MINUTE)).until(start + 6 * MINUTE)
    assert city.by_hour() == {
        (OFFICE, "30 09:00", 0): (1, 0, 0, 0),
        (OFFICE, "30 09:00", 17): (1, 1, 1, 1),
    }
    city.until(start + 3 * HOUR, MINUTE).send(ended(2, start + 3 * HOUR - MINUTE))
    city.until(city.now + MINUTE)
    assert city.by_hour()[OFFICE, "30 11:00", 0] == (0, 0, 1, 0), "at its own hour, and overdue"
    assert city.balanced()


EVENTS = [
    begun(1, at("2026-11-30 07:40:00"), hours=1, procedure=3),
    forwarded(1, at("2026-11-30 08:05:00")),
    forwarded(1, at("2026-11-30 09:05:00")),
    ended(1, at("2026-11-30 08:50:00")),
    begun(2, at("2026-11-30 07:50:00"), hours=2, procedure=4),
    begun(2, at("2026-11-30 08:10:00"), hours=3, procedure=5),
    forwarded(2, at("2026-11-30 08:20:00")),
    ended(2, at("2026-11-30 09:40:00")),
    forwarded(3, at("2026-11-30 08:20:00")),
    ended(3, at("2026-11-30 09:40:00")),
]


@pytest.mark.parametrize("seed", range(12))
def test_in_whatever_order_it_is_told_the_hours_come_to_the_same(seed: int) -> None:
    """But for a second beginning that is told after the end: the case is over then."""
    chance = random.Random(seed)
    rows = chance.sample(EVENTS, len(EVENTS))
    rows.remove(EVENTS[7])
    rows.insert(chance.randrange(1 + max(map(rows.index, EVENTS[4:6])), len(EVENTS)), EVENTS[7])
    city = City(at("2026-11-30 10:00:00"), rules=())
    city.reloads = seed % 4 == 0
    for row in rows:
        city.send(row).until(city.now + 30 * SECOND, 10 * SECOND)
        if chance.random() < 0.3:
            city.send(row)
    city.until(city.now + MINUTE, 10 * SECOND)
    assert city.by_hour() == {
        (OFFICE, "30 07:00", 3): (1, 0, 0, 0),
        (OFFICE, "30 08:00", 3): (0, 1, 1, 0),
        (OFFICE, "30 07:00", 4): (1, 0, 0, 0),
        (OFFICE, "30 08:00", 4): (0, 1, 0, 0),
        (OFFICE, "30 09:00", 4): (0, 0, 1, 1),
    }
    assert city.balanced()


def test_a_pack_that_comes_again_changes_nothing() -> None:
    city = City(at("2026-11-30 09:00:00"))
    city.send(begun(1, city.now, hours=1))
    city.sequence -= 1
    city.send(begun(1, city.now, hours=1)).until(city.now + MINUTE)
    assert city.told()[-1][1] == counts(1, 0, 0, 1, 0)
    assert city.balanced()


def test_an_old_end_is_forgotten_and_what_is_older_begins_nothing_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registers, "REMEMBERED", 10 * MINUTE)
    city = City(at("2026-11-30 09:00:00"))
    start = city.now
    city.send(begun(1, start, hours=1)).until(start + MINUTE).send(ended(1, city.now))
    city.until(start + 20 * MINUTE)
    (register,) = (each for each in city.state.values() if isinstance(each, registers.Register))
    assert all(not office.ended for office in register.offices.values())
    city.send(begun(1, start, hours=1), ended(2, start)).until(city.now + 2 * MINUTE)
    assert city.told()[-1][1] == counts(1, 1, 1, 0, 0)
    city.send(begun(3, city.now, hours=1)).until(city.now + 20 * MINUTE)
    city.send(ended(3, city.now - 19 * MINUTE)).until(city.now + 2 * MINUTE)
    assert city.told()[-1][1] == counts(2, 2, 2, 0, 0), "an end is taken however late it comes"
    assert city.balanced()


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "MOST_KEPT", 3)
    city = City(at("2026-11-30 09:00:00"))
    city.send(*(begun(case, city.now, hours=1) for case in range(5))).until(city.now + MINUTE)
    assert city.told()[-1][1] == counts(3, 0, 0, 3, 0)
    assert {row.reason for row in city.ledger.booked() if row.fate == "refused"} == {"overload"}


def test_a_day_of_events_at_one_tick_takes_no_minute_and_changes_no_earlier_state() -> None:
    city = City(at("2026-11-30 09:00:00"), rules=())
    cases = range(12_000)
    city.send(*(begun(case, city.now, hours=1) for case in cases)).until(city.now + MINUTE)
    (register,) = (each for each in city.state.values() if isinstance(each, registers.Register))
    before = msgspec.msgpack.encode(register)
    began = process_time()
    city.send(*(ended(case, city.now) for case in cases)).until(city.now + MINUTE, MINUTE)
    assert process_time() - began < 3, "a copy of all for each took 30 s"
    assert city.told()[-1][1] == counts(*[12_000] * 3, 0, 0)
    assert msgspec.msgpack.encode(register) == before


def test_what_is_open_stays_so_where_event_time_goes_back() -> None:
    city = City(at("2026-11-30 09:00:00"))
    city.send(begun(1, city.now, hours=1)).until(city.now + 2 * MINUTE)
    city.back(2 * HOUR).until(city.now + 2 * MINUTE)
    assert city.told()[-1][0] < "07:03:00", "the control: event time did go back"
    assert city.told()[-1][1][OPEN] == 1


def test_what_waits_as_event_time_goes_back_is_told_by_the_last_tick() -> None:
    city = City(at("2026-11-30 09:00:00")).until(at("2026-11-30 09:02:00"))
    last = city.now
    city.send(begun(1, last, hours=1))
    assert not city.events(CaseHours), "it waits"
    city.back(2 * HOUR)
    (told,) = city.events(CaseHours)
    assert (told.time, told.rows[0].begun) == (last, 1)


def test_what_was_stamped_before_event_time_went_back_is_lost_by_no_second_step() -> None:
    city = City(at("2026-11-30 09:00:00")).until(at("2026-11-30 09:02:00"))
    stamped = city.now
    city.back(HOUR).send(begun(1, stamped, hours=1))
    city.until(city.now + 2 * SECOND).back(MINUTE)
    assert city.balanced()
    city.now = stamped
    city.feed(Tick(stamped, resumes=True)).until(stamped + MINUTE)
    assert city.told()[-1][1][OPEN] == 1


def test_an_office_that_moves_to_another_ward_keeps_what_is_open() -> None:
    """With its gateway; under another it is told again what is open, as its partition may be."""
    city = City(at("2026-11-30 09:00:00"))
    city.send(begun(1, city.now, hours=1)).until(city.now + 2 * MINUTE)
    office = msgspec.structs.replace(source(OFFICE, "dossier_office", "gw"), period=10 * MINUTE)
    moved = msgspec.structs.replace(office, ward="Hải An", place=Place(20.8, 106.7))
    city.feed(ControlChange(100, city.now, moved)).until(at("2026-11-30 10:02:00"))
    assert city.told()[-1][1] == counts(1, 0, 0, 1, 1)
    assert len(city.incidents) == 1


START = at("2026-11-30 09:00:00")
CASES = st.lists(
    st.tuples(
        st.integers(0, 12),  # minutes after the start at which it begins
        st.integers(1, 8),  # minutes of working time that are promised
        st.one_of(st.none(), st.integers(0, 14)),  # minutes until it ends
        st.sampled_from((OFFICE, OTHER)),
    ),
    max_size=8,
)


@given(CASES, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_in_whatever_order_they_come_the_counts_are_those_of_a_slow_model(
    cases: list[tuple[int, int, int | None, str]], chance: random.Random
) -> None:
    calendar = working_calendar()
    events: list[tuple[Micros, Row]] = []
    for number, (after, promised, lasts, office) in enumerate(cases):
        begins = START + after * MINUTE
        told = [begun(number, begins, hours=promised / 60, office=office)]
        told += [] if lasts is None else [ended(number, begins + lasts * MINUTE, office)]
        for row in told:
            times = chance.choice((1, 1, 2))
            events += [(row[1] + chance.randrange(300) * SECOND, row) for _ in range(times)]
    city = City(START, rules=())
    city.reloads = chance.random() < 0.2
    for arrives, row in sorted(events, key=lambda each: (each[0], repr(each[1]))):
        city.until(arrives, 10 * SECOND).send(row)
    city.reload()
    end = START + 40 * MINUTE
    city.until(end, 10 * SECOND)
    for office in (OFFICE, OTHER):
        own = [case for case in cases if case[3] == office]
        if not own:
            continue
        done = [case for case in own if case[2] is not None]
        dues = [calendar.after_hours(START + after * MINUTE, p / 60) for after, p, _, _ in own]
        in_time = sum(lasts is not None and lasts <= p for _, p, lasts, _ in own)
        late = sum(
            lasts is None and due < end for (_, _, lasts, _), due in zip(own, dues, strict=True)
        )
        left = len(own) - len(done)
        assert city.told(office)[-1][1] == counts(len(own), len(done), in_time, left, late)
    assert city.balanced()
