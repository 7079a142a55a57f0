"""Fetches the exact frame that an incident's provenance names, never another one."""

import time
from typing import Any, NamedTuple

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError, OffsetOutOfRangeError

from streams.events import BadMessage, Frame, FrameRef, decode
from streams.kafka import clients
from streams.kafka.clients import ANSWER_SECONDS
from streams.settings import Settings
from streams.topics import FRAMES, physical

ONE_FRAME_BYTES = 2**16
"""The broker sends the batch that holds the frame whole, and no more than that is wanted."""

GONE = "gone: the frame is no longer in the log"
NO_FRAME = "not_a_frame: what lies at that offset is no frame"
DIFFERS = "checksum: the frame at that offset has another sha256"


class Fetched(NamedTuple):
    """The frame's bytes, or why they cannot be had."""

    jpeg: bytes | None
    missing: str


class FrameReader:
    """Reads single frames; not thread-safe.

    Raises:
        streams.kafka.clients.BrokerAwayError: no broker answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = physical(settings.namespace, FRAMES)
        self._consumer = clients.consumer(
            settings,
            "alerts-frames",
            auto_offset_reset="none",
            max_partition_fetch_bytes=ONE_FRAME_BYTES,
            max_poll_records=1,
        )

    def fetch(self, ref: FrameRef) -> Fetched:
        """The frame, if it still lies there and hashes to what ``ref`` says.

        Raises:
            kafka.errors.KafkaError: no broker answers; nothing is known of the frame then.
        """
        at = TopicPartition(self._topic, ref.partition)
        self._consumer.assign([at])
        self._consumer.seek(at, ref.offset)
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            while not (records := self._consumer.poll(timeout_ms=500).get(at)):
                if time.monotonic() > deadline:
                    if self._beyond_end(at, ref.offset):
                        return Fetched(None, GONE)
                    raise KafkaTimeoutError(f"no frame from {at} in {ANSWER_SECONDS:g} s")
        except OffsetOutOfRangeError:
            return Fetched(None, GONE)
        finally:
            self._consumer.unsubscribe()
        return judge(records[0], ref)

    def _beyond_end(self, at: Any, offset: int) -> bool:
        return bool(self._consumer.end_offsets([at])[at] <= offset)

    def close(self) -> None:
        clients.close(self._consumer)


def judge(record: Any, ref: FrameRef) -> Fetched:
    """Whether a Kafka record is the frame that ``ref`` names."""
    if record.offset != ref.offset:
        return Fetched(None, GONE)
    try:
        event, _ = decode(record.headers, record.value)
    except BadMessage as bad:
        return Fetched(None, DIFFERS if bad.reason == "checksum" else NO_FRAME)
    if not isinstance(event, Frame):
        return Fetched(None, NO_FRAME)
    if event.sha256 != ref.sha256:
        return Fetched(None, DIFFERS)
    return Fetched(event.jpeg, "")
