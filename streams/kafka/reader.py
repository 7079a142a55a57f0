"""Partitions read from given offsets, in order, with every missing offset noticed.

For consumers that keep their own position: no consumer group, nothing committed to the broker.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kafka import TopicPartition
from kafka.errors import OffsetOutOfRangeError

from streams.events import Headers
from streams.kafka import clients
from streams.kafka.clients import ANSWER_SECONDS, answering
from streams.settings import Settings
from streams.topics import logical, physical

FETCH_WAIT_MS = 100
FETCH_LEAST_BYTES = 2**16
"""The broker answers when it has so much, or after that time: not for each message alone, which
kept it and the reader busy."""
MAX_RECORDS = 500

Place = tuple[str, int]
"""(logical topic, partition)."""

log = logging.getLogger(__name__)


class PastEndError(Exception):
    """A position lies beyond the end of its partition: this is not the log it came from."""


class Message(NamedTuple):
    """What lies at the next offset of its partition."""

    topic: str
    """Logical name."""
    partition: int
    offset: int
    headers: Headers
    value: bytes | None


class Gap(NamedTuple):
    """Instead of the message at ``expected`` came the one at ``found``."""

    topic: str
    partition: int
    expected: int
    found: int
    lost: bool
    """False: the partition is read again from ``expected``. True: that did not help, or the
    log begins at ``found``; reading goes on from there."""


class Reader:
    """Not thread-safe.

    Raises:
        BrokerAwayError: Kafka does not answer, here and in each method.
        PastEndError: a position lies beyond the end of its partition, here and in ``poll``.
    """

    def __init__(self, settings: Settings, part: str, start: Mapping[Place, int]) -> None:
        self._settings = settings
        self._expected = {
            TopicPartition(physical(settings.namespace, topic), partition): offset
            for (topic, partition), offset in sorted(start.items())
        }
        self._reread: dict[TopicPartition, int] = {}
        self._gaps: list[Gap] = []
        self._consumer = clients.consumer(
            settings,
            part,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS,
            fetch_min_bytes=FETCH_LEAST_BYTES,
            max_poll_records=MAX_RECORDS,
        )
        try:
            self._consumer.assign(list(self._expected))
            self._find(self._expected)
        except BaseException:
            self.close()
            raise

    def poll(self, timeout_seconds: float) -> list[Message | Gap]:
        """What came, in order within each partition; waits for the first of it."""
        gaps, self._gaps = self._gaps, []
        if gaps:
            return list(gaps)
        try:
            with answering(self._settings, OffsetOutOfRangeError):
                records = self._consumer.poll(timeout_ms=int(timeout_seconds * 1000))
        except OffsetOutOfRangeError as error:
            self._find(error.args[0])
            gaps, self._gaps = self._gaps, []
            return list(gaps)
        found: list[Message | Gap] = []
        for at, batch in records.items():
            topic = logical(at.topic)
            for record in batch:
                expected = self._expected[at]
                if record.offset < expected:
                    continue
                if record.offset > expected:
                    gap = self._gap(at, record.offset)
                    found.append(gap)
                    if not gap.lost:
                        break
                self._expected[at] = record.offset + 1
                found.append(
                    Message(topic, at.partition, record.offset, record.headers, record.value)
                )
        return found

    @property
    def lag(self) -> int:
        """Messages that the broker has and ``poll`` has not given, as of the last fetches."""
        waiting = 0
        for at, expected in self._expected.items():
            end = self._consumer.highwater(at)
            waiting += max(0, end - expected) if end is not None else 0
        return waiting

    def close(self) -> None:
        clients.close(self._consumer)

    def _gap(self, at: TopicPartition, found: int) -> Gap:
        expected = self._expected[at]
        lost = self._reread.get(at) == expected
        if not lost:
            self._reread[at] = expected
            self._consumer.seek(at, expected)
        return Gap(logical(at.topic), at.partition, expected, found, lost)

    def _find(self, places: Iterable[TopicPartition]) -> None:
        """Seeks to where reading goes on; what the log no longer has becomes a gap."""
        wanted = sorted(places)
        timeout = int(ANSWER_SECONDS * 1000)
        with answering(self._settings):
            begins = self._consumer.beginning_offsets(wanted, timeout)
            ends = self._consumer.end_offsets(wanted, timeout)
        for at in wanted:
            expected, begin, end = self._expected[at], begins[at], ends[at]
            if expected > end:
                raise PastEndError(
                    f"{at.topic}/{at.partition} ends at {end}, but {expected} should be read next:"
                    " these positions belong to another log ('cityops reset' starts afresh)"
                )
            if expected < begin:
                gap = Gap(logical(at.topic), at.partition, expected, begin, lost=True)
                self._gaps.append(gap)
                self._expected[at] = begin
            self._consumer.seek(at, self._expected[at])
