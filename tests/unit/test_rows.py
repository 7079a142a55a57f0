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
    FAULTS,
    LATE,
    MINUTE,
    NOT_SAID,
    OVERDUE,
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
from streams.tables.quality import TABLE as QUALITY
from streams.tables.readings import TABLE as READINGS
from streams.tables.rows import TABLES, in_doubt, rows_of
from tests.support.upstream import START, counts, detections, incident, scored

replace = msgspec.structs.replace
TIME = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)


def test_a_pack_is_a_row_per_reading_and_metric() -> None:
    tail = (False, "simulated", "loop@1.0", "gw-1", None)
    before = TIME - timedelta(microseconds=1)
    assert rows_of(scored(0)) == {
        READINGS: [
            (before, "loop-1", "flow", 600.0, 0.123, *tail),
            (before, "loop-1", "occupancy", 12.5, 0.123, *tail),
            (TIME, "loop-2", "flow", 720.0, None, *tail),
        ],
        QUALITY: [],
    }


def test_what_the_device_said_is_beside_a_time_of_arrival() -> None:
    said = np.array([0, NOT_SAID], "<i8").tobytes()
    rows = rows_of(replace(scored(0), device_times=said))[READINGS]
    assert [row[-1] for row in rows] == [datetime(1970, 1, 1, tzinfo=UTC)] * 2 + [None]
    late = replace(scored(0, flags=(LATE, 0)), device_times=said)
    assert [each.row[-1] for each in in_doubt(late)[READINGS]] == [
        datetime(1970, 1, 1, tzinfo=UTC)
    ] * 2
    with pytest.raises(BadMessage, match="as many times of devices"):
        rows_of(replace(scored(0), device_times=said[:8]))


def test_a_value_that_nobody_measured_leaves_nothing() -> None:
    """Control: a value beside it does."""
    rows = rows_of(scored(0, values=((float("nan"), float("nan")), (0.0, float("nan")))))[READINGS]
    assert [row[1:4] for row in rows] == [("loop-2", "flow", 0.0)]


@pytest.mark.parametrize(
    ("fault", "sent", "told"),
    [
        ("infinite", float("inf"), float("inf")),
        ("out_of_range", 65535.0, 65535.0),
        ("not_measured", float("nan"), None),
    ],
)
def test_a_refused_value_is_kept_aside_with_its_reason(
    fault: str, sent: float, told: float | None
) -> None:
    faults = bytes([0, 1 + FAULTS.index(fault), 0, 0])
    event = scored(0, values=((600.0, sent), (720.0, 8.0)), faults=faults)
    rows, before = rows_of(event), TIME - timedelta(microseconds=1)
    assert [row[1:4] for row in rows[READINGS]] == [
        ("loop-1", "flow", 600.0),
        ("loop-2", "flow", 720.0),
        ("loop-2", "occupancy", 8.0),
    ]
    assert rows[QUALITY] == [
        (before, "loop-1", "occupancy", told, fault, False, "simulated", "gw-1")
    ]


def test_a_bad_reading_leaves_only_what_was_refused_and_a_repeated_one_nothing() -> None:
    faults = bytes([2, 2, 0, 0])
    for flag, refused in ((BAD, ["flow", "occupancy"]), (REPEATED, [])):
        rows = rows_of(scored(0, flags=(flag, 0), faults=faults))
        assert {row[1] for row in rows[READINGS]} == {"loop-2"}
        assert [row[2] for row in rows[QUALITY]] == refused
    # as a release before this one flagged it
    assert rows_of(scored(0, flags=(BAD, 0)))[QUALITY] == []


def test_what_comes_late_may_be_stored_already() -> None:
    event = scored(0, flags=(LATE, 0), faults=bytes([0, 2, 0, 0]), decided_at=START + MINUTE)
    found, rows = in_doubt(event), rows_of(event)
    assert {row[1] for row in rows[READINGS]} == {"loop-2"}
    assert rows[QUALITY] == []
    ((flow, *rest),) = found[READINGS]
    assert (flow[1:4], flow[5]) == (("loop-1", "flow", 600.0), True)
    assert rest == [TIME + timedelta(minutes=1), "simulated", "gw-1", True]
    ((refused, *rest),) = found[QUALITY]
    assert refused[1:6] == ("loop-1", "occupancy", 12.5, "out_of_range", True)
    assert rest == [TIME + timedelta(minutes=1), "simulated", "gw-1", True]
    for flag in (LATE | REPEATED, LATE | BAD):
        again = scored(0, flags=(flag, 0))
        assert in_doubt(again) == {}
        assert {row[1] for row in rows_of(again)[READINGS]} == {"loop-2"}


def test_what_is_overdue_may_be_stored_already_too() -> None:
    """Its source has become slow since it came for the first time, and was late then."""
    event = scored(0, flags=(OVERDUE, OVERDUE | REPEATED))
    assert rows_of(event)[READINGS] == []
    found = in_doubt(event)[READINGS]
    assert [each.row[1:4] for each in found] == [
        ("loop-1", "flow", 600.0),
        ("loop-1", "occupancy", 12.5),
    ]
    assert not any(each.late or each.row[5] for each in found)


def test_a_frame_is_one_row_and_each_of_its_boxes_one() -> None:
    rows = rows_of(replace(detections(0, boxes=2), late=True))
    ((*frame, sha256, as_of, verdict),) = rows[FRAMES]
    assert as_of is None
    tail = (True, "simulated", "street@1.0", 1, 1000)
    assert tuple(frame) == (TIME, "cam-1", 0, 2, 640, 360, *tail)
    assert verdict == "good"
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
    ((*row, evidence, part_of, unknown_since, is_scenery, cause, via, why),) = rows_of(incident(7))[
        INCIDENTS
    ]
    assert (part_of, unknown_since, is_scenery) == (None, None, False)
    assert (cause, via, why) == (None, [], "")
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
            "between": None,
        }
    ]


def test_an_incident_that_is_unknown_says_since_when() -> None:
    ((*_, unknown_since, _, _, _, _),) = rows_of(replace(incident(7), unknown_since=START))[
        INCIDENTS
    ]
    assert unknown_since == TIME


def test_an_incident_that_ended_as_scenery_says_so() -> None:
    ((*_, is_scenery, _, _, _),) = rows_of(replace(incident(7), scenery=True))[INCIDENTS]
    assert is_scenery


def test_an_incident_without_place_or_evidence() -> None:
    ((*row, evidence, _, _, _, _, _, _),) = rows_of(replace(incident(7), place=None, evidence=()))[
        INCIDENTS
    ]
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
        scored(0, faults=bytes(3)),
        scored(0, faults=bytes([0, 0, 0, len(FAULTS) + 1])),
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
        rows, doubtful = rows_of(event), in_doubt(event)
    except BadMessage:
        return
    found = [*rows.items(), *((table, [each.row for each in of]) for table, of in doubtful.items())]
    for table, added in found:
        assert table in TABLES
        for row in added:
            for value, kind in zip(row, table.types, strict=True):
                if kind in LIMITS and value is not None:
                    assert -LIMITS[kind] <= value < LIMITS[kind]
                if kind == "text" and value is not None:
                    assert "\0" not in value
