"""How long a reader may be away, and what is refused before anything unread is deleted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.outage import READS
from streams.events import DAY, HOUR, SECOND, Heartbeat
from streams.kafka.outage import Budget, budget, budgets, positions
from streams.kafka.partition_logs import Log
from streams.refusing import EASED, FULL, of_frames, refused
from streams.topics import CORRELATED, DETECTIONS, FRAMES, READINGS, SCORED

LOG = Log(
    first=1000, end=2000, size=10_000_000, rate=100_000.0, kept_bytes=20_000_000, kept_for=DAY
)
"""1,000 messages of 10 kB, ten a second; 20 MB are kept, which is 200 s of them."""


def beat(part: str, **next_offsets: int) -> Heartbeat:
    named = {name.replace("_", "/"): offset for name, offset in next_offsets.items()}
    return Heartbeat(part, "1", 1, 0, True, "", 0, {}, {}, 0, named)


def of(log: Log, next_offset: int | None) -> Budget:
    return budget("detect", (FRAMES, 0), log, next_offset)


def test_whoever_has_read_all_may_be_away_until_the_log_is_full_of_new() -> None:
    assert of(LOG, 2000) == Budget("detect", FRAMES, 0, 200, 0, 100_000, 0.0)


def test_what_is_unread_already_is_time_less() -> None:
    found = of(LOG, 1500)
    assert (found.seconds, found.unread_bytes, found.used) == (150, 5_000_000, 0.25)
    assert of(LOG._replace(rate=0.0), 1500).seconds == 86_400


def test_age_bounds_it_where_little_is_written() -> None:
    slow = LOG._replace(rate=10.0, kept_for=HOUR, size=1000)
    assert of(slow, 2000).seconds == 3600
    assert of(slow, 1000).seconds == 3500, "what is unread is 100 s old"


def test_where_messages_are_gone_nothing_is_left() -> None:
    found = of(LOG, 999)
    assert (found.seconds, found.used) == (0, 1.0)
    assert of(LOG, 1000).seconds == 100, "the control: the next one is there"


def test_what_nobody_has_said_is_not_known_and_comes_first() -> None:
    logs = {(FRAMES, 0): LOG, (FRAMES, 1): LOG, (FRAMES, 2): LOG}
    beats = [beat("detect-1", frames_0=2000, frames_1=1500)]
    (found,) = budgets(logs, beats, {"detect": (FRAMES,)})
    assert (found.partition, found.seconds) == (2, None)
    (found,) = budgets(logs, [*beats, beat("detect-2", frames_2=1900)], {"detect": (FRAMES,)})
    assert (found.partition, found.seconds) == (1, 150)


def test_each_reader_of_a_topic_has_its_own() -> None:
    logs = {(DETECTIONS, 0): LOG, (CORRELATED, 0): LOG, (SCORED, 0): LOG}
    beats = [
        beat("streams-1", detections_0=1900),
        beat("writer", detections_0=1100, correlated_0=2000, scored_0=2000),
        beat("alerts", correlated_0=1000),
        beat("streams-1", detections_0=1800),  # an older one: what was read stays read
    ]
    found = {(one.reader, one.topic): one.seconds for one in budgets(logs, beats, READS)}
    assert found == {
        ("interpret", DETECTIONS): 190,
        ("writer", CORRELATED): 200,
        ("writer", DETECTIONS): 110,
        ("writer", SCORED): 200,
        ("alerts", CORRELATED): 100,
    }
    assert positions([beat("writer", junk=1)], READS) == {}


def test_every_topic_that_is_read_has_its_readers() -> None:
    assert {"detect", "interpret", "score", "correlate", "writer", "alerts"} == set(READS)
    assert READS["score"] == (READINGS,)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_frames_are_refused_before_any_is_lost_and_taken_again_with_room(used: list[float]) -> None:
    now: frozenset[int] = frozenset()
    for each in used:
        before, now = now, refused(now, {3: Budget("detect", FRAMES, 3, 1, 0, 0, each)})
        if each >= FULL:
            assert now == {3}
        elif each < EASED:
            assert now == frozenset()
        else:
            assert now == before, "in between, as it was: it does not flutter"


def test_a_reader_that_says_nothing_changes_nothing() -> None:
    unknown = Budget("detect", FRAMES, 3, None, 0, 0, 0.0)
    assert refused(frozenset({3}), {3: unknown}) == {3}
    assert refused(frozenset(), {3: unknown}) == frozenset()


def test_only_the_partition_that_is_full_refuses() -> None:
    logs = {(FRAMES, 0): LOG._replace(kept_bytes=10_000_000), (FRAMES, 1): LOG, (READINGS, 2): LOG}
    beats = {"detect-1": beat("detect-1", frames_0=1050, frames_1=1050)}
    found = of_frames(logs, beats)
    assert sorted(found) == [0, 1]
    assert refused(frozenset(), found) == {0}
    caught_up = {"detect-1": beat("detect-1", frames_0=1900, frames_1=1900)}
    assert refused(frozenset({0}), of_frames(logs, caught_up)) == frozenset()


@pytest.mark.parametrize("rate", [0.0, 1.0, 1e9])
@pytest.mark.parametrize("next_offset", [0, 1000, 1001, 1999, 2000])
def test_time_is_never_less_than_none(rate: float, next_offset: int) -> None:
    found = of(LOG._replace(rate=rate), next_offset)
    assert found.seconds is not None
    assert 0 <= found.seconds <= DAY / SECOND
    assert 0 <= found.used <= 1
