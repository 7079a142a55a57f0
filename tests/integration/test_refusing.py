"""Inputs are refused before the broker would delete what is unread of them, on a real broker."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest

from simulators.backlog import Backlog
from streams import refusing
from streams.events import Readings, new_frame
from streams.kafka import partition_logs
from streams.kafka.heartbeat import Beat, HeartbeatFollower
from streams.kafka.partition_logs import Rates, measure
from streams.kafka.publisher import Publisher
from streams.pipeline import PATH
from streams.readers import READS, below
from streams.refusing import Refusing
from streams.settings import Settings
from streams.shedding import Shedding
from streams.stamps import steady_clock, wall_clock
from streams.topics import (
    CORRELATED,
    DETECTIONS,
    FRAMES,
    INCIDENTS,
    READINGS,
    SCORED,
    partition_of,
)
from tests.support.copying import least
from tests.support.waiting import eventually

FRAME_BYTES, NUMBER = 2**18, 31
"""Together a little less than the 8 MiB that the broker keeps at least."""
PACK_BYTES, FILLS = 2**19, 15
"""So many packs are nine tenths of that."""


@pytest.fixture
def small(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As if the broker kept no more than it must of any topic; measured often."""
    monkeypatch.setattr(partition_logs, "limits", least)
    monkeypatch.setattr(refusing, "EVERY_SECONDS", 0.2)
    return settings


@pytest.fixture
def publisher(small: Settings) -> Iterator[Publisher]:
    publisher = Publisher(small, "test")
    yield publisher
    publisher.close()


