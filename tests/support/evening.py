"""An hour of an evening: a base station fails and takes sixteen with it, and a street is flooded.

Four feeds and a citizen tell of the flood, and an hour of indicators ends on the way. Nothing is
random: told once more it is the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from streams.events import (
    HOUR,
    SECOND,
    Change,
    ControlChange,
    Micros,
    Place,
    Readings,
    Rule,
    Source,
    Tick,
    Topology,
)
from streams.recordings import canonical
from tests.support.town import Published
from tests.support.watchman import Thing, at, camera, detections, rule, zone

START: Micros = 1_763_000_000 * SECOND // HOUR * HOUR + HOUR // 2
"""The indicators' hour ends in the middle."""
SECONDS, STEP = 3600, 10
AFTER, UNTIL = START + 400 * SECOND, START + 3500 * SECOND
DOWN, FLOODED = range(600, 1800), range(1500, 2400)
"""Seconds: without the base station; under water."""
STATION, GAUGE, CAMERA = "bts-1", "gauge-1", "flood-cam"
WIFI = [f"wifi-{n}" for n in range(8)]
LOOPS = [f"loop-{n}" for n in range(4)]
SPEAKERS = [f"pa-{n}" for n in range(4)]
HANG_ON_IT = (*WIFI, *LOOPS, *SPEAKERS)
TELL_OF_IT = {GAUGE, "rain-1", "tide-1", "jam-loop", "segment-1", "place-1", CAMERA}
LATITUDE, LONGITUDE, EAST = 20.85, 106.68, 0.00962
"""Of the flood, and degrees of longitude to a thousand metres there."""
ROAD = "lach-tray"
ALONE = 30_000
"""Metres to where nothing tells of the flood."""


def _source(
    name: str,
    type: str,
    gateway: str,
    metres: float = ALONE,
    *,
    period: float = 60,
    segment: str = "",
    parents: Sequence[str] = (),
) -> Source:
    return Source(
        *(name, type, name, name, "simulated"),
        Place(LATITUDE, LONGITUDE + metres * EAST / 1000, segment),
        gateway,
        period=round(period * SECOND),
        parents=tuple(parents),
    )


def configuration(*, topology: bool = True, groups: bool = True) -> list[Change]:
    flood = camera(CAMERA, segment=ROAD, period=5 * SECOND)
    place = Place(LATITUDE, LONGITUDE + 120 * EAST / 1000, ROAD)
    below = [(WIFI, "wifi_point", "wifi"), (LOOPS, "loop", "road")]
    below.append((SPEAKERS, "loudspeaker", "pa"))
    return [
        _source(STATION, "base_station", "telecom"),
        _source("bts-2", "base_station", "telecom"),
        *(
            _source(name, what, gateway, parents=[STATION])
            for names, what, gateway in below
            for name in names
        ),
        _source(GAUGE, "flood_gauge", "water", 0),
        _source("rain-1", "rain_gauge", "water", 3000),
        _source("tide-1", "tide_station", "water", 9000),
        _source("jam-loop", "loop", "road", 200, period=STEP, segment=ROAD),
        _source("segment-1", "travel_segment", "travel", 300),
        _source("place-1", "reported_place", "citizens", 40),
        Source(*(flood.id, flood.kind, "C", "C", "simulated"), place, period=flood.period),
        zone("flood-road", CAMERA),
        rule("no_data"),
        Rule("off", "not_in_service", "high", types=("base_station",)),
        _limit("depth", "high_value", "flood_gauge", metric=2, limit=30, hold_seconds=120),
        _limit("rain", "high_value", "rain_gauge", metric=3, limit=10),
        _limit("tide", "high_value", "tide_station", metric=1, limit=3.9),
        _limit("slow", "low_value", "travel_segment", metric=2, limit=10),
        _limit("told", "citizen_report", "reported_place", metric=1),
        rule("congestion"),
        rule("stopped_vehicle", zones=("flood-road",)),
        # A condition among them that compares, and one that learns.
        _limit("odd", "unlike_peers", "wifi_point", metric=3, difference=100),
        _limit("stuck", "stuck_value", "base_station", metric=2, hold_seconds=300),
        Topology(topology, groups),
    ]


