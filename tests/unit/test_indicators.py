"""Indicators: the catalogue, sums that are exact whoever adds them, and what is decided of them."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np
import pytest

from services.alerts.names import NameBook
from streams.events import (
    BAD,
    HOUR,
    LATE,
    MINUTE,
    REPEATED,
    SECOND,
    Delivered,
    Incident,
    Indicated,
    Level,
    Micros,
    Scored,
    Summed,
    Sums,
    Tick,
)
from streams.feeds.registry import all_feeds
from streams.indicators.catalogue import all_indicators, computed
from streams.indicators.file import read
from streams.indicators.indicator import IndicatorError, days, span
from streams.indicators.words import said, subject
from streams.kinds.registry import will_miss
from streams.runtime.offline import Offline
from streams.sensors.reordering import ORIGINS
from streams.stages.measuring import Measured, Measuring
from streams.topics import CORRELATED, READINGS, SCORED
from tests.support.measured import (
    HOUR_START,
    SEGMENTS,
    START,
    Told,
    connected,
    day,
    pack,
    ran,
    source,
)

UP, DRIVEN, WAITING = "base_stations_up", "main_roads_speed", "lorries_waiting"


EVENTS = day(90, seed=3, down=range(30, 45))


@cache
def once() -> Offline:
    """Read only."""
    return ran(EVENTS)


def indicated(offline: Offline) -> list[Indicated]:
    return [each for each in offline.events(CORRELATED) if isinstance(each, Indicated)]


def incidents(offline: Offline) -> list[Incident]:
    return [each for each in offline.events(CORRELATED) if isinstance(each, Incident)]


def last(offline: Offline, name: str, start: Micros = HOUR_START) -> Indicated:
    return [e for e in indicated(offline) if (e.indicator, e.start) == (name, start)][-1]


# --- the catalogue ---------------------------------------------------------------------------


def test_about_forty_and_what_no_feed_has_says_what_it_needs() -> None:
    found = all_indicators()
    assert len(found) >= 40
    assert len(computed()) >= 12
    for indicator in found.values():
        assert (indicator.formula is None) == (indicator.needs is not None)
        for words in (indicator.name, indicator.unit, indicator.responsible, indicator.legal):
            assert all(words), indicator.id


GOOD = """
- id: open_gates
  name: {vi: Cổng mở, en: Open gates}
  unit: {vi: "%", en: "%"}
  direction: up
  period: hour
  target: 90
  responsible: {vi: Cảng vụ, en: Port authority}
  legal: {vi: chưa có, en: none}
  formula: {feed: port_gates, share: lorries_waiting, at_most: 20}
