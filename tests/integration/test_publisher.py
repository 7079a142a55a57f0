from contextlib import suppress
from typing import Any

import msgspec
import pytest

from streams.events import DAY, HOUR, MAX_VALUE_BYTES, SECOND, Booked, Tick, new_frame
from streams.kafka import dead_letters
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import Beat, HeartbeatFollower, read_heartbeats
from streams.kafka.publisher import Publisher, PublishError
from streams.settings import Settings
from streams.topics import COUNTS, DEAD_LETTERS, FRAMES, READINGS, partition_of
from tests.support.logs import read_log
from tests.support.waiting import eventually

NOWHERE = "127.0.0.1:1"


def test_events_keep_their_order_in_the_partition_of_their_key(settings: Settings) -> None:
    publisher = Publisher(settings, "test")
    cameras = [f"camera-{number}" for number in range(5)]
    for sequence in range(1, 21):
        for camera in cameras:
            frame = new_frame(camera, sequence * 1000, sequence, "simulated", b"jpeg")
            publisher.publish(FRAMES, frame, camera)
    publisher.publish_everywhere(FRAMES, Tick(1_000_000))
    publisher.close()

    log = read_log(settings, FRAMES)
    for camera in cameras:
        frames = [one for one in log if getattr(one.event, "camera", "") == camera]
        assert [one.event.sequence for one in frames] == list(range(1, 21))
        assert {one.partition for one in frames} == {partition_of(camera, settings.partitions)}
    ticks = [one.partition for one in log if one.event == Tick(1_000_000)]
    assert ticks == list(range(settings.partitions))
    assert publisher.counts["published"] == 5 * 20 + settings.partitions
    assert publisher.backlog == 0


def test_an_oversized_picture_is_a_dead_letter_and_its_neighbours_pass(settings: Settings) -> None:
    publisher = Publisher(settings, "test")
    for sequence, size in enumerate((100, MAX_VALUE_BYTES + 1, MAX_VALUE_BYTES), 1):
        frame = new_frame("camera-1", sequence, sequence, "live", b"x" * size)
        publisher.publish(FRAMES, frame, "camera-1")
    publisher.close()

    assert [one.event.sequence for one in read_log(settings, FRAMES)] == [1, 3]
    (letter,) = [one.event for one in read_log(settings, DEAD_LETTERS)]
    assert (letter.reason, letter.topic, letter.offset) == ("oversized", FRAMES, -1)
    assert f"{MAX_VALUE_BYTES + 1} bytes" in letter.detail
    assert dict(letter.headers)["ce_source"] == b"camera-1"
    assert letter.value == b"x" * (MAX_VALUE_BYTES + 1)
    assert publisher.counts["oversized"] == 1
    assert (letter.sources, letter.account) == (("camera-1",), "test")


def test_what_is_not_published_is_said_in_accounts_once(settings: Settings) -> None:
    now = 1_800_000_000 * SECOND
    publisher = Publisher(settings, "test")
    publisher.account(FRAMES, (now + 0, 1))
    frame = new_frame("camera-1", now, 1, "live", b"x" * (MAX_VALUE_BYTES + 1))
    publisher.publish(FRAMES, frame, "camera-1")
    publisher.unpublished.note("camera-2", "overload", 3)
    publisher.account(FRAMES, (now + 1, 2))
    publisher.unpublished.note("camera-2", "overload")
    publisher.account(FRAMES, (now + 2, 3))  # too soon
    publisher.account(FRAMES, (now + 3, 4), at_once=True)
    publisher.account(FRAMES, (now + 4, 5), at_once=True)
    publisher.close()

    told = read_log(settings, COUNTS)
    hour = now // HOUR * HOUR
    assert [one.event.rows for one in told] == [
        (
            Booked("camera-1", hour, "refused", "oversized", 1),
            Booked("camera-2", hour, "shed", "overload", 3),
        ),
        (Booked("camera-2", hour, "shed", "overload", 1),),
    ]
    assert {one.event.stage for one in told} == {"test"}
    marks = [one.mark for one in told]
    assert marks == sorted(marks), "whoever stores them knows them when they come again"


