"""What parts say of themselves, and what follows from it."""

import msgspec

from streams.events import DAY, SECOND, Heartbeat, Micros
from streams.kafka.heartbeat import (
    SILENT,
    STALLED_AFTER,
    clock_ahead,
    event_now,
    event_time,
    stalled_since,
)

NOW: Micros = 1_795_000_000 * SECOND


def beat(part: str, ago: Micros = 0, **sources: Micros) -> Heartbeat:
    places = {name.replace("_", "/"): NOW - behind for name, behind in sources.items()}
    return Heartbeat(part, "1", 1, NOW - ago, True, "", 0, {}, places)


def test_event_time_is_where_it_is_furthest_behind() -> None:
    detect = beat("detect-1", frames_0=SECOND, frames_1=20 * SECOND)
    streams = beat("streams-1", detections_0=2 * SECOND, readings_0=SECOND, incidents_0=90 * SECOND)
    assert event_time([detect, streams], NOW) == NOW - 20 * SECOND
    assert event_time([streams], NOW) == NOW - 2 * SECOND


def test_who_is_gone_or_has_seen_no_tick_says_nothing_of_it() -> None:
    gone = beat("detect-1", SILENT + 1, frames_0=60 * SECOND)
    new = beat("detect-2", frames_0=NOW)
    city = beat("city", camera_1=30 * SECOND)
    assert event_time([gone, new, city], NOW) is None
    assert stalled_since([gone, new, city], NOW) is None


def test_event_time_stands_when_it_is_far_behind_the_clock() -> None:
    assert stalled_since([beat("streams-1", detections_0=STALLED_AFTER)], NOW) is None
    assert (
        stalled_since([beat("streams-1", detections_0=STALLED_AFTER + 1)], NOW)
        == NOW - STALLED_AFTER - 1
    )


def test_event_time_has_not_stalled_where_the_clock_is_wrong() -> None:
    ahead = 40 * DAY
    gateway = msgspec.structs.replace(beat("gateway"), clock_ahead=ahead)
    worker = beat("streams-1", detections_0=ahead + SECOND)
    assert stalled_since([worker], NOW) is not None
    assert stalled_since([gateway, worker], NOW) is None
    behind = beat("streams-1", detections_0=ahead + STALLED_AFTER + 1)
    assert stalled_since([gateway, behind], NOW) is not None
    assert clock_ahead({"gateway": gateway}) == ahead
    assert event_now({"gateway": gateway}, NOW) == NOW - ahead
    assert event_now({}, NOW) == NOW
