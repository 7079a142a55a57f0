"""Which messages count, and what becomes of those that do not."""

import msgspec
import pytest

from streams.events import DAY, LATE, DeadLetter, Event, Headers, Incident, Mark, Tick, encode
from streams.events.dead_letter import KEPT_HEADER_BYTES, KEPT_VALUE_BYTES
from streams.tables.doubtful import Outcome
from streams.tables.ingest import Consequence, Ingest, Taken
from streams.tables.positions import Progress
from streams.tables.readings import TABLE as READINGS
from streams.tables.rows import rows_of
from streams.topics import CORRELATED, DEAD_LETTERS, SCORED
from tests.support.upstream import START, mark, scored


def ingest(*, marks: bool = True, start: int = 0) -> Ingest:
    return Ingest("writer", SCORED, 2, Progress(next_offset=start), marks=marks)


def message(event: Event, number: int) -> tuple[Headers, bytes]:
    return encode(event, mark(number))


def letter_of(consequence: Consequence | None) -> DeadLetter:
    assert consequence is not None
    assert isinstance(consequence.event, DeadLetter)
    return consequence.event


def test_each_message_counts_once() -> None:
    taking = ingest()
    assert taking.take(0, *message(scored(0), 0)).rows == rows_of(scored(0))
    assert taking.take(1, *message(scored(0), 0)) == Taken({})
    assert taking.take(2, *message(scored(1), 1)).rows == rows_of(scored(1))
    assert taking.progress.next_offset == 3
    assert taking.progress.counts == {"readings": 6, "resent": 1}
    assert taking.moved


def test_without_marks_repetitions_count_again() -> None:
    taking = ingest(marks=False)
    for offset in range(2):
        assert taking.take(offset, *message(scored(0), 0)).rows == rows_of(scored(0))


def test_what_may_be_stored_already_counts_when_it_has_been_looked_for() -> None:
    taking = ingest()
    taken = taking.take(0, *message(scored(0, flags=(LATE, LATE)), 0))
    assert taken.rows[READINGS] == []
    assert taking.progress.counts == {}
    outcomes: list[Outcome] = ["new", "repeated", "corrected"]
    for each, outcome in zip(taken.doubtful[READINGS], outcomes, strict=True):
        taking.settled(READINGS, each, outcome)
    assert taking.progress.counts == {"readings": 1, "late": 1, "repeated": 1, "corrected": 1}


def test_offsets_have_no_gaps() -> None:
    with pytest.raises(ValueError, match="scored/2: 8 after 7"):
        ingest(start=7).take(8, *message(scored(0), 0))


def test_ticks_say_how_far_event_time_has_come() -> None:
    taking = ingest()
    assert taking.take(0, *message(Tick(START), 0)) == Taken({})
    assert taking.take(1, *message(Tick(START - 1), 1)) == Taken({})
    assert taking.progress.newest == START


def test_a_tick_that_the_stages_refuse_is_refused_here_too() -> None:
    taking = ingest()
    taking.take(0, *message(Tick(START, resumes=True), 0))
    assert taking.progress.announced
    refused = taking.take(1, *message(Tick(START + 40 * DAY), 1))
    assert letter_of(refused.consequence).reason == "absurd_tick"
    assert taking.progress.newest == START
    taking.take(2, *message(Tick(START + 40 * DAY, resumes=True), 2))
    assert taking.progress.newest == START + 40 * DAY


def test_what_cannot_be_decoded_is_kept_with_its_reason() -> None:
    headers, value = message(scored(0), 0)
    taking = ingest(start=5)
    rows, consequence, _ = taking.take(5, headers, value[:20], START)
    assert rows == {}
    assert consequence is not None
    assert (consequence.topic, consequence.key, consequence.mark) == (
        DEAD_LETTERS,
        "",
        Mark("writer", SCORED, 2, 5, 0),
    )
    dead = letter_of(consequence)
    assert (dead.reason, dead.topic, dead.partition, dead.offset) == ("undecodable", SCORED, 2, 5)
    assert (dead.time, dead.headers, dead.value) == (START, tuple(headers), value[:20])
    assert taking.progress.counts == {"dead_lettered": 1}


def test_a_bad_message_does_not_move_the_marks() -> None:
    """Its repetition in good order still counts."""
    bad = msgspec.structs.replace(scored(0), flags=b"")
    taking = ingest()
    assert taking.take(0, *message(bad, 0)).consequence is not None
    assert taking.take(1, *message(scored(0), 0)).rows[READINGS]


@pytest.mark.parametrize("value", [None, b"", b"x" * 4 * 2**20])
def test_a_dead_letter_fits_on_the_broker(value: bytes | None) -> None:
    headers = [("ce_type", b"cityops.scored"), ("junk", b"j" * (KEPT_HEADER_BYTES + 1))]
    dead = letter_of(ingest().take(0, headers, value).consequence)
    assert dead.headers == ()
    assert dead.value == (value or b"")[:KEPT_VALUE_BYTES]
    assert "too large" in dead.detail


def test_messages_that_are_gone_become_an_incident() -> None:
    taking = ingest(start=3)
    consequence = taking.skip(10, START)
    assert isinstance(consequence.event, Incident)
    assert (consequence.topic, consequence.key) == (CORRELATED, "scored/2")
    assert (consequence.event.kind, consequence.event.subject, consequence.event.start) == (
        "data_loss",
        "3-9",
        START,
    )
    assert taking.progress.counts == {"lost": 7}
    assert taking.take(10, *message(scored(0), 0)).rows
