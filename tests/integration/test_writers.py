"""The writer on a real broker and a real database: what was sent is stored, once."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer

from streams.database import connect
from streams.events import (
    DAY,
    HOUR,
    SECOND,
    DeadLetter,
    Event,
    Evidence,
    FrameRef,
    Incident,
    Mark,
    Micros,
    Place,
    Tick,
    decode,
    encode,
    to_datetime,
)
from streams.kafka import ageing
from streams.kafka.broker import create_topics
from streams.kafka.heartbeat import Beat, clock_in_doubt, read_heartbeats
from streams.kafka.reader import PastEndError
from streams.settings import Settings
from streams.tables import positions, retention
from streams.tables.positions import OvertakenError
from streams.tables.rows import rows_of
from streams.tables.writer import PART, TOPICS, Writer, copy
from streams.topics import CORRELATED, COUNTS, DEAD_LETTERS, DETECTIONS, SCORED, physical
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.servers import Servers
from tests.support.storing import PATIENCE_SECONDS, RUN, reached, stored, until, wanted, writing
from tests.support.upstream import (
    START,
    Upstream,
    counts,
    delete_before,
    detections,
    incident,
    mark,
    read_all,
    scored,
)
from tests.support.waiting import eventually


@pytest.fixture
def upstream(settings: Settings) -> Iterator[Upstream]:
    upstream = Upstream(settings)
    yield upstream
    upstream.close()


@pytest.mark.parametrize(("ahead", "swept"), [(0, True), (40 * DAY, False), (-HOUR, False)])
def test_nothing_is_deleted_while_the_clock_is_in_doubt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ahead: Micros, swept: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(retention, "drop_old", lambda *_: asked.append("rows"))
    monkeypatch.setattr(retention, "measured_from", lambda *_: to_datetime(START))
    monkeypatch.setattr(ageing, "delete_old", lambda *_: asked.append("topics"))
    beat = Beat(settings, "gateway")
    beat.beat(clock_ahead=ahead)
    eventually(lambda: "gateway" in read_heartbeats(settings))
    assert bool(clock_in_doubt(settings)) != swept
    with writing(settings) as writer:
        eventually(lambda: writer.swept)
    beat.close()
    assert asked == (["rows", "topics"] if swept else [])


def test_rows_equal_what_was_sent(settings: Settings, upstream: Upstream) -> None:
    packs = [scored(i) for i in range(200)]
    frames = [detections(i, boxes=i % 4) for i in range(200)]
    incidents = [incident(i) for i in range(5)]
    incidents += [incident(i, revision=1, end=START + 9_000_000_000) for i in range(3)]
    minutes = [counts(i) for i in range(5)]
    upstream.send(SCORED, 0, [(pack, mark(i)) for i, pack in enumerate(packs)])
    upstream.send(DETECTIONS, 1, [(frame, mark(i)) for i, frame in enumerate(frames)])
    upstream.send(DETECTIONS, 2, [(Tick(START), mark(0))])
    upstream.send(CORRELATED, 2, [(event, mark(i)) for i, event in enumerate(incidents)])
    upstream.send(COUNTS, 0, [(event, mark(i)) for i, event in enumerate(minutes)])
    ends = {(SCORED, 0): 200, (DETECTIONS, 1): 200, (DETECTIONS, 2): 1, (CORRELATED, 2): 8}
    with writing(settings):
        until(reached(settings, ends | {(COUNTS, 0): 5}))
    assert stored(settings) == wanted([*packs, *frames, *incidents, *minutes])


def test_what_is_sent_again_is_stored_once(settings: Settings, upstream: Upstream) -> None:
    packs = [(scored(i), mark(i)) for i in range(10)]
    upstream.send(SCORED, 0, packs[:7])
    upstream.send(SCORED, 0, packs[3:])
    with writing(settings):
        until(reached(settings, {(SCORED, 0): 14}))
        upstream.send(SCORED, 0, packs[8:])
        until(reached(settings, {(SCORED, 0): 16}))
    assert stored(settings) == wanted([event for event, _ in packs])
    with connect(settings, "test") as connection:
        assert positions.load(connection, PART, SCORED, 0).counts["resent"] == 6


def test_without_marks_repetitions_are_stored_twice(settings: Settings, upstream: Upstream) -> None:
    packs = [(scored(i), mark(i)) for i in range(10)]
    upstream.send(SCORED, 0, packs + packs)
    with writing(settings, marks=False):
        until(reached(settings, {(SCORED, 0): 20}))
    events = [event for event, _ in packs]
    assert stored(settings) == wanted(events + events)


def test_killed_again_and_again_it_stores_each_row_once(
    settings: Settings, upstream: Upstream, tmp_path: Path, nursery: Nursery
) -> None:
    """SIGKILL at random moments, while the upstream also sends some of its outputs again."""
    chance, number, log = random.Random(5), 600, []
    for i in range(number):
        log.append((scored(i), mark(i)))
        if chance.random() < 0.05:
            log += log[-3:]
    with Fleet(settings, tmp_path, nursery) as fleet:
        fleet.start(PART, "-c", RUN)
        for start in range(0, len(log), 60):
            upstream.send(SCORED, 0, log[start : start + 60])
            time.sleep(chance.uniform(0.1, 0.8))
            fleet.kill(PART)
        upstream.send(SCORED, 0, [(scored(number), mark(number))])
        until(reached(settings, {(SCORED, 0): len(log) + 1}), fleet.tend)
        assert fleet.terminate(PART) == 0, fleet.tails()
    assert stored(settings) == wanted([scored(i) for i in range(number + 1)])


def test_of_two_writers_one_gives_up_and_nothing_is_doubled(
    settings: Settings, upstream: Upstream, tmp_path: Path, nursery: Nursery
) -> None:
    with Fleet(settings, tmp_path, nursery) as fleet:
        fleet.start("one", "-c", RUN)
        fleet.start("two", "-c", RUN)
        sent = 0

        def feed() -> None:
            nonlocal sent
            upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(sent, sent + 20)])
            sent += 20

        def one_gave_up() -> bool:
            return any(process.poll() is not None for process in fleet.processes.values())

        until(one_gave_up, feed)
        until(reached(settings, {(SCORED, 0): sent}))
        codes = [process.poll() for process in fleet.processes.values()]
        logs = fleet.tails()
    assert sorted(codes, key=str) == [1, None], logs
    assert "another writer is writing" in logs
    assert stored(settings) == wanted([scored(i) for i in range(sent)])


def test_a_writer_that_was_paused_cannot_write_over_another(
    settings: Settings, upstream: Upstream, tmp_path: Path, nursery: Nursery
) -> None:
    with Fleet(settings, tmp_path, nursery) as fleet:
        fleet.start("paused", "-c", RUN)
        upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(20)])
        until(reached(settings, {(SCORED, 0): 20}))
        fleet.processes["paused"].send_signal(signal.SIGSTOP)
        fleet.start("other", "-c", RUN)
        upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(20, 40)])
        until(reached(settings, {(SCORED, 0): 40}))
        fleet.processes["paused"].send_signal(signal.SIGCONT)
        assert fleet.processes["paused"].wait(PATIENCE_SECONDS) == 1, fleet.tails()
        assert fleet.terminate("other") == 0, fleet.tails()
    assert stored(settings) == wanted([scored(i) for i in range(40)])


def test_it_waits_out_a_database_that_drops_its_connections(
    settings: Settings, upstream: Upstream
) -> None:
    with writing(settings):
        for i in range(0, 60, 10):
            upstream.send(SCORED, 0, [(scored(j), mark(j)) for j in range(i, i + 10)])
            with connect(settings, "test", autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE application_name = %s",
                    [f"cityops {settings.namespace} {PART}"],
                )
        until(reached(settings, {(SCORED, 0): 60}))
    assert stored(settings) == wanted([scored(i) for i in range(60)])


def test_it_waits_out_a_broker_that_is_killed(
    servers: Servers, settings: Settings, tmp_path: Path, nursery: Nursery
) -> None:
    """On a broker of the tests' own, since others may be using the given one."""
    own = msgspec.structs.replace(settings, kafka_bootstrap=servers.kafka().bootstrap)
    create_topics(own)
    with Fleet(own, tmp_path, nursery) as fleet:
        fleet.start(PART, "-c", RUN)
        with closing(Upstream(own)) as upstream:
            upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(20)])
        until(reached(own, {(SCORED, 0): 20}))
        servers.kill_kafka()
        servers.kafka()
        with closing(Upstream(own)) as upstream:
            upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(15, 40)])
        until(reached(own, {(SCORED, 0): 45}))
        assert fleet.terminate(PART) == 0, fleet.tails()
        assert fleet.restarts == 0
    assert stored(own) == wanted([scored(i) for i in range(40)])


