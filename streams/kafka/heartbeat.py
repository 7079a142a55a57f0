"""Parts say that they live, and others read what they said. No result rests on it."""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import version
from os import getpid
from typing import NamedTuple

import numpy as np
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streams.clock import spelled
from streams.events import MINUTE, SECOND, BadMessage, Heard, Heartbeat, Micros, decode, encode
from streams.kafka import clients
from streams.kafka.clients import BrokerAwayError, answering
from streams.settings import Settings
from streams.stamps import PUBLISHER, wall_clock
from streams.topics import DETECTIONS, FRAMES, HEARTBEATS, READINGS, physical

BEAT_SECONDS = 2.0
REMEMBERED_SECONDS = 3600.0
"""As long as heartbeats are kept."""
BEAT_ANSWER_SECONDS = 5.0
"""A broker has less time than elsewhere (``clients.ANSWER_SECONDS``): a beat that is as old as
``SILENT`` says nothing."""
RETRY_SECONDS = 1.0
SILENT: Micros = 8 * SECOND
"""A part speaks every ``BEAT_SECONDS``; after so long it counts as gone."""
STALLED_AFTER: Micros = 15 * SECOND
"""Event time that is so far behind the clock is stalled: amendments wait for it."""
SET_BACK: Micros = MINUTE
"""Partitions are never so far apart while all are read: event time was set back."""
TICKED = (FRAMES, DETECTIONS, READINGS)
"""Topics with ticks in them."""

log = logging.getLogger(__name__)


def event_time(heartbeats: Iterable[Heartbeat], now: Micros) -> Micros | None:
    """The last tick of the partition that is furthest behind; None: no worker says."""
    return min(
        (
            tick
            for beat in heartbeats
            if now - beat.time <= SILENT
            for place, tick in beat.sources.items()
            if tick and place.partition("/")[0] in TICKED
        ),
        default=None,
    )


def clock_ahead(heartbeats: Mapping[str, Heartbeat]) -> Micros:
    """By how much the publisher says that its machine's clock is ahead of event time; 0: it agrees.

    The newest word of it counts, however old: by a clock in doubt nothing is too old.
    """
    beat = heartbeats.get(PUBLISHER)
    return beat.clock_ahead if beat else 0


def event_now(heartbeats: Mapping[str, Heartbeat], wall: Micros) -> Micros:
    """What event time should be by now: this machine's clock, less what it is wrong by."""
    return wall - clock_ahead(heartbeats)


def stalled_since(heartbeats: Iterable[Heartbeat], now: Micros) -> Micros | None:
    """Where event time has stalled; None: it goes on, or no worker says.

    ``now``: what the clock shows; where the gateway does not believe it, neither is it here.
    """
    heard = list(heartbeats)
    ticked = event_time(heard, now)
    due = event_now({beat.part: beat for beat in heard}, now)
    return ticked if ticked is not None and due - ticked > STALLED_AFTER else None


