"""SUMO's traffic through cameras and loops: repeatable, plausible, and as scripted."""

import math
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import libsumo
import numpy as np
import pytest

from simulators.city.assets import PACK_PERIOD_S, read
from simulators.demand import demand_at
from simulators.recording import Recording
from simulators.scenario import Scenario, Script, load
from simulators.simulation import Simulation
from simulators.traffic import STEPS_PER_S, LoopReading, Traffic, Vehicle
from simulators.world.calendar import hour_at
from streams.events import SECOND, ControlChange, Event, Frame, Readings, Tick, from_rfc3339

MORNING = from_rfc3339("2026-03-02T08:00:00+07:00")
STEP = SECOND // STEPS_PER_S
CAMERA = "cam-cau-dat"
SOON = Scenario(
    "soon",
    "A stop that does not keep a test waiting.",
    (
        Script(
            "stopped_vehicle", (15.0, 16.0), 20.0, (18.0, 26.0), ("sedan",), followers=2,
            cameras=(CAMERA,),
        ),
    ),
)  # fmt: skip


@cache
def once() -> tuple[list[Event], Recording]:
    return recorded(5)


def recorded(seed: int, seconds: float = 10.2) -> tuple[list[Event], Recording]:
    with Recording(load("quiet"), seed, MORNING, cameras=[CAMERA], warm_up_s=40) as recording:
        return [event for _, event, _ in recording.events(seconds)], recording