def test_a_gap_in_the_log_is_read_again_once_and_then_reported(settings: Settings) -> None:
    """The end of a transaction takes an offset that no consumer ever sees."""
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap, transactional_id=settings.namespace
    )
    producer.init_transactions()
    for pack in range(3):
        producer.begin_transaction()
        headers, value = encode(scored(pack), mark(pack))
        producer.send(
            physical(settings.namespace, SCORED), value=value, headers=headers, partition=1
        )
        producer.commit_transaction()
    producer.close()
    with writing(settings):
        until(reached(settings, {(SCORED, 1): 5}))
    assert stored(settings)["readings"] == wanted([scored(i) for i in range(3)])["readings"]
    with connect(settings, "test") as connection:
        found = positions.load(connection, PART, SCORED, 1).counts
    assert (found["reread"], found["lost"]) == (2, 2)


def test_what_cannot_be_used_is_dead_lettered_between_good_neighbours(
    settings: Settings, upstream: Upstream
) -> None:
    headers = [("ce_type", b"cityops.scored"), ("ce_mark", str(mark(1)).encode())]
    nameless = msgspec.structs.replace(incident(1), id="no uuid")
    upstream.send(SCORED, 1, [(scored(0), mark(0))])
    upstream.send_raw(SCORED, 1, headers, b"\x99\x01truncated")
    upstream.send_raw(SCORED, 1, [], b"no headers")
    upstream.send(SCORED, 1, [(scored(2), None), (nameless, mark(3)), (scored(4), mark(4))])
    with writing(settings):
        until(reached(settings, {(SCORED, 1): 6}))
    assert stored(settings) == wanted([scored(0), scored(4)])
    letters = [decode(*letter) for letter in read_all(settings, DEAD_LETTERS, 1)]
    assert [(letter.reason, letter.offset, mark) for letter, mark in letters] == [
        (reason, offset, Mark(PART, SCORED, 1, offset, 0))
        for reason, offset in [
            ("wrong_type", 1),
            ("missing_header", 2),
            ("missing_header", 3),
            ("wrong_type", 4),
        ]
    ]
    first: DeadLetter = letters[0][0]
    assert first.value == b"\x99\x01truncated"
    assert first.headers == tuple(headers)
    assert first.topic == SCORED


