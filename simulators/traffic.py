"""SUMO's traffic as vehicles in cameras' views and readings of induction loops.

SUMO runs inside this process through libsumo, one simulation at a time.
"""

import math
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import NamedTuple, Self

import libsumo

from models.measured import NOT_MEASURED
from simulators.city.assets import (
    DEMAND,
    FRAMES_PER_S,
    LOOP_DETECTORS,
    NETWORK,
    PACK_PERIOD_S,
    Camera,
    Loop,
)
from simulators.city.streets import LANE_WIDTH_M, Line, Point, line_of, opposite

STEPS_PER_S = FRAMES_PER_S
TURNING_MPS = 2.0
"""Slower vehicles are drawn the straighter along their road, the slower they are."""
WARM_UP_S = 240
"""Until the first vehicles have crossed the city."""
NO_LANE_CHANGES = 512
"""SUMO's lane-change mode: none but to avoid collisions."""
STILL_MPS = 0.1
VIEW_M = (-14.0, 82.0)
"""Ground ahead of a camera's pole where a vehicle may show in its picture."""


class Vehicle(NamedTuple):
    """In a camera's ground frame: u ahead of its pole, v to its right, metres."""

    id: str
    type: str
    """Of ``city/demand.rou.xml``."""
    u: float
    v: float
    """Middle of the front bumper."""
    heading: float
    """Radians from the u axis towards v."""
    length: float
    width: float
    height: float
    speed: float
    """m/s."""


class LoopReading(NamedTuple):
    """What one loop saw in one ``PACK_PERIOD_S``."""

    flow: float
    """Vehicles per hour."""
    occupancy: float
    """Percent of the time."""
    speed: float
    """Mean, km/h; NOT_MEASURED where nothing passed."""


class Traffic:
    """Repeatable: the same seed, demand and calls give the same vehicles.

    Raises:
        RuntimeError: another simulation is open in this process.
    """

    def __init__(
        self,
        seed: int,
        demand: float = 1.0,
        warm_up_s: int = WARM_UP_S,
        warming: Callable[[], None] = lambda: None,
    ) -> None:
        """``warming`` is called again and again until traffic is warm, which takes many seconds."""
        if libsumo.isLoaded():
            raise RuntimeError("SUMO runs one simulation per process, and one is open")
        self._sizes: dict[str, tuple[float, float, float]] = {}
        self._steps = 0
        self._occupied: dict[str, float] = {}
        """Seconds of the loops' intervals that ended last, by loop …"""
        self._occupying: dict[str, float] = {}
        """… and of those under way."""
        libsumo.start(
            ["sumo", "--net-file", str(NETWORK), "--route-files", str(DEMAND),
             "--additional-files", str(LOOP_DETECTORS), "--seed", str(seed % 2**31),
             "--step-length", str(1 / STEPS_PER_S), "--lateral-resolution", "1.1",
             "--default.speeddev", "0.1", "--time-to-teleport", "240",
             "--collision.action", "none", "--no-step-log", "--no-warnings",
             "--duration-log.disable", "--xml-validation", "never"]
        )  # fmt: skip
        self.set_demand(demand)
        for _ in range(warm_up_s * STEPS_PER_S):
            libsumo.simulationStep()
            warming()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        libsumo.close()

    def set_demand(self, scale: float) -> None:
        """Share of the busiest hour's traffic that enters from now on."""
        libsumo.simulation.setScale(scale)

    def step(self) -> None:
        """One ``1 / STEPS_PER_S`` s on."""
        libsumo.simulationStep()
        self._steps += 1
        if self.pack_closed:  # with the step before
            self._occupied, self._occupying = self._occupying, {}
        for name in libsumo.inductionloop.getIDList():
            if libsumo.inductionloop.getLastStepVehicleIDs(name):
                self._occupying[name] = self._occupying.get(name, 0.0) + _occupied_s(name)

    @property
    def pack_closed(self) -> bool:
        """Whether the loops' interval ended with the last step."""
        return self._steps % (PACK_PERIOD_S * STEPS_PER_S) == 0

    def insert(
        self,
        id: str,
        kind: str,
        edge: str,
        lane: int,
        at_m: float,
        *,
        after_s: float = 0.0,
        keeps_lane: bool = False,
    ) -> None:
        """A vehicle joins ``at_m`` along the edge and leaves at the edge's end."""
        libsumo.route.add(f"{id}-route", [edge])
        libsumo.vehicle.add(
            id,
            f"{id}-route",
            typeID=kind,
            depart=str(libsumo.simulation.getTime() + after_s),
            departLane=str(lane),
            departPos=f"{at_m - _cut_m(edge, lane):.1f}",
            departSpeed="max",
        )
        if keeps_lane:
            libsumo.vehicle.setLaneChangeMode(id, NO_LANE_CHANGES)

    def place(self, id: str, edge: str, lane: int, at_m: float, speed: float) -> None:
        """An inserted vehicle is on the road at once, whether or not drivers leave it a gap."""
        libsumo.vehicle.moveTo(id, f"{edge}_{lane}", at_m - _cut_m(edge, lane))
        libsumo.vehicle.setPreviousSpeed(id, speed)

    def free_spot_m(self, edge: str, lane: int, between_m: tuple[int, int]) -> float:
        """Where along the edge a vehicle that joins the lane has most room."""
        line, shape = line_of(edge), libsumo.lane.getShape(f"{edge}_{lane}")[0]
        middle = _right_m(line, shape)
        taken = [
            _along_m(line, place) - back
            for name in libsumo.edge.getLastStepVehicleIDs(edge)
            for place in [libsumo.vehicle.getPosition(name)]
            if abs(_right_m(line, place) - middle) < LANE_WIDTH_M * 0.75
            for back in (0.0, libsumo.vehicle.getLength(name))
        ]
        spots = [float(spot) for spot in range(between_m[0], between_m[1], 5)]
        return max(spots, key=lambda spot: min((abs(spot - at) for at in taken), default=spot))

    def stop(self, id: str, edge: str, lane: int, at_m: float, seconds: float) -> None:
        """It will stand ``at_m`` along the edge, for so long."""
        libsumo.vehicle.setStop(id, edge, at_m - _cut_m(edge, lane), lane, seconds)

    def along_m(self, loop: Loop) -> float:
        """How far along its edge a loop lies."""
        return loop.position_m + _cut_m(loop.edge, int(loop.lane.rpartition("_")[2]))

    def stands_on(self, loop: Loop) -> bool:
        """Whether a vehicle does, since the last step."""
        there = libsumo.inductionloop.getLastStepVehicleIDs(loop.id)
        return any((self.speed(name) or 0.0) < STILL_MPS for name in there)

    def speed(self, id: str) -> float | None:
        """m/s; None where the vehicle is not in the city."""
        try:
            speed = float(libsumo.vehicle.getSpeed(id))
        except libsumo.TraCIException:
            return None
        return speed if speed >= 0 else None

    def vehicles(self, camera: Camera) -> list[Vehicle]:
        """What may show in the camera's picture, in the order of SUMO's lanes."""
        frame = GroundFrame.of(camera)
        return [
            vehicle
            for edge in (camera.edge, opposite(camera.edge))
            for name in libsumo.edge.getLastStepVehicleIDs(edge)
            for vehicle in self._seen(name, frame)
        ]

    def _seen(self, id: str, frame: "GroundFrame") -> Iterator[Vehicle]:
        u, v = frame.of_world(libsumo.vehicle.getPosition(id))
        if VIEW_M[0] <= u <= VIEW_M[1]:
            kind = libsumo.vehicle.getTypeID(id).split(".")[0]
            speed = max(libsumo.vehicle.getSpeed(id), 0.0)
            heading = _steered(frame.heading_of(libsumo.vehicle.getAngle(id)), speed)
            yield Vehicle(id, kind, u, v, heading, *self._size(kind), speed)

    def _size(self, kind: str) -> tuple[float, float, float]:
        if kind not in self._sizes:
            types = libsumo.vehicletype
            self._sizes[kind] = types.getLength(kind), types.getWidth(kind), types.getHeight(kind)
        return self._sizes[kind]

    def reading(self, loop: Loop) -> LoopReading:
        """Of the interval that ended last."""
        loops = libsumo.inductionloop
        count = loops.getLastIntervalVehicleNumber(loop.id)
        speed = loops.getLastIntervalMeanSpeed(loop.id)
        # Of occupancy SUMO tells nothing while a vehicle stands there, and less than nothing of one
        # that comes and goes in the interval's last step.
        occupancy = self._occupied.get(loop.id, 0.0) / PACK_PERIOD_S * 100
        return LoopReading(
            flow=count * 3600 / PACK_PERIOD_S,
            occupancy=round(occupancy, 2),
            speed=round(speed * 3.6, 2) if speed >= 0 else NOT_MEASURED,
        )


