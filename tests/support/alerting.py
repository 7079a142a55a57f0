"""Incidents and frames for tests of the alerts service, and a way into Kafka for them."""

from collections.abc import Sequence
from typing import Any

import cv2
import msgspec
import numpy as np
from kafka import KafkaProducer

from streams.events import (
    SECOND,
    Box,
    Event,
    Evidence,
    Frame,
    FrameRef,
    Incident,
    Mark,
    Micros,
    Place,
    encode,
    new_frame,
)
from streams.incidents.identity import incident_id
from streams.settings import Settings
from streams.topics import CORRELATED, FRAMES, partition_of, physical
from tests.support.reached import reached

START: Micros = 1_795_000_000 * SECOND
"""2026-11-18 in event time; nothing in these tests rests on the clock."""
PLACE = Place(20.86, 106.68, "cau-rao")


def incident(
    *,
    start: Micros = START,
    source: str = "cam-1",
    zone: str = "lane",
    subject: str = "track-1",
    after: Micros = 20 * SECOND,
    **changes: Any,
) -> Incident:
    """A stopped vehicle, proven ``after`` its start."""
    made = Incident(
        id=incident_id("stopped", source, zone, subject, start),
        kind="stopped_vehicle",
        rule="stopped",
        origin="simulated",
        severity="high",
        sources=(source,),
        zone=zone,
        subject=subject,
        start=start,
        decided_at=start + after,
        end=None,
        revision=0,
        place=PLACE,
    )
    return msgspec.structs.replace(made, **changes)


def ended(first: Incident, end: Micros) -> Incident:
    """Its next revision: the end, proven five seconds later."""
    return msgspec.structs.replace(
        first, end=end, decided_at=end + 5 * SECOND, revision=first.revision + 1
    )


def jam(*, after: Micros = 30 * SECOND, loop: str = "loop-1") -> Incident:
    """What a loop on the same road tells of the vehicle that stopped at START."""
    time = START + after
    series = tuple((time - n * 5 * SECOND, 80.0 + n, 900) for n in reversed(range(12)))
    return incident(
        id=incident_id("congestion", loop, "", "", START),
        source=loop,
        zone="",
        subject="",
        after=after,
        kind="congestion",
        rule="congestion",
        severity="medium",
        evidence=(Evidence(loop, time, "loop_anomaly@1.0.0", metric="occupancy", series=series),),
    )


def dead(source: str, *, at: Micros = 0) -> Incident:
    """A source of which nothing is heard since START."""
    return incident(
        id=incident_id("quiet", source, "", "", START),
        source=source,
        zone="",
        subject="",
        after=60 * SECOND + at,
        kind="no_data",
        rule="quiet",
        severity="medium",
    )


def explained(one: Incident, cause: Incident | None, *, at: Micros = 0) -> Incident:
    """The amendment by which it is a consequence of another, or (None) outlasts that."""
    return msgspec.structs.replace(
        one,
        revision=one.revision + 1,
        decided_at=one.decided_at + 60 * SECOND + at,
        explained_by=cause.id if cause else "",
        via=(one.sources[0], cause.sources[0]) if cause else (),
        why="depends" if cause else "outlasts",
    )


def joined(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """The amendments by which ``other`` becomes part of ``one``."""
    whole = msgspec.structs.replace(
        one,
        sources=one.sources + other.sources,
        evidence=one.evidence + other.evidence,
        decided_at=other.decided_at,
        revision=one.revision + 1,
    )
    part = msgspec.structs.replace(
        other, end=other.decided_at, revision=other.revision + 1, part_of=one.id
    )
    return whole, part


def photograph(camera: str = "cam-1", time: Micros = START, number: int = 1) -> Frame:
    """A picture that differs by number."""
    image = np.full((90, 160, 3), 80, np.uint8)
    cv2.putText(image, str(number), (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
    _, jpeg = cv2.imencode(".jpg", image)
    return new_frame(camera, time, number, "simulated", jpeg.tobytes())


def proof(ref: FrameRef, time: Micros = START) -> Evidence:
    return Evidence(
        "cam-1",
        time,
        "street_detector@1.0.0",
        ref,
        (Box(300, 200, 900, 700, "car", 912),),
        ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)),
    )


class Kafka:
    """Sends as the stages do: explicit partitions, marks in order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._number = 0
        self._producer = KafkaProducer(**reached(settings), acks="all", enable_idempotence=True)

    def close(self) -> None:
        self._producer.close()

    def frame(self, frame: Frame) -> FrameRef:
        """Where it lies now."""
        partition = partition_of(frame.camera, self._settings.partitions)
        headers, value = encode(frame)
        offset = self.send(FRAMES, partition, headers, value)
        return FrameRef(partition, offset, frame.sha256)

    def correlated(self, *events: Event, marks: Sequence[Mark] = ()) -> list[Mark]:
        """Sends each with a mark (the given ones, or new ones)."""
        used = []
        for n, event in enumerate(events):
            key = event.sources[0] if isinstance(event, Incident) else ""
            partition = partition_of(key, self._settings.partitions)
            if marks:
                mark = marks[n]
            else:
                self._number += 1
                mark = Mark("correlate", "incidents", partition, self._number, 0)
            headers, value = encode(event, mark)
            self.send(CORRELATED, partition, headers, value)
            used.append(mark)
        return used

    def send(self, topic: str, partition: int, headers: Any, value: bytes) -> int:
        """Raw; gives the offset."""
        sent = self._producer.send(
            physical(self._settings.namespace, topic),
            value=value,
            headers=headers,
            partition=partition,
        )
        offset: int = sent.get(timeout=10).offset
        return offset
