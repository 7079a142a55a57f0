"""Incidents become alerts: reads ``correlated`` from its own position, kept with the transitions.

The position, the marks and the transitions of a batch are committed together, so after a crash at
any instant each incident counts exactly once. Frames are fetched before the transaction: nobody
waits for Kafka while the alerts are locked.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.alerts import handbook, store, suppression_store
from services.alerts.dead_letters import DeadLetters, of_record, within
from services.alerts.exhibits import Exhibit, exhibit, place_of, seen_in
from services.alerts.frames import FrameReader
from services.alerts.lifecycle import receive, shows
from services.alerts.names import NameBook
from services.alerts.priority import DEFAULT
from services.alerts.suppression_store import Book
from services.privacy.keys import Place
from services.privacy.masks import Seen
from services.privacy.vault import Vault
from streams.database import connect
from streams.events import BadMessage, DeadLetter, Evidence, Incident, Mark, Micros, decode
from streams.kafka import clients
from streams.kafka.clients import reach
from streams.kafka.heartbeat import BEAT_SECONDS, Beat
from streams.kinds.registry import lost
from streams.quotas import Quotas
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import positions
from streams.tables.positions import OvertakenError, Progress
from streams.topics import CORRELATED, physical

CONSUMER = "alerts"
POLL_MS = 250
BATCH = 100
ANSWER_MS = 5000
RETRY_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Waits between attempts while Kafka or the database is away; the last one repeats."""
AWAY = (KafkaError, psycopg.OperationalError, psycopg.InterfaceError, OSError)

SWEEP_SECONDS = 1.0
"""Between two looks at what event time has done to alerts."""

Now = Callable[[], Micros | None]
"""Event time as it should be by now."""
StalledSince = Callable[[], Micros | None]
"""Says where event time has stalled; None: it goes on, or that is not known."""


def _unknown() -> None:
    return None


Pictures = dict[Place, tuple[bytes, Seen]]
"""To the original, and what the evidence names in it."""

log = logging.getLogger(__name__)


class BeyondEndError(RuntimeError):
    """The position is past the log's end: this is another log than the one that was read."""


class Consumer:
    """Runs in a thread of its own until ``stop`` is set; waits out the loss of either server."""

    def __init__(
        self,
        settings: Settings,
        beat: Beat | None = None,
        stalled_since: StalledSince = _unknown,
        vault: Vault | None = None,
        besides: Callable[[], str] = str,
        *,
        now: Now = wall_clock,
    ) -> None:
        """``besides``: what else is wrong with this part, for its heartbeat; empty: nothing."""
        self._settings = settings
        self._vault = vault or Vault.from_settings(settings)
        self._beat = beat
        self._stalled_since, self._besides, self._now = stalled_since, besides, now
        self._names = NameBook()
        self.progress: dict[int, Progress] = {}
        self.problem = "not reading yet"
        """Why nothing is being read; empty: it is."""

    def run(self, stop: threading.Event) -> None:
        """Returns when ``stop`` is set.

        Raises:
            OvertakenError: another alerts service is writing.
            BeyondEndError
        """
        failures = 0
        while not stop.is_set():
            session = None
            try:
                session = Session(
                    self._settings,
                    self._names,
                    self.progress,
                    self._stalled_since,
                    self._vault,
                    now=self._now,
                )
                failures = 0
                beat_at = swept_at = 0.0
                behind = 1
                while not stop.is_set():
                    session.poll()
                    if time.monotonic() - beat_at > BEAT_SECONDS:
                        beat_at = time.monotonic()
                        behind = session.lag()
                        self._say(True, "", behind)
                    # What is still to be read came before what time brings.
                    if not behind and time.monotonic() - swept_at > SWEEP_SECONDS:
                        swept_at = time.monotonic()
                        session.sweep()
            except AWAY as error:
                reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
                log.warning("waiting: %s", reason)
                self._say(False, reason, 0)
                stop.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
            finally:
                if session is not None:
                    session.close()

    def _say(self, ok: bool, detail: str, lag: int) -> None:
        self.problem = detail
        if self._beat is not None:
            counts: Counter[str] = Counter()
            all_progress = dict(self.progress)
            for progress in all_progress.values():
                counts.update(progress.counts)
            besides = self._besides()
            self._beat.beat(
                ok and not besides,
                "; ".join(filter(None, (detail, besides))),
                lag,
                dict(counts),
                since=positions.since(all_progress.values()),
                next_offsets={
                    f"{CORRELATED}/{number}": progress.next_offset
                    for number, progress in all_progress.items()
                },
            )


