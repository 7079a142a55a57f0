"""Payments one by one: what they come to by the minute and by the hour, in whatever order."""

import random
from collections import defaultdict
from collections.abc import Collection

import msgspec
import numpy as np
import pytest

from services.receiver.check import checked
from services.receiver.formats import simple, table
from services.receiver.packs import grouped, packed
from streams.configuration.configured import Configured
from streams.events import (
    DELIVERY,
    HOUR,
    MINUTE,
    SECOND,
    CaseHours,
    Incident,
    Indicated,
    Micros,
    Rule,
    Scored,
    SourceHours,
    Tick,
    to_rfc3339,
)
from streams.feeds.registry import all_feeds
from streams.indicators.summing import Pending
from streams.sensors import moments
from streams.sensors.register import Register, told_by
from streams.sensors.windows import Windows, extend
from streams.topics import CORRELATED, READINGS
from tests.support.measured import HOUR_START, Row, connected, pack, ran, source
from tests.support.telling import Telling

FEED = all_feeds()["payments"]
assert FEED.tallies
MADE, FAILED, SUCCEEDED, AMOUNT = FEED.tallies.metrics
GATEWAY, OTHER = "pay-1", "pay-2"
START = HOUR_START
NAN = float("nan")


def payment(
    case: int,
    time: Micros,
    *,
    fails: bool = False,
    amount: float = 100_000.0,
    kind: float = 1.0,
    name: str = GATEWAY,
) -> Row:
    step = 7.0 if fails else 6.0
    return name, time, {"case": float(case), "step": step, "procedure": kind, "amount": amount}


