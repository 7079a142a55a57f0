"""Frames of a camera and time leave Kafka, and what everybody has not read yet stays."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from streams.events import SECOND, DeadLetter, Frame, Micros, encode
from streams.kafka import erasing
from streams.recordings import spans
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, FRAMES, partition_of
from tests.support.alerting import START, Kafka, photograph


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    with closing(Kafka(settings)) as kafka:
        yield kafka


def taken(camera: str, seconds: int) -> Frame:
    return photograph(camera, START + seconds * SECOND, seconds)


def kept(settings: Settings, camera: str) -> list[Micros]:
    """Times of the camera's frames that the log has, seconds."""
    found = []
    for message in spans.read(settings, FRAMES, spans.kept(settings, FRAMES)):
        headers = dict(message.headers)
        if headers.get("ce_source") == camera.encode():
            found.append(int(bytes(headers["ce_sequence"])))
    return found


def test_frames_leave_the_log_up_to_what_everybody_has_read(
    settings: Settings, kafka: Kafka
) -> None:
    number = partition_of("cam-1", settings.partitions)
    for second in range(0, 60, 10):
        kafka.frame(taken("cam-1", second))
    elsewhere = next(
        name
        for name in map("cam-{}".format, range(2, 99))
        if partition_of(name, settings.partitions) != number
    )
    kafka.frame(taken(elsewhere, 20))
    span = START + 10 * SECOND, START + 40 * SECOND
    nobody = erasing.frames(settings, "cam-1", *span, {})
    assert nobody == erasing.Erased(0, 0, left=3)
    assert kept(settings, "cam-1") == [0, 10, 20, 30, 40, 50]
    some = erasing.frames(settings, "cam-1", *span, {number: 3})
    assert some == erasing.Erased(frames=2, others=1, left=1)
    assert kept(settings, "cam-1") == [30, 40, 50]
    rest = erasing.frames(settings, "cam-1", *span, {number: 6})
    assert rest == erasing.Erased(frames=1, others=0, left=0)
    assert kept(settings, "cam-1") == [40, 50]
    assert kept(settings, elsewhere) == [20]
    assert erasing.frames(settings, "cam-1", *span, {number: 6}) == erasing.Erased()


def test_frames_that_could_not_be_used_leave_the_dead_letters(
    settings: Settings, kafka: Kafka
) -> None:
    for seconds, camera in ((5, "cam-2"), (10, "cam-1"), (50, "cam-1")):
        headers, value = encode(taken(camera, seconds))
        letter = DeadLetter(
            "model_missing", "", FRAMES, 0, seconds, START + seconds * SECOND, tuple(headers), value
        )
        kafka.send(DEAD_LETTERS, 0, *encode(letter))
    span = START, START + 40 * SECOND
    assert erasing.dead_letters(settings, "cam-1", *span) == erasing.Erased(1, 1)
    (left,) = [end - begin for begin, end in spans.kept(settings, DEAD_LETTERS).values() if end]
    assert left == 1
    assert erasing.dead_letters(settings, "cam-1", *span) == erasing.Erased()