def _limit(id: str, kind: str, type: str, **values: float) -> Rule:
    return Rule(id, kind, "medium", parameters=values, types=(type,))


def events(*, topology: bool = True, groups: bool = True) -> Iterator[Published]:
    """In the order of their publication, as ``tests.support.town`` tells its own."""
    for number, change in enumerate(configuration(topology=topology, groups=groups), 1):
        yield "", ControlChange(number, START, change), ""
    yield "", Tick(START), ""
    for second in range(STEP, SECONDS + STEP, STEP):
        time = START + second * SECOND
        yield "", Tick(time), ""
        for gateway, rows in _told(second).items():
            yield "readings", _pack(gateway, time, rows), gateway
        for half in (second - 5, second):
            things: list[Thing] = [at("car", 300, 240)] if half in FLOODED else []
            seen = detections(START + half * SECOND, things, camera=CAMERA)
            yield "detections", seen, CAMERA


def _told(second: int) -> dict[str, dict[str, dict[str, float]]]:
    """By gateway and source, what is measured at that second."""
    wet, down, minute = second in FLOODED, second in DOWN, second // 60
    jam = {"flow": 300.0, "occupancy": 85.0, "speed": 4.0}
    free = {"flow": 900.0, "occupancy": 9.0, "speed": 42.0}
    told: dict[str, dict[str, dict[str, float]]] = {"road": {"jam-loop": jam if wet else free}}
    if second % 60:
        return told
    told["telecom"] = {
        STATION: {"in_service": 0.0 if down else 1.0, "channel_load": 20.0 + minute % 7},
        "bts-2": {"in_service": 1.0, "channel_load": 30.0 + minute // 20},
    }
    told["water"] = {
        GAUGE: {"flood_depth": 45.0 if wet else 0.0},
        "rain-1": {"rainfall": 20.0 if 1200 <= second < 2100 else 0.0},
        "tide-1": {"water_level": (4.1 if 1200 <= second < 2400 else 3.2) + minute % 5 / 100},
    }
    told["travel"] = {"segment-1": {"speed": 6.0 if wet else 40.0, "travel_time": 90.0}}
    told["citizens"] = {"place-1": {"flood_reported": float(wet)}}
    if not down:
        told["wifi"] = {
            name: {"in_service": 1.0, "wifi_clients": 400.0 if _odd(name, second) else 50.0 + n}
            for n, name in enumerate(WIFI)
        }
        told["pa"] = {name: {"in_service": 1.0} for name in SPEAKERS}
        told["road"] |= dict.fromkeys(LOOPS, free)
    return told


def _odd(name: str, second: int) -> bool:
    return name == WIFI[3] and 2400 <= second < 2700


def _pack(gateway: str, time: Micros, rows: Mapping[str, Mapping[str, float]]) -> Readings:
    metrics = tuple(sorted({name for row in rows.values() for name in row}))
    values = [[row.get(name, np.nan) for name in metrics] for row in rows.values()]
    return Readings(
        gateway=gateway,
        time=time,
        sequence=time // SECOND,
        origin="simulated",
        sources=tuple(rows),
        metrics=metrics,
        source=np.arange(len(rows), dtype="<u2").tobytes(),
        times=np.full(len(rows), time, "<i8").tobytes(),
        values=np.array(values, "<f8").tobytes(),
    )


def latest(lines: Iterable[bytes]) -> list[dict[str, object]]:
    """Of a canonical log: each incident by the revision that says most of what it is part of."""
    found: dict[str, dict[str, object]] = {}
    for line in lines:
        row = canonical.row(line)
        known = found.setdefault(str(row["id"]), row)
        for name in ("explained_by", "part_of"):
            known[name] = known[name] or row[name]
    return list(found.values())


def asks(lines: Iterable[bytes]) -> Counter[str]:
    """Kinds of what is neither a consequence nor a part of something else."""
    return Counter(
        str(row["kind"]) for row in latest(lines) if not row["explained_by"] and not row["part_of"]
    )