def _occupied_s(loop: str) -> float:
    """Seconds of the last step in which anything was on the loop: it is either occupied or not."""
    now = libsumo.simulation.getTime()
    began, until = now - 1 / STEPS_PER_S, 0.0
    seconds = 0.0
    data = libsumo.inductionloop.getVehicleData(loop)
    for entry, leave in sorted((entry, leave) for _, _, entry, leave, _ in data):
        comes, goes = max(entry, began, until), now if leave < 0 else min(leave, now)
        seconds += max(0.0, goes - comes)
        until = max(until, goes)
    return seconds


def _steered(heading: float, speed: float) -> float:
    """SUMO turns a vehicle by its sideways speed, even one that stands; wheels cannot do that."""
    road = 0.0 if math.cos(heading) > 0 else math.pi
    return road + math.remainder(heading - road, math.tau) * min(1.0, speed / TURNING_MPS)


class GroundFrame(NamedTuple):
    """A camera's ground axes in the network's metres."""

    origin: tuple[float, float]
    ahead: tuple[float, float]

    @classmethod
    def of(cls, camera: Camera) -> "GroundFrame":
        line = line_of(camera.edge)
        return cls(line.at(camera.position_m), (-line.heading[0], -line.heading[1]))

    def of_world(self, point: tuple[float, float]) -> tuple[float, float]:
        (x, y), (a, b) = (point[0] - self.origin[0], point[1] - self.origin[1]), self.ahead
        return x * a + y * b, x * b - y * a

    def heading_of(self, degrees: float) -> float:
        """Of SUMO's angle (clockwise from north), in radians from u towards v."""
        return math.radians(degrees) - math.atan2(self.ahead[0], self.ahead[1])


def _along_m(line: Line, place: Point) -> float:
    (x, y), (a, b) = line.start, line.heading
    return (place[0] - x) * a + (place[1] - y) * b


def _right_m(line: Line, place: Point) -> float:
    (x, y), (a, b) = line.start, line.right
    return (place[0] - x) * a + (place[1] - y) * b


def _cut_m(edge: str, lane: int) -> float:
    """How much of the edge's line the junction at its start takes away."""
    return _along_m(line_of(edge), libsumo.lane.getShape(f"{edge}_{lane}")[0])
