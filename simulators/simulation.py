"""Traffic, its scripted incidents and its pictures, step by step; no clock and no network."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import msgspec
import numpy as np

from models.scorer import METRICS
from simulators.cameras import Picture, Renderer, Truth
from simulators.city.assets import Camera, read
from simulators.demand import demand_at
from simulators.gathering import GATHERED, Gathering, zone_of
from simulators.scenario import JAMMED, Breakdown, Scenario, StagedKind, Stop, breakdown, stops
from simulators.traffic import STEPS_PER_S, STILL_MPS, WARM_UP_S, Traffic, Vehicle
from simulators.walkers import Walkers
from simulators.world.calendar import hour_at
from streams.events import Micros, Origin, Place, Readings

APPROACH_M, APPROACH_S = (140.0, 85.0), 12.5
"""A scripted vehicle joins so far before the place where it stops, out of every camera's view."""
APPROACH_MPS = 9.0
ORIGIN: Origin = "simulated"


class StagedIncident(msgspec.Struct, frozen=True):
    """Ground truth of a scripted incident."""

    kind: str
    source: str
    """The camera before which it is, or the loop over which vehicles queue."""
    zone: str
    """Empty: of a loop."""
    place: Place
    vehicle: str
    label: str
    lane: int
    start: Micros
    """Event time of the first step at which the vehicle stands, or so many people are there; of a
    queue, at which anybody stands on the loop."""
    end: Micros | None = None
    """Event time of the first step at which it moves again, or they are fewer, or nobody does."""
    box: tuple[float, float, float, float] | None = None
    """Of the standing vehicle in the camera's picture, pixels; none of people, who move."""


YIELDING = 10
"""Niceness of what others on the machine need not wait for."""


