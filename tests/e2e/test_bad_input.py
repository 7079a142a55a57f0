"""A thousand malformed messages between good ones: all counted, of each sort some are kept with the
reason, and no neighbour is harmed.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kafka import KafkaConsumer, KafkaProducer

from streams.events import (
    HOUR,
    SECOND,
    ControlChange,
    DeadLetter,
    Detections,
    Event,
    Micros,
    Place,
    Readings,
    Scored,
    Source,
    Tick,
    decode,
    encode,
    new_frame,
)
from streams.kafka.dead_lettered import DeadLettered, dead_lettered
from streams.kafka.heartbeat import HeartbeatReader, read_heartbeats
from streams.settings import Settings
from streams.topics import (
    DEAD_LETTERS,
    DETECTIONS,
    FRAMES,
    INPUTS,
    READINGS,
    SCORED,
    partition_of,
    physical,
)
from tests.support import malformed
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.reached import reached

START: Micros = 1_800_000_000_000_000
GOOD = 40
BAD_FRAMES, BAD_PACKS = 18, 9
"""Malformed messages after each good one."""
STEP = 3 * HOUR
"""Between good ones: the quotas of dead letters are whole again."""
CAMERA, GATEWAY, LOOP = "camera-1", "gateway-1", "loop-1"
CITYOPS = str(Path(sys.executable).with_name("cityops"))


class Bench:
    """Writes raw messages and reads what comes out, until nothing more is missing."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.producer = KafkaProducer(**reached(settings), acks="all", max_request_size=4 * 2**20)

    def send(self, topic: str, key: str, headers: object, value: bytes | None) -> None:
        partition = partition_of(key, self.settings.partitions)
        name = physical(self.settings.namespace, topic)
        self.producer.send(
            name, value=value, key=key.encode(), headers=headers, partition=partition
        )

    def good(self, topic: str, key: str, event: Event) -> None:
        self.send(topic, key, *encode(event))

    def everywhere(self, event: Event) -> None:
        headers, value = encode(event)
        for topic in INPUTS:
            name = physical(self.settings.namespace, topic)
            for partition in range(self.settings.partitions):
                self.producer.send(name, value=value, headers=headers, partition=partition)

    def follow(self, topic: str, kind: type) -> "Follow":
        return Follow(self.settings, topic, kind)

    def read(
        self, topic: str, kind: type, count: int, size: Callable[[Any], int] = lambda _: 1
    ) -> list[Any]:
        """Events of ``kind`` up to ``count`` in ``size``, and what comes within a second more."""
        follow = self.follow(topic, kind)
        follow.until(lambda events: sum(map(size, events)) >= count)
        return follow.events


