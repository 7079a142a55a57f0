"""Rows that are checked and packed, and how much a key may send."""

from typing import Any

import msgspec
import pytest

from services.receiver.check import checked
from services.receiver.keys import Key, find
from services.receiver.packs import MOST_ROWS, grouped, packed
from services.receiver.rows import Refused, Row, Value
from services.receiver.usage import BURST_SECONDS, OPEN_REQUESTS, Usage
from services.web.problems import ProblemError
from streams.configuration.configured import Configured
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros, from_rfc3339
from streams.feeds.registry import all_feeds
from tests.support.reception import SOURCES, values_of

NOW: Micros = from_rfc3339("2026-11-29T08:00:00+07:00")
KNOWN = Configured(1, {source.id: source for source in SOURCES})
NAMED = frozenset({"loop-1", "cam-1", "made-up"})
KEY = Key("k", b"", "test", NAMED, frozenset({"gw-b"}), rate=10, daily=100, expires_at=None)


def row(source: str = "loop-1", metric: str = "speed", value: float = 40, **more: Any) -> Row:
    unit, time = more.pop("unit", ""), more.pop("time", NOW)
    return Row(more.pop("at", 0), source, (Value(metric, value, unit),), time, **more)


def refused(one: Row) -> str:
    found = checked([one], KEY.covers, KNOWN, NOW)
    assert not found.readings
    return found.refused[0].reason


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (row("nowhere"), "unknown_source"),
        (row("loop-2"), "unknown_source"),
        (row("cam-1"), "no_readings"),
        (row("made-up"), "not_live"),
        (row(metric="colour"), "unknown_metric"),
        (row(metric=""), "unknown_metric"),
        (row(unit="°C"), "wrong_unit"),
        (row(time=None), "no_time"),
        (row(time=None, since=-5 * SECOND), "no_time"),
        (row(time=NOW + HOUR), "absurd_time"),
        (row(time=NOW - 31 * DAY), "absurd_time"),
        (row(time=10**24), "absurd_time"),
    ],
)
def test_what_cannot_be_a_reading_is_refused(one: Row, reason: str) -> None:
    assert refused(one) == reason


def test_an_asset_that_no_gateway_carries_has_no_readings_yet() -> None:
    bare = msgspec.structs.replace(KNOWN.sources["loop-1"], gateway="", period=0)
    found = checked([row()], KEY.covers, Configured(1, {"loop-1": bare}), NOW)
    assert [one.reason for one in found.refused] == ["not_connected"]


def test_others_are_taken_beside_what_is_refused() -> None:
    rows: list[Row | Refused] = [
        row(),
        Refused(1, "x", "x"),
        row("nowhere", at=2),
        row("loop-9", at=3),
    ]
    found = checked([*rows], KEY.covers, KNOWN, NOW)
    assert [one.at for one in found.readings] == [0, 3]
    assert [one.at for one in found.refused] == [1, 2]
    assert checked([row(unit="m/s", value=10)], KEY.covers, KNOWN, NOW).readings[0].values == {
        "speed": 36
    }


def test_a_feed_that_goes_by_arrival_needs_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = all_feeds()["induction_loops"]
    late = msgspec.structs.replace(feed, clock="arrival")
    monkeypatch.setattr("services.receiver.check.of_asset_type", lambda _: late)
    rows = [row(time=None), row(time=None, metric="flow"), row(time=None, value=41)]
    found = checked([*rows, row(time=NOW - 400 * DAY)], KEY.covers, KNOWN, NOW)
    assert not found.refused
    (pack,) = packed(grouped(found.readings), [(NOW, 1)])
    _, times, _ = pack.arrays()
    assert times.tolist() == [NOW, NOW + 1, NOW - 400 * DAY]