def test_the_database_takes_every_extreme_that_is_not_refused(settings: Settings) -> None:
    """What ``rows_of`` lets through must not fail a whole batch."""
    replace = msgspec.structs.replace
    infinite, first, last = float("inf"), -62_135_596_800 * SECOND, 253_402_300_799 * SECOND
    events: list[Event] = [
        replace(scored(0, values=((infinite, -infinite), (1e308, 5e-324))), gateway="x" * 9000),
        replace(counts(0), tracks=2**31 - 1, peak=-(2**31), period=2**64 - 1, zone="\x01\u202e"),
        replace(counts(0), period=-(2**63)),
        replace(detections(0), sequence=2**63 - 1, frame=FrameRef(-(2**31), -(2**63), "")),
        replace(incident(0), sources=(), place=Place(infinite, float("nan"), "'; DROP")),
        replace(incident(0), evidence=(Evidence("\\", 2**64 - 1, "", series=((0, infinite, 0),)),)),
        *(replace(event, time=t) for event in (counts(0), detections(0)) for t in (first, last)),
        *(replace(incident(0), start=t, decided_at=t, end=t) for t in (first, last)),
    ]
    with connect(settings, "test") as connection:
        for event in events:
            for table, rows in rows_of(event).items():
                copy(connection, table, rows)
    found = stored(settings)
    assert {name: rows.total() for name, rows in found.items()} == {
        name: rows.total() for name, rows in wanted(events).items()
    }
    assert found["counts"] == wanted(events)["counts"]


def test_messages_that_are_gone_are_an_incident(settings: Settings, upstream: Upstream) -> None:
    upstream.send(DETECTIONS, 0, [(Tick(START), mark(0))])
    upstream.send(SCORED, 0, [(scored(i), mark(i)) for i in range(10)])
    delete_before(settings, SCORED, 0, 4)
    with writing(settings):
        until(reached(settings, {(SCORED, 0): 10, (DETECTIONS, 0): 1}))
    with writing(settings):  # the incident comes back by the path of all incidents
        until(lambda: any(key for key in stored(settings)["incidents"]))
    assert stored(settings)["readings"] == wanted([scored(i) for i in range(4, 10)])["readings"]
    letters = [decode(*each)[0] for p in range(3) for each in read_all(settings, CORRELATED, p)]
    (lost,) = [event for event in letters if isinstance(event, Incident)]
    assert (lost.kind, lost.sources, lost.subject) == ("data_loss", ("scored/0",), "0-3")
    with connect(settings, "test") as connection:
        assert positions.load(connection, PART, SCORED, 0).counts["lost"] == 4


def test_a_position_past_the_end_is_fatal(settings: Settings, upstream: Upstream) -> None:
    upstream.send(SCORED, 0, [(scored(0), mark(0))])
    with writing(settings):
        until(reached(settings, {(SCORED, 0): 1}))
    with connect(settings, "test") as connection:
        connection.execute("UPDATE positions SET next_offset = 7 WHERE topic = 'scored'")
    with pytest.raises(PastEndError, match="ends at 1, but 7 should be read next"):
        Writer(settings).run(threading.Event())


def test_advance_refuses_a_position_that_has_moved(settings: Settings) -> None:
    with connect(settings, "a") as one, connect(settings, "b") as two:
        for connection in (one, two):
            progress = positions.load(connection, PART, SCORED, 0)
            connection.commit()
        progress.next_offset = 5
        positions.advance(one, PART, SCORED, 0, before=0, progress=progress)
        one.commit()
        with pytest.raises(OvertakenError):
            positions.advance(two, PART, SCORED, 0, before=0, progress=progress)


def test_every_topic_that_is_stored_has_a_position(settings: Settings) -> None:
    with writing(settings):
        until(reached(settings, {(topic, p): 0 for topic in TOPICS for p in range(3)}))


def test_exits_cleanly_on_sigterm(settings: Settings, tmp_path: Path, nursery: Nursery) -> None:
    with Fleet(settings, tmp_path, nursery) as fleet:
        fleet.start(PART, "-c", RUN)
        until(reached(settings, {(SCORED, 0): 0}))
        assert fleet.terminate(PART) == 0, fleet.tails()
