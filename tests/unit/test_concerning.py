"""Which changes the gateway tells the stages: not those of assets of which nothing comes."""

import msgspec

from services.gateway.configuration import concerning
from streams.configuration.configured import NOTHING, folded
from streams.events import NOWHERE, Change, ControlChange, Removed, Rule, Source

POLE = Source("tr-1", "transformer", "Trạm", "Pole", "live", NOWHERE)
BARE = Source("bts-1", "base_station", "Trạm", "Station", "live", NOWHERE)
CONNECTED = msgspec.structs.replace(BARE, gateway="nms", period=60_000_000)
LOOP = Source("loop-1", "induction_loop", "Vòng", "Loop", "live", NOWHERE, "gw", period=5)
UNREAD = Source("cam-1", "camera", "Camera", "Camera", "live", NOWHERE, rests="off")
READ = msgspec.structs.replace(UNREAD, rests="", address="rtsp://10.0.0.5/1", period=200_000)
RULE = Rule("r", "no_data", "low", ("loop-1",))


def told(*changes: Change, before: tuple[Change, ...] = ()) -> list[Change]:
    """Of ``changes``, after ``before``."""
    known = folded([ControlChange(n, 0, each) for n, each in enumerate(before, 1)], NOTHING)
    events = [ControlChange(known.sequence + n, 0, each) for n, each in enumerate(changes, 1)]
    found = concerning(known, events)
    assert [event for event in events if event in found] == found, "in their order"
    return [event.change for event in found]


def test_what_does_not_report_concerns_no_stage() -> None:
    assert told(POLE, BARE, UNREAD, LOOP, RULE) == [LOOP, RULE]
    gone = Removed("source", "tr-1"), Removed("source", "loop-1"), Removed("rule", "r")
    assert told(*gone, before=(POLE, LOOP, RULE)) == [*gone[1:]]


def test_what_is_connected_is_told_and_so_is_its_end() -> None:
    assert told(CONNECTED, READ, before=(BARE, UNREAD)) == [CONNECTED, READ]
    assert told(BARE, UNREAD, before=(CONNECTED, READ)) == [BARE, UNREAD]
    assert told(BARE, CONNECTED, BARE, BARE, Removed("source", "bts-1")) == [CONNECTED, BARE]


def test_what_nobody_knows_of_is_told() -> None:
    gone = Removed("source", "nobody")
    pigeon = Source("p", "pigeon", "p", "p", "live", NOWHERE)
    assert told(gone, pigeon) == [gone, pigeon]
