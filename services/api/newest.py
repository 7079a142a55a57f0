"""The newest frame of each camera that somebody is looking at, and what was seen in it."""

import threading
import time
from collections import deque
from typing import Any, ClassVar

from kafka import TopicPartition
from kafka.errors import KafkaError

from streams.events import BadMessage, Detections, Frame, decode
from streams.kafka import clients
from streams.kafka.signatures import Signatures
from streams.settings import Settings
from streams.topics import DETECTIONS, FRAMES, partition_of, physical

WATCHED_SECONDS = 15.0
"""A camera is followed for so long after somebody last asked for it."""
BACK = 60
"""Messages before a partition's end that are looked through when it is followed anew; a few
seconds of two cameras, ticks included."""
PATIENCE_SECONDS = 3.0
"""How long the first who asks waits."""
POLL_MS = 250
RETRY_SECONDS = 1.0
FRAMES_BYTES = 2 * 2**20
"""Of one partition at a time, at most."""


class _Newest:
    """Follows the partitions of the cameras that are looked at, and no others; thread-safe."""

    TOPIC: ClassVar[str]
    TYPE: ClassVar[bytes]
    """Of the messages that are kept."""
    KEPT: ClassVar[int]
    """So many, the newest, of each camera."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = physical(settings.namespace, self.TOPIC)
        self._asked: dict[str, float] = {}
        self._found: dict[str, deque[Any]] = {}
        """Camera to its newest records, the newest last."""
        self._changed = threading.Condition()
        self._closing = False
        name = f"newest-{self.TOPIC}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _records(self, camera: str, patience: float) -> list[Any]:
        """What is there of a camera, which is followed from now on; the first who asks waits."""
        with self._changed:
            if camera in self._watched():
                patience = 0.0
            self._asked[camera] = time.monotonic()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closing or camera in self._found, patience)
            return list(self._found.get(camera, ()))

    def close(self) -> None:
        """Stops following; waits two seconds at most."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(2)

    def _run(self) -> None:
        while not self._closing:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or bool(self._watched()))
            try:
                if not self._closing:
                    self._follow()
            except (KafkaError, OSError):
                time.sleep(RETRY_SECONDS)

    def _watched(self) -> set[str]:
        now = time.monotonic()
        return {name for name, asked in self._asked.items() if now - asked < WATCHED_SECONDS}

    def _follow(self) -> None:
        """Until nobody looks any more."""
        consumer = clients.consumer(
            self._settings,
            f"alerts-newest-{self.TOPIC}",
            5,
            auto_offset_reset="latest",
            max_partition_fetch_bytes=FRAMES_BYTES,
        )
        try:
            followed: set[Any] = set()
            while not self._closing and (watched := self._watched()):
                wanted = {self._partition(camera) for camera in watched}
                if wanted != followed:
                    self._assign(consumer, wanted, followed)
                    followed = wanted
                polled = consumer.poll(timeout_ms=POLL_MS)
                self._take([record for records in polled.values() for record in records], watched)
        finally:
            clients.close(consumer)
            with self._changed:
                self._found.clear()

    def _partition(self, camera: str) -> Any:
        return TopicPartition(self._topic, partition_of(camera, self._settings.partitions))

    @staticmethod
    def _assign(consumer: Any, wanted: set[Any], followed: set[Any]) -> None:
        positions = {partition: consumer.position(partition) for partition in wanted & followed}
        consumer.assign(sorted(wanted))
        new = sorted(wanted - followed)
        begins, ends = consumer.beginning_offsets(new), consumer.end_offsets(new)
        for partition in new:
            positions[partition] = max(begins[partition], ends[partition] - BACK)
        for partition, position in positions.items():
            consumer.seek(partition, position)

    def _admits(self, _record: Any) -> bool:
        """Whether it is from whom it says."""
        return True

    def _take(self, records: list[Any], watched: set[str]) -> None:
        with self._changed:
            for camera in self._found.keys() - watched:
                del self._found[camera]  # old by the time somebody looks again
            for record in records:
                headers = dict(record.headers)
                camera = headers.get("ce_source", b"").decode(errors="replace")
                wanted = headers.get("ce_type") == self.TYPE and camera in watched
                if wanted and self._admits(record):
                    self._found.setdefault(camera, deque(maxlen=self.KEPT)).append(record)
            self._changed.notify_all()


class NewestFrames(_Newest):
    TOPIC, TYPE, KEPT = FRAMES, b"cityops.frame", 1

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._signatures = Signatures(settings)

    def newest(self, camera: str, patience: float = PATIENCE_SECONDS) -> Frame | None:
        """The camera's newest frame; None: there has been none lately.

        Args:
            patience: seconds for which the first who asks waits.

        Raises:
            BadMessage: it cannot be read.
        """
        records = self._records(camera, patience)
        if not records:
            return None
        frame, _ = decode(records[-1].headers, records[-1].value)
        return frame if isinstance(frame, Frame) else None

    def _admits(self, record: Any) -> bool:
        at = FRAMES, record.partition, record.offset
        return self._signatures.admit(*at, record.headers, record.value)


class NewestDetections(_Newest):
    TOPIC, TYPE, KEPT = DETECTIONS, b"cityops.detections", 60

    def recent(self, camera: str) -> list[Detections]:
        """What was seen by the camera in the last seconds, in the order in which a model looked;
        it is followed from now on."""
        found: list[Detections] = []
        for record in self._records(camera, 0.0):
            try:
                event, _ = decode(record.headers, record.value)
            except BadMessage:
                continue
            if isinstance(event, Detections):
                found.append(event)
        return found