class Session:
    """One connection to each server, from one loss to the next."""

    def __init__(
        self,
        settings: Settings,
        names: NameBook,
        progress: dict[int, Progress],
        stalled_since: StalledSince = _unknown,
        vault: Vault | None = None,
        *,
        now: Now = wall_clock,
    ) -> None:
        self._settings, self._now = settings, now
        self._vault = vault or Vault.from_settings(settings)
        self._stalled_since = stalled_since
        self._names = names
        self._suppressions, self._table = Book(), DEFAULT
        self._progress = progress
        self._quotas: dict[int, Quotas] = {}
        self._channel = store.channel(settings.namespace)
        self._frames: FrameReader | None = None
        self._dead_letters: DeadLetters | None = None
        reach(settings)
        self._connection = connect(settings, CONSUMER, autocommit=True)
        self._partitions = {
            TopicPartition(physical(settings.namespace, CORRELATED), n): n
            for n in range(settings.partitions)
        }
        self._consumer: KafkaConsumer | None = None
        try:
            self._consumer = self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> KafkaConsumer:
        for number in self._partitions.values():
            self._progress[number] = positions.load(self._connection, CONSUMER, CORRELATED, number)
        consumer = clients.consumer(
            self._settings, "alerts", 5, auto_offset_reset="earliest", max_poll_records=BATCH
        )
        consumer.assign(list(self._partitions))
        self._behind(consumer)
        for at, number in self._partitions.items():
            consumer.seek(at, self._progress[number].next_offset)
        return consumer

    def poll(self) -> None:
        """Takes what has come, or returns after a quarter of a second."""
        if self._consumer is None:
            return
        for at, records in self._consumer.poll(timeout_ms=POLL_MS).items():
            self.take(self._partitions[at], records)

    def sweep(self) -> None:
        """What event time has done to alerts: where it has not gone on, nothing."""
        now = self._now()
        if now is not None:
            with self._connection.transaction():
                suppression_store.sweep(self._connection, self._suppressions, now, self._channel)

    def lag(self) -> int:
        """Messages behind the ends.

        Raises:
            kafka.errors.KafkaError: the broker does not answer.
            BeyondEndError: the topics were made anew.
        """
        return 0 if self._consumer is None else self._behind(self._consumer)

    def _behind(self, consumer: KafkaConsumer) -> int:
        ends = consumer.end_offsets(list(self._partitions), ANSWER_MS)
        behind = 0
        for at, number in self._partitions.items():
            lag = ends[at] - self._progress[number].next_offset
            if lag < 0:
                raise BeyondEndError(
                    f"{CORRELATED}/{number} ends {-lag} before the position: the topics are not "
                    "those that the database has read; 'cityops reset' deletes all data"
                )
            behind += lag
        return behind

    def close(self) -> None:
        self._connection.close()
        if self._consumer is not None:
            clients.close(self._consumer)
        if self._frames is not None:
            self._frames.close()
        if self._dead_letters is not None:
            self._dead_letters.close()

    # --- one batch --------------------------------------------------------------------------

    def take(self, number: int, records: Sequence[Any]) -> None:
        """Everything that a partition's next records do, and the new position, in one commit."""
        before = self._progress[number]
        progress = before.copy()
        batch = Batch(number)
        for record in records:
            batch.read(record, progress)
        if progress.next_offset == before.next_offset:
            return
        if batch.incidents:
            self._names.refresh(self._connection)
        exhibits = [self._exhibits(incident) for _, incident in batch.incidents]
        with self._connection.transaction():
            store.lock(self._connection)
            if batch.incidents:
                self._suppressions.refresh(self._connection)
                self._table = handbook.priorities(self._connection)
            for (record, incident), (evidence, pictures) in zip(
                batch.incidents, exhibits, strict=True
            ):
                try:
                    with self._connection.transaction():
                        self._receive(incident, evidence, pictures)
                except (*AWAY, OvertakenError):
                    raise
                except Exception as error:
                    # A defect, or text that the database cannot hold: kept, and not in the way.
                    log.exception("cannot make an alert of %s", incident.id)
                    if record is not None:
                        bad = BadMessage("alert_failed", repr(error))
                        batch.dead_letters.append(of_record(record, bad, progress.newest or 0))
                    progress.count("dead_lettered")
            quotas, letters = within(self._quotas.get(number, {}), batch.dead_letters, progress)
            if letters:
                self._dead_letters = self._dead_letters or DeadLetters(self._settings)
                self._dead_letters.send(letters)
            positions.advance(
                self._connection,
                CONSUMER,
                CORRELATED,
                number,
                before=before.next_offset,
                progress=progress,
            )
        self._progress[number] = progress
        self._quotas[number] = quotas

    def _receive(
        self, incident: Incident, evidence: tuple[Exhibit, ...], pictures: Pictures
    ) -> None:
        found = store.known_incident(self._connection, incident.id)
        alert, known = found or (store.to_repeat(self._connection, incident), None)
        now, in_force = incident.decided_at, self._suppressions.in_force(incident.decided_at)
        if alert is not None:
            alert = store.pass_time(self._connection, alert, now, self._channel, in_force)
        whole = store.known_incident(self._connection, incident.part_of)
        wards = self._names.wards(incident)
        source = incident.sources[0]
        cause = store.known_incident(self._connection, incident.explained_by)
        transitions = receive(
            alert,
            incident,
            known,
            names=self._names.of(incident),
            evidence=evidence,
            wards=wards,
            into=whole[0].id if whole else "",
            cause=cause[0].id if cause else "",
            stalled_since=self._stalled_since(),
            suppressions=tuple(
                one for one in in_force if one.covers(incident.rule, source, wards.get(source, ""))
            ),
            table=self._table,
            dependents=self._names.dependents(incident),
            whole_open=store.whole_open(self._connection, alert),
        )
        if not transitions:
            return
        if alert is not None and transitions[0].alert != alert.id:
            alert = None
        store.append(self._connection, alert, transitions, self._channel)
        for place, (jpeg, seen) in pictures.items():
            self._vault.keep(self._connection, place, incident.origin, jpeg, seen)

    def _exhibits(self, incident: Incident) -> tuple[tuple[Exhibit, ...], Pictures]:
        """Evidence that no alert shows, with what became of its frames, and the frames to keep."""
        found = store.known_incident(self._connection, incident.id)
        alert = found[0] if found else None
        pictures: Pictures = {}
        new = (one for one in incident.evidence if not alert or not shows(alert, one.source))
        return tuple(self._exhibit(one, pictures) for one in new), pictures

    def _exhibit(self, evidence: Evidence, pictures: Pictures) -> Exhibit:
        if evidence.frame is None:
            return exhibit(evidence)
        self._frames = self._frames or FrameReader(self._settings)
        fetched = self._frames.fetch(evidence.frame)
        shown = exhibit(evidence, fetched.missing)
        if fetched.jpeg is not None and (place := place_of(shown)):
            pictures[place] = fetched.jpeg, seen_in(shown)
        return shown


