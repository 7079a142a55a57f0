"""How sources publish: every event into the partition that is its own, in order, or not at all."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any

from kafka.errors import KafkaError

from streams.accounts.unpublished import Unpublished
from streams.events import (
    MAX_VALUE_BYTES,
    BadMessage,
    DeadLetter,
    Event,
    Headers,
    Mark,
    Micros,
    Readings,
    dead_letter,
    encode,
    subject,
)
from streams.events.codec import ACCOUNT
from streams.events.readings import values_by_source
from streams.kafka import clients
from streams.kafka.limits import DEAD_LETTER_BYTES
from streams.kafka.signing import Signer, SigningError, required
from streams.quotas import NOT_KEPT, Quotas, keep
from streams.settings import Settings
from streams.topics import COUNTS, DEAD_LETTERS, INPUTS, partition_of, physical

BATCH_BYTES = 2**20
"""With kafka-python's default of 16 KiB frames go out six times slower."""
LINGER_MS = 5
PATIENCE_SECONDS = 60.0
"""How long a broker may be away before what waits for it counts as failed."""
BACKLOG_BYTES = 64 * 2**20
"""Frames are shed while this much waits for the broker: kafka-python has no bound of its own."""


Stamp = tuple[Micros, int]


def record_time(time: Micros) -> int | None:
    """What Kafka is told of the time of an event, ms; None: it takes the machine's."""
    return time // 1000 if time > 0 else None


class PublishError(Exception):
    """An event was not accepted by the broker; the process must exit, so that order holds."""


class RejectedError(PublishError):
    """It was this event itself; the cause says why."""


