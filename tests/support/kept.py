"""What a broker has kept of a run without Kafka: in its place, for tests of recordings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from streams.events import Checkpoint, Incident, Mark, encode
from streams.kafka.reader import Message
from streams.recordings import capture, outcome, rewind, spans
from streams.runtime.offline import Offline
from streams.settings import Settings
from streams.topics import CHECKPOINTS, CORRELATED


class Kept:
    """All that was said, as messages."""

    def __init__(self, offline: Offline, checkpoints: Iterable[Checkpoint]) -> None:
        self._offline, self._checkpoints = offline, checkpoints
        self._made: dict[tuple[str, int], list[Message]] = {}

    def log(self, topic: str, number: int) -> list[Message]:
        if topic == CHECKPOINTS:
            told = [(each, None) for each in self._checkpoints] if number == 0 else []
            return _messages(topic, number, told)
        if (topic, number) not in self._made:
            self._made[topic, number] = _messages(topic, number, self._offline.logs[topic, number])
        return self._made[topic, number]

    def kept(self, _: Settings, topic: str) -> dict[int, tuple[int, int]]:
        numbers = range(self._offline.partitions)
        return {number: (0, len(self.log(topic, number))) for number in numbers}

    def read(
        self, _: Settings, topic: str, wanted: Mapping[int, tuple[int, int]]
    ) -> Iterator[Message]:
        for number, (begin, end) in wanted.items():
            yield from self.log(topic, number)[begin:end]

    def reader(self, _: Settings, __: str, start: dict[tuple[str, int], int]) -> "Reading":
        return Reading([m for place, begin in start.items() for m in self.log(*place)[begin:]])


class Reading:
    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages

    def poll(self, _: float) -> list[Message]:
        found, self.messages = self.messages[:500], self.messages[500:]
        return found

    def close(self) -> None:
        pass


def instead_of_kafka(
    patch: pytest.MonkeyPatch, offline: Offline, checkpoints: Iterable[Checkpoint]
) -> None:
    """What is recorded from then on is of this run, whose workers have taken everything.

    Args:
        checkpoints: in the order in which they were stored.
    """
    kept = Kept(offline, checkpoints)
    patch.setattr(spans, "kept", kept.kept)
    patch.setattr(spans, "read", kept.read)
    patch.setattr(capture, "Reader", kept.reader)
    patch.setattr(rewind, "PATIENCE_SECONDS", 0.0)
    patch.setattr(outcome, "settle", lambda *_: None)
    incidents = [each for each in offline.events(CORRELATED) if isinstance(each, Incident)]
    patch.setattr(outcome, "incidents", lambda _: iter(incidents))


def _messages(topic: str, number: int, told: Iterable[tuple[Any, Mark | None]]) -> list[Message]:
    return [
        Message(topic, number, offset, *encode(event, mark))
        for offset, (event, mark) in enumerate(told)
    ]