class Beat:
    """Publishes this process's heartbeats from a thread of its own.

    ``beat`` neither blocks nor raises: while Kafka is away heartbeats are dropped, and their
    absence is what others see.
    """

    def __init__(self, settings: Settings, part: str) -> None:
        self._settings, self._part = settings, part
        self._version = version("cityops")
        self._pid = getpid()
        self._began = wall_clock()
        self._latest: Heartbeat | None = None
        self._last = (-BEAT_SECONDS, True)
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self._thread.start()

    def beat(
        self,
        ok: bool = True,
        detail: str = "",
        lag: int = 0,
        counts: Mapping[str, int] | None = None,
        sources: Mapping[str, Micros] | None = None,
        *,
        since: Micros | None = None,
        next_offsets: Mapping[str, int] | None = None,
        clock_ahead: Micros = 0,
    ) -> None:
        """Says how the part is; at most one in two seconds is sent, a change of ``ok`` at once.

        Args:
            since: when ``counts`` began; None: with this process.
        """
        now = time.monotonic()
        if now - self._last[0] < BEAT_SECONDS and ok == self._last[1]:
            return
        self._last = now, ok
        self._latest = Heartbeat(
            self._part,
            self._version,
            self._pid,
            wall_clock(),
            ok,
            detail,
            lag,
            dict(counts or {}),
            dict(sources or {}),
            self._began if since is None else since,
            dict(next_offsets or {}),
            clock_ahead,
        )
        self._wake.set()

    def close(self) -> None:
        """Stops the thread; waits a second at most."""
        self._closing = True
        self._wake.set()
        self._thread.join(1)

    def _run(self) -> None:
        producer: KafkaProducer | None = None
        while not self._closing:
            self._wake.wait()
            self._wake.clear()
            heartbeat = self._latest
            if heartbeat is None or self._closing:
                continue
            try:
                producer = producer or _producer(self._settings, self._part)
                headers, value = encode(heartbeat)
                topic = physical(self._settings.namespace, HEARTBEATS)
                sent = producer.send(topic, value=value, headers=headers, partition=0)
                sent.get(timeout=BEAT_ANSWER_SECONDS)
            except (KafkaError, OSError):
                # Dropped, as promised; a fresh producer forgets what the old one still held.
                _close(producer)
                producer = None
                time.sleep(RETRY_SECONDS)
        _close(producer)


def _producer(settings: Settings, part: str) -> KafkaProducer:
    return clients.producer(
        settings, f"{part}-heartbeat", BEAT_ANSWER_SECONDS, max_block_ms=BEAT_ANSWER_SECONDS * 1000
    )


def _close(producer: KafkaProducer | None) -> None:
    if producer is not None:
        with suppress(KafkaError):  # what it still holds is dropped
            clients.end(producer)


class Word(NamedTuple):
    """What a stage has heard of one source, see ``Heard``."""

    heard: Micros
    lag: Micros
    tick: Micros
    time: Micros

    def event_time(self, now: Micros) -> Micros:
        """How far event time has come there, if it has gone on since that was said."""
        return self.tick + max(0, now - self.time)


class Words:
    """The latest of each source, and when the readers of each topic last said anything."""

    def __init__(self) -> None:
        self.of: dict[str, Word] = {}
        self.said: dict[str, Micros] = {}
        """Topic to the time by the clock."""

    def take(self, event: Heard) -> None:
        size = 8 * len(event.sources)
        if not len(event.heard) == len(event.lag) == size:
            return  # no stage of ours says that
        self.said[event.topic] = max(event.time, self.said.get(event.topic, 0))
        heard, lag = np.frombuffer(event.heard, "<i8"), np.frombuffer(event.lag, "<i8")
        for source, at, behind in zip(event.sources, heard.tolist(), lag.tolist(), strict=True):
            before = self.of.get(source)
            # One that has moved to another gateway is still remembered where it was; but where
            # event time was set back, what is said now counts.
            if before is None or at >= before.heard or event.tick < before.tick - SET_BACK:
                self.of[source] = Word(at, behind, event.tick, event.time)


