"""Frames are refused before the broker would delete unread ones, on a real broker."""

from collections.abc import Iterator

import msgspec
import pytest

from streams import refusing
from streams.events import new_frame
from streams.kafka.heartbeat import Beat
from streams.kafka.partition_logs import measure
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.shedding import Shedding
from streams.stamps import wall_clock
from streams.topics import FRAMES, READINGS, partition_of
from tests.support.waiting import eventually

FRAME_BYTES, NUMBER = 2**18, 31
"""Together a little less than the 8 MiB that the broker keeps at least."""


@pytest.fixture
def small(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, frames_bytes=2**20)


@pytest.fixture
def publisher(small: Settings) -> Iterator[Publisher]:
    publisher = Publisher(small, "test")
    yield publisher
    publisher.close()


def cameras_apart(partitions: int) -> tuple[str, str]:
    """Two whose frames lie in different partitions."""
    names = [f"cam-{number}" for number in range(20)]
    first = names[0]
    at = partition_of(first, partitions)
    return first, next(name for name in names if partition_of(name, partitions) != at)


def test_a_partition_whose_frames_nobody_reads_refuses_more_until_they_are_read(
    small: Settings, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusing, "EVERY_SECONDS", 0.2)
    full, other = cameras_apart(small.partitions)
    now = wall_clock()
    for number in range(1, NUMBER + 1):
        frame = new_frame(full, now + number, number, "live", bytes(FRAME_BYTES))
        publisher.publish(FRAMES, frame, full)
    publisher.flush()
    detect = Beat(small, "detect-1")
    shedding = Shedding(small, publisher)
    read = {f"{FRAMES}/{number}": 0 for number in range(small.partitions)}
    try:
        assert shedding.admit(full), "nobody has said yet how far it has read"

        def refuses() -> bool:
            detect.beat(next_offsets=read)  # as a part says it again and again
            return not shedding.admit(full)

        eventually(refuses)
        assert shedding.admit(other)
        at = partition_of(full, small.partitions)
        assert shedding.reason.startswith(f"frames for partitions {at} are refused: detect has")
        assert shedding.counts["refused"] >= 1
        read[f"{FRAMES}/{at}"] = NUMBER
        # A beat comes at most every two seconds; a change of health is said at once.
        detect.beat(False, next_offsets=read)

        def admits() -> bool:
            detect.beat(next_offsets=read)
            return shedding.admit(full)

        eventually(admits)
        assert shedding.reason == ""
    finally:
        shedding.close()
        detect.close()


def test_logs_are_measured(small: Settings, publisher: Publisher) -> None:
    camera, _ = cameras_apart(small.partitions)
    at = partition_of(camera, small.partitions)
    now = wall_clock()
    for number in range(1, 11):
        frame = new_frame(camera, now + number, number, "live", bytes(FRAME_BYTES))
        publisher.publish(FRAMES, frame, camera)
    publisher.flush()
    logs = measure(small, [FRAMES, READINGS])
    assert len(logs) == 2 * small.partitions
    log = logs[FRAMES, at]
    assert (log.first, log.end, log.kept_bytes) == (0, 10, 2**23)
    assert 10 * FRAME_BYTES <= log.size <= 10 * FRAME_BYTES + 10_000
    assert FRAME_BYTES < log.message_bytes < FRAME_BYTES + 1000
    assert log.rate > FRAME_BYTES / 60
    empty = logs[READINGS, at]
    assert (empty.first, empty.end, empty.rate) == (0, 0, 0.0)
