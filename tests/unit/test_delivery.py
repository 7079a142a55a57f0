"""How well sources deliver, by hour: expected, arrived, refused, unclean, late; and the promise."""

import numpy as np
import pytest

from streams.events import DELIVERY, HOUR, MINUTE, SECOND, Delivered, Incident, SourceHours, Tick
from streams.feeds.feed import FeedError
from streams.feeds.file import read
from streams.feeds.promises import broken, shares
from streams.feeds.registry import all_feeds
from streams.kinds.registry import falls_short, find
from streams.runtime.offline import Offline
from streams.stages.measuring import Measured, Measuring, added
from streams.topics import CORRELATED, READINGS, SCORED
from tests.support.measured import HOUR_START, START, Told, connected, pack, ran, source

GOOD, BAD, GONE = "bts-good", "bts-bad", "bts-gone"


def hour(*, until: int = 80) -> list[Told]:
    """Three stations at two gateways from ten minutes before the hour on: one as it should be, one
    with every fault, one that never speaks."""
    events: list[Told] = [
        *connected(
            source(GOOD, "base_station", "a"),
            source(BAD, "base_station", "b"),
            source(GONE, "base_station", "b"),
        ),
        (READINGS, Tick(START), ""),
    ]
    sequence = 0
    for minute in range(until + 10):
        now = START + minute * MINUTE
        events.append((READINGS, Tick(now + MINUTE), ""))
        rows = [(GOOD, now, {"channel_load": 20.0 + minute % 7})]
        in_hour = (now - HOUR_START) // MINUTE
        sent: list[tuple[str, int, float]] = []
        if in_hour != 5:  # is lost
            load = 1000.0 if in_hour == 6 else 30.0 + minute % 5
            sent.append((BAD, now, load))
        if in_hour == 20:  # comes again, with another value, before it is judged
            sent.append((BAD, now, 31.0 + minute % 5))
        if in_hour == 15:  # of the fifth, after the lateness of two minutes
            sent.append((BAD, HOUR_START + 5 * MINUTE, 30.0))
        for gateway, told in (
            ("a", rows),
            ("b", [(n, t, {"channel_load": v}) for n, t, v in sent]),
        ):
            for row in told:
                sequence += 1
                packed = pack(gateway, [row], sequence, now + SECOND + sequence)
                events.append((READINGS, packed, gateway))
    return events


def said(offline: Offline) -> dict[str, dict[str, int]]:
    """Of the full hour, by source."""
    found = {}
    for event in offline.events(SCORED):
        if isinstance(event, SourceHours) and event.hour == HOUR_START:
            numbers = np.frombuffer(event.numbers, "<i4").reshape(len(DELIVERY), -1).T.tolist()
            for name, row in zip(event.sources, numbers, strict=True):
                found[name] = dict(zip(DELIVERY, row, strict=True))
    return found


@pytest.mark.parametrize(("partitions", "reload"), [(1, False), (3, True)])
def test_each_source_and_hour_is_counted_once_by_what_came(partitions: int, reload: bool) -> None:
    offline = ran(hour(), partitions, reload=reload)
    nothing = dict.fromkeys(DELIVERY, 0) | {"expected": 60}
    assert said(offline) == {
        GOOD: nothing | {"arrived": 60},
        BAD: nothing | {"arrived": 60, "refused": 1, "unclean": 1, "late": 1},
        GONE: nothing,
    }
    (incident,) = (e for e in offline.events(CORRELATED) if isinstance(e, Incident))
    assert (incident.kind, incident.subject) == ("below_promise", "base_stations:complete=666")
    assert incident.origin == "simulated", "it leaves the building no more than its readings do"


EARLIER: Told = (READINGS, Tick(START - 5 * MINUTE), "")
"""In the hour in which the stations begin; five minutes without a tick are a jump."""


@pytest.mark.parametrize(
    "before",
    [
        [],
        [EARLIER, (READINGS, Tick(START - MINUTE), "")],  # the stage was there, no gateway
        [*connected(source(GOOD, "base_station", "a")), EARLIER],  # and time jumps
    ],
    ids=["all", "gateway", "jump"],
)
def test_the_hour_in_which_it_begins_is_not_said(before: list[Told]) -> None:
    offline = ran([*before, *hour(until=15)])
    assert not [e for e in offline.events(SCORED) if isinstance(e, SourceHours)]


def told(**changes: int) -> Delivered:
    numbers = {"sources": 10, "kept": 10, "expected": 600, "arrived": 600, "readings": 600}
    numbers |= {"refused": 0, "unclean": 0, "late": 0} | changes
    return Delivered("base_stations", "live", HOUR_START, **numbers)


@pytest.mark.parametrize(
    ("changes", "axis", "share"),
    [
        ({"arrived": 569, "readings": 569}, "complete", 948),
        ({"refused": 7}, "valid", 988),
        ({"unclean": 13}, "clean", 978),
        ({"late": 31}, "live", 948),
    ],
)
def test_each_axis_below_its_promise_is_named(
    changes: dict[str, int], axis: str, share: int
) -> None:
    feed = all_feeds()["base_stations"]
    assert broken(feed, told()) == []
    assert broken(feed, told(**changes)) == [(axis, share)]
    incident = falls_short(told(**changes), HOUR_START + HOUR)
    assert incident is not None
    words = find("below_promise").subject_of(incident.subject)
    assert f"Mobile operators): {axis} {share / 10} %" in words.en
    assert "Doanh nghiệp viễn thông" in words.vi


def test_where_no_period_is_known_nobody_says_what_is_missing() -> None:
    assert shares(told(expected=0, arrived=0))["complete"] is None
    assert shares(told(readings=0, arrived=0))["valid"] is None


def test_an_owner_is_told_once_until_an_hour_keeps_the_promise() -> None:
    found = Measuring(Measured())
    for at, late in enumerate([100, 200, 0, 100]):
        found._deliver(
            Delivered("payments", "live", HOUR_START + at * HOUR, 2, 2, 120, 120, 120, 0, 0, late),
            HOUR_START + (at + 1) * HOUR,
        )
    assert [(e.revision, e.end) for e in found.incidents] == [
        (0, None),
        (1, HOUR_START + 2 * HOUR),
        (0, None),
    ]
    assert len(found.measured.below) == 1


def test_partitions_add_up_to_their_feed() -> None:
    assert added([told(), told(late=3)]).late == 3
    assert added([told(), told()]).expected == 1200


def test_a_promise_is_between_nothing_and_all() -> None:
    text = (
        "id: x1\nversion: 1\nname: {vi: a, en: b}\ncarries: readings\nclock: source\n"
        "lateness_seconds: 1\nasset_types: {t1: {name: {vi: a, en: b}}}\n"
        'metrics: {m: {name: {vi: a, en: b}, unit: {vi: "%", en: "%"}, range: [0, 1]}}\n'
    )
    assert read(text + "promise: {live: 90}\n", "f").promise.live == 90
    with pytest.raises(FeedError, match="promise: live: give 0 to 100"):
        read(text + "promise: {live: 101}\n", "f")