def digest(events: list[Event]) -> str:
    return sha256(repr(events).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_truth_and_another_does_not() -> None:
    (one, first), (two, second), (three, third) = once(), recorded(5), recorded(6)
    assert digest(one) == digest(two) != digest(three)
    assert first.truths == second.truths != third.truths


def test_events_come_in_the_order_of_their_time_behind_the_configuration() -> None:
    events, recording = once()
    kinds = [type(event) for event in events]
    assert kinds.index(Tick) == sum(kind is ControlChange for kind in kinds)
    times = [event.time for event in events if not isinstance(event, ControlChange)]
    assert times == sorted(times)
    frames = [event for event in events if isinstance(event, Frame)]
    assert [frame.sequence for frame in frames] == list(range(1, 52))
    assert [truth.time for truth in recording.truths] == [frame.time for frame in frames]
    packs = [event for event in events if isinstance(event, Readings)]
    assert len(packs) == 2 * len(read().gateways)


def test_a_pack_carries_every_loop_of_its_gateway() -> None:
    events, _ = once()
    found: set[str] = set()
    for pack in (event for event in events if isinstance(event, Readings)):
        source, times, values = pack.arrays()
        assert len(source) == len(pack.sources) == len(values)
        assert set(times.tolist()) == {pack.time}
        assert {loop.id for loop in read().loops if loop.gateway == pack.gateway} == set(
            pack.sources
        )
        found |= set(pack.sources)
    assert found == {loop.id for loop in read().loops}


class Busy(NamedTuple):
    """What a minute of the densest traffic was."""

    passed: set[str]
    """Vehicles that passed the loops of CAMERA's street."""
    readings: list[LoopReading]
    """Of these loops."""
    types: dict[str, str]
    """Of all vehicles that any camera saw."""


@cache
def busy() -> Busy:
    camera = read().camera(CAMERA)
    loops = [loop for loop in read().loops if loop.edge == camera.edge]
    loop_u = camera.position_m - loops[0].position_m
    found = Busy(set(), [], {})
    before: dict[str, float] = {}
    with Traffic(seed=4, demand=1.0, warm_up_s=60) as traffic:
        for _ in range(60 * STEPS_PER_S):
            traffic.step()
            now = {v.id: v.u for v in traffic.vehicles(camera) if v.v < 0}
            found.passed.update(n for n, u in now.items() if before.get(n, -1.0) > loop_u >= u)
            before = now
            if traffic.pack_closed:
                found.readings.extend(traffic.reading(loop) for loop in loops)
                for each in read().cameras:
                    found.types.update((v.id, v.type) for v in traffic.vehicles(each))
    return found


def test_flow_is_what_passed_the_loops_and_speeds_are_those_of_a_city() -> None:
    passed, readings, _ = busy()
    counted = sum(reading.flow for reading in readings) * PACK_PERIOD_S / 3600
    speeds = [r.speed for r in readings if not np.isnan(r.speed)]
    assert all(0 <= reading.occupancy <= 100 for reading in readings)
    assert all(np.isnan(r.speed) == (r.flow == 0) for r in readings if not r.occupancy)
    assert len(passed) > 10
    assert counted == pytest.approx(len(passed), abs=3)
    assert 15 < float(np.mean(speeds)) < 50


def test_occupancy_is_how_long_vehicles_were_on_the_loop() -> None:
    loops, alike, below, kept_quiet = read().loops, 0, 0, 0
    with Traffic(seed=7, demand=1.0, warm_up_s=60) as traffic:
        on: dict[str, dict[tuple[str, float], float]] = {loop.id: {} for loop in loops}
        for number in range(125 * STEPS_PER_S):
            traffic.step()
            end = libsumo.simulation.getTime() - 1 / STEPS_PER_S
            for loop in loops:
                for name, _, entry, leave, _ in libsumo.inductionloop.getVehicleData(loop.id):
                    on[loop.id][name, entry] = leave if leave >= 0 else math.inf
            if not traffic.pack_closed or number < 10 * STEPS_PER_S:
                continue
            begin = end - PACK_PERIOD_S
            for loop in loops:
                told = traffic.reading(loop).occupancy
                theirs = libsumo.inductionloop.getLastIntervalOccupancy(loop.id)
                there = [(entry, leave) for (_, entry), leave in on[loop.id].items()]
                assert told == pytest.approx(100 * _covered(there, begin, end), abs=0.01)
                alike += told > 0
                below += theirs < 0
                kept_quiet += told > 0 and theirs == 0
    assert alike > 300
    assert below, "control: SUMO says less than nothing of some"
    assert kept_quiet, "control: and nothing of who is on a loop when an interval ends"


def _covered(spans: list[tuple[float, float]], begin: float, end: float) -> float:
    """Part of the time from ``begin`` to ``end`` in which any span lasts."""
    seconds, until = 0.0, begin
    for first, last in sorted(spans):
        seconds += max(0.0, min(last, end) - max(first, until))
        until = max(until, min(last, end))
    return seconds / (end - begin)


def test_a_vehicle_that_stands_on_a_loop_occupies_it() -> None:
    loop = read().loops[0]
    lane = int(loop.lane.rpartition("_")[2])
    with Traffic(seed=5, demand=0.0, warm_up_s=1) as traffic:
        cut = loop.position_m - 100.0
        traffic.insert("stands", "sedan", loop.edge, lane, cut)
        begins = libsumo.inductionloop.getPosition(loop.id)
        libsumo.vehicle.moveTo("stands", loop.lane, begins - 60)
        libsumo.vehicle.setStop("stands", loop.edge, begins + 2, lane, 60)
        told, theirs = [], []
        for _ in range(40 * STEPS_PER_S):
            traffic.step()
            if traffic.pack_closed:
                told.append(traffic.reading(loop))
                theirs.append(libsumo.inductionloop.getLastIntervalOccupancy(loop.id))
        assert traffic.speed("stands") == 0
    assert [reading.occupancy for reading in told[-4:]] == [100.0] * 4
    assert all(np.isnan(reading.speed) for reading in told[-4:]), "it does not move"
    assert theirs[-4:] == [0.0] * 4, "control: SUMO says that nothing is there"


def test_two_wheelers_are_most_of_the_traffic() -> None:
    seen = busy().types
    two_wheelers = [kind for kind in seen.values() if kind in {"scooter", "motorbike", "bicycle"}]
    assert len(seen) > 40
    assert 0.55 < len(two_wheelers) / len(seen) < 0.9


def test_the_scripted_vehicle_stands_as_long_as_it_should_and_others_behind_it() -> None:
    behind: list[Vehicle] = []
    with Simulation(SOON, seed=3, start=MORNING, cameras=[CAMERA], warm_up_s=30) as simulation:
        (camera,) = simulation.cameras
        for number in range(1, 40 * STEPS_PER_S):
            simulation.step(MORNING + number * STEP)
            if number == 30 * STEPS_PER_S:
                (standing,) = [v for v in simulation.seen(camera) if v.id == "stop-0"]
                behind = [
                    v
                    for v in simulation.seen(camera)
                    if v.u > standing.u and abs(v.v - standing.v) < 1.5 and v.speed < 0.5
                ]
        (incident,) = simulation.staged
    assert standing.speed == 0
    assert len(behind) >= 1
    assert incident.source == CAMERA
    assert incident.zone == "cau-dat-toward"
    assert incident.label == "car"
    assert 14 * SECOND <= incident.start - MORNING <= 18 * SECOND
    assert incident.end is not None
    assert 19.5 * SECOND <= incident.end - incident.start <= 21 * SECOND
    assert incident.box is not None
    x0, y0, x1, y1 = incident.box
    assert x1 - x0 > 25
    assert y1 - y0 > 25


def test_one_process_has_one_simulation() -> None:
    with Traffic(seed=1, warm_up_s=0), pytest.raises(RuntimeError, match="one is open"):
        Traffic(seed=2, warm_up_s=0)


def test_demand_follows_the_citys_hours() -> None:
    shares = [demand_at(hour / 4) for hour in range(96)]
    assert min(shares) >= 0.4
    assert max(shares) <= 1.0
    assert demand_at(7.2) > demand_at(10.0) > demand_at(3.0)
    assert all(abs(b - a) < 0.15 for a, b in zip(shares, shares[1:] + shares[:1], strict=True))
    assert hour_at(MORNING) == 8.0