def test_packs_say_what_the_rows_said() -> None:
    rows = [
        row(time=NOW),
        row(metric="flow", value=7, time=NOW),
        row("loop-9", time=NOW + SECOND),
        row(time=NOW, value=41),
        row(metric="occupancy", value=3, time=NOW + MINUTE),
    ]
    found = checked(rows, KEY.covers, KNOWN, NOW)
    packs = packed(grouped(found.readings), [(NOW, 1), (NOW + 1, 2)])
    assert [(pack.gateway, pack.origin, pack.sequence) for pack in packs] == [
        ("gw-a", "live", 1),
        ("gw-b", "live", 2),
    ]
    told = sorted((source, metric, value) for _, source, metric, value in values_of(packs))
    assert told == [
        ("loop-1", "flow", 7),
        ("loop-1", "occupancy", 3),
        ("loop-1", "speed", 40),
        ("loop-1", "speed", 41),
        ("loop-9", "speed", 40),
    ]
    assert len(packs[0].arrays()[1]) == 3, "flow and speed of one time are one row"


def test_many_rows_are_several_packs() -> None:
    rows = [row(time=NOW - number * SECOND) for number in range(MOST_ROWS + 1)]
    groups = grouped(checked(rows, KEY.covers, KNOWN, NOW).readings)
    assert [len(rows) for _, rows in groups] == [MOST_ROWS, 1]
    assert groups == grouped(checked(rows, KEY.covers, KNOWN, NOW).readings), (
        "the same when sent again"
    )


def test_the_last_part_of_a_urn_may_be_the_source() -> None:
    urn = Row(0, "mac", (Value("loop-1", 4.0),), NOW, loose=True)
    assert refused(urn) == "unknown_metric", "it has several metrics: say which"
    assert refused(urn._replace(loose=False)) == "unknown_source"


def reason(usage: Usage, key: Key, now: Micros = NOW, steady: float = 0.0) -> tuple[str, int]:
    with pytest.raises(ProblemError) as said:
        usage.enter(key, now, steady)
    assert said.value.status == 429
    assert said.value.headers
    return said.value.reason, int(said.value.headers["Retry-After"])


def test_a_key_sends_no_more_than_its_rate_whatever_its_batches() -> None:
    usage, key = Usage(), KEY._replace(daily=10**9)
    steady, taken = 0.0, 0
    for _ in range(1000):
        try:
            usage.enter(key, NOW, steady)
            usage.leave(key)
            usage.note(key, 500, 0, steady)
            taken += 500
        except ProblemError as problem:
            steady += int((problem.headers or {})["Retry-After"])
    assert taken <= key.rate * (steady + BURST_SECONDS) + 500
    assert taken >= key.rate * steady * 0.9


def test_what_is_refused_counts_for_the_rate_and_not_for_the_quota() -> None:
    usage = Usage()
    usage.note(KEY, 0, 1000, 0.0)
    assert reason(usage, KEY)[0] == "rate"
    usage.enter(KEY, NOW, 1000.0)
    usage.leave(KEY)


def test_the_quota_is_a_days() -> None:
    usage = Usage()
    usage.enter(KEY, NOW, 0.0)
    usage.leave(KEY)
    usage.note(KEY, 100, 0, 0.0)
    assert reason(usage, KEY, NOW, 1000.0) == ("quota", 23 * 3600 + 1)
    usage.enter(KEY, NOW + DAY, 1000.0)


def test_so_many_requests_of_a_key_are_open_at_a_time() -> None:
    usage, other = Usage(), KEY._replace(id="other")
    for _ in range(OPEN_REQUESTS):
        usage.enter(KEY, NOW, 0.0)
    assert reason(usage, KEY)[0] == "too_many_at_once"
    usage.enter(other, NOW, 0.0)
    usage.leave(KEY)
    usage.enter(KEY, NOW, 0.0)


def test_a_key_that_has_expired_is_none() -> None:
    keys = {b"a": KEY, b"b": KEY._replace(expires_at=NOW)}
    assert find(keys, b"a", NOW) is KEY
    assert find(keys, b"b", NOW - 1)
    assert find(keys, b"b", NOW) is None
    assert find(keys, b"c", NOW) is None
