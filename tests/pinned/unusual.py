"""The input of the recording ``unusual``: what happens rarely, as cameras and gateways tell it.

Runs only with the code of the commit that README.md names.

Every kind of rule, with every parameter other than its default; changes and removals of rules,
zones, sources and models while their incidents are open; readings that are late, repeated or
impossible; messages that cannot be used; ticks that stay away. From one seed always the same.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np

from streams.events import (
    SECOND,
    ActiveModel,
    Change,
    ControlChange,
    Event,
    Headers,
    Micros,
    Readings,
    Removed,
    Tick,
    encode,
)
from streams.topics import DETECTIONS, READINGS
from tests.support import town
from tests.support.loops import Row, loop, pack
from tests.support.town import FRAME, LAWN, ROAD
from tests.support.watchman import START, Thing, at, camera, detections, rule, zone

PARTITIONS = 3
SECONDS = 345
AFTER, UNTIL = START + 150 * SECOND, START + 330 * SECOND
PERIOD = 2 * SECOND
SEGMENTS = {
    "gate": "street-east-1",
    "plaza": "street-east-1",
    "ferry": "street-west-1",
    "tram": "street-west-2",
    "lock": "street-east-2",
    "depot": "",
}
"""Camera to its road segment; a loop lies on each."""
LOOPS = ("east-1", "east-2", "east-3", "west-1", "west-2", "west-3")
"""Each at the gateway of its first part."""
BAY = ((0.3, 0.5), (0.9, 0.5), (0.9, 0.98), (0.3, 0.98))
NARROW = ((0.0, 0.55), (0.7, 0.55), (0.7, 1.0), (0.2, 0.97))
JAM = {
    "speed_below": 18.0,
    "speed_clear": 23.0,
    "occupancy_above": 26.0,
    "occupancy_clear": 15.0,
    "smooth_seconds": 12.0,
    "hold_seconds": 9.0,
    "clear_seconds": 14.0,
}
ODD = {"score": 0.6, "score_clear": 0.4, "readings": 2.0, "readings_clear": 5.0}
STOPPED = {"dwell_seconds": 9.0, "clear_seconds": 4.0}
CROWD = {"count": 4.0, "hold_seconds": 2.0, "clear_part": 0.5, "clear_seconds": 5.0}
HUSH = {"silence_seconds": 17.0, "periods": 9.5}
HUSH_LATER = {"silence_seconds": 20.0, "periods": 12.0}


class Raw(NamedTuple):
    """A message that no source of ours would send."""

    headers: Headers
    value: bytes


Published = tuple[str, Any, str]
"""As in ``town``, or with a ``Raw`` instead of an event."""


def first_changes() -> list[Change]:
    changes: list[Change] = [ActiveModel("loop-anomaly", "loop_anomaly@1.0.0")]
    for name, segment in SEGMENTS.items():
        changes += [
            camera(name, segment=segment, period=FRAME),
            zone(f"{name}-road", name, ROAD),
            zone(f"{name}-lawn", name, LAWN),
        ]
    changes.append(zone("bay", "plaza", BAY))
    changes += [loop(name, name.split("-")[0], PERIOD) for name in LOOPS]
    changes += [loop("west-slow", "west", 5 * SECOND), loop("east-any", "east", 0)]
    lawns = tuple(f"{name}-lawn" for name in SEGMENTS)
    roads = tuple(f"{name}-road" for name in SEGMENTS)
    changes += [
        rule("stopped_vehicle", "stopped", zones=(*roads, "bay"), parameters=STOPPED),
        rule(
            "stopped_vehicle",
            "lorries",
            sources=("gate", "tram", "depot"),
            classes=("bus", "truck"),
            parameters={"dwell_seconds": 14.0},
        ),
        rule("crowd", zones=lawns, parameters=CROWD),
        rule("crowd", "riders", classes=("two-wheeler",), parameters={"count": 2.0}),
        rule("intrusion", zones=roads, parameters={"dwell_seconds": 1.5, "clear_seconds": 6.0}),
        rule("silence", "hush", parameters=HUSH),
        rule("silence", "hush-later", sources=("depot", "east-3"), parameters=HUSH_LATER),
        rule("congestion", "jam", parameters={**JAM, "hold_seconds": 25.0}),
        # What no check would let through; a stage takes the default.
        rule("congestion", "jam-2", sources=("west-1",), parameters={"speed_below": float("nan")}),
        rule("anomaly", "odd", parameters=ODD),
        rule("anomaly", "odd-2", sources=("east-2", "west-2", "west-slow")),
    ]
    return changes


def later_changes() -> dict[int, list[Change]]:
    """By second."""
    named = {change.id: change for change in first_changes() if hasattr(change, "id")}

    place = named["ferry"].place

    def changed(which: str, **fields: Any) -> Change:
        return msgspec.structs.replace(named[which], **fields)

    return {
        50: [changed("jam", parameters=JAM)],
        100: [changed("riders", severity="low")],
        160: [changed("stopped", parameters={**STOPPED, "dwell_seconds": 6.0})],
        172: [changed("ferry", place=msgspec.structs.replace(place, segment="street-west-2"))],
        178: [Removed("rule", "crowd")],
        185: [changed("gate-road", polygon=NARROW)],
        195: [changed("intrusion", sources=("gate", "ferry", "lock"), severity="critical")],
        200: [
            # In the order that is allowed: the rules that name its zones first.
            changed("stopped", zones=("gate-road", "ferry-road", "plaza-road", "bay")),
            changed("intrusion", zones=()),
            changed("lorries", sources=("gate", "tram")),
            changed("hush-later", sources=("east-3",)),
            Removed("zone", "depot-road"),
            Removed("zone", "depot-lawn"),
            Removed("source", "depot"),
        ],
        205: [changed("odd-2", sources=("east-2",)), Removed("source", "west-2")],
        208: [Removed("zone", "lock-lawn")],
        212: [changed("crowd", zones=(), parameters={**CROWD, "count": 3.0})],
        225: [zone("bay", "ferry", BAY)],
        235: [changed("hush", parameters={"silence_seconds": 9.0, "periods": 7.0})],
        240: [ActiveModel("loop-anomaly", "loop_anomaly")],
        247: [changed("jam", sources=("west-1", "west-3"))],
        258: [changed("jam", parameters={"occupancy_above": 20.0, "hold_seconds": 5.0})],
        260: [named["depot"], named["depot-road"], named["depot-lawn"]],
        270: [changed("west-2", gateway="east"), ActiveModel("detection", "street_detector@1.0.0")],
        285: [Removed("rule", "odd")],
        288: [changed("riders", kind="intrusion", parameters={"dwell_seconds": 1.0})],
        292: [changed("odd", id="odd-3", parameters={**ODD, "score": 0.8}), Removed("zone", "bay")],
        318: [Removed("source", "east-1")],
        324: [Removed("rule", "hush")],
        326: [changed("hush", parameters={"silence_seconds": 3.0})],
    }


def events() -> Iterator[Published]:
    """In the order of their publication."""
    rng = np.random.default_rng(7)
    number = 0
    for change in first_changes():
        number += 1
        yield "", ControlChange(number, START, change), ""
    yield "", Tick(START), ""
    later = later_changes()
    for second in range(SECONDS):
        time = START + second * SECOND
        for change in later.get(second, []):
            number += 1
            yield "", ControlChange(number, time, change), ""
        if second in (155, 250):  # known already: neither does anything
            yield "", ControlChange(number, time, Removed("rule", "stopped")), ""
            yield "", Tick(time - 3 * SECOND), ""
        for half in (1, 2):
            yield from _frames(time + half * FRAME - 1000, second, rng)
        if second % 2:
            yield from _packs(time, second, rng)
        yield from _bad(time, second)
        if not 300 <= second < 312:
            yield "", Tick(time + SECOND), ""


def messages() -> Iterator[tuple[str, int, Headers, bytes, Event | None]]:
    """Topic, partition, headers, value and what it says; some detections come twice."""
    for count, (topic, partition, event, mark) in enumerate(town.messages(events(), PARTITIONS)):
        if isinstance(event, Raw):
            yield topic, partition, event.headers, event.value, None
            continue
        headers, value = encode(event, mark)
        yield topic, partition, headers, value, event
        if topic == DETECTIONS and count % 37 == 0:  # as after a crash, with the same mark
            yield topic, partition, headers, value, None


# --- cameras ----------------------------------------------------------------------------------


def _frames(time: Micros, second: int, rng: np.random.Generator) -> Iterator[Published]:
    for number, name in enumerate(SEGMENTS):
        if name == "depot" and (110 <= second < 180 or 205 <= second < 262):
            continue
        if (name == "tram" and 215 <= second < 255) or (name == "lock" and second >= 305):
            continue
        things = [_jittered(rng, thing) for thing in scene(number, (time - START) / SECOND)]
        rng.shuffle(things)
        scores = rng.integers(300, 990, len(things)).tolist()
        seen = detections(time, things, camera=name, scores=scores)
        yield DETECTIONS, seen, name
        match (second + number) % 40:
            case 7:
                yield DETECTIONS, seen, name
            case 13:  # later than it may be, by its own word and by its time
                yield DETECTIONS, msgspec.structs.replace(seen, late=True, time=time + 5), name
                old = msgspec.structs.replace(seen, time=time - 12 * SECOND)
                yield DETECTIONS, old, name
            case 21:  # one picture of another size, without anything in it
                yield DETECTIONS, detections(time + 10, camera=name, size=(320, 180)), name


def scene(number: int, second: float) -> Iterator[Thing]:
    """What the camera with this number shows."""
    for lane in range(2):
        yield at("car", (second * 55 + lane * 230 + number * 31) % 600 + 20, 235 + lane * 45)
    into = (second + 11 * number) % 48
    if into < 30:
        yield at("truck" if number % 2 else "bus", 290 + 25 * number, 335, 70, 50)
    if 8 < into < 34:
        yield at("car", 215 + 20 * number, 345)
    if 26 < into < 40:
        yield at("person", 60 + 2 * into, 290, 14, 40)
    since = (second + 19 * number) % 60
    if since < 28:
        for person in range(5 if since < 16 else 2):
            yield at("person", 180 + 35 * person, 100 + 9 * person, 12, 36)
    if (second + 29 * number) % 75 < 14:
        for rider in range(3):
            yield at("two-wheeler", 420 + 40 * rider, 120 + 12 * rider, 26, 34)


def _jittered(rng: np.random.Generator, thing: Thing) -> Thing:
    label, *box = thing
    x0, y0, x1, y1 = (
        float(side + move) for side, move in zip(box, rng.normal(0, 0.4, 4), strict=True)
    )
    return label, x0, y0, x1, y1


# --- loops ------------------------------------------------------------------------------------


def _packs(time: Micros, second: int, rng: np.random.Generator) -> Iterator[Published]:
    """Of both gateways, with all that may be wrong with a pack or a reading."""
    for gateway in ("east", "west"):
        at = second >= 270
        names = [
            name
            for name in LOOPS
            if (gateway == "east" and at and name == "west-2")
            or (name.startswith(gateway) and not (at and name == "west-2"))
        ]
        rows = [
            _row(name, time - PERIOD // 5, second, rng) for name in names if _speaks(name, second)
        ]
        if gateway == "west" and second % 5 == 0:
            rows.append(_row("west-slow", time - PERIOD, second, rng))
        if gateway == "east" and second % 6 == 1:
            rows.append(_row("east-any", time, second, rng))
        yield from _sent(pack(rows, second, time, gateway), second)
        if second % 10 == 3:
            # Late, then late again; twice at one time, the second of another value.
            late = _row(f"{gateway}-1", time - 7 * SECOND - 1, second, rng)
            twice = [
                (rows[0][0], rows[0][1] + 7, *rows[0][2:]),
                (rows[0][0], rows[0][1] + 7, 9.0, 9.0, 9.0),
            ]
            again = (f"{gateway}-1", time - 10 * SECOND - PERIOD // 5, 800.0, 5.0, 40.0)
            yield READINGS, pack([late, *twice, again], second, time + 1, gateway), gateway
            yield READINGS, pack([late], second, time + 2, gateway), gateway
        if second % 22 == 5:
            yield READINGS, pack(_impossible(gateway, time), second, time + 3, gateway), gateway


def _speaks(name: str, second: int) -> bool:
    silent = {
        "east-3": ((100, 170), (222, 262)),
        "west-3": ((262, 284),),
        "west-1": ((308, 330),),
        "west-2": ((270, 288),),
    }
    return not any(begin <= second < end for begin, end in silent.get(name, ()))


def _row(name: str, time: Micros, second: int, rng: np.random.Generator) -> Row:
    jams = {
        "east-1": ((118, 172), (226, 256), (296, 330)),
        "west-1": ((60, 84), (200, 250), (262, 290)),
        "west-3": ((156, 172),),
    }
    # A jam comes and goes by degrees, each between two thresholds: speed and occupancy.
    degrees = (((140, 156), (8, 28)), ((172, 200), (21.5, 28)), ((200, 226), (17, 17.5)))
    odd = {
        "east-2": ((128, 166), (276, 300)),
        "west-2": ((140, 152), (190, 215)),
        "east-3": ((288, 294),),
        "west-3": ((232, 238),),
        "west-slow": ((270, 300),),
    }
    flow, occupancy, speed = 1300 + rng.normal(0, 60), 6 + rng.normal(0, 0.5), rng.normal(42, 1.5)
    if any(begin <= second < end for begin, end in jams.get(name, ())):
        flow, occupancy, speed = 500 + rng.normal(0, 40), rng.uniform(60, 90), rng.uniform(3, 7)
    elif any(begin <= second < end for begin, end in odd.get(name, ())):
        flow, occupancy, speed = 4200 + rng.normal(0, 90), rng.normal(19, 1), rng.normal(88, 2)
    elif name == "west-3" and 140 <= second < 226:
        flow = 800 + rng.normal(0, 10)
        speed, occupancy = next(of for (begin, end), of in degrees if begin <= second < end)
    elif name == "east-3" and 198 <= second < 220:  # odd by degrees
        speed += 1.2 * (second - 198)
    elif second % 17 == 4:
        flow, occupancy, speed = 0.0, 0.0, float("nan")  # nothing passed
    return name, time, float(flow), float(occupancy), float(speed)


def _sent(told: Readings, second: int) -> Iterator[Published]:
    """Once, or twice, or with a column that was not there before, or with fewer."""
    values = np.frombuffer(told.values, "<f8").reshape(-1, 3)
    if second % 26 == 7:
        queue = np.full((len(values), 1), float(second))
        told = msgspec.structs.replace(
            told,
            metrics=("queue", *told.metrics),
            values=np.hstack([queue, values]).astype("<f8").tobytes(),
        )
    elif second % 26 == 15:
        told = msgspec.structs.replace(
            told, metrics=("occupancy", "flow"), values=values[:, [1, 0]].astype("<f8").tobytes()
        )
    yield READINGS, told, told.gateway
    if second % 14 == 9:
        yield READINGS, told, told.gateway


def _impossible(gateway: str, time: Micros) -> list[Row]:
    nan, name = float("nan"), f"{gateway}-2"
    return [
        (name, time + 11, nan, nan, nan),
        (name, time + 12, 900.0, 140.0, 40.0),
        (name, time + 13, float("inf"), 5.0, 40.0),
        (name, time + 14, -5.0, 5.0, 40.0),
        (name, time + 15, 900.0, nan, 301.0),
        (name, time - 5 * SECOND, nan, nan, nan),
        (f"{gateway}-1", time + 3600 * SECOND, 900.0, 5.0, 40.0),
        ("ghost", time, 900.0, 5.0, 40.0),
    ]


# --- what cannot be used ----------------------------------------------------------------------


def _bad(time: Micros, second: int) -> Iterator[Published]:
    if second % 31 != 17:
        return
    ghost = detections(time + 7, [at("car", 100, 200)], camera="ghost")
    yield DETECTIONS, ghost, "gate"
    whole = pack([("ghost", time, 1.0, 1.0, 1.0)], second, time + 4, "west")
    yield READINGS, whole, "west"
    yield READINGS, msgspec.structs.replace(whole, times=b"123"), "west"
    yield READINGS, detections(time, camera="gate"), "east"
    headers, value = encode(whole)
    yield READINGS, Raw(headers, value[:-3]), "east"
    yield DETECTIONS, Raw([("ce_type", b"cityops.nothing")], b""), "plaza"
    yield DETECTIONS, Raw(_without(headers, "ce_type"), value), "gate"


def _without(headers: Iterable[tuple[str, bytes]], name: str) -> Headers:
    return [header for header in headers if header[0] != name]
