"""However the clock steps, no incident lasts longer than was lived, or ends later than it is."""

import random
from collections.abc import Iterator

import msgspec
import pytest

from streams.events import DAY, HOUR, SECOND, ControlChange, Incident, Micros, Tick
from streams.runtime.offline import Offline
from streams.stage import Stage
from streams.stages.correlate import Correlate
from streams.stages.explain import Explain
from streams.stages.interpret import Interpret
from streams.stages.score import Score
from streams.stages.upstreams import upstream
from streams.topics import CORRELATED, DETECTIONS, INCIDENTS, READINGS
from tests.support import town
from tests.support.loops import SumScorer, loop, pack
from tests.support.watchman import START, at, camera, detections

PARTITIONS = 2
WRONG, SKEW = "wrong-1", -40 * SECOND
"""A loop whose clock is behind, after some time."""
DEAD_LOOP, DEAD_CAMERA, DIM = "dead-1", "dead", "dim"
"""They stop sending, for good or for a while; the last one's pictures are dark for a while."""


def stages() -> list[Stage]:
    upstreams = [
        upstream(stage, topic, number)
        for stage, topic in (("interpret", DETECTIONS), ("score", READINGS))
        for number in range(PARTITIONS)
    ]
    score = Score({SumScorer.id: SumScorer()}, PARTITIONS)
    last = [upstream(Correlate.name, INCIDENTS, number) for number in range(PARTITIONS)]
    return [Interpret(PARTITIONS), score, Correlate(upstreams), Explain(last)]


class City:
    """A town on a machine whose clock is set, and set back."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.offline = Offline(stages(), PARTITIONS)
        self.now = START
        self.lived = 0
        """Seconds."""
        self.gaps: list[tuple[Micros, Micros]] = []
        self.newest = START
        """The latest that event time has ever been."""
        self.read = [0] * PARTITIONS
        self.known: dict[str, tuple[int, Incident]] = {}
        changes = [*town.configuration(), loop(WRONG, "wrong"), loop(DEAD_LOOP, "north")]
        changes += [camera(DEAD_CAMERA, period=town.FRAME), camera(DIM, period=town.FRAME)]
        for number, change in enumerate(changes, 1):
            self.tell(ControlChange(number, START, change))
        self.tell(Tick(START, resumes=True))

    def tell(self, event: Tick | ControlChange) -> None:
        for topic in (DETECTIONS, READINGS):
            for number in range(PARTITIONS):
                self.offline.logs[topic, number].append((event, None))
        self.offline.drain()

    def live(self, seconds: int) -> None:
        for _ in range(seconds):
            self.lived += 1
            self.now += SECOND
            self.send()
            self.tell(Tick(self.now))
            self.look()

    def send(self) -> None:
        life = START + self.lived * SECOND
        for half in (0, 1):
            time = self.now - SECOND + half * town.FRAME + 1000
            for number, name in enumerate((*town.CAMERAS, DEAD_CAMERA, DIM)):
                if name == DEAD_CAMERA and self.lived > 30:
                    continue
                dark = name == DIM and self.lived % 150 > 60
                things = [at("truck", 300, 340), *town.scene(number, life + half * town.FRAME)]
                seen = detections(
                    time, () if dark else things, camera=name, verdict="dark" if dark else "good"
                )
                self.offline.publish(DETECTIONS, seen, name)
        if self.lived % 5 == 0:
            stamp = self.now - SECOND
            rows = {"north": [], "south": [], "wrong": []}  # type: dict[str, list[town.Row]]
            for name, gateway in (*town.LOOPS.items(), (WRONG, "wrong"), (DEAD_LOOP, "north")):
                if name == DEAD_LOOP and self.lived % 200 > 40:
                    continue
                off = SKEW if name == WRONG and self.lived > 20 else 0
                jammed = name == "south-1" and self.lived % 180 > 60
                flow, occupancy, speed = (600.0, 85.0, 4.0) if jammed else (1400.0, 6.0, 41.0)
                rows[gateway].append((name, stamp + off, flow, occupancy, speed))
                if name == "north-1" and self.lived % 50 == 0:  # one that runs ahead
                    rows[gateway].append((name, stamp + 400 * SECOND, *rows[gateway][-1][2:]))
            for gateway, own in rows.items():
                if own:
                    self.offline.publish(READINGS, pack(own, self.lived, stamp, gateway), gateway)

    def forward(self, by: Micros) -> None:
        """Somebody accepts a clock that is ahead."""
        left, self.now = self.now, self.now + by
        self.gaps.append((left, self.now))
        self.tell(Tick(self.now, resumes=True))
        self.look()

    def back(self) -> None:
        """Somebody accepts the right clock: event time goes back into the last gap."""
        left, landed = self.gaps.pop()
        since, until = landed - 60 * SECOND, self.now
        self.now = left + SECOND * self.rng.randint(1, 600)
        self.gaps.append((left, self.now))
        self.tell(Tick(self.now, True, since, until))
        self.look()

    def look(self) -> None:
        """At all that has been said since, with what holds of each incident at any time."""
        self.newest = max(self.newest, self.now)
        for number in range(PARTITIONS):
            log = self.offline.logs[CORRELATED, number]
            for event, _ in log[self.read[number] :]:
                if isinstance(event, Incident):
                    self.judge(event)
            self.read[number] = len(log)

    def judge(self, incident: Incident) -> None:
        shown = msgspec.structs.replace(incident, evidence=())
        assert incident.decided_at <= self.newest + SECOND, shown
        assert incident.start <= incident.decided_at, shown
        began, before = self.known.setdefault(incident.id, (self.lived, incident))
        assert incident.revision == 0 or incident.decided_at >= before.decided_at, shown
        self.known[incident.id] = began, incident
        if incident.end is not None:
            assert incident.start <= incident.end <= incident.decided_at, shown
        for last in (incident.end, incident.unknown_since):
            if last is not None:
                assert last - incident.start <= (self.lived + 1) * SECOND, shown

    @property
    def open(self) -> Iterator[Incident]:
        return (last for _, last in self.known.values() if last.end is None)


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=pytest.mark.slow if seed else ()) for seed in range(6)]
)
def test_no_incident_ends_later_than_it_is_or_lasts_longer_than_was_lived(seed: int) -> None:
    city = City(seed)
    for _ in range(5):
        city.live(city.rng.randint(20, 160))
        if city.gaps and city.gaps[-1][1] - city.gaps[-1][0] > DAY and city.rng.random() < 0.6:
            city.back()
        else:
            city.forward(city.rng.choice([300 * SECOND, 3 * HOUR, 40 * DAY, 40 * DAY, 200 * DAY]))
    city.live(100)
    kinds = {incident.kind for _, incident in city.known.values()}
    assert {"no_data", "clock_error", "camera_dark", "stopped_vehicle"} <= kinds
    assert all(incident.start >= city.now - 400 * SECOND for incident in city.open)