class Readers:
    """Says how far each has read, as parts do: all of everything, unless a test says otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.at: dict[str, dict[str, int]] = {}
        self._of: dict[str, str] = {}
        for reader, topics in READS.items():
            workers = [step.workers for step in PATH if step.stage == reader]
            part = self._of[reader] = f"{workers[0]}-1" if workers else reader
            places = [f"{topic}/{n}" for topic in topics for n in range(settings.partitions)]
            self.at.setdefault(part, {}).update(dict.fromkeys(places, 1000))
        self._beats = {part: Beat(settings, part) for part in self.at}
        self._ok = True

    def set(self, reader: str, topic: str, partition: int, offset: int) -> None:
        self.at[self._of[reader]][f"{topic}/{partition}"] = offset
        # A beat comes at most every two seconds; a change of health is said at once.
        self._ok = not self._ok
        self.say()

    def say(self) -> None:
        for part, beat in self._beats.items():
            beat.beat(self._ok, next_offsets=self.at[part])

    def close(self) -> None:
        for beat in self._beats.values():
            beat.close()


@pytest.fixture
def readers(small: Settings) -> Iterator[Readers]:
    with closing(Readers(small)) as readers:
        yield readers


@contextmanager
def measuring(settings: Settings) -> Iterator[Refusing]:
    with ExitStack() as stack:
        follower = stack.enter_context(closing(HeartbeatFollower(settings, 3600)))
        yield stack.enter_context(closing(Refusing(settings, follower)))


def apart(partitions: int) -> tuple[str, str]:
    """Two sources whose events lie in different partitions."""
    names = [f"cam-{number}" for number in range(20)]
    first = names[0]
    at = partition_of(first, partitions)
    return first, next(name for name in names if partition_of(name, partitions) != at)


def fill(publisher: Publisher, topic: str, partition: int) -> None:
    for _ in range(NUMBER):
        publisher.publish_raw(topic, partition, [], bytes(FRAME_BYTES))
    publisher.flush()


def test_a_partition_whose_frames_nobody_reads_refuses_more_until_they_are_read(
    small: Settings, publisher: Publisher, readers: Readers
) -> None:
    full, other = apart(small.partitions)
    at = partition_of(full, small.partitions)
    fill(publisher, FRAMES, at)
    with closing(Shedding(small, publisher)) as shedding:
        readers.set("detect", FRAMES, at, 0)

        def refuses() -> bool:
            readers.say()
            return not shedding.admit(full)

        eventually(refuses)
        assert shedding.admit(other)
        assert shedding.reason.startswith(f"frames for partitions {at} are refused: detect has")
        assert shedding.counts["refused"] >= 1
        readers.set("detect", FRAMES, at, NUMBER)
        eventually(lambda: not refuses())
        assert shedding.reason == ""


@pytest.mark.parametrize(
    ("reader", "topic"),
    [
        ("score", READINGS),
        ("writer", SCORED),
        ("interpret", DETECTIONS),
        ("writer", DETECTIONS),
        ("correlate", INCIDENTS),
        ("alerts", CORRELATED),
    ],
)
def test_whoever_is_away_what_leads_to_it_is_refused_until_it_has_read(
    small: Settings, publisher: Publisher, readers: Readers, reader: str, topic: str
) -> None:
    gateway, other = apart(small.partitions)
    at = partition_of(gateway, small.partitions)
    fill(publisher, topic, at)
    leads = [name for name in (FRAMES, READINGS) if topic in below(name)]
    with measuring(small) as refuses:
        readers.set(reader, topic, at, 0)

        def holds(expected: bool) -> bool:
            readers.say()
            return all(refuses.refuses(name, gateway) is expected for name in leads)

        eventually(lambda: holds(True))
        for name in {FRAMES, READINGS}.difference(leads):
            assert not refuses.refuses(name, gateway), "the control: it does not lead there"
        everywhere = topic in (INCIDENTS, CORRELATED)
        assert refuses.refuses(leads[0], other) is everywhere
        assert f"{reader} has not read {topic}" in refuses.reason
        readers.set(reader, topic, at, NUMBER)
        eventually(lambda: holds(False))
        assert refuses.reason == ""


def test_readings_are_held_back_and_none_is_pushed_out_unread(
    small: Settings, publisher: Publisher, readers: Readers
) -> None:
    gateway, careless = apart(small.partitions)
    at, there = (partition_of(name, small.partitions) for name in (gateway, careless))

    def publish(pack: Readings) -> None:
        publisher.publish(READINGS, pack, pack.gateway)

    def send(backlog: Backlog, gateway: str, numbers: range) -> None:
        for number in numbers:
            row = bytes(PACK_BYTES)
            pack = Readings(gateway, now + number, number, "simulated", (), (), b"", b"", row)
            backlog.send(pack)
        publisher.flush()

    now, lost = wall_clock(), list[Readings]()
    with measuring(small) as refuses:
        backlog = Backlog(lambda name: refuses.refuses(READINGS, name), publish, lost.append)
        control = Backlog(lambda _: False, publish, lost.append)
        readers.set("score", READINGS, at, 0)
        send(backlog, gateway, range(1, 1 + FILLS))

        def refused() -> bool:
            readers.say()
            return refuses.refuses(READINGS, gateway)

        eventually(refused)
        send(backlog, gateway, range(1 + FILLS, 2 * FILLS))
        send(control, careless, range(1, 2 * FILLS))
        logs = measure(small, [READINGS])
        assert logs[READINGS, at].size <= logs[READINGS, at].kept_bytes
        assert logs[READINGS, there].size > logs[READINGS, there].kept_bytes, "the control: lost"
        assert (backlog.held, backlog.dropped) == (FILLS - 1, 0)
        readers.set("score", READINGS, at, FILLS)

        def sent() -> bool:
            readers.say()
            backlog.step()
            return not backlog.held

        eventually(sent)
        publisher.flush()
        assert measure(small, [READINGS])[READINGS, at].end == 2 * FILLS - 1


def test_who_publishes_once_is_refused_too(
    small: Settings, publisher: Publisher, readers: Readers
) -> None:
    fill(publisher, READINGS, 0)
    everything = frozenset({(READINGS, 0)})

    def refused() -> bool:
        full = refusing.refused_now(small)
        return refusing.refused(full, small.partitions) == everything

    assert refused(), "nobody has said how far it has read: it may be nothing"
    readers.set("score", READINGS, 0, NUMBER)
    eventually(lambda: not refused())
    readers.set("score", READINGS, 0, 0)
    eventually(refused)


def test_logs_are_measured_and_their_rates_by_the_clock_that_nobody_sets(
    small: Settings, publisher: Publisher
) -> None:
    camera, _ = apart(small.partitions)
    at = partition_of(camera, small.partitions)
    rates, day = Rates(), 86_400_000_000

    def publish(begin: int, numbers: range) -> None:
        for number in numbers:
            frame = new_frame(camera, begin + number, number, "live", bytes(FRAME_BYTES))
            publisher.publish(FRAMES, frame, camera)
        publisher.flush()

    def measured() -> dict[partition_logs.Place, partition_logs.Log]:
        return measure(small, [FRAMES, READINGS])

    now = wall_clock()
    publish(now + 40 * day, range(1, 11))  # the clock that stamped them is wrong
    began = steady_clock()
    logs = rates.take(measured(), began)
    assert len(logs) == 2 * small.partitions
    log = logs[FRAMES, at]
    assert (log.first, log.end, log.kept_bytes, log.rate) == (0, 10, 2**23, None)
    assert 10 * FRAME_BYTES <= log.size <= 10 * FRAME_BYTES + 10_000
    assert FRAME_BYTES < log.message_bytes < FRAME_BYTES + 1000
    publish(now - 40 * day, range(11, 21))
    logs = rates.take(measured(), began + 10_000_000)
    assert FRAME_BYTES < (logs[FRAMES, at].rate or 0) < FRAME_BYTES + 1000
    empty = logs[READINGS, at]
    assert (empty.first, empty.end, empty.rate) == (0, 0, 0.0)
