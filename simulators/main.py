"""The simulated city as a running part: frames and readings to Kafka, stamped now."""

import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import cv2
import msgspec

from simulators.backlog import Backlog
from simulators.cameras import encode_jpeg
from simulators.city.assets import FRAME_PERIOD
from simulators.feeds.packs import Gateways
from simulators.pace import Pace
from simulators.scenario import Scenario
from simulators.simulation import ORIGIN, Simulation
from simulators.traffic import WARM_UP_S
from simulators.world import script
from simulators.world.state import World
from simulators.world.truth import truth as truth_of
from streams.events import Micros, Readings, Source, new_frame
from streams.events.readings import values_by_source
from streams.kafka.access import CITY
from streams.kafka.heartbeat import Beat
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.shedding import UNREAD, Shedding
from streams.stamps import StampClock
from streams.topics import FRAMES, INPUTS, READINGS

PART = "city"


def run(
    settings: Settings,
    scenario: Scenario,
    seed: int,
    *,
    speed: float = 1.0,
    duration: float | None = None,
    truth: Path | None = None,
    warm_up_s: int = WARM_UP_S,
    assets: Sequence[Source] = (),
    systems: script.Scenario = script.QUIET,
) -> None:
    """Publishes until SIGTERM or SIGINT, or for ``duration`` simulated seconds.

    Args:
        speed: simulated seconds per second; there are never more than five frames a second.
        truth: file that scripted incidents are appended to as JSON lines, when they start and end;
            those of the city's systems at once.
        assets: all that was announced; those that have a simulator are simulated.
        systems: what fails among them.

    Raises:
        BrokerAwayError: Kafka does not answer.
        PublishError: Kafka did not accept an event; the caller must exit.
        RuntimeError: another simulation is open in this process.
        simulators.scenario.ScenarioError: nothing among the assets can fail so.
    """
    cv2.setNumThreads(1)  # a pool of threads costs more than it gains on pictures this small
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    settings = msgspec.structs.replace(settings, kafka_user=settings.kafka_user or CITY)
    publisher = Publisher(settings, PART)
    beat = Beat(settings, PART)
    shedding = Shedding(settings, publisher, INPUTS)
    try:

        def warming() -> None:
            beat.beat(detail="its traffic warms up")

        warming()
        clock = StampClock.of(settings, PART)
        with Simulation(
            scenario, seed, clock.now(), warm_up_s=warm_up_s, warming=warming
        ) as simulation:
            # Only now: what has published nothing yet may just be ended.
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, stop)
                signal.signal(signal.SIGINT, stop)
            happens = script.occurrences(systems, assets, seed, clock.now())
            world = World(seed, assets, happens)
            city = City(simulation, publisher, shedding, clock, truth, world=world)
            pace = Pace(clock.now, round(FRAME_PERIOD / speed))
            every = max(1, round(speed))
            while not stopping.is_set():
                if duration is not None and simulation.seconds >= duration:
                    break
                due = pace.next()
                if stopping.wait(due.wait / 1e6):
                    break
                city.step(due.at, with_pictures=due.shown and simulation.steps % every == 0)
                counts = {**shedding.counts, **city.counts, "skipped_steps": pace.skipped}
                beat.beat(detail=shedding.reason, counts=counts, sources=city.newest)
                publisher.account(FRAMES, clock.stamp(PART, due.at))
            publisher.account(FRAMES, clock.stamp(PART, clock.now()), at_once=True)
            publisher.flush()
    finally:
        shedding.close()
        beat.close()
        publisher.close()


class City:
    """One simulation's events, stamped and published."""

    def __init__(
        self,
        simulation: Simulation,
        publisher: Publisher,
        shedding: Shedding,
        clock: StampClock,
        truth: Path | None = None,
        *,
        world: World | None = None,
    ) -> None:
        self._simulation, self._publisher, self._shedding = simulation, publisher, shedding
        self._clock, self._truth = clock, truth
        self._world = world or World(0, ())
        self._systems = Gateways(self._world)
        self._failing = truth_of(self._world)
        self._told: list[object] = []
        self.newest: dict[str, Micros] = {}
        """Camera's or loop's id to the time of its newest event; of the city's other systems, which
        are many, the stages say whom they hear."""
        self._published = {"frames": 0, "packs": 0, "incidents": 0}
        self._backlog = Backlog(
            lambda gateway: shedding.refusing.refuses(READINGS, gateway), self._publish, self._drop
        )

    @property
    def counts(self) -> dict[str, int]:
        """For the heartbeat: ``refused`` are frames and packs that are lost, ``held`` packs that
        wait until readings are taken again."""
        return {
            **self._published,
            "held": self._backlog.held,
            "refused": self._shedding.counts["refused"] + self._backlog.dropped,
        }

    def step(self, at: Micros, with_pictures: bool) -> None:
        """One step of the city at event time ``at``, or just above the last one's."""
        simulation = self._simulation
        simulation.step(at)
        for camera in simulation.cameras if with_pictures else ():
            if self._world.is_gone(camera.id, at) or not self._shedding.admit(camera.id):
                continue
            jpeg = encode_jpeg(simulation.picture(camera))
            time, sequence = self._clock.stamp(camera.id, at)
            frame = new_frame(camera.id, time, sequence, ORIGIN, jpeg)
            self._publisher.publish(FRAMES, frame, camera.id)
            self.newest[camera.id] = time
            self._published["frames"] += 1
        if simulation.pack_closed:
            for gateway in simulation.gateways:
                time, sequence = self._clock.stamp(gateway, at)
                self._backlog.send(simulation.pack(gateway, time, sequence))
        for gateway, draft in self._systems.closed(at):
            self._backlog.send(draft.stamped(gateway, *self._clock.stamp(gateway, at)))
        self._backlog.step()
        self._tell()

    def _drop(self, pack: Readings) -> None:
        for source, number in values_by_source(pack).items():
            self._publisher.unpublished.note(source, UNREAD, number)

    def _publish(self, pack: Readings) -> None:
        self._publisher.publish(READINGS, pack, pack.gateway)
        if pack.gateway in self._simulation.gateways:
            self.newest.update(dict.fromkeys(pack.sources, pack.time))
        self._published["packs"] += 1

    def _tell(self) -> None:
        staged = [*self._failing, *self._simulation.staged]
        self._published["incidents"] = len(staged)
        if self._truth is None or staged == self._told:
            return
        changed = [incident for incident in staged if incident not in self._told]
        with self._truth.open("ab") as file:
            for incident in changed:
                file.write(msgspec.json.encode(incident) + b"\n")
        self._told = list(staged)
