"""The simulated city as a stream of events in event-time order, without Kafka and without a clock.

with Recording(load("stopped_vehicle"), seed=3, start=start) as recording:
    offline = streams.runtime.offline.run(stages, recording.events(seconds=120))
    recording.staged  # what truly happened
"""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

import msgspec

from simulators.cameras import Truth, encode_jpeg
from simulators.city.assets import FRAME_PERIOD, changes
from simulators.scenario import Scenario
from simulators.simulation import ORIGIN, Simulation, StagedIncident
from simulators.traffic import WARM_UP_S
from streams.events import (
    SECOND,
    ActiveModel,
    ControlChange,
    Event,
    Micros,
    Tick,
    new_frame,
)
from streams.topics import FRAMES, READINGS

Published = tuple[str, Event, str]
"""Topic (logical), event, key; of a control event, which goes everywhere, both are empty."""


class FrameTruth(msgspec.Struct, frozen=True):
    camera: str
    time: Micros
    sequence: int
    objects: tuple[Truth, ...]


class Recording:
    """Repeatable: the same arguments give the same events, byte for byte.

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
        models: Sequence[ActiveModel] = (),
        warm_up_s: int = WARM_UP_S,
    ) -> None:
        """``start`` is rounded down to a second; ``cameras`` None: all, empty: only loops."""
        self.start = start - start % SECOND
        self.truths: list[FrameTruth] = []
        """Of every frame given out so far."""
        self._models = tuple(models)
        self._simulation = Simulation(
            scenario, seed, self.start, cameras=cameras, warm_up_s=warm_up_s
        )

    @property
    def staged(self) -> list[StagedIncident]:
        """Scripted incidents that began so far."""
        return self._simulation.staged

    def events(self, seconds: float) -> Iterator[Published]:
        """Configuration, then frames, packs and ticks of so many seconds.

        A tick follows what has its time, as a publisher that is never late would send it.
        """
        simulation = self._simulation
        for sequence, change in enumerate([*changes(), *self._models], start=1):
            yield "", ControlChange(sequence, self.start, change), ""
        yield "", Tick(self.start), ""
        packs = 0
        for number in range(1, round(seconds * SECOND / FRAME_PERIOD) + 1):
            time = self.start + number * FRAME_PERIOD
            simulation.step(time)
            for camera in simulation.cameras:
                jpeg = encode_jpeg(simulation.picture(camera))
                truth = tuple(simulation.truth(camera))
                self.truths.append(FrameTruth(camera.id, time, number, truth))
                yield FRAMES, new_frame(camera.id, time, number, ORIGIN, jpeg), camera.id
            if simulation.pack_closed:
                packs += 1
                for gateway in simulation.gateways:
                    yield READINGS, simulation.pack(gateway, time, packs), gateway
            if time % SECOND == 0:
                yield "", Tick(time), ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._simulation.close()
