"""What is stored: detections, readings with their scores, incidents and counts, into TimescaleDB.

One process reads all partitions of its topics. Rows go in by binary COPY, and in the same
transaction the positions move on by compare-and-set, so that whatever happens each message is
stored exactly once. Rows that may be stored already, as they came late, are looked for first, in
that transaction (``streams/tables/search.py``); what they correct is sent before it is committed
(``docs/decisions/0027-corrections-are-sent-before-they-are-stored.md``). After any failure of the
database or the broker everything in memory is dropped, and reading begins again at the stored
positions.
"""

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

from streams import logs, watchdog
from streams.clock import wall_clock
from streams.database import connect
from streams.events import Mark, Micros, from_datetime
from streams.kafka import ageing
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import Beat, clock_in_doubt
from streams.kafka.publisher import Publisher, PublishError
from streams.kafka.reader import Gap, Message, PastEndError, Place, Reader
from streams.settings import Settings
from streams.tables import accounts, corrections, hours, positions, retention, search
from streams.tables.accounts import Looked
from streams.tables.doubtful import Doubtful, Row, Settled, settle
from streams.tables.ingest import Consequence, Ingest, Taken
from streams.tables.positions import OvertakenError
from streams.tables.rows import TABLES
from streams.tables.table import Described, Table
from streams.topics import CORRECTIONS, partition_of

PART = "writer"
TOPICS = tuple(sorted({table.topic for table in TABLES}))
BATCH_SECONDS = 0.15
BATCH_ROWS = 20_000
BATCH_BYTES = 8 * 2**20
"""Of messages; a batch is stored when it has reached any of the three."""
WAIT_SECONDS, WAIT_SECONDS_MOST = 0.25, 5.0
"""Before a database or broker that went away is tried again: doubled each time."""

log = logging.getLogger(__name__)


class Batch:
    """Rows, and events to send, that have been taken and are not stored yet."""

    def __init__(self) -> None:
        self.rows: dict[Table, list[Row]] = {}
        self.doubtful: dict[Table, list[tuple[Mark, Doubtful]]] = {}
        """With the mark of what follows from each, in the order in which they came."""
        self.consequences: list[tuple[int, Consequence]] = []
        """With the partition of the message that caused each."""
        self._number = self._bytes = 0
        self._due_at: float | None = None

    def add(self, place: Place, offset: int, taken: Taken, size: int) -> None:
        """A message, also where it leaves no rows, as its position moves; ``size`` in bytes."""
        if self._due_at is None:
            self._due_at = time.monotonic() + BATCH_SECONDS
        self._bytes += size
        for table, added in taken.rows.items():
            self._number += len(added)
            self.rows.setdefault(table, []).extend(added)
        for table, doubtful in taken.doubtful.items():
            self._number += len(doubtful)
            self.doubtful.setdefault(table, []).extend(
                (Mark(PART, *place, offset, index), each) for index, each in enumerate(doubtful)
            )
        if taken.consequence is not None:
            self.consequences.append((place[1], taken.consequence))

    @property
    def wait(self) -> float:
        """Seconds until the batch is to be stored; 0: now."""
        if self._due_at is None:
            return BATCH_SECONDS
        if self._number >= BATCH_ROWS or self._bytes >= BATCH_BYTES:
            return 0.0
        return max(0.0, self._due_at - time.monotonic())