class HeartbeatReader:
    """Follows the heartbeats topic from a short while ago; not thread-safe.

    Raises:
        BrokerAwayError: Kafka does not answer; the reader is closed then, open a new one.
    """

    def __init__(self, settings: Settings, within_seconds: float = 15) -> None:
        self._settings = settings
        self._tail = TopicPartition(physical(settings.namespace, HEARTBEATS), 0)
        self.latest: dict[str, Heartbeat] = {}
        """Part to its newest heartbeat."""
        self.words = Words()
        self._consumer: KafkaConsumer | None = None
        self.end = 0
        """Offset after the newest heartbeat when the reader was opened."""
        self.position = 0
        """Offset of the next heartbeat that ``poll`` reads."""
        try:
            with answering(settings):
                self._open(within_seconds)
        except BrokerAwayError:
            self.close()
            raise

    def _open(self, within_seconds: float) -> None:
        self._consumer = consumer = clients.consumer(
            self._settings, "heartbeats", BEAT_ANSWER_SECONDS, auto_offset_reset="earliest"
        )
        consumer.assign([self._tail])
        since = wall_clock() // 1000 - int(within_seconds * 1000)
        timeout = BEAT_ANSWER_SECONDS * 1000
        found = consumer.offsets_for_times({self._tail: since}, timeout)[self._tail]
        self.end = consumer.end_offsets([self._tail], timeout)[self._tail]
        self.position = self.end if found is None else found.offset
        consumer.seek(self._tail, self.position)

    def poll(self, timeout_seconds: float) -> list[Heartbeat]:
        """The heartbeats that came, oldest first; waits for the first of them.

        Raises:
            BrokerAwayError: Kafka does not answer.
        """
        if self._consumer is None:
            raise BrokerAwayError(self._settings, ConnectionError("the reader is closed"))
        try:
            with answering(self._settings):
                records = self._consumer.poll(timeout_ms=int(timeout_seconds * 1000))
        except BrokerAwayError:
            self.close()
            raise
        found = []
        for record in records.get(self._tail, ()):
            self.position = record.offset + 1
            try:
                heartbeat, _ = decode(record.headers, record.value)
            except BadMessage:
                continue  # another version's heartbeat: that part counts as silent
            if isinstance(heartbeat, Heartbeat):
                self.latest[heartbeat.part] = heartbeat
                found.append(heartbeat)
            elif isinstance(heartbeat, Heard):
                self.words.take(heartbeat)
        return found

    def close(self) -> None:
        if self._consumer is not None:
            clients.close(self._consumer)
            self._consumer = None


def read_heartbeats(settings: Settings, within_seconds: float = 15) -> dict[str, Heartbeat]:
    """Each part's newest heartbeat of the last ``within_seconds``.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    reader = HeartbeatReader(settings, within_seconds)
    try:
        deadline = time.monotonic() + BEAT_ANSWER_SECONDS
        while reader.position < reader.end and time.monotonic() < deadline:
            reader.poll(0.5)
    finally:
        reader.close()
    oldest = wall_clock() - int(within_seconds * 1e6)
    return {part: beat for part, beat in sorted(reader.latest.items()) if beat.time >= oldest}


class HeartbeatFollower:
    """Keeps each part's newest heartbeat at hand, for long-running readers; thread-safe.

    Reads in a thread of its own, and opens a new reader whenever Kafka comes back.
    """

    def __init__(self, settings: Settings, within_seconds: float = 15) -> None:
        self._settings, self._within = settings, within_seconds
        self._latest: dict[str, Heartbeat] = {}
        self._words = Words()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeats", daemon=True)
        self._thread.start()

    def latest(self) -> dict[str, Heartbeat]:
        """Part to its newest heartbeat, however old it is by now."""
        return dict(self._latest)

    def words(self) -> Words:
        """What stages have heard of sources."""
        return self._words

    def close(self) -> None:
        """Stops the thread; waits two seconds at most."""
        self._closing.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                reader = HeartbeatReader(self._settings, self._within)
            except BrokerAwayError:
                self._closing.wait(RETRY_SECONDS)
                continue
            except Exception as error:  # such as that the topic is gone: else none were heard again
                log.warning("heartbeats cannot be looked for: %r", error)
                self._closing.wait(RETRY_SECONDS)
                continue
            reader.words = self._words
            try:
                while not self._closing.is_set():
                    for heartbeat in reader.poll(0.5):
                        self._latest[heartbeat.part] = heartbeat
            except BrokerAwayError:
                self._closing.wait(RETRY_SECONDS)
            except Exception:
                log.exception("a fault while heartbeats were read")
                self._closing.wait(RETRY_SECONDS)
            finally:
                reader.close()


def clock_in_doubt(settings: Settings) -> str:
    """Why the clock is not to be believed, for people; empty: the gateway believes it."""
    try:
        ahead = clock_ahead(read_heartbeats(settings))
    except (BrokerAwayError, KeyError):
        return "not known: no heartbeats can be read"
    return spelled(ahead) if ahead else ""