class Follow:
    """What comes out of a topic, each mark once, read as it comes: letters of five days are more
    than the topic keeps, and the broker deletes the oldest of them within half a minute.
    """

    def __init__(self, settings: Settings, topic: str, kind: type) -> None:
        self.kind = kind
        self.events: list[Any] = []
        self._marks: set[object] = set()
        self._consumer = KafkaConsumer(
            physical(settings.namespace, topic),
            **reached(settings),
            group_id=None,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8 * 2**20,
        )

    def until(self, enough: Callable[[list[Any]], bool], patience: float = 120) -> None:
        """Read until there is enough and nothing more has come for a second; then close."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if not self.poll() and enough(self.events):
                break
        self._consumer.close()

    def poll(self) -> int:
        """How many messages came, of any kind, within a second."""
        polled = self._consumer.poll(1000, max_records=2000)
        for record in (record for records in polled.values() for record in records):
            event, mark = decode(list(record.headers), record.value)
            if isinstance(event, self.kind) and mark not in self._marks:
                self._marks.add(mark)
                self.events.append(event)
        return sum(map(len, polled.values()))


@pytest.fixture
def bench(settings: Settings) -> Iterator[Bench]:
    bench = Bench(settings)
    yield bench
    bench.producer.close()


def source(id: str, kind: str) -> Source:
    return Source(id, kind, id, id, "simulated", Place(20.86, 106.68), gateway=GATEWAY)  # type: ignore[arg-type]


def pack(number: int, time: Micros) -> Readings:
    values = np.array([[600.0, 10.0, 40.0]], "<f8").tobytes()
    return Readings(
        GATEWAY,
        time,
        number,
        "simulated",
        (LOOP,),
        ("flow", "occupancy", "speed"),
        np.zeros(1, "<u2").tobytes(),
        np.array([time], "<i8").tobytes(),
        values,
    )


def counted(settings: Settings) -> DeadLettered:
    return dead_lettered(read_heartbeats(settings).values())


@pytest.mark.timeout(400)
def test_malformed_messages_are_kept_with_their_reason(
    settings: Settings, bench: Bench, tmp_path: Path, nursery: Nursery
) -> None:
    chance = random.Random(11)
    bench.everywhere(Tick(START))
    bench.everywhere(ControlChange(1, START, source(CAMERA, "camera")))
    bench.everywhere(ControlChange(2, START, source(LOOP, "loop")))
    pictures = [malformed.picture(chance) for _ in range(2)]
    reasons: dict[tuple[str, bytes], frozenset[str]] = {}
    sorts: dict[tuple[str, bytes], int] = {}
    sent = 0
    for number in range(1, GOOD + 1):
        now = START + number * STEP
        bench.everywhere(Tick(now - SECOND))
        bench.good(
            FRAMES, CAMERA, new_frame(CAMERA, now, number, "simulated", pictures[number % 2])
        )
        bench.good(READINGS, GATEWAY, pack(number, now))
        for topic, key, makers, many in (
            (FRAMES, CAMERA, malformed.frames(CAMERA, now + SECOND // 2), BAD_FRAMES),
            (READINGS, GATEWAY, malformed.readings(GATEWAY, LOOP, now), BAD_PACKS),
        ):
            for turn in range(many):
                # Each of them comes first now and then, when nothing of the quota is spent.
                sort = (turn + number) % len(makers)
                headers, value, allowed = makers[sort](chance)
                # A header of ours tells the letters apart; decoders ignore what they do not know.
                name = b"%d" % sent
                bench.send(topic, key, [*headers, ("test-id", name)], value)
                reasons[topic, name], sorts[topic, name] = allowed, sort
                sent += 1
        bench.everywhere(Tick(now))
    bench.everywhere(Tick(START + GOOD * STEP + 10 * SECOND))
    bench.producer.flush()
    assert sent >= 1000

    with Fleet(settings, tmp_path, nursery) as fleet:
        for group in ("detect", "streams"):
            fleet.start(group, CITYOPS, "run", group, "--name", f"{group}-1")
        kept = bench.follow(DEAD_LETTERS, DeadLetter)
        kept.until(lambda _: counted(settings).number >= sent, 180)
        found, letters = counted(settings), kept.events
        seen = bench.read(DETECTIONS, Detections, GOOD)
        scored = bench.read(SCORED, Scored, GOOD, lambda event: len(event.flags))
        reader = HeartbeatReader(settings)
        while reader.position < reader.end:
            reader.poll(0.5)
        reader.close()
        exits = [process.poll() for process in fleet.processes.values()]
        tails = fleet.tails()

    assert exits == [None, None], tails
    assert found.number == sent == len(letters) + sum(found.not_kept.values())
    assert found.not_kept, "the control: of some there were too many"
    assert found.since is not None
    assert {CAMERA, LOOP} <= set(reader.words.of), "and the good ones were heard"
    place = f"{READINGS}/{partition_of(GATEWAY, settings.partitions)}"
    assert reader.latest["streams-1"].next_offsets[place] > GOOD
    wrong = []
    for letter in letters:
        assert isinstance(letter, DeadLetter)
        name = dict(letter.headers)["test-id"]
        allowed = reasons[letter.topic, name]
        if letter.reason not in allowed:
            wrong.append((letter.topic, letter.reason, letter.detail, sorted(allowed)))
    assert not wrong
    names = [(letter.topic, dict(letter.headers)["test-id"]) for letter in letters]
    told = {(name[0], sorts[name]) for name in names}
    missing = {(topic, sort) for (topic, _), sort in sorts.items()} - told
    assert not missing, "of each sort of malformed message there is a letter"
    assert {letter.sources for letter in letters if letter.topic == FRAMES} >= {(CAMERA,)}
    assert {letter.gateway for letter in letters if letter.topic == READINGS} >= {GATEWAY}
    assert [event.sequence for event in seen] == list(range(1, GOOD + 1))
    assert len({event.boxes for event in seen}) <= 2, "two pictures in turn, each with one result"
    rows = [row for event in scored for row in np.frombuffer(event.times, "<i8").tolist()]
    assert rows == [START + number * STEP for number in range(1, GOOD + 1)]