class Writer:
    """``marks=False`` is for the control of the fault test only: repetitions are stored too."""

    def __init__(self, settings: Settings, *, marks: bool = True) -> None:
        self._settings = settings
        self._marks = marks
        self._beat = Beat(settings, PART)
        self._publisher: Publisher | None = None
        self._ingests: dict[Place, Ingest] = {}
        self._sweep_at = time.monotonic()
        self.swept = 0
        """How often it was looked for what is past its retention."""

    def run(self, stopping: threading.Event) -> None:
        """Stores until ``stopping`` is set; waits out a database or broker that goes away.

        Raises:
            OvertakenError: another writer is running.
            PastEndError: the positions belong to another log.
            PublishError: a dead letter or a correction was not accepted.
        """
        pause = WAIT_SECONDS
        while not stopping.is_set():
            started = time.monotonic()
            try:
                self._session(stopping)
            except (psycopg.OperationalError, psycopg.InterfaceError, BrokerAwayError) as error:
                log.warning("waiting: %s", error)
                self._say(ok=False, detail=f"waiting: {error}")
                fresh = time.monotonic() - started > WAIT_SECONDS_MOST
                pause = WAIT_SECONDS if fresh else min(2 * pause, WAIT_SECONDS_MOST)
                stopping.wait(pause)

    def close(self) -> None:
        self._beat.close()
        if self._publisher is not None:
            self._publisher.close()

    def _session(self, stopping: threading.Event) -> None:
        settings = self._settings
        with connect(settings, PART, autocommit=True) as connection:
            self._ingests = self._load(connection)
            start = {place: ingest.stored for place, ingest in self._ingests.items()}
            with closing(Reader(settings, PART, start)) as reader:
                batch = Batch()
                while not stopping.is_set():
                    for item in reader.poll(batch.wait):
                        self._take(item, batch)
                    if batch.wait == 0:
                        self._store(connection, batch)
                        batch = Batch()
                    self._say(lag=reader.lag)
                    self._sweep(connection)
                self._store(connection, batch)

    def _load(self, connection: psycopg.Connection[Any]) -> dict[Place, Ingest]:
        with connection.transaction():
            return {
                (topic, partition): Ingest(
                    PART,
                    topic,
                    partition,
                    positions.load(connection, PART, topic, partition),
                    marks=self._marks,
                )
                for topic in TOPICS
                for partition in range(self._settings.partitions)
            }

    def _take(self, item: Message | Gap, batch: Batch) -> None:
        place = (item.topic, item.partition)
        ingest = self._ingests[place]
        if isinstance(item, Message):
            taken = ingest.take(item.offset, item.headers, item.value, self._now())
            batch.add(place, item.offset, taken, len(item.value or b""))
        elif item.lost:
            log.error("%s: lost %d to %d", _name(item), item.expected, item.found - 1)
            batch.add(place, item.found, Taken({}, ingest.skip(item.found, self._now())), 0)
        else:
            log.warning(
                "%s: %d came after %d, reading again", _name(item), item.found, item.expected - 1
            )
            ingest.progress.count("reread")

    def _now(self) -> Micros:
        """How far event time has come in any partition."""
        return max((ingest.progress.newest or 0 for ingest in self._ingests.values()), default=0)

    def _store(self, connection: psycopg.Connection[Any], batch: Batch) -> None:
        self._send(batch.consequences)
        moved = [ingest for ingest in self._ingests.values() if ingest.moved]
        with connection.transaction():
            # looked for before the positions, which say how many of them were new
            settled = {table: self._settle(connection, batch, table) for table in batch.doubtful}
            looked = (
                Looked(table, each, outcome)
                for table, doubtful in batch.doubtful.items()
                for (_, each), outcome in zip(doubtful, settled[table].outcomes, strict=True)
            )
            again = accounts.rebooked_rows(looked, PART)
            # positions first: another writer is found out before its rows are copied again
            for ingest in moved:
                positions.advance(
                    connection,
                    PART,
                    ingest.topic,
                    ingest.partition,
                    before=ingest.stored,
                    progress=ingest.progress,
                )
            for table in sorted({*batch.rows, *settled}, key=lambda table: table.name):
                copy(connection, table, batch.rows.get(table, ()))
            for table in sorted(settled, key=lambda table: table.name):
                _put(connection, table, settled[table])
            copy(connection, accounts.TABLE, again)
            # once the positions are ours, so that the corrections are those that will be stored
            for table, found in settled.items():
                self._send(_corrected(batch.doubtful[table], found))
        for ingest in moved:
            ingest.stored = ingest.progress.next_offset

    def _settle(self, connection: psycopg.Connection[Any], batch: Batch, table: Table) -> Settled:
        """What the table's doubtful rows come to, which is counted where each came from."""
        assert table.lookup is not None
        identity, doubtful = table.lookup.identity, batch.doubtful[table]
        keys = {identity.of(each.row) for _, each in doubtful}
        stored = search.stored(connection, table, keys)
        for row in batch.rows.get(table, ()):  # they came before what repeats or corrects them
            if (key := identity.of(row)) in keys:
                stored[key] = identity.says(row)
        settled = settle((each for _, each in doubtful), identity, stored)
        for (mark, each), outcome in zip(doubtful, settled.outcomes, strict=True):
            self._ingests[mark.topic, mark.partition].settled(table, each, outcome)
        return settled

    def _send(self, consequences: Sequence[tuple[int, Consequence]]) -> None:
        if not consequences:
            return
        if self._publisher is None:
            self._publisher = Publisher(self._settings, PART)
        for partition, each in consequences:
            to = partition_of(each.key, self._settings.partitions) if each.key else partition
            self._publisher.publish_to(each.topic, to, each.event, each.mark, each.key)
        self._publisher.flush()

    def _sweep(self, connection: psycopg.Connection[Any]) -> None:
        if time.monotonic() < self._sweep_at:
            return
        self._sweep_at = time.monotonic() + retention.EVERY_SECONDS
        doubt = clock_in_doubt(self._settings)
        if doubt:
            log.warning("nothing is deleted: the machine's clock is %s", doubt)
        else:
            retention.drop_old(connection, self._settings)
            newest = retention.measured_from(connection, wall_clock())
            if newest is not None:
                ageing.delete_old(self._settings, from_datetime(newest))
        self.swept += 1

    def _say(self, ok: bool = True, detail: str = "", lag: int = 0) -> None:
        ingests = self._ingests
        self._beat.beat(
            ok=ok,
            detail=detail,
            lag=lag,
            counts=self._counts(),
            since=positions.since(ingest.progress for ingest in ingests.values()),
            # What is stored, as what is in memory only is read again.
            next_offsets={
                f"{topic}/{number}": ingest.stored for (topic, number), ingest in ingests.items()
            },
        )

    def _counts(self) -> Counter[str]:
        return sum((Counter(each.progress.counts) for each in self._ingests.values()), Counter())