"""


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("share: lorries", "share: lorrie", "share: port_gates has no metric 'lorrie"),
        ("feed: port_gates", "feed: ports", "there is no feed of readings 'ports'"),
        (", at_most: 20", "", "give one of at_least, at_most, above, below"),
        ("period: hour", "period: week", "period: give hour or day or month or year"),
        ("  formula:", "  formulae:", "unknown field"),
        ("  formula:", "  needs: {vi: a, en: b}\n  formula:", "give formula, or needs"),
        ("{feed", "{types: [berth], feed", "no asset type 'berth' that reports"),
        ("share: lorries", "mean: gate_flow, share: lorries", "give one of mean, share"),
        ("en: Open gates", "fr: Portes", "name: give {vi: …, en: …}"),
        ("target: 90", "target: .nan", "target: give a number that is finite"),
        ("share: lorries_waiting, at_most: 20", "places: gate_flow, above: 1, readings: 99",
         "readings: give 1 to"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_line_that_names_the_place(
    before: str, after: str, why: str
) -> None:
    assert [each.id for each in read(GOOD, "f")] == ["open_gates"]
    with pytest.raises(IndicatorError, match=r"^f: ") as raised:
        read(GOOD.replace(before, after), "f")
    assert why in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_added_exactly_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    total = GOOD.replace("share: lorries_waiting, at_most: 20", "total: lorries_waiting")
    assert [each.id for each in read(total, "f")] == ["open_gates"]
    feed = all_feeds()["port_gates"]
    wide = msgspec.structs.replace(feed.metrics["lorries_waiting"], range=(-1e300, 0.0))
    feed = msgspec.structs.replace(feed, metrics={**feed.metrics, "lorries_waiting": wide})
    monkeypatch.setattr("streams.indicators.validity.all_feeds", lambda: {feed.id: feed})
    with pytest.raises(IndicatorError, match="total: its range is so wide"):
        read(total, "f")
    assert read(GOOD, "f"), "how many are so is a small number"


def test_periods_are_the_citys_own() -> None:
    evening = days(2026, 12, 31) * 24 * HOUR + 18 * HOUR  # 1:00 of the new year in the city
    for period in ("day", "month", "year"):
        assert span(period, evening).start == evening - HOUR
    assert span("month", evening).end - span("month", evening).start == 31 * 24 * HOUR


def test_an_incidents_subject_is_said_in_words() -> None:
    assert said(subject(UP, 97_310)).en == "Base stations in service: 97.31 % (target ≥ 99)"
    assert said(subject(UP, 97_310)).vi == "Trạm BTS hoạt động: 97,31 % (mục tiêu ≥ 99)"


# --- sums ------------------------------------------------------------------------------------


def stored(offline: Offline) -> dict[tuple[str, str, Micros], float]:
    """What the history has of each source, metric and time: the last that was told counts."""
    found: dict[tuple[str, str, Micros], float] = {}
    for pack_ in offline.events(SCORED):
        if not isinstance(pack_, Scored):
            continue
        index = np.frombuffer(pack_.source, "<u2").tolist()
        times = np.frombuffer(pack_.times, "<i8").tolist()
        values = np.frombuffer(pack_.values, "<f8").reshape(len(index), -1)
        for row, flags in enumerate(pack_.flags):
            if flags & (REPEATED | BAD):
                continue
            for column, metric in enumerate(pack_.metrics):
                if not np.isnan(values[row, column]):
                    found[pack_.sources[index[row]], metric, times[row]] = values[row, column]
    return found


def test_late_and_corrected_readings_count_as_the_history_has_them() -> None:
    offline = once()
    history = stored(offline)
    assert any(f & LATE for e in offline.events(SCORED) if isinstance(e, Scored) for f in e.flags)
    up = [
        value
        for (_, metric, time), value in history.items()
        if metric == "in_service" and HOUR_START <= time < HOUR_START + HOUR
    ]
    found = last(offline, UP)
    assert (found.state, found.unplaced) == ("ended", 0)
    assert (found.numerator, found.denominator) == (sum(v > 0 for v in up), len(up))
    driven: dict[tuple[str, Micros], dict[str, int]] = defaultdict(dict)
    for (name, metric, time), value in history.items():
        if name in SEGMENTS and HOUR_START <= time < HOUR_START + HOUR:
            scale = 1000 if metric == "speed" else 1
            driven[name, time][metric] = int(np.rint(float(np.float32(value)) * scale))
    found = last(offline, DRIVEN)
    weights = [row["sampled_vehicles"] for row in driven.values()]
    assert found.denominator == sum(weights)
    assert found.numerator == sum(row["speed"] * row["sampled_vehicles"] for row in driven.values())
    assert found.readings == len(weights)


@pytest.mark.parametrize(("partitions", "reload"), [(1, False), (5, False), (2, True)])
def test_any_number_of_partitions_and_a_reload_after_each_event_say_the_same(
    partitions: int, reload: bool
) -> None:
    first, other = once(), ran(EVENTS, partitions, reload=reload)
    assert len(indicated(first)) > 30
    assert indicated(first) == indicated(other)
    assert sorted(incidents(first), key=str) == sorted(incidents(other), key=str)
    assert {(e.kind, e.subject.split("=")[0]) for e in incidents(first)} >= {("off_target", UP)}


def test_control_a_sum_that_is_lost_is_seen() -> None:
    offline = once()
    found = Measuring(Measured())
    sums = [e for e in offline.events("grouped") if isinstance(e, Sums)]
    by_time: dict[Micros, list[Sums]] = defaultdict(list)
    for each in sums[1:]:
        by_time[each.time].append(each)
    for time in sorted(by_time):
        found.add(by_time[time], time)
    assert found.told != indicated(offline)


def test_a_reading_beyond_the_window_is_counted_and_in_no_value() -> None:
    gateway = "operator-0"
    rows = [("bts-0", START + n * MINUTE, {"in_service": 1.0}) for n in range(40)]
    events: list[Told] = [
        *connected(source("bts-0", "base_station", gateway)), (READINGS, Tick(START), "")
    ]  # fmt: skip
    for n, row in enumerate(rows):
        if n != 2:
            events.append((READINGS, pack(gateway, [row], n, row[1] + SECOND), gateway))
        events.append((READINGS, Tick(row[1] + 30 * SECOND), ""))
    ends: list[Told] = [(READINGS, Tick(HOUR_START + n * MINUTE), "") for n in (40, 41)]
    before = [*events, *ends]
    events.append((READINGS, pack(gateway, [rows[2]], 99, rows[-1][1] + 2 * SECOND), gateway))
    events += ends
    hour = HOUR_START - HOUR
    plain, late = last(ran(before), UP, hour), last(ran(events), UP, hour)
    assert (late.value, late.readings) == (plain.value, plain.readings)
    assert (plain.unplaced, late.unplaced) == (0, 1)


def test_how_things_stand_is_what_the_newest_readings_add_up_to() -> None:
    offline = once()
    newest: dict[str, tuple[Micros, float]] = {}
    as_of = last(offline, WAITING).time
    for (name, metric, time), value in stored(offline).items():
        if metric == WAITING and time < as_of - 120 * SECOND:
            newest[name] = max(newest.get(name, (0, 0.0)), (time, value))
    found = last(offline, WAITING)
    assert found.numerator == 1000 * sum(value for _, value in newest.values())
    assert found.denominator == 3


# --- what is decided -------------------------------------------------------------------------


def told(*hours: tuple[int, int, int], to: Measuring | None = None) -> Measuring:
    """(minutes after the hour's start at which it is said, up, of) …: all of the first hour."""
    found = to or Measuring(Measured())
    for minute, up, of in hours:
        time = HOUR_START + minute * MINUTE
        row = Summed(UP, "live", time // HOUR * HOUR, up, of, of)
        found.add([Sums("score", READINGS, 0, time, (row,))], time)
    return found


def states(found: Measuring) -> list[tuple[int, str, int, int | None]]:
    """(minute, state, revision, value) of the first hour."""
    return [
        ((e.time - HOUR_START) // MINUTE, e.state, e.revision, e.value)
        for e in found.told
        if e.start == HOUR_START
    ]


def nothing(found: Measuring, *minutes: int) -> Measuring:
    for minute in minutes:
        time = HOUR_START + minute * MINUTE
        found.add([Sums("score", READINGS, 0, time)], time)
    return found


def test_a_period_runs_ends_closes_and_is_restated_in_words() -> None:
    found = nothing(told((30, 99, 100)), 60, 65, 95)
    first = Summed(UP, "live", HOUR_START, 0, 100, 100)
    time = HOUR_START + 120 * MINUTE
    found.add([Sums("score", READINGS, 0, time, (first,))], time)
    assert states(found) == [
        (30, "running", 0, 99_000),
        (65, "ended", 0, 99_000),
        (95, "closed", 0, 99_000),
        (120, "restated", 1, 49_500),
    ]


def test_one_that_misses_its_target_is_an_incident_until_a_period_meets_it() -> None:
    found = nothing(told((50, 90, 100)), 60, 70)
    nothing(told((80, 100, 100), to=found), 90, 100, 110, 120, 130)
    assert [(e.kind, e.revision, e.end) for e in found.incidents] == [
        ("off_target", 0, None),
        ("off_target", 1, HOUR_START + HOUR),
    ]
    assert found.incidents[0].start == HOUR_START
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(found.measured), type=Measured)
    assert again == found.measured


def hourly(found: Measuring, values: Sequence[int], first: int = 0) -> Measuring:
    """Hours that come to so many of 1000."""
    for hour, value in enumerate(values, first):
        nothing(found, 60 * hour + 20)
        time = HOUR_START + hour * HOUR + 30 * MINUTE
        row = Summed(UP, "live", time // HOUR * HOUR, value, 1000, 1000)
        found.add([Sums("score", READINGS, 0, time, (row,))], time)
        nothing(found, 60 * hour + 65)
    return found


def test_what_is_to_come_is_said_with_how_sure_it_is_and_is_an_incident_where_it_misses() -> None:
    found = hourly(Measuring(Measured()), [996, 994, 998, 996, 994])
    time = HOUR_START + 5 * HOUR + 40 * MINUTE
    row = Summed(UP, "live", HOUR_START + 5 * HOUR, 800, 1000, 1000)
    found.add([Sums("score", READINGS, 0, time, (row,))], time)
    running = [e for e in found.told if e.state == "running"][-1]
    assert running.low is not None
    assert running.high is not None
    usual, deviation = 99_560, 1280 // 10
    expected = (80_000 * 40 + usual * 20) // 60
    assert running.low < expected < running.high
    assert running.high - running.low < 4 * deviation
    assert found.incidents[-1].kind == "likely_off_target"
    assert not found.incidents[-1].end
    hourly(found, [], 6)
    nothing(found, 6 * 60 + 5)
    kinds = [(e.kind, e.end is None) for e in found.incidents]
    assert kinds == [
        ("likely_off_target", True),
        ("likely_off_target", False),
        ("off_target", True),
    ]


def test_no_incident_lasts_through_a_gap() -> None:
    found = nothing(told((30, 90, 100)), 40, 50, 60, 70)
    assert [e.end for e in found.incidents] == [None]
    nothing(found, 70 + 3 * 24 * 60)
    assert found.incidents[-1].end == HOUR_START + 70 * MINUTE


@pytest.mark.parametrize(("now", "before"), [(90, 100), (100, 10)])
def test_an_hour_of_which_all_came_late_says_nothing_of_how_things_are(
    now: int, before: int
) -> None:
    found = nothing(told((50, now, 100)), 60, 70)
    known = len(found.incidents)
    time = HOUR_START + 75 * MINUTE
    row = Summed(UP, "live", HOUR_START - 3 * HOUR, before, 100, 100)
    found.add([Sums("score", READINGS, 0, time, (row,))], time)
    assert found.told[-1].value == 1000 * before, "it is told"
    assert found.incidents[known:] == []


def standing(found: Measuring, minute: int, *numbers: int) -> Measuring:
    """What the newest readings of three sources add up to, at that minute."""
    time = HOUR_START + minute * MINUTE
    levels = tuple(Level("dossiers_overdue", "live", number, 3) for number in numbers)
    found.add([Sums("score", READINGS, 0, time, levels=levels)], time)
    return found


def test_each_origin_has_incidents_of_its_own() -> None:
    """The same indicator, hour and value; and the same outlook, twice in one hour."""
    found = Measuring(Measured())
    time = HOUR_START + 50 * MINUTE
    rows = [Summed(UP, origin, HOUR_START, 90, 100, 100) for origin in ("live", "simulated")]
    found.add([Sums("score", READINGS, 0, time, tuple(rows))], time)
    nothing(found, 60, 70)
    assert [(e.kind, e.origin) for e in found.incidents] == [
        ("off_target", "live"),
        ("off_target", "simulated"),
    ]
    assert len({e.id for e in found.incidents}) == 2
    told = [Delivered("base_stations", each, HOUR_START, 1, 0, 60, *[0] * 5) for each in ORIGINS]
    short = Measuring(Measured())
    short.add([Sums("score", READINGS, 0, time, delivered=tuple(told))], time)
    assert len({each.id for each in short.incidents}) == len(ORIGINS)
    twice = [will_miss(UP, 90_000, HOUR_START, time + n, "live").id for n in range(2)]
    assert len({*twice}) == 2


def test_people_read_what_an_incident_is_about_and_no_id() -> None:
    """No source has such an id, so nothing in the configuration has a name for it."""
    found = Measuring(Measured())
    told = Delivered("base_stations", "live", HOUR_START, 1, 0, 60, *[0] * 5)
    row = Summed(UP, "live", HOUR_START, 90, 100, 100)
    found.add([Sums("score", READINGS, 0, HOUR_START, (row,), delivered=(told,))], HOUR_START)
    nothing(found, 60, 70)
    names = {one.kind: NameBook().of(one) for one in found.incidents}
    for kind, of in (
        ("off_target", all_indicators()[UP].name),
        ("below_promise", all_feeds()["base_stations"].name),
    ):
        assert (names[kind].source_vi, names[kind].source_en) == (of.vi, of.en)


def test_what_is_replayed_is_the_same_incident() -> None:
    """Its origin is another; where there are two, each keeps its own."""
    ids, time = [], HOUR_START + 50 * MINUTE
    for origin in ("live", "replayed"):
        found = Measuring(Measured())
        told = Delivered("base_stations", origin, HOUR_START, 1, 0, 60, *[0] * 5)
        row = Summed(UP, origin, HOUR_START, 90, 100, 100)
        found.add([Sums("score", READINGS, 0, time, (row,), delivered=(told,))], time)
        nothing(found, 60, 70)
        ids.append([(one.kind, one.id) for one in found.incidents])
    assert ids[0] == ids[1]
    assert [kind for kind, _ in ids[0]] == ["below_promise", "off_target"]


def test_twice_in_a_row_is_with_nothing_unknown_in_between() -> None:
    many, found = 10**9, Measuring(Measured())
    standing(found, 5, many)
    for minute in range(10, 600, 5):
        standing(found, minute)
    standing(found, 600, many)
    assert found.incidents == []
    assert [e.start for e in standing(found, 605, many).incidents] == [HOUR_START + 10 * HOUR]


def test_of_two_periods_that_run_each_has_its_own_outlook(monkeypatch: pytest.MonkeyPatch) -> None:
    found = hourly(Measuring(Measured()), [996, 994, 998, 996, 994])
    monkeypatch.setattr("streams.indicators.series.lateness", lambda _: 40 * MINUTE)
    for minute in range(5 * 60 + 25, 6 * 60 + 40, 5):
        time = HOUR_START + minute * MINUTE
        row = Summed(UP, "live", time // HOUR * HOUR, 800, 1000, 1000)
        found.add([Sums("score", READINGS, 0, time, (row,))], time)
    likely = [e for e in found.incidents if e.kind == "likely_off_target"]
    hours = [((e.start - HOUR_START) // HOUR, e.end is None) for e in likely]
    assert hours == [(5, True), (5, False), (6, True)]


def test_nothing_is_foreseen_by_fewer_than_three_periods() -> None:
    found = hourly(Measuring(Measured()), [996, 994])
    assert all(e.low is None for e in found.told)