class Publisher:
    """An idempotent producer (acks=all) with explicit partitions; thread-safe.

    A send that fails is raised by the next call: nothing is sent after it, so a partition never
    has a gap that its source does not know of.

    Args:
        part: names the process to the broker, and in the marks of what it refuses to send.
        timeout_seconds: how long to wait for a broker to answer at all.
        patience_seconds: how long an event may wait for the broker before it counts as failed.

    Raises:
        BrokerAwayError: no broker answers in time.
    """

    def __init__(
        self,
        settings: Settings,
        part: str,
        timeout_seconds: float = 10,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._settings, self._part = settings, part
        self._patience = patience_seconds
        self._signer = Signer(settings) if required(settings) else None
        self._lock = threading.Lock()
        self._failure: Exception | None = None
        self._backlog = 0
        self._quotas: Quotas = {}
        self.counts: dict[str, int] = {"published": 0, "oversized": 0}
        self.unpublished = Unpublished()
        """What of its sources did not go out, and why."""
        self._producer = clients.producer(
            settings,
            part,
            timeout_seconds,
            batch_size=BATCH_BYTES,
            linger_ms=LINGER_MS,
            max_request_size=DEAD_LETTER_BYTES,
            delivery_timeout_ms=int(patience_seconds * 1000),
            request_timeout_ms=int(patience_seconds * 1000 / 3),
            max_block_ms=int(patience_seconds * 1000),
        )

    @property
    def backlog(self) -> int:
        """Bytes that the broker has not acknowledged yet."""
        return self._backlog

    def publish(self, topic: str, event: Event, key: str) -> None:
        """Hands the event to the producer; ``topic`` is the logical name.

        An event whose value is larger than ``MAX_VALUE_BYTES`` goes to the dead letters instead,
        within the quota of its key: what a process publishes has keys that it knows.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        headers, value = self._encode(event)
        partition = partition_of(key, self._settings.partitions)
        if len(value) > MAX_VALUE_BYTES and not isinstance(event, DeadLetter):
            bad = BadMessage("oversized", f"{len(value)} bytes, at most {MAX_VALUE_BYTES}")
            time = subject(event)[1]
            letter = self._within(
                key, dead_letter(bad, (topic, partition, -1), time, headers, value), time
            )
            self._count("oversized")
            values = values_by_source(event) if isinstance(event, Readings) else {key: 1}
            for source, number in values.items():
                self.unpublished.note(source, "oversized", number, "refused")
            if letter is None:
                self._count(f"{NOT_KEPT}oversized")
                return
            headers, value = encode(letter, self._mark(topic, partition, headers))
            topic = DEAD_LETTERS
        self._send(topic, partition, headers, value, key, time=subject(event)[1])

    def publish_told(
        self, topic: str, event: Event, key: str, told: Callable[[Exception | None], None]
    ) -> None:
        """As ``publish``, of an event that is not too large; ``told`` is called once the broker has
        it (None) or will not be asked any more, from a thread of the producer's.

        Raises:
            RejectedError: it was not even handed over.
            PublishError: an earlier event was not accepted.
            ValueError: it is too large.
        """
        headers, value = self._encode(event)
        if len(value) > MAX_VALUE_BYTES:
            raise ValueError(f"{len(value)} bytes, at most {MAX_VALUE_BYTES}")
        partition = partition_of(key, self._settings.partitions)
        self._send(topic, partition, headers, value, key, time=subject(event)[1], told=told)

    def _encode(self, event: Event) -> tuple[Headers, bytes]:
        headers, value = encode(event)
        return [*headers, (ACCOUNT, self._part.encode())], value

    def _within(self, key: str, letter: DeadLetter, time: Micros) -> DeadLetter | None:
        with self._lock:
            self._quotas, kept = keep(self._quotas, key, letter, time)
        return kept

    def _mark(self, topic: str, partition: int, headers: Headers) -> Mark:
        """Of an event that never got an offset: its own id, as a number, tells it from others."""
        digest = hashlib.sha256(dict(headers)["ce_id"]).digest()
        return Mark(self._part, topic, partition, -1, int.from_bytes(digest[:6]))

    def account(self, topic: str, stamp: Stamp, *, at_once: bool = False) -> None:
        """Says what was not published to ``topic``, once in some seconds; see ``Unpublished``.

        Args:
            stamp: event time; and a number above that of any stamp before, by which accounts are
                known when they come again.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        partition = partition_of(self._part, self._settings.partitions)
        now, number = stamp
        told = self.unpublished.say(self._part, topic, partition, now, at_once=at_once)
        if told is not None:
            mark = Mark(self._part, topic, partition, number, 0)
            self.publish_to(COUNTS, partition, told, mark, self._part)

    def publish_everywhere(self, topic: str, event: Event) -> None:
        """Hands the event to the producer once for every partition of ``topic``.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        headers, value = self._encode(event)
        time = subject(event)[1]
        for partition in range(self._settings.partitions):
            self._send(topic, partition, headers, value, "", time=time)

    def publish_in(self, topic: str, partition: int, event: Event) -> None:
        """Hands the event to the producer for one partition of ``topic``.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        headers, value = self._encode(event)
        self._send(topic, partition, headers, value, "", time=subject(event)[1])

    def publish_to(
        self, topic: str, partition: int, event: Event, mark: Mark, key: str = ""
    ) -> None:
        """Hands over what was caused by a message, with its provenance, for one partition.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        headers, value = encode(event, mark)
        self._send(topic, partition, headers, value, key, time=subject(event)[1])

    def publish_raw(self, topic: str, partition: int, headers: Headers, value: bytes) -> None:
        """Hands over bytes as they are, signed or not, for one partition.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        self._send(topic, partition, headers, value, "", sign=False)

    def publish_again(self, topic: str, partition: int, headers: Headers, value: bytes) -> None:
        """Hands over what another has published, in its place and under this part's signature.

        Raises:
            PublishError: an earlier event was not accepted.
        """
        self._send(topic, partition, headers, value, "")

    def flush(self, timeout_seconds: float | None = None) -> None:
        """Returns when the broker has everything.

        Raises:
            PublishError: it did not accept everything, or not in time.
        """
        try:
            self._producer.flush(timeout_seconds or self._patience)
        except KafkaError as error:
            self._fail(error)
        self.check()

    def check(self) -> None:
        """Raises PublishError where an event was not accepted."""
        if self._failure is not None:
            raise PublishError(f"Kafka did not accept an event: {self._failure}") from self._failure

    def close(self, timeout_seconds: float = 5) -> None:
        """Sends what waits, and closes.

        Raises:
            PublishError: the broker did not accept everything in time.
        """
        try:
            clients.end(self._producer, timeout_seconds if self._failure is None else 0)
        except KafkaError as error:
            self._fail(error)
        self.check()

    def _send(
        self,
        topic: str,
        partition: int,
        headers: Headers,
        value: bytes,
        key: str,
        *,
        time: Micros = 0,
        sign: bool = True,
        told: Callable[[Exception | None], None] | None = None,
    ) -> None:
        """``time``: the event's, which the topic ages by; 0: not known, then this machine's."""
        self.check()
        if sign and self._signer and topic in INPUTS:
            try:
                headers = self._signer.sign(topic, partition, headers, value)
            except SigningError as error:
                self._fail(error)
                self.check()
        size = len(value)
        with self._lock:
            self._backlog += size
        try:
            sent = self._producer.send(
                physical(self._settings.namespace, topic),
                value=value,
                key=key.encode() or None,
                headers=headers,
                partition=partition,
                timestamp_ms=record_time(time),
            )
        except (KafkaError, ValueError) as error:  # ValueError: the topic has no such partition
            self._fail(error)
            raise RejectedError(f"Kafka did not accept an event: {error}") from error
        sent.add_callback(self._done, size)
        sent.add_errback(self._fail)
        if told is not None:
            sent.add_callback(lambda _: told(None))
            sent.add_errback(told)

    def _done(self, size: int, _metadata: Any) -> None:
        with self._lock:
            self._backlog -= size
            self.counts["published"] += 1

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._failure = self._failure or error

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] = self.counts.get(name, 0) + 1
