"""How long a reader may be away, and what is refused before anything unread is deleted."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import DAY, HOUR, MINUTE, SECOND, Heartbeat
from streams.kafka.outage import (
    FULL,
    Away,
    Budget,
    Reached,
    Reads,
    away,
    budget,
    budgets,
    everywhere,
    positions,
)
from streams.kafka.partition_logs import Log, Place, Rates
from streams.kafka.unread import EASED, Unread, unread
from streams.pipeline import PATH
from streams.readers import PARTS, READS, below, sources_of
from streams.refusing import refused, why
from streams.topics import (
    CORRELATED,
    COUNTS,
    DETECTIONS,
    FRAMES,
    GROUPED,
    INCIDENTS,
    INPUTS,
    READINGS,
    SCORED,
)

LOG = Log(
    first=1000, end=2000, size=10_000_000, rate=100_000.0, kept_bytes=20_000_000, kept_for=DAY
)
"""1,000 messages of 10 kB, ten a second; 20 MB are kept, nine tenths of which are 180 s."""


def beat(part: str, **next_offsets: int) -> Heartbeat:
    named = {name.replace("_", "/"): offset for name, offset in next_offsets.items()}
    return Heartbeat(part, "1", 1, 0, True, "", 0, {}, {}, 0, named)


def least(logs: Mapping[Place, Log], beats: list[Heartbeat], reads: Reads) -> list[Budget]:
    return budgets(logs, positions(beats, reads), reads)


def of(log: Log, next_offset: int | None) -> Budget:
    return budget("detect", (FRAMES, 0), log, next_offset)


def test_whoever_has_read_all_may_be_away_until_inputs_are_refused() -> None:
    assert of(LOG, 2000) == Budget("detect", FRAMES, 0, 180, 0, 100_000, 0.0)
    assert of(LOG, 2001) == of(LOG, 2000), "it has read on since the log was measured"


def test_what_is_unread_already_is_time_less() -> None:
    found = of(LOG, 1500)
    assert (found.seconds, found.unread_bytes, found.used) == (130, 5_000_000, 0.25)
    assert of(LOG._replace(rate=0.0), 1500).seconds == 86_400


def test_age_bounds_it_where_little_is_written() -> None:
    slow = LOG._replace(rate=10.0, kept_for=HOUR, size=1000)
    assert of(slow, 2000).seconds == 3600
    assert of(slow, 1000).seconds == 3500, "what is unread is 100 s old"


def test_where_messages_are_gone_nothing_is_left() -> None:
    found = of(LOG, 999)
    assert (found.seconds, found.used) == (0, 1.0)
    assert of(LOG, 1000).seconds == 80, "the control: the next one is there"


def test_where_inputs_are_refused_no_time_is_left() -> None:
    short = LOG._replace(kept_bytes=10_000_000)
    assert of(short, 1100).seconds == 0
    assert of(short, 1101).seconds == 0, "less than a second"
    assert of(short, 1200).seconds == 10
    assert of(short._replace(rate=None), 1100).seconds == 0, "whatever the rate"
    assert of(short._replace(rate=None), 1200).seconds is None


def test_what_nobody_has_said_is_not_known_and_comes_first() -> None:
    logs = {(FRAMES, 0): LOG, (FRAMES, 1): LOG, (FRAMES, 2): LOG}
    beats = [beat("detect-1", frames_0=2000, frames_1=1500)]
    (found,) = least(logs, beats, {"detect": (FRAMES,)})
    assert (found.partition, found.seconds) == (2, None)
    (found,) = least(logs, [*beats, beat("detect-2", frames_2=1900)], {"detect": (FRAMES,)})
    assert (found.partition, found.seconds) == (1, 130)


def test_of_a_partition_to_which_nothing_is_ever_written_nobody_need_say_anything() -> None:
    empty = LOG._replace(first=0, end=0, size=0, rate=0.0)
    assert of(empty, None).seconds == 86_400
    assert of(empty._replace(end=1), None).seconds is None, "the control"


def test_each_reader_of_a_topic_has_its_own() -> None:
    logs = {(DETECTIONS, 0): LOG, (CORRELATED, 0): LOG, (SCORED, 0): LOG}
    beats = [
        beat("streams-1", detections_0=1900),
        beat("writer", detections_0=1100, correlated_0=2000, scored_0=2000),
        beat("alerts", correlated_0=1000),
        beat("streams-1", detections_0=1800),  # an older one: what was read stays read
    ]
    found = {(one.reader, one.topic): one.seconds for one in least(logs, beats, READS)}
    assert found == {
        ("interpret", DETECTIONS): 170,
        ("writer", CORRELATED): 180,
        ("writer", DETECTIONS): 90,
        ("writer", SCORED): 180,
        ("alerts", CORRELATED): 80,
    }
    assert positions([beat("writer", junk=1)], READS) == {}


def test_every_topic_that_is_read_has_its_readers() -> None:
    assert {step.stage for step in PATH} | {"writer", "alerts"} == set(READS)
    assert READS["score"] == (READINGS,)


def test_who_reads_is_known_and_what_a_source_leads_to() -> None:
    assert below(FRAMES) == {FRAMES, DETECTIONS, INCIDENTS, COUNTS, GROUPED, CORRELATED}
    assert below(READINGS) == {READINGS, SCORED, INCIDENTS, GROUPED, CORRELATED}
    every = {topic for step in PATH for topic in (step.reads, *step.writes)}
    assert every == {topic for topics in READS.values() for topic in topics}, "all are read"
    assert sources_of(SCORED, 2, 4) == {(READINGS, 2)}
    assert sources_of(DETECTIONS, 1, 4) == {(FRAMES, 1)}
    shuffled = {(topic, number) for topic in INPUTS for number in range(4)}
    assert sources_of(INCIDENTS, 1, 4) == sources_of(CORRELATED, 3, 4) == shuffled


def test_a_part_may_be_away_for_as_long_as_the_least_of_its_readers() -> None:
    found = [
        Budget("detect", FRAMES, 1, 100, 0, 0, 0.0),
        Budget("score", READINGS, 0, 300, 0, 0, 0.0),
        Budget("correlate", INCIDENTS, 2, None, 0, 0, 0.0),
        Budget("writer", SCORED, 3, 500, 0, 0, 0.0),
        Budget("writer", DETECTIONS, 3, 600, 0, 0, 0.0),
        Budget("alerts", CORRELATED, 4, 400, 0, 0, 0.0),
    ]
    assert away(found, PARTS) == [
        Away("writer", 500, "writer", SCORED, 3),
        Away("database", 400, "alerts", CORRELATED, 4),
        Away("detect", 100, "detect", FRAMES, 1),
        Away("streams", None, "correlate", INCIDENTS, 2),
        Away("alerts", 400, "alerts", CORRELATED, 4),
    ]
    over = found[1]._replace(seconds=0)
    (streams,) = away([*found, over], {"streams": PARTS["streams"]})
    assert (streams.seconds, streams.reader) == (0, "score"), "worse than what is not known"
    assert away([], PARTS) == []


def test_what_a_reader_said_is_known_until_it_says_otherwise() -> None:
    reached = Reached(READS)
    reached.hear([beat("streams-1", readings_0=7, readings_1=8), beat("writer", scored_0=9)])
    reached.hear([beat("streams-1", readings_0=11)])  # the other partition is nobody's now
    reached.hear([beat("writer", scored_0=3)])  # its database was restored
    assert reached.positions == {
        ("score", (READINGS, 0)): 11,
        ("score", (READINGS, 1)): 8,
        ("writer", (SCORED, 0)): 3,
    }


@given(st.lists(st.floats(0, 1), min_size=1))
def test_inputs_are_refused_before_any_is_lost_and_taken_again_with_room(used: list[float]) -> None:
    now: Unread = frozenset()
    for each in used:
        before, now = now, unread(now, [Budget("writer", SCORED, 3, 1, 0, 0, each)])
        if each >= FULL:
            assert refused(now, 4) == {(READINGS, 3)}
        elif each < EASED:
            assert now == frozenset()
        else:
            assert now == before, "in between, as it was: it does not flutter"


def test_what_was_not_measured_changes_nothing() -> None:
    full = frozenset({("detect", (FRAMES, 3))})
    assert unread(full, []) == full


LEADS_TO = [
    ("detect", FRAMES, {(FRAMES, 1)}),
    ("interpret", DETECTIONS, {(FRAMES, 1)}),
    ("writer", DETECTIONS, {(FRAMES, 1)}),
    ("writer", COUNTS, {(FRAMES, 1)}),
    ("score", READINGS, {(READINGS, 1)}),
    ("writer", SCORED, {(READINGS, 1)}),
    ("correlate", INCIDENTS, {(topic, at) for topic in INPUTS for at in range(3)}),
    ("explain", GROUPED, {(topic, at) for topic in INPUTS for at in range(3)}),
    ("writer", CORRELATED, {(topic, at) for topic in INPUTS for at in range(3)}),
    ("alerts", CORRELATED, {(topic, at) for topic in INPUTS for at in range(3)}),
]


@pytest.mark.parametrize(("reader", "topic", "expected"), LEADS_TO)
@pytest.mark.parametrize("silent", [False, True])
def test_whichever_reader_is_away_what_leads_to_it_is_refused(
    reader: str, topic: str, expected: set[Place], silent: bool
) -> None:
    short = LOG._replace(kept_bytes=10_000_000)
    topics = {name for names in READS.values() for name in names}
    logs = {(name, number): short for name in topics for number in range(3)}
    known = dict.fromkeys(
        ((who, (name, at)) for who, names in READS.items() for name in names for at in range(3)),
        2000,
    )
    assert unread(frozenset(), everywhere(logs, known, READS)) == frozenset(), "the control"
    if silent:  # it may be anywhere: nobody knows, and it is not believed to be at the end
        del known[reader, (topic, 1)]
    else:
        known[reader, (topic, 1)] = 1050
    full = unread(frozenset(), everywhere(logs, known, READS))
    assert full == {(reader, (topic, 1))}
    assert refused(full, 3) == expected
    for name in INPUTS:
        told = why(full, name, 3)
        assert bool(told) == (name in {place[0] for place in expected})
        assert not told or f"{reader} has not read {topic}" in told


def test_every_reader_is_tried_above() -> None:
    every = {(reader, topic) for reader, topics in READS.items() for topic in topics}
    assert every == {(reader, topic) for reader, topic, _ in LEADS_TO}


def grown(ends: list[tuple[int, int]]) -> float | None:
    """Bytes a second after samples of (steady time, end), messages of 100 bytes."""
    rates, found = Rates(), {}
    for steady, end in ends:
        log = Log(0, end, 100 * end, None, 10**9, DAY)
        found = rates.take({(FRAMES, 0): log}, steady)
    return found[FRAMES, 0].rate


def test_a_rate_needs_two_samples_and_nothing_but_the_steady_clock() -> None:
    assert grown([(5 * SECOND, 70)]) is None
    assert grown([(5 * SECOND, 70), (7 * SECOND, 90)]) == 1000
    assert grown([(5 * SECOND, 70), (7 * SECOND, 70)]) == 0
    assert grown([(5 * SECOND, 70), (7 * SECOND, 3)]) == 0, "the topic was made anew"


def test_the_highest_rate_of_a_minute_and_of_half_an_hour_counts() -> None:
    busy = [(at * MINUTE, at * 6000) for at in range(31)]
    assert grown(busy) == 10_000
    quiet = [((31 + at) * MINUTE, 30 * 6000) for at in range(5)]
    after = grown([*busy, *quiet])
    assert after is not None
    assert 8000 < after < 9000, "the mean of half an hour, five minutes of it quiet"
    burst = (36 * MINUTE, 30 * 6000 + 60_000)
    assert grown([*busy, *quiet, burst]) == 100_000
    assert grown([*busy, *[((31 + at) * MINUTE, 30 * 6000) for at in range(31)]]) == 0


@pytest.mark.parametrize("rate", [0.0, 1.0, 1e9])
@pytest.mark.parametrize("next_offset", [0, 1000, 1001, 1999, 2000])
def test_time_is_never_less_than_none(rate: float, next_offset: int) -> None:
    found = of(LOG._replace(rate=rate), next_offset)
    assert found.seconds is not None
    assert 0 <= found.seconds <= DAY / SECOND
    assert 0 <= found.used <= 1