def test_a_camera_whose_pictures_are_all_too_large_does_not_fill_the_dead_letters(
    settings: Settings,
) -> None:
    publisher = Publisher(settings, "test")
    large = b"x" * (MAX_VALUE_BYTES + 1)
    for sequence in range(1, 9):
        publisher.publish(FRAMES, new_frame("camera-1", sequence, sequence, "live", large), "c-1")
    publisher.publish(FRAMES, new_frame("camera-2", 9, 9, "live", large), "c-2")
    publisher.close()
    letters = [one.event for one in read_log(settings, DEAD_LETTERS)]
    assert sorted(letter.sources for letter in letters) == [("camera-1",), ("camera-2",)]
    assert publisher.counts["oversized"] == 9
    assert publisher.counts["not kept oversized"] == 7


def test_letters_of_what_was_never_sent_are_told_apart(settings: Settings) -> None:
    """Twice the same event is one in the list, as what a worker sends again is."""
    publisher = Publisher(settings, "test")
    large = b"x" * (MAX_VALUE_BYTES + 1)
    for camera, sequence in (("camera-1", 1), ("camera-1", 2), ("camera-1", 2), ("camera-2", 2)):
        # A day later each time, so that the quota is whole again.
        time = DAY * (sequence + (camera == "camera-2"))
        publisher.publish(FRAMES, new_frame(camera, time, sequence, "live", large), "camera-1")
    publisher.close()
    found = dead_letters.latest(settings, 10)
    assert len(found) == 3
    marks = [one.mark for one in found if one.mark]
    assert len(set(marks)) == 3
    assert {(mark.stage, mark.topic, mark.offset) for mark in marks} == {("test", FRAMES, -1)}


@pytest.mark.parametrize(
    "wrong", [{"namespace": "no-such-namespace"}, {"partitions": 4}], ids=["topic", "partition"]
)
def test_nothing_is_sent_after_a_failure(settings: Settings, wrong: dict[str, Any]) -> None:
    publisher = Publisher(msgspec.structs.replace(settings, **wrong), "test", patience_seconds=1)
    with suppress(PublishError):  # at once, or not before the flush
        publisher.publish_everywhere(READINGS, Tick(1))
    with pytest.raises(PublishError):
        publisher.flush()
    with pytest.raises(PublishError):
        publisher.publish(READINGS, Tick(2), "gw-1")
    with pytest.raises(PublishError):
        publisher.close()
    assert Tick(2) not in [one.event for one in read_log(settings, READINGS)]


def test_an_absent_broker_is_one_clear_error(settings: Settings) -> None:
    away = msgspec.structs.replace(settings, kafka_bootstrap=NOWHERE)
    with pytest.raises(BrokerAwayError, match=NOWHERE):
        Publisher(away, "test", timeout_seconds=0.5)
    with pytest.raises(BrokerAwayError, match=NOWHERE):
        read_heartbeats(away)


def test_a_heartbeat_reaches_readers_and_followers(settings: Settings) -> None:
    follower = HeartbeatFollower(settings)
    beat = Beat(settings, "gateway")
    beat.beat(True, "all well", 3, {"frames": 7}, {"camera-1": 42})
    beat.beat(True, "too soon, not sent")
    eventually(lambda: "gateway" in read_heartbeats(settings))
    beat.beat(False, "a change for the worse is sent at once")
    eventually(lambda: not read_heartbeats(settings)["gateway"].ok)
    eventually(lambda: not follower.latest()["gateway"].ok)
    beat.close()
    follower.close()

    log = [one.event for one in read_log(settings, "heartbeats", 1)]
    assert [one.detail for one in log] == ["all well", "a change for the worse is sent at once"]
    assert (log[0].lag, log[0].counts, log[0].sources) == (3, {"frames": 7}, {"camera-1": 42})


def test_only_recent_heartbeats_count(settings: Settings) -> None:
    assert read_heartbeats(settings) == {}
    beat = Beat(settings, "writer")
    beat.beat()
    eventually(lambda: "writer" in read_heartbeats(settings))
    assert read_heartbeats(settings, within_seconds=0) == {}
    beat.close()


def test_beating_without_a_broker_neither_blocks_nor_raises(settings: Settings) -> None:
    beat = Beat(msgspec.structs.replace(settings, kafka_bootstrap=NOWHERE), "gateway")
    for ok in (True, False, True):
        beat.beat(ok)
    beat.close()
