"""Incidents become alerts exactly once, with their exact frames, whatever crashes in between."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition

from models.registry import Registry
from services.alerts import consumer as consuming
from services.alerts import store
from services.alerts.alert import Alert, fold
from services.alerts.commands import Command
from services.alerts.consumer import BeyondEndError, Consumer
from services.alerts.exhibits import place_of
from services.privacy.keys import KeyRing
from services.privacy.masker import Masker
from services.privacy.vault import Vault
from streams.configuration.log import append_missing
from streams.database import connect
from streams.events import (
    DAY,
    MINUTE,
    SECOND,
    DeadLetter,
    Incident,
    Mark,
    Source,
    Zone,
    decode,
    encode,
)
from streams.forms import ALERT_TRANSITIONS, NewerFormError
from streams.settings import Settings
from streams.tables import positions
from streams.topics import CORRELATED, DEAD_LETTERS, FRAMES, partition_of, physical
from tests.support.alerting import (
    PLACE,
    START,
    Kafka,
    dead,
    ended,
    explained,
    incident,
    jam,
    joined,
    photograph,
    proof,
)
from tests.support.nursery import Nursery
from tests.support.upstream import delete_before
from tests.support.waiting import eventually


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    kafka = Kafka(settings)
    yield kafka
    kafka.close()


@pytest.fixture
def database(settings: Settings) -> Iterator[store.Connection]:
    with connect(settings, "test", autocommit=True) as connection:
        yield connection


@contextmanager
def consuming_in_thread(settings: Settings) -> Iterator[Consumer]:
    stop, consumer = threading.Event(), Consumer(settings)
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        yield consumer
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def alerts(database: store.Connection) -> list[Alert]:
    rows = database.execute("SELECT body::text FROM alerts ORDER BY event_time, id").fetchall()
    return [store.decode_alert(row[0]) for row in rows]


def original(settings: Settings, database: store.Connection, alert: Alert) -> bytes | None:
    """Of its first evidence, opened."""
    vault, place = Vault(KeyRing(settings), Masker(Registry())), place_of(alert.evidence[0])
    assert place is not None
    row = vault.find(database, place)
    return row and vault.original(place, row)


def count(database: store.Connection, table: str) -> int:
    row = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    return int(row[0]) if row else 0


def test_an_incident_becomes_an_alert_with_its_exact_frame(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    source = Source("cam-1", "camera", "Cầu Rào", "Rao bridge", "simulated", PLACE)
    zone = Zone("lane", "cam-1", "Làn ngoài", "Outer lane", ((0, 0), (1, 0), (1, 1)))
    append_missing(settings, [source, zone], "test")
    kafka.frame(photograph(number=1))
    frame = photograph(number=2)
    ref = kafka.frame(frame)
    kafka.frame(photograph(number=3))
    first = incident(evidence=(proof(ref),))
    with consuming_in_thread(settings):
        kafka.correlated(first)
        eventually(lambda: alerts(database))
        kafka.correlated(ended(first, START + MINUTE))
        eventually(lambda: alerts(database)[0].version == 2)
    (alert,) = alerts(database)
    assert alert.state == "returned_unacknowledged"
    assert (alert.names.source_vi, alert.names.zone_en) == ("Cầu Rào", "Outer lane")
    assert alert.evidence[0].missing == ""
    assert original(settings, database, alert) == frame.jpeg
    assert count(database, "pictures") == 1
    assert fold(line.transition for line in store.history(database, alert.id)) == alert


@pytest.mark.parametrize("at_once", [False, True], ids=["as it comes", "in one batch"])
def test_what_two_sources_prove_becomes_one_alert(
    settings: Settings, kafka: Kafka, database: store.Connection, *, at_once: bool
) -> None:
    """Announced as two; the amendments come when the alerts are there, or with them."""
    frame = photograph()
    car, queue = incident(evidence=(proof(kafka.frame(frame)),)), jam()
    whole, part = joined(car, queue)
    key = partition_of("road", settings.partitions)
    told = [car, queue, whole, part]
    marks = [Mark("correlate", "incidents", key, n, 0) for n in range(1, 5)]

    def tell(number: int) -> None:
        kafka.send(CORRELATED, key, *encode(told[number], marks[number]))

    if at_once:
        for number in range(4):
            tell(number)
    with consuming_in_thread(settings):
        if not at_once:
            tell(0)
            tell(1)
            eventually(lambda: len(alerts(database)) == 2)
            tell(2)
            tell(3)
        eventually(lambda: any(alert.merged_into for alert in alerts(database)))
    one, other = sorted(alerts(database), key=lambda alert: alert.kind, reverse=True)
    assert (one.kind, one.state, one.sources) == (
        "stopped_vehicle", "unacknowledged", ("cam-1", "loop-1"),
    )  # fmt: skip
    assert [(shown.source, bool(shown.frame)) for shown in one.evidence] == [
        ("cam-1", True), ("loop-1", False),
    ]  # fmt: skip
    assert original(settings, database, one) == frame.jpeg
    assert (other.state, other.merged_into, other.active) == ("resolved", one.id, False)
    assert store.rebuild(database) == 2
    assert sorted(alerts(database), key=lambda alert: alert.kind) == [other, one]


@pytest.mark.parametrize("at_once", [False, True], ids=["as it comes", "in one batch"])
def test_a_stations_outage_is_one_alert_with_sixteen_consequences(
    settings: Settings, kafka: Kafka, database: store.Connection, *, at_once: bool
) -> None:
    """Seventeen are announced, in all partitions; sixteen turn out to be consequences."""
    station = dead("bts-1", at=MINUTE)
    children = [dead(f"cam-{n}") for n in range(6)] + [dead(f"wifi-{n}") for n in range(10)]
    amended = [explained(child, station) for child in children]
    told = [*children, station, *amended]
    if at_once:
        kafka.correlated(*told)
    with consuming_in_thread(settings):
        if not at_once:
            kafka.correlated(*children, station)
            eventually(lambda: len(alerts(database)) == 17)
            kafka.correlated(*amended)
        asks = lambda: [one for one in alerts(database) if one.state == "unacknowledged"]  # noqa: E731
        eventually(lambda: len(alerts(database)) == 17 and len(asks()) == 1)
        outlasting = explained(amended[0], None)
        kafka.correlated(*(ended(one, START + 9 * MINUTE) for one in amended[1:]), outlasting)
        eventually(lambda: len(asks()) == 2)
        eventually(lambda: sum(one.active for one in alerts(database)) == 2)
    found = alerts(database)
    assert {one.source for one in found if one.state == "unacknowledged"} == {"bts-1", "cam-0"}
    assert [one.state for one in found if one.explained_by] == ["normal"] * 15
    kept = database.execute("SELECT count(*) FROM alerts WHERE explained_by = %s", [station.id])
    assert kept.fetchone() == (15,)
    assert store.rebuild(database) == 17
    assert alerts(database) == found


def test_while_its_source_is_not_heard_an_alert_is_unknown(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    first = incident()
    lost = msgspec.structs.replace(
        first, unknown_since=START + MINUTE, decided_at=START + 2 * MINUTE, revision=1
    )
    back = msgspec.structs.replace(first, decided_at=START + 3 * MINUTE, revision=2)
    again = msgspec.structs.replace(lost, decided_at=START + 4 * MINUTE, revision=3)
    over = msgspec.structs.replace(ended(again, START + MINUTE), decided_at=START + 5 * MINUTE)
    found = []
    with consuming_in_thread(settings):
        for version, told in enumerate((first, lost, back, again, over), 1):
            kafka.correlated(told)
            eventually(lambda n=version: alerts(database) and alerts(database)[0].version == n)
            found += alerts(database)
    assert [(one.state, one.unknown_since) for one in found] == [
        ("unacknowledged", None),
        ("unacknowledged", START + MINUTE),
        ("unacknowledged", None),
        ("unacknowledged", START + MINUTE),
        ("returned_unacknowledged", None),
    ]
    assert found[-1].ended == START + MINUTE
    rows = database.execute("SELECT kind, form FROM alert_transitions ORDER BY version").fetchall()
    # What an earlier release can read it may read.
    assert rows == [("raised", 1), ("unknown", 2), ("proven", 2), ("unknown", 2), ("returned", 1)]
    history = [line.transition for line in store.history(database, found[-1].id)]
    assert fold(history) == found[-1]
    assert store.rebuild(database) == 1
    assert alerts(database) == found[-1:]


def test_what_comes_late_or_too_often_asks_for_nothing(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    """Once more by a repeat that flaps, and by one of three days before: it finds its old alert."""

    def jammed(start: int) -> Incident:
        return incident(start=start, subject="", after=5 * SECOND)

    def over(start: int) -> Incident:
        return ended(jammed(start), start + 30 * SECOND)

    old, minute = START - 3 * DAY, 60 * SECOND
    for begin in (old, START, START + minute, START + 2 * minute):
        kafka.correlated(jammed(begin))
        kafka.correlated(over(begin))
    with consuming_in_thread(settings):
        eventually(lambda: [one.count for one in alerts(database) if not one.active] == [1, 3])
        first, latest = alerts(database)
        assert (first.flapping_since, latest.flapping_since) == (None, START)
        for action in ("acknowledge", "resolve"):
            one = latest if action == "acknowledge" else first
            asked = Command(id=action, action=action, actor="an", time=START + DAY)  # type: ignore[arg-type]
            assert isinstance(store.execute(database, one.id, asked, "unheard"), Alert)
        kafka.correlated(jammed(START + 3 * minute))
        kafka.correlated(over(old + minute))
        eventually(lambda: [one.version for one in alerts(database)] == [5, 8])
        first, latest = alerts(database)
    assert (first.state, first.count, first.latest_time) == ("resolved", 1, old)
    assert (latest.state, latest.count) == ("acknowledged", 4)
    rows = database.execute(
        "SELECT form, body ->> 'manner' FROM alert_transitions WHERE kind = 'repeated'"
        " ORDER BY sequence"
    ).fetchall()
    # What an earlier release can read it may read.
    assert rows == [(1, "anew"), (1, "anew"), (3, "flapping"), (3, "past")]
    assert store.rebuild(database) == 2
    assert alerts(database) == [first, latest]


def test_evidence_that_is_gone_or_differs_is_said_to_be(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    ref = kafka.frame(photograph())
    other = msgspec.structs.replace(ref, sha256="0" * 64)
    beyond = msgspec.structs.replace(ref, offset=ref.offset + 1000)
    kafka.send(FRAMES, ref.partition, [("ce_type", b"cityops.tick")], b"\x91\x01")
    no_frame = msgspec.structs.replace(ref, offset=ref.offset + 1)
    with consuming_in_thread(settings):
        for n, wrong in enumerate((other, beyond, no_frame)):
            kafka.correlated(incident(zone=f"zone-{n}", evidence=(proof(wrong),)))
        eventually(lambda: len(alerts(database)) == 3)
    reasons = {alert.zone: alert.evidence[0].missing for alert in alerts(database)}
    assert reasons["zone-0"].startswith("checksum")
    assert reasons["zone-1"].startswith("gone")
    assert reasons["zone-2"].startswith("not_a_frame")
    assert count(database, "pictures") == 0


def test_a_frame_that_retention_has_taken_is_gone(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    ref = kafka.frame(photograph())
    kafka.frame(photograph(number=2))
    delete_before(settings, FRAMES, ref.partition, ref.offset + 1)
    with consuming_in_thread(settings):
        kafka.correlated(incident(evidence=(proof(ref),)))
        eventually(lambda: alerts(database))
    assert alerts(database)[0].evidence[0].missing.startswith("gone")


def test_what_is_sent_again_counts_once(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    first = incident()
    end = ended(first, START + MINUTE)
    marks = kafka.correlated(first, end)
    kafka.correlated(first, end, marks=marks)
    kafka.correlated(incident(start=START + 2 * MINUTE, subject="track-2"))
    with consuming_in_thread(settings) as consumer:
        eventually(lambda: alerts(database) and alerts(database)[0].version == 3)
        eventually(lambda: totals(consumer) == {"accepted": 3, "repeated": 2})
    (alert,) = alerts(database)
    assert (alert.count, alert.state) == (2, "unacknowledged")


def test_a_repeat_within_ten_minutes_is_a_count_and_after_them_a_row(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    """Eight hours of something that comes back every seven minutes, then a quiet hour."""
    start = START
    for n in range(68):
        one = incident(start=start, subject=f"track-{n}")
        kafka.correlated(one, ended(one, start + MINUTE))
        start += 7 * MINUTE
    start += 60 * MINUTE
    kafka.correlated(incident(start=start, subject="track-x"))
    with consuming_in_thread(settings):
        eventually(lambda: len(alerts(database)) == 2)
    assert [alert.count for alert in alerts(database)] == [68, 1]


def test_what_cannot_be_used_is_kept_and_not_in_the_way(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    partition = partition_of("cam-1", settings.partitions)
    headers = [("ce_type", b"cityops.incident")]
    kafka.send(CORRELATED, partition, headers, b"\xc1truncated")
    kafka.send(CORRELATED, partition, [], b"")
    kafka.correlated(incident(zone="nul\0byte"), incident())
    with consuming_in_thread(settings) as consumer:
        eventually(lambda: alerts(database))
        eventually(lambda: totals(consumer).get("dead_lettered") == 3)
    (alert,) = alerts(database)
    assert alert.zone == "lane"
    letters = dead_letters(settings, partition)
    reasons = [letter.reason for letter, _ in letters]
    assert reasons == ["undecodable", "missing_header", "alert_failed"]
    assert letters[0][0].value == b"\xc1truncated"
    assert [mark.offset for _, mark in letters if mark] == [0, 1, 2]


def test_what_the_log_has_lost_is_an_alert_of_its_own(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    kafka.correlated(incident())
    with consuming_in_thread(settings):
        eventually(lambda: alerts(database))
    partition = partition_of("cam-1", settings.partitions)
    kafka.correlated(*(incident(start=START + n * SECOND, subject=f"t{n}") for n in range(1, 4)))
    delete_before(settings, CORRELATED, partition, 3)
    with consuming_in_thread(settings) as consumer:
        eventually(lambda: len(alerts(database)) == 2)
        eventually(lambda: totals(consumer).get("lost") == 2)
    loss = next(alert for alert in alerts(database) if alert.kind == "data_loss")
    assert (loss.source, loss.subject) == (f"{CORRELATED}/{partition}", "1-2")
    assert loss.state == "returned_unacknowledged"
    assert sum(alert.count for alert in alerts(database)) == 3


def test_another_log_than_the_one_that_was_read_is_fatal(
    settings: Settings, database: store.Connection
) -> None:
    progress = positions.load(database, "alerts", CORRELATED, 0)
    progress.next_offset = 10
    positions.advance(database, "alerts", CORRELATED, 0, before=0, progress=progress)
    with pytest.raises(BeyondEndError, match="reset"):
        Consumer(settings).run(threading.Event())


def test_of_two_services_one_gives_way(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    session = consuming.Session(settings, consuming.NameBook(), {})
    kafka.correlated(incident())
    with consuming_in_thread(settings):
        eventually(lambda: alerts(database))
    with pytest.raises(consuming.OvertakenError):
        poll_for_ever(session)
    session.close()
    assert alerts(database)[0].version == 1


def test_the_projection_can_be_computed_again(
    settings: Settings, kafka: Kafka, database: store.Connection
) -> None:
    for n in range(6):
        one = incident(zone=f"z{n % 2}", start=START + n * MINUTE, subject=f"t{n}")
        kafka.correlated(one, *([ended(one, START + n * MINUTE + SECOND)] if n % 3 else []))
    with consuming_in_thread(settings):
        eventually(lambda: count(database, "alert_transitions") == 10)
    before = database.execute("SELECT * FROM alerts ORDER BY id").fetchall()
    database.execute("UPDATE alerts SET state = 'resolved', count = 99")
    assert store.rebuild(database) == 2
    assert database.execute("SELECT * FROM alerts ORDER BY id").fetchall() == before


PROGRAM = """
import sys, threading, msgspec
from services.alerts.consumer import Consumer
from streams.settings import load
Consumer(load()).run(threading.Event())
"""


def test_a_transition_of_a_later_release_is_never_misread(
    settings: Settings, database: store.Connection
) -> None:
    database.execute(
        "INSERT INTO alert_transitions (alert, version, kind, time, actor, command, form, body)"
        " VALUES ('a', 1, 'raised', now(), '', '', %s, '{}')",
        (later := ALERT_TRANSITIONS + 1,),
    )
    for reading in (lambda: store.rebuild(database), lambda: list(store.history(database, "a"))):
        with pytest.raises(
            NewerFormError, match=f"form {later}, .* up to {ALERT_TRANSITIONS}: run"
        ):
            reading()


def test_killed_again_and_again_it_neither_loses_nor_doubles(
    settings: Settings, kafka: Kafka, database: store.Connection, nursery: Nursery
) -> None:
    expected = 150
    environment = os.environ | {
        "CITYOPS_KAFKA_BOOTSTRAP": settings.bootstrap,
        "CITYOPS_DATABASE_URL": settings.database,
        "CITYOPS_STATE_DIR": str(settings.state_dir),
        "CITYOPS_NAMESPACE": settings.namespace,
        "CITYOPS_PARTITIONS": str(settings.partitions),
    }
    refs = [kafka.frame(photograph(number=n)) for n in range(5)]
    first = [
        incident(
            start=START + n * SECOND,
            zone=f"z{n % 10}",
            subject=f"t{n}",
            evidence=(proof(refs[n % 5]),),
        )
        for n in range(expected)
    ]
    kafka.correlated(*first[:50])
    for n in range(5):
        process = nursery.bear(["-c", PROGRAM], environment, 2)
        kafka.correlated(*first[50 + 20 * n : 70 + 20 * n])
        reached = 25 * (n + 1)
        eventually(lambda least=reached: count(database, "alert_transitions") >= least)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with consuming_in_thread(settings) as consumer:
        eventually(lambda: totals(consumer).get("accepted") == expected)
    assert count(database, "alert_transitions") == expected
    assert sum(alert.count for alert in alerts(database)) == expected
    assert len(alerts(database)) == 10
    assert count(database, "pictures") == 5


def poll_for_ever(session: consuming.Session) -> None:
    while True:
        session.poll()


def totals(consumer: Consumer) -> dict[str, int]:
    found: dict[str, int] = {}
    for progress in list(consumer.progress.values()):
        for name, number in progress.counts.items():
            found[name] = found.get(name, 0) + number
    return found


def dead_letters(settings: Settings, partition: int) -> list[tuple[DeadLetter, Mark | None]]:
    at = TopicPartition(physical(settings.namespace, DEAD_LETTERS), partition)
    reader = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
    reader.assign([at])
    reader.seek(at, 0)
    end = reader.end_offsets([at])[at]
    found: list[tuple[DeadLetter, Mark | None]] = []
    while len(found) < end:
        records = reader.poll(timeout_ms=500).get(at, [])
        found += [decode(record.headers, record.value) for record in records]
    reader.close()
    return found