def _yield() -> None:
    """Lets others go before this thread; a process of Linux has a niceness for each."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), YIELDING)


class Simulation:
    """Repeatable: the same arguments, and step times, give the same content.

    Raises:
        RuntimeError: another simulation is open in this process.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        start: Micros,
        *,
        cameras: Sequence[str] | None = None,
        warm_up_s: int = WARM_UP_S,
        warming: Callable[[], None] = lambda: None,
    ) -> None:
        """
        Args:
            start: event time that the hour of the day is taken from.
            cameras: None is all.
            warming: called again and again until streets are drawn and traffic is warm, which
                takes many seconds.
        """
        assets = read()
        self.cameras = [c for c in assets.cameras if cameras is None or c.id in cameras]
        self.loops = assets.loops
        self.gateways = assets.gateways
        self.staged: list[StagedIncident] = []
        self.steps = 0
        self._hour = hour_at(start)
        self._renderers = {}
        # Streets take seconds to draw, while the parts that watch them start on the same machine.
        with ThreadPoolExecutor(1, initializer=_yield) as drawing:
            for camera in self.cameras:
                self._renderers[camera.id] = drawing.submit(Renderer, camera, seed).result()
                warming()
        self._walkers = {camera.id: Walkers(camera, seed) for camera in self.cameras}
        self._scripts = [stops(script, seed) for script in scenario.incidents]
        self._next: list[Stop | None] = [next(script) for script in self._scripts]
        self._waiting: list[Stop] = []
        self._standing: dict[str, int] = {}
        self._gatherings = [Gathering(script, seed) for script in scenario.people]
        self._gathered: dict[tuple[int, StagedKind], int] = {}
        self._breakdowns = [
            breakdown(queue, seed, number) for number, queue in enumerate(scenario.queues)
        ]
        self._queued: dict[str, int] = {}
        self._share = scenario.traffic
        self._traffic = Traffic(seed, self._share * demand_at(self._hour), warm_up_s, warming)

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
        self._traffic.close()

    @property
    def seconds(self) -> float:
        """Simulated time since the start."""
        return self.steps / STEPS_PER_S

    def step(self, time: Micros) -> None:
        """One step on; its event time is ``time``."""
        hour = hour_at(time)
        if self.steps % (60 * STEPS_PER_S) == 0:
            self._traffic.set_demand(self._share * demand_at(hour))
        self._hour = hour
        self._stage()
        self._traffic.step()
        self.steps += 1
        self._observe(time)
        self._count(time)
        self._queue(time)

    def picture(self, camera: Camera) -> Picture:
        """[360, 640, 3] BGR, as of the last step."""
        return self._renderers[camera.id].render(self.seen(camera), self.steps, self._hour)

    def truth(self, camera: Camera) -> list[Truth]:
        """What is in that picture."""
        return self._renderers[camera.id].truth(self.seen(camera))

    def seen(self, camera: Camera) -> list[Vehicle]:
        """Everything that moves before a camera, walkers too."""
        gathered = [
            person
            for gathering in self._gatherings
            if gathering.camera.id == camera.id
            for person in gathering.at(self.seconds)
        ]
        return self._walkers[camera.id].at(self.seconds) + gathered + self.vehicles(camera)

    def vehicles(self, camera: Camera) -> list[Vehicle]:
        """Also of a camera that is not rendered."""
        return self._traffic.vehicles(camera)

    def pack(self, gateway: str, time: Micros, sequence: int) -> Readings:
        """The gateway's loops in the interval that closed with the last step."""
        loops = [loop for loop in self.loops if loop.gateway == gateway]
        values = np.array([self._traffic.reading(loop) for loop in loops], dtype="<f8")
        rows = len(loops)
        return Readings(
            gateway,
            time,
            sequence,
            ORIGIN,
            tuple(loop.id for loop in loops),
            METRICS,
            np.arange(rows, dtype="<u2").tobytes(),
            np.full(rows, time, dtype="<i8").tobytes(),
            values.tobytes(),
        )

    @property
    def pack_closed(self) -> bool:
        """Whether every gateway has a pack to send after the last step."""
        return self._traffic.pack_closed

    def _stage(self) -> None:
        """Sends scripted vehicles off, so that they stand at their time."""
        for number, stop in enumerate(self._next):
            if stop is None or self.seconds < stop.at_s - APPROACH_S:
                continue
            self._send_off(stop, stop.camera.edge, stop.camera.position_m - stop.ahead_m)
            self._waiting.append(stop)
            self._next[number] = next(self._scripts[number], None)
        for begins in list(self._breakdowns):
            if self.seconds >= begins.at_s - APPROACH_S and begins.id not in self._queued:
                place = self._traffic.along_m(begins.site) + begins.beyond_m
                self._send_off(begins, begins.site.edge, place)
                self._queued[begins.id] = -1

    def _send_off(self, first: Stop | Breakdown, edge: str, place: float) -> None:
        """It will stand ``place`` metres along the edge, and its followers come behind it."""
        farthest, nearest = (round(place - away) for away in APPROACH_M)
        joins = self._traffic.free_spot_m(edge, first.lane, (farthest, nearest))
        self._traffic.insert(first.id, first.type, edge, first.lane, joins)
        self._traffic.place(first.id, edge, first.lane, joins, APPROACH_MPS)
        self._traffic.stop(first.id, edge, first.lane, place, first.lasts_s)
        for follower, (after_s, kind) in enumerate(first.followers):
            name = f"{first.id}-follower-{follower}"
            self._traffic.insert(
                name, kind, edge, first.lane, joins, after_s=after_s, keeps_lane=True
            )

    def _observe(self, time: Micros) -> None:
        """Notes when scripted vehicles stand and drive on."""
        for stop in list(self._waiting):
            speed = self._traffic.speed(stop.id)
            at = self._standing.get(stop.id)
            if at is None and speed is not None and speed < STILL_MPS and self._arrived(stop):
                self._standing[stop.id] = len(self.staged)
                self.staged.append(self._incident(stop, time))
            elif at is not None and (speed is None or speed >= STILL_MPS):
                self.staged[at] = msgspec.structs.replace(self.staged[at], end=time)
                self._waiting.remove(stop)

    def _count(self, time: Micros) -> None:
        """Notes when enough people are on a median, and when they are fewer."""
        for number, gathering in enumerate(self._gatherings):
            there = gathering.within(self.seconds)
            for kind, needed in GATHERED:
                at = self._gathered.get((number, kind))
                if at is None and there >= needed:
                    self._gathered[number, kind] = len(self.staged)
                    camera, zone = gathering.camera, zone_of(gathering.camera).id
                    self.staged.append(
                        StagedIncident(kind, camera.id, zone, camera.place, "", "person", -1, time)
                    )
                elif at is not None and there < needed and self.staged[at].end is None:
                    self.staged[at] = msgspec.structs.replace(self.staged[at], end=time)

    def _queue(self, time: Micros) -> None:
        """Notes when vehicles stand on the loops where they are to, and when none does."""
        for begins in list(self._breakdowns):
            at = self._queued.get(begins.id)
            if at is None:
                continue
            stands = self._traffic.stands_on(begins.site)
            if at < 0 and stands:
                self._queued[begins.id] = len(self.staged)
                site = begins.site
                self.staged.append(
                    StagedIncident(JAMMED, site.id, "", site.place, "", "", begins.lane, time)
                )
            elif at >= 0 and not stands:
                self.staged[at] = msgspec.structs.replace(self.staged[at], end=time)
                self._breakdowns.remove(begins)

    def _arrived(self, stop: Stop) -> bool:
        return any(
            vehicle.id == stop.id and abs(vehicle.u - stop.ahead_m) < 3
            for vehicle in self._traffic.vehicles(stop.camera)
        )

    def _incident(self, stop: Stop, time: Micros) -> StagedIncident:
        found = [t for t in self._drawn(stop.camera) if t.id == stop.id]
        zone = next(zone for zone in stop.camera.zones if zone.edge == stop.camera.edge)
        return StagedIncident(
            stop.kind,
            stop.camera.id,
            zone.id,
            stop.camera.place,
            stop.id,
            found[0].label if found else "",
            stop.lane,
            time,
            box=found[0].box if found else None,
        )

    def _drawn(self, camera: Camera) -> Iterator[Truth]:
        if camera.id in self._renderers:
            yield from self.truth(camera)