class Bank(Telling):
    """Two payment gateways of one bank."""

    def __init__(self, rules: tuple[Rule, ...] = ()) -> None:
        sources = [source(name, "payment_gateway", "bank") for name in (GATEWAY, OTHER)]
        super().__init__("bank", [*sources, *rules], START, 10 * SECOND)

    def minutes(self) -> dict[tuple[str, int], dict[str, float]]:
        """Readings that were made, by source and minutes since START."""
        found = {}
        for event in self.events(Scored):
            values = np.frombuffer(event.values, "<f8").reshape(-1, len(event.metrics)).tolist()
            index = np.frombuffer(event.source, "<u2").tolist()
            times = np.frombuffer(event.times, "<i8").tolist()
            for place, time, row in zip(index, times, values, strict=True):
                at = event.sources[place], (time - START) // MINUTE
                assert at not in found
                found[at] = dict(zip(event.metrics, row, strict=True))
        return found

    def hours(self) -> dict[tuple[str, int, int], list[int]]:
        """(source, hours since START, kind): made, succeeded and the amount."""
        sums: dict[tuple[str, int, int], list[int]] = defaultdict(lambda: [0] * 3)
        for event in self.events(CaseHours):
            for row in event.rows:
                assert row.ended == row.begun
                own = sums[row.source, (row.hour - START) // HOUR, row.procedure]
                for place, more in enumerate((row.ended, row.in_time, row.amount)):
                    own[place] += more
        return dict(sorted(sums.items()))

    def fates(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for row in self.ledger.booked():
            found[row.fate] += row.number
        return dict(found)

    @property
    def register(self) -> Register:
        (found,) = (each for each in self.state.values() if isinstance(each, Register))
        return found


def test_each_minute_in_which_anything_was_paid_is_a_reading_and_each_hour_adds_up() -> None:
    bank = Bank()
    rows = [
        payment(1, START + 5 * SECOND),
        payment(2, START + 59 * SECOND, fails=True, amount=7.0),
        payment(3, START + MINUTE, amount=50_000, kind=2.0),
        payment(4, START + 150 * SECOND, name=OTHER),
        payment(1, START + 150 * SECOND, name=OTHER),
    ]
    bank.send(*rows).until(START + 10 * MINUTE)
    assert bank.minutes() == {
        (GATEWAY, 1): {MADE: 2, FAILED: 1, SUCCEEDED: 50.0, AMOUNT: 100_000},
        (GATEWAY, 2): {MADE: 1, FAILED: 0, SUCCEEDED: 100.0, AMOUNT: 50_000},
        (OTHER, 3): {MADE: 2, FAILED: 0, SUCCEEDED: 100.0, AMOUNT: 200_000},
    }
    assert bank.hours() == {
        (GATEWAY, 0, 1): [2, 1, 100_000],
        (GATEWAY, 0, 2): [1, 1, 50_000],
        (OTHER, 0, 1): [2, 2, 200_000],
    }
    assert bank.balanced()


def test_what_comes_again_or_late_counts_once_in_its_own_hour() -> None:
    bank = Bank()
    bank.send(payment(1, START + 5 * SECOND)).until(START + 3 * MINUTE)
    bank.send(payment(1, START + 5 * SECOND), payment(1, START + 9 * SECOND, fails=True))
    bank.send(payment(2, START + 10 * SECOND, fails=True)).until(START + 5 * MINUTE)
    bank.until(START + 2 * HOUR, MINUTE).send(payment(3, START + MINUTE), payment(1, START))
    bank.until(bank.now + 5 * MINUTE)
    assert bank.minutes() == {(GATEWAY, 1): {MADE: 1, FAILED: 0, SUCCEEDED: 100.0, AMOUNT: 1e5}}
    assert bank.hours() == {(GATEWAY, 0, 1): [3, 2, 200_000]}
    assert bank.fates()["repeated"] == 3 * 4
    assert bank.fates()["late"] == 2 * 4
    assert bank.balanced()


@pytest.mark.parametrize("seed", range(6))
def test_in_whatever_order_and_packs_they_come_it_is_the_same(seed: int) -> None:
    """As long as they come before the minute is said; also with ticks a minute apart."""
    chance = random.Random(9)
    rows = [
        payment(case, START + chance.randrange(9 * MINUTE), fails=case % 7 == 0, kind=case % 3 + 1)
        for case in range(300)
    ]
    bank, other = Bank(), Bank()
    bank.send(*rows).until(START + 15 * MINUTE)
    chance = random.Random(seed)
    other.reloads = seed % 3 == 0
    step = (10 * SECOND, MINUTE, SECOND * 7)[seed % 3]
    left = sorted(rows, key=lambda row: row[1] + chance.randrange(50 * SECOND))
    while left:
        other.send(*left[:8])
        if chance.random() < 0.5:
            other.send(*chance.sample(left[:8], len(left[:8])))
        left = left[8:]
        if left:
            other.until(min(row[1] for row in left), step)
    other.until(START + 15 * MINUTE)
    assert bank.minutes() == other.minutes()
    assert bank.hours() == other.hours()
    assert msgspec.msgpack.encode(bank.register) == msgspec.msgpack.encode(other.register)
    assert other.balanced()


def test_what_is_so_old_that_it_may_have_counted_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bank = Bank()
    bank.send(payment(1, START)).until(START + 8 * HOUR, MINUTE)
    bank.send(payment(2, START), payment(3, bank.now)).until(bank.now + 2 * MINUTE)
    assert bank.hours() == {(GATEWAY, 0, 1): [1, 1, 100_000], (GATEWAY, 8, 1): [1, 1, 100_000]}
    assert {row.reason for row in bank.ledger.booked() if row.fate == "refused"} == {"absurd_time"}
    monkeypatch.setattr(moments, "MOST_KEPT", 3)
    early = bank.now
    bank.send(*(payment(case, early) for case in range(10, 13))).until(early + HOUR, MINUTE)
    bank.send(*(payment(case, bank.now) for case in range(20, 23))).until(bank.now + 2 * MINUTE)
    assert bank.hours()[GATEWAY, 9, 1] == [3, 3, 300_000], "what is new is never refused"
    assert sum(till.kept for till in bank.register.tills.values()) == 3
    bank.send(payment(30, early), payment(31, bank.now)).until(bank.now + 2 * MINUTE)
    assert bank.hours()[GATEWAY, 8, 1] == [4, 4, 400_000], "its hour has been forgotten"
    assert bank.hours()[GATEWAY, 9, 1] == [4, 4, 400_000]
    assert bank.balanced()


def test_of_an_hour_with_more_than_is_kept_what_is_new_counts_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moments, "MOST_KEPT", 30)
    bank = Bank()
    for minute in range(60):
        rows = [payment(minute * 10 + n, bank.now + n * SECOND) for n in range(10)]
        bank.send(*rows).until(bank.now + MINUTE, MINUTE)
    bank.until(bank.now + 2 * MINUTE, MINUTE).send(payment(0, START)).until(bank.now + MINUTE)
    assert bank.hours()[GATEWAY, 0, 1] == [600, 600, 60_000_000]
    assert bank.fates()["refused"] == 4, "it has been forgotten, and may have counted"
    assert sum(till.kept for till in bank.register.tills.values()) <= 30


@pytest.mark.parametrize("by", [MINUTE, HOUR, 30 * HOUR])
def test_where_event_time_goes_back_what_is_paid_from_then_on_counts(by: Micros) -> None:
    """However far it was ahead, and what was told meanwhile is known again for hours."""
    bank = Bank()
    bank.until(START + 7 * HOUR, MINUTE)
    true = bank.now
    bank.send(payment(1, true)).until(true + by, MINUTE)
    bank.send(payment(2, bank.now)).until(bank.now + 2 * MINUTE).back(bank.now - true)
    for number in range(10, 13):
        bank.send(payment(number, bank.now), payment(2, bank.now)).until(bank.now + 10 * MINUTE)
    made = [row.begun for event in bank.events(CaseHours) for row in event.rows]
    assert made == [1] * 5
    assert bank.fates()["repeated"] == 3 * 4
    assert "refused" not in bank.fates()
    (till,) = bank.register.tills.values()
    assert max(known.hour for known in till.hours) <= bank.now, "as any, they are forgotten in time"
    assert bank.balanced()


def test_a_day_of_payments_is_small_and_changes_no_earlier_state() -> None:
    bank = Bank()
    rows = [payment(case, START + case * SECOND) for case in range(20_000)]
    for last in range(500, len(rows) + 1, 500):
        bank.until(START + last * SECOND, MINUTE).send(*rows[last - 500 : last])
        before = bank.register, msgspec.msgpack.encode(bank.register)
    bank.until(bank.now + 10 * MINUTE, MINUTE)
    assert msgspec.msgpack.encode(before[0]) == before[1]
    assert len(msgspec.msgpack.encode(bank.register)) < 8 * 20_000 + 1000
    assert sum(made for made, _, _ in bank.hours().values()) == 20_000


@pytest.mark.parametrize("waits", [False, True])
def test_a_state_of_before_the_feed_had_two_metrics_more_is_read_on(*, waits: bool) -> None:
    """Also where nothing has come since, and what came before still waits."""
    banks = Bank(), Bank()
    for bank in banks:
        for minute in range(3):
            values = {MADE: 50.0, SUCCEEDED: 99.0, "response_time": 200.0 + minute}
            bank.send((GATEWAY, bank.now + 10 * SECOND, values)).until(bank.now + MINUTE)
        if not waits:
            bank.until(bank.now + 2 * MINUTE)
    (key, wide), *_ = [each for each in banks[1].state.items() if isinstance(each[1], Windows)]
    narrow = extend(wide, len(wide), 0, 3)
    assert len(narrow.values) * 5 == len(wide.values) * 3, "the control"
    banks[1].state[key] = narrow
    for bank in banks:
        bank.until(bank.now + 2 * MINUTE).send(payment(1, bank.now, fails=True))
        bank.until(bank.now + 3 * MINUTE)
    assert banks[0].minutes() == banks[1].minutes()
    assert len(banks[0].minutes()) == 4
    assert banks[0].state[key] == banks[1].state[key]


def test_so_is_what_came_late_before_it_had_them() -> None:
    banks = Bank(), Bank()
    for bank in banks:
        bank.send((GATEWAY, START + MINUTE, {MADE: 50.0})).until(START + 5 * MINUTE)
        bank.send((GATEWAY, START, {MADE: 50.0}))
    ((key, pending),) = [each for each in banks[1].state.items() if isinstance(each[1], Pending)]
    narrow = [msgspec.structs.replace(one, values=one.values[:12]) for one in pending.placed]
    assert len(narrow) == 1, "the control: it is remembered"
    banks[1].state[key] = msgspec.structs.replace(pending, placed=tuple(narrow))
    for bank in banks:
        bank.send((GATEWAY, START, {MADE: 50.0, FAILED: 2.0}))
    assert banks[0].state[key] == banks[1].state[key]


@pytest.mark.parametrize(
    ("values", "can"),
    [
        ((1, 6, NAN, NAN, NAN, NAN), True),
        ((1, 7, NAN, NAN, 3, 0), True),
        ((1, 1, 2, NAN, NAN, NAN), False),
        ((1, 6, 2, NAN, NAN, NAN), False),
        ((1, 6, NAN, NAN, NAN, -1), False),
        ((1, 6, NAN, NAN, NAN, 0.5), False),
        ((1.5, 6, NAN, NAN, NAN, 1), False),
    ],
)
def test_what_a_payment_can_say(values: tuple[float, ...], can: bool) -> None:
    assert (told_by(START, values, 2, at_once=True) is not None) == can
    assert told_by(START, (1.0, 6.0, NAN, NAN, NAN, NAN), 2) is None, "a dossier is not at once"
    assert told_by(START, (1.0, 1.0, 2.0, NAN, NAN, 5.0), 2) is None, "nor has it an amount"


def test_it_comes_by_json_and_csv_as_any_reading() -> None:
    live = msgspec.structs.replace(source(GATEWAY, "payment_gateway", "bank"), origin="live")
    at = to_rfc3339(START)
    values = '{"case": "GD-1", "step": 6, "amount": 150000}'
    text = f"source,time,case,step,amount\n{GATEWAY},{at},7,7,90000\n{GATEWAY},{at},GD-2,6,1\n"
    text += f"{GATEWAY},{at},GD-1,6,150000\n"
    bank = Bank()
    by_json = simple.read(f'{{"source": "{GATEWAY}", "time": "{at}", "values": {values}}}')
    for number, rows in enumerate((by_json, table.read(text)), 1):
        found = checked(rows, lambda _: True, Configured(1, {GATEWAY: live}), START + SECOND)
        assert not found.refused
        groups = grouped(found.readings)
        bank.feed(*packed(groups, [(START + number, number) for _ in groups]))
    bank.until(START + 3 * MINUTE)
    assert bank.hours() == {(GATEWAY, 0, 0): [3, 2, 150_001]}
    assert bank.fates()["repeated"] == 3


def test_a_bank_that_refuses_one_in_five_is_an_incident_and_the_control_is_not() -> None:
    rule = next(each for each in FEED.default_rules if each.kind == "ratio_off")
    found = []
    for one_in in (5, 50):
        bank = Bank((Rule("fails", rule.kind, "high", parameters=FEED.parameters(rule)),))
        for minute in range(40):
            own = one_in if 10 <= minute < 20 else 50
            rows = [
                payment(minute * 100 + n, bank.now + n * SECOND, fails=n % own == 1)
                for n in range(50)
            ]
            bank.send(*rows).until(bank.now + MINUTE)
        found.append([(one.kind, one.end is None) for one in bank.events(Incident)])
    assert found == [[("ratio_off", True), ("ratio_off", False)], []]


def test_the_indicator_is_a_quotient_of_whole_payments_late_ones_too() -> None:
    events = [*connected(source(GATEWAY, "payment_gateway", "bank")), (READINGS, Tick(START), "")]
    for minute in range(70):
        now = START + minute * MINUTE
        rows = [payment(minute, now, fails=minute % 10 == 0)]
        if minute == 50:
            rows.append(payment(1000, START, fails=True))
        sent = pack("bank", rows, minute + 1, now + minute)
        events += [(READINGS, sent, "bank"), (READINGS, Tick(now + MINUTE), "")]
    told = [
        each
        for each in ran(events).events(CORRELATED)
        if isinstance(each, Indicated) and each.indicator == "payments_succeeded"
    ]
    last = [each for each in told if each.start == START][-1]
    assert (last.numerator, last.denominator, last.unplaced) == (54, 61, 0)


def delivered(
    hours: int, *, own: bool = True, lost: Collection[int] = (), night: Collection[int] = ()
) -> list[tuple[int, ...]]:
    """(expected, arrived, unclean) of each full hour of a gateway of which something is told in
    every minute but those of ``night``; ``own``: it also says how it is, but in minutes ``lost``.
    """
    bank = Bank()
    for minute in range((hours + 3) * 60):
        now = bank.now
        if own and minute not in lost:
            # At the very time at which the minute before is said, as many systems stamp theirs.
            bank.send((GATEWAY, now + MINUTE, {"response_time": 300.0 + minute % 3}))
        if minute not in night:
            bank.send(payment(minute, now + 10 * SECOND))
        bank.until(now + MINUTE, MINUTE)
    found = []
    for event in bank.events(SourceHours):
        if GATEWAY in event.sources and event.hour < START + (hours + 1) * HOUR:
            numbers = np.frombuffer(event.numbers, "<i4").reshape(len(DELIVERY), -1)
            expected, arrived, _, unclean, _ = numbers[:, event.sources.index(GATEWAY)].tolist()
            found.append((expected, arrived, unclean))
    return found


def test_what_is_made_of_payments_stands_for_no_reading_that_is_lost() -> None:
    # Of the second full hour two in three, then all of the third.
    lost = {*range(119, 159), *range(179, 239)}
    assert delivered(3, lost=lost) == [(60, 60, 0), (60, 20, 0), (60, 0, 0)]


def test_counts_of_a_gateway_that_once_told_of_payments_are_its_own_again() -> None:
    bank = Bank().send(payment(1, START))
    for minute in range(1, 500):
        values = {MADE: 2.0, FAILED: 0.0, SUCCEEDED: 100.0, AMOUNT: 9.0}
        bank.send((GATEWAY, START + minute * MINUTE, values)).until(bank.now + MINUTE, MINUTE)
    *_, last = (each for each in bank.events(SourceHours) if GATEWAY in each.sources)
    numbers = np.frombuffer(last.numbers, "<i4").reshape(len(DELIVERY), -1)
    assert numbers[:2, last.sources.index(GATEWAY)].tolist() == [60, 60]


def test_of_a_gateway_that_only_tells_of_payments_nobody_knows_what_is_missing() -> None:
    night = range(60, 110)
    assert delivered(1, own=False, night=night) == [(0, 10, 0)]
