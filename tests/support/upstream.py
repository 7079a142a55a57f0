"""What the stages upstream of a consumer send, with its marks: for tests of consumers."""

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Accounts,
    Booked,
    Box,
    CaseHour,
    CaseHours,
    Counts,
    Detections,
    Event,
    Evidence,
    FrameRef,
    Headers,
    Incident,
    Indicated,
    Mark,
    Micros,
    Place,
    Scenery,
    Scored,
    Sight,
    SourceHours,
    encode,
)
from streams.settings import Settings
from streams.topics import physical
from tests.support.reached import reached

START: Micros = 1_795_000_000 * SECOND
"""2026-11-18T11:06:40Z."""


class Upstream:
    """Sends events to a namespace's topics as a stage would; waits for the broker each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = KafkaProducer(
            **reached(settings),
            acks="all",
            enable_idempotence=True,
            allow_auto_create_topics=False,
        )

    def send(self, topic: str, partition: int, sent: Sequence[tuple[Event, Mark | None]]) -> None:
        told = [self.send_raw(topic, partition, *encode(event, mark)) for event, mark in sent]
        self._producer.flush(30)
        for each in told:
            each.get(0)  # one that the broker refused fails the test here, and not as a row missing

    def send_raw(self, topic: str, partition: int, headers: Headers, value: bytes) -> Any:
        """What will tell its offset."""
        return self._producer.send(
            physical(self._settings.namespace, topic),
            partition=partition,
            headers=headers,
            value=value,
        )

    def close(self) -> None:
        self._producer.close(timeout=10)


def read_all(settings: Settings, topic: str, partition: int) -> list[tuple[Headers, bytes]]:
    """Everything a partition holds now."""
    at = TopicPartition(physical(settings.namespace, topic), partition)
    consumer = KafkaConsumer(**reached(settings), enable_auto_commit=False)
    try:
        consumer.assign([at])
        consumer.seek_to_beginning(at)
        end = consumer.end_offsets([at])[at]
        found: list[tuple[Headers, bytes]] = []
        while consumer.position(at) < end:
            records = consumer.poll(timeout_ms=500).get(at, ())
            found += [(record.headers, record.value) for record in records]
        return found
    finally:
        consumer.close()


def mark(offset: int, *, stage: str = "stage", partition: int = 0, index: int = 0) -> Mark:
    return Mark(stage, "inputs", partition, offset, index)


def scored(
    number: int,
    *,
    gateway: str = "gw-1",
    flags: Sequence[int] = (0, 0),
    values: Sequence[Sequence[float]] = ((600.0, 12.5), (720.0, float("nan"))),
    faults: bytes = b"",
    decided_at: Micros | None = None,
) -> Scored:
    """Pack ``number`` of a gateway: two loops, flow and occupancy, five seconds apart."""
    time = START + 5 * SECOND * number
    return Scored(
        gateway=gateway,
        time=time if decided_at is None else decided_at,
        origin="simulated",
        model="loop@1.0",
        sources=("loop-1", "loop-2"),
        metrics=("flow", "occupancy"),
        source=np.array([0, 1], "<u2").tobytes(),
        times=np.array([time - 1, time], "<i8").tobytes(),
        values=np.array(values, "<f8").tobytes(),
        scores=np.array([123, 65535], "<u2").tobytes(),
        flags=bytes(flags),
        faults=faults,
    )


def detections(number: int, *, camera: str = "cam-1", boxes: int = 2) -> Detections:
    """Frame ``number`` of a camera, with a car and then persons in it."""
    return Detections(
        camera=camera,
        time=START + SECOND * number // 5,
        sequence=number,
        origin="simulated",
        frame=FrameRef(1, 1000 + number, hashlib.sha256(b"%d" % number).hexdigest()),
        width=640,
        height=360,
        model="street@1.0",
        boxes=np.array([[105, 200, 355, 401 + i] for i in range(boxes)], "<i4").tobytes(),
        classes=bytes([2, *[0] * (boxes - 1)][:boxes]),
        scores=np.array([900 - i for i in range(boxes)], "<u2").tobytes(),
    )


def incident(
    number: int,
    *,
    revision: int = 0,
    kind: str = "stopped_vehicle",
    start: Micros | None = None,
    end: Micros | None = None,
) -> Incident:
    began = START + MINUTE * number if start is None else start
    return Incident(
        id=str(UUID(int=number)),
        kind=kind,
        rule="rule-1",
        origin="simulated",
        severity="high",
        sources=("cam-1", "loop-1"),
        zone="zone-1",
        subject="7",
        start=began,
        decided_at=began + 10 * SECOND if end is None else end,
        end=end,
        revision=revision,
        place=Place(20.86, 106.68, "segment-3"),
        evidence=(
            Evidence(
                source="cam-1",
                time=began,
                model="street@1.0",
                frame=FrameRef(1, 1000, "ab" * 32),
                boxes=(Box(105, 200, 355, 401, "car", 900),),
                zone=((0.1, 0.2), (0.5, 0.2), (0.5, 0.9)),
            ),
        ),
    )


def counts(number: int, *, tracks: int = 4) -> Counts:
    return Counts(
        camera="cam-1",
        zone="",
        time=START + MINUTE * number,
        period=MINUTE,
        origin="simulated",
        label="person",
        tracks=tracks,
        peak=2,
    )


EXAMPLES: dict[type, Event] = {
    type(event): event
    for event in (
        scored(0, values=((600.0, 12.5), (720.0, float("inf"))), faults=bytes([0, 0, 0, 1])),
        detections(0),
        incident(0),
        counts(0),
        Scenery(
            "cam-1",
            START,
            "simulated",
            "a1b2c3d4e5f6",
            learned=True,
            group="vehicle",
            box=(100, 200, 300, 400),
            width=640,
            height=360,
            since=START - MINUTE,
            model="street@1.0",
        ),
        Accounts(
            "score",
            "readings",
            0,
            START + MINUTE,
            (Booked("loop-1", START // HOUR * HOUR, "accepted", "", 4),),
        ),
        SourceHours(
            "gw-1",
            "induction_loops",
            "simulated",
            START // HOUR * HOUR - HOUR,
            START,
            ("loop-1",),
            np.array([[720], [700], [1], [2], [3]], "<i4").tobytes(),
        ),
        CaseHours(
            "gw-1",
            "dossiers",
            "simulated",
            START,
            (CaseHour("office-1", START // HOUR * HOUR, 17, 2, 1, 1, 1),),
        ),
        Indicated(
            "base_stations_up",
            "simulated",
            START // HOUR * HOUR,
            START // HOUR * HOUR + HOUR,
            START,
            "running",
            0,
            numerator=97,
            denominator=100,
            readings=100,
            unplaced=0,
            value=97_000,
        ),
        Sight("cam-1", START, "simulated", 4 * SECOND, "missing", START, START + 10 * SECOND),
    )
}
"""One of each event that is stored, which leaves a row in each of its tables."""


def delete_before(settings: Settings, topic: str, partition: int, offset: int) -> None:
    """As retention does."""
    admin = KafkaAdminClient(**reached(settings))
    try:
        admin.delete_records(
            {TopicPartition(physical(settings.namespace, topic), partition): offset}
        )
    finally:
        admin.close()
