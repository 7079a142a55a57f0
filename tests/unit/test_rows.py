"""What is stored of an event, and what is refused because no column could hold it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import (
    BAD,
    LATE,
    REPEATED,
    BadMessage,
    Counts,
    Detections,
    Event,
    FrameRef,
    Heartbeat,
    Incident,
    Scored,
    Tick,
    Watermark,
)
from streams.tables.counts import TABLE as COUNTS
from streams.tables.detections import TABLE as DETECTIONS
from streams.tables.frames import TABLE as FRAMES
from streams.tables.incidents import TABLE as INCIDENTS
from streams.tables.readings import TABLE as READINGS
from streams.tables.rows import TABLES, rows_of
from tests.support.upstream import START, counts, detections, incident, scored

replace = msgspec.structs.replace
TIME = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)


def test_a_pack_is_a_row_per_reading_and_metric() -> None:
    tail = (False, "simulated", "loop@1.0", "gw-1")
    before = TIME - timedelta(microseconds=1)
    assert rows_of(scored(0)) == {
        READINGS: [
            (before, "loop-1", "flow", 600.0, 0.123, *tail),
            (before, "loop-1", "occupancy", 12.5, 0.123, *tail),
            (TIME, "loop-2", "flow", 720.0, None, *tail),
            (TIME, "loop-2", "occupancy", None, None, *tail),
        ]
    }


def test_late_readings_are_flagged_and_repeated_and_bad_ones_left_out() -> None:
    late = rows_of(scored(0, flags=(LATE, 0)))[READINGS]
    assert [row[5] for row in late] == [True, True, False, False]
    for flag in (REPEATED, BAD, BAD | LATE):
        rows = rows_of(scored(0, flags=(flag, 0)))[READINGS]
        assert {row[1] for row in rows} == {"loop-2"}


def test_a_frame_is_one_row_and_each_of_its_boxes_one() -> None:
    rows = rows_of(replace(detections(0, boxes=2), late=True))
    ((*frame, sha256),) = rows[FRAMES]
    tail = (True, "simulated", "street@1.0", 1, 1000)
    assert tuple(frame) == (TIME, "cam-1", 0, 2, 640, 360, *tail)
    assert len(sha256) == 32
    assert rows[DETECTIONS] == [
        (TIME, "cam-1", "car", 0.9, 10.5, 20.0, 35.5, 40.1, *tail),
        (TIME, "cam-1", "person", 0.899, 10.5, 20.0, 35.5, 40.2, *tail),
    ]


def test_a_frame_in_which_nothing_was_seen_is_known_too() -> None:
    rows = rows_of(detections(0, boxes=0))
    assert len(rows[FRAMES]) == 1
    assert rows[DETECTIONS] == []


def test_an_incident_is_a_row_with_evidence_that_reads() -> None:
    ((*row, evidence, part_of, unknown_since),) = rows_of(incident(7))[INCIDENTS]
    assert (part_of, unknown_since) == (None, None)
    assert row[:4] == [UUID(int=7), 0, "stopped_vehicle", "rule-1"]
    assert row[11:] == [None, "segment-3", 20.86, 106.68, "street@1.0"]
    assert msgspec.json.decode(evidence.obj) == [
        {
            "source": "cam-1",
            "time": START + 7 * 60_000_000,
            "model": "street@1.0",
            "frame": {"partition": 1, "offset": 1000, "sha256": "ab" * 32},
            "boxes": [{"x0": 105, "y0": 200, "x1": 355, "y1": 401, "label": "car", "score": 900}],
            "zone": [[0.1, 0.2], [0.5, 0.2], [0.5, 0.9]],
            "metric": "",
            "series": [],
        }
    ]


def test_an_incident_that_is_unknown_says_since_when() -> None:
    ((*_, unknown_since),) = rows_of(replace(incident(7), unknown_since=START))[INCIDENTS]
    assert unknown_since == TIME


def test_an_incident_without_place_or_evidence() -> None:
    ((*row, evidence, _, _),) = rows_of(replace(incident(7), place=None, evidence=()))[INCIDENTS]
    assert row[12:] == [None, None, None, ""]
    assert evidence.obj == b"[]"


def test_counts_keep_their_period() -> None:
    assert rows_of(counts(0)) == {
        COUNTS: ((TIME, "cam-1", "", "person", 4, 2, timedelta(minutes=1), "simulated"),)
    }


def test_control_events_leave_no_rows() -> None:
    assert rows_of(Tick(START)) == {}
    assert rows_of(Watermark("score", "readings", 0, START)) == {}


@pytest.mark.parametrize(
    "event",
    [
        replace(scored(0), flags=b"\0"),
        replace(scored(0), values=b"\0" * 8),
        replace(scored(0), source=np.array([0, 2], "<u2").tobytes()),
        replace(scored(0), sources=("loop-1", "loop\0")),
        replace(scored(0), times=np.array([START, 2**62], "<i8").tobytes()),
        replace(detections(0), classes=bytes([2, 99])),
        replace(detections(0), scores=b""),
        replace(detections(0), sequence=2**63),
        replace(detections(0), width=2**31),
        replace(detections(0), time=-(2**62)),
        replace(detections(0), frame=FrameRef(0, 0, "no hash")),
        replace(incident(0), id="1"),
        replace(incident(0), zone="a\0b"),
        replace(incident(0), revision=2**40),
        replace(incident(0), evidence=(replace(incident(0).evidence[0], metric="\0"),)),
        replace(counts(0), tracks=2**31),
        Heartbeat("writer", "1", 1, START, True, "", 0, {}),
    ],
)
def test_what_no_column_holds_is_refused(event: Event) -> None:
    with pytest.raises(BadMessage) as caught:
        rows_of(event)
    assert caught.value.reason == "wrong_type"


LIMITS = {"int4": 2**31, "int8": 2**63}


@given(st.one_of([st.from_type(kind) for kind in (Scored, Detections, Incident, Counts)]))
def test_whatever_is_decoded_is_refused_or_fits(event: Event) -> None:
    try:
        rows = rows_of(event)
    except BadMessage:
        return
    for table, added in rows.items():
        assert table in TABLES
        for row in added:
            for value, kind in zip(row, table.types, strict=True):
                if kind in LIMITS:
                    assert -LIMITS[kind] <= value < LIMITS[kind]
                if kind == "text" and value is not None:
                    assert "\0" not in value