class Batch:
    """What the records of one poll say, before anything is stored."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.incidents: list[tuple[Any | None, Incident]] = []
        """Each with the record it came in; None: found by the service itself."""
        self.dead_letters: list[tuple[DeadLetter, Mark]] = []

    def read(self, record: Any, progress: Progress) -> None:
        """Moves ``progress`` past the record."""
        if record.offset < progress.next_offset:
            return
        lost = record.offset - progress.next_offset
        missing = (progress.next_offset, record.offset - 1) if lost else None
        progress.next_offset = record.offset + 1
        try:
            event, mark = decode(record.headers, record.value)
            if isinstance(event, Incident) and not event.sources:
                raise BadMessage("wrong_type", "an incident without a source")
        except BadMessage as bad:
            self.dead_letters.append(of_record(record, bad, progress.newest or 0))
            progress.count("dead_lettered")
            event, mark = None, None
        if isinstance(event, Incident):
            progress.saw(event.decided_at)
        if missing:
            progress.count("lost", lost)
            self.incidents.append((None, self._loss(*missing, progress)))
        if isinstance(event, Incident):
            if mark is not None and not progress.marks.take(mark):
                progress.count("repeated")
                return
            progress.count("accepted")
            self.incidents.append((record, event))

    def _loss(self, first: int, last: int, progress: Progress) -> Incident:
        """The log's start has passed the position: what lay between will never be an alert."""
        source = f"{CORRELATED}/{self.partition}"
        return lost(source, first, last, progress.newest or 0)