def _name(gap: Gap) -> str:
    return f"{gap.topic}/{gap.partition}"


def _put(connection: psycopg.Connection[Any], table: Table, settled: Settled) -> None:
    copy(connection, table, settled.new.values())
    search.change(connection, table, settled.changed)
    rows = (corrections.row(corrections.event(each)) for each in settled.corrections)
    copy(connection, corrections.TABLE, rows)


def _corrected(
    doubtful: Sequence[tuple[Mark, Doubtful]], settled: Settled
) -> list[tuple[int, Consequence]]:
    """What was corrected, each with the mark of the row that did it."""
    marks = [
        mark
        for (mark, _), outcome in zip(doubtful, settled.outcomes, strict=True)
        if outcome == "corrected"
    ]
    events = map(corrections.event, settled.corrections)
    return [
        (mark.partition, Consequence(CORRECTIONS, event.source, event, mark))
        for mark, event in zip(marks, events, strict=True)
    ]


def copy(connection: psycopg.Connection[Any], table: Described, rows: Iterable[Row]) -> None:
    """Appends rows by binary COPY, in the caller's transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        copying.set_types(table.types)
        for row in rows:
            copying.write_row(row)


def run(settings: Settings, *, marks: bool = True) -> None:
    """Stores until SIGTERM; exits with 1 on what it cannot handle, which it says first."""
    logs.configure(logging.INFO)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    writer = Writer(settings, marks=marks)
    hours.start(settings, stopping)
    watchdog.start(settings, PART, stopping)
    try:
        writer.run(stopping)
        writer.close()
    except (OvertakenError, PastEndError, PublishError) as error:
        log.error("%s", error)
        raise SystemExit(1) from None
