"""What the stages make of the simulated city, against what truly happened in it.

Per incident kind: precision, recall, delay from the true start to the decision, and how well the
evidence box covers the vehicle it is about. Runs in memory, in event time, one seed a process.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from statistics import mean, median
from typing import TYPE_CHECKING, get_args

import msgspec

from simulators.scenario import StagedKind
from streams.events import HOUR, SECOND, ControlChange, Incident, Micros, Tick, new_frame
from streams.runtime.offline import Offline
from streams.settings import Settings
from streams.stage import Stage
from streams.topics import CORRELATED, FRAMES, READINGS

if TYPE_CHECKING:
    from simulators.simulation import Simulation, StagedIncident

KINDS: tuple[str, ...] = get_args(StagedKind)
"""What scenarios stage, and so what can be judged."""
COVERS = 0.5
"""Least overlap (intersection over union) of an evidence box that shows the vehicle."""
GRACE: Micros = 10 * SECOND
"""An incident decided this long after the true end still is about it."""
MORNING: Micros = 1_773_799_200 * SECOND
"""2026-03-18 02:00 UTC, nine in the morning in Hải Phòng: seeds differ, the light does not, unless
a scenario has its own hour."""
NINE = 9.0


class Match(msgspec.Struct, frozen=True):
    """A true incident and what was said of it."""

    kind: str
    source: str
    """Camera or loop."""
    zone: str
    label: str
    start: Micros
    end: Micros | None
    found: bool
    delay_s: float | None = None
    """From the true start to the decision."""
    overlap: float | None = None
    """Of the evidence box with the true one."""


class SeedResult(msgspec.Struct, frozen=True):
    """One run of a scenario."""

    scenario: str
    seed: int
    seconds: float
    frames: int
    matches: list[Match]
    false: list[Incident]
    """Incidents of a judged kind that nothing true explains."""


class Score(msgspec.Struct, frozen=True):
    """One incident kind over all seeds of a scenario."""

    scenario: str
    kind: str
    seeds: int
    true: int
    found: int
    false: int
    precision: float | None
    recall: float | None
    delay_s_median: float | None
    delay_s_max: float | None
    overlap_mean: float | None
    overlap_min: float | None

    @property
    def passed(self) -> bool:
        """Each true incident is found once, shown by its box, and nothing else is."""
        shown = self.overlap_min is None or self.overlap_min >= COVERS
        return self.found == self.true and not self.false and shown


class Summary(msgspec.Struct, frozen=True):
    """One incident kind over all runs, those in which nothing is staged included."""

    kind: str
    seeds: list[int]
    runs_with: int
    """Runs in which at least one was staged and began."""
    runs_without: int
    camera_hours: float
    """Of pictures that were looked at, event time."""
    true: int
    found: int
    false: int
    precision: float | None
    recall: float | None
    delay_s_median: float | None
    delay_s_max: float | None


def evaluate(
    settings: Settings, runs: Sequence[tuple[str, int]], seconds: float, workers: int
) -> Iterator[SeedResult]:
    """Runs each (scenario, seed) in a process of its own; results come as they end.

    Raises:
        simulators.scenario.ScenarioError: a scenario cannot be used.
    """
    context = get_context("spawn")  # SUMO keeps one simulation a process
    with ProcessPoolExecutor(workers, context, _one_thread, max_tasks_per_child=1) as pool:
        futures = [pool.submit(run_seed, settings, *run, seconds) for run in runs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def run_seed(
    settings: Settings,
    scenario: str,
    seed: int,
    seconds: float,
    cameras: Sequence[str] | None = None,
) -> SeedResult:
    """One seed of a scenario from pictures and readings to incidents.

    Args:
        cameras: None is all, and none where what happens is felt by loops alone.
    """
    from simulators.scenario import load
    from simulators.simulation import Simulation

    offline = Offline(_stages(settings), settings.partitions)
    loaded = load(scenario)
    if cameras is None and not loaded.is_seen:
        cameras = ()
    start = MORNING + round(((NINE if loaded.hour is None else loaded.hour) - NINE) * HOUR)
    with Simulation(loaded, seed, start, cameras=cameras) as simulation:
        frames = film(simulation, offline, seconds, start)
        incidents = [e for e in offline.events(CORRELATED) if isinstance(e, Incident)]
        matches, false = compare(simulation.staged, incidents)
    return SeedResult(scenario, seed, seconds, frames, matches, false)


def film(
    simulation: "Simulation", offline: Offline, seconds: float, start: Micros = MORNING
) -> int:
    """Publishes the city's configuration, frames, readings and ticks as it does; frames sent.

    Besides the city's own rules, nobody is to be on a median.
    """
    from simulators.cameras import encode_jpeg
    from simulators.city.assets import FRAME_PERIOD, changes
    from simulators.gathering import watched

    for sequence, change in enumerate([*changes(), *watched()], 1):
        offline.publish_everywhere(ControlChange(sequence, start, change))
    frames = packs = 0
    for step in range(1, round(seconds * SECOND / FRAME_PERIOD) + 1):
        time = start + step * FRAME_PERIOD
        simulation.step(time)
        for camera in simulation.cameras:
            jpeg = encode_jpeg(simulation.picture(camera))
            offline.publish(FRAMES, new_frame(camera.id, time, step, "simulated", jpeg), camera.id)
            frames += 1
        if simulation.pack_closed:
            packs += 1
            for gateway in simulation.gateways:
                offline.publish(READINGS, simulation.pack(gateway, time, packs), gateway)
        if time % SECOND == 0:
            offline.publish_everywhere(Tick(time))
            offline.drain()
    offline.drain()
    return frames


def compare(
    staged: Sequence["StagedIncident"], incidents: Sequence[Incident]
) -> tuple[list[Match], list[Incident]]:
    """Each true incident takes the first unclaimed one that may be about it; and what is left."""
    left = [i for i in incidents if i.kind in KINDS and i.revision == 0]
    left.sort(key=lambda incident: (incident.decided_at, incident.id))
    matches = []
    for truth in staged:
        found = next((incident for incident in left if _is_about(incident, truth)), None)
        if found:
            left.remove(found)
        matches.append(_match(truth, found))
    return matches, left


def score(results: Sequence[SeedResult]) -> list[Score]:
    """One row for each scenario and kind."""
    scenarios = sorted({result.scenario for result in results})
    return [
        _score(scenario, kind, [result for result in results if result.scenario == scenario])
        for scenario in scenarios
        for kind in KINDS
    ]


def summarise(results: Sequence[SeedResult]) -> list[Summary]:
    """One row for each kind: a false alarm on a quiet street counts as one on a busy one."""
    return [_summary(kind, results) for kind in KINDS]


def _stages(settings: Settings) -> list[Stage]:
    from streams.pipeline import PATH

    return [step.build(settings) for step in PATH]


def _is_about(incident: Incident, truth: "StagedIncident") -> bool:
    same = incident.kind == truth.kind and truth.source in incident.sources
    over = truth.end is not None and incident.decided_at > truth.end + GRACE
    return same and incident.zone == truth.zone and incident.decided_at >= truth.start and not over


def _match(truth: "StagedIncident", found: Incident | None) -> Match:
    match = Match(
        truth.kind, truth.source, truth.zone, truth.label, truth.start, truth.end, found is not None
    )
    if found is None:
        return match
    boxes = [box for evidence in found.evidence for box in evidence.boxes]
    seen = (boxes[0].x0, boxes[0].y0, boxes[0].x1, boxes[0].y1) if boxes else None
    real = tuple(round(edge * 10) for edge in truth.box) if truth.box else None
    return msgspec.structs.replace(
        match,
        delay_s=(found.decided_at - truth.start) / SECOND,
        overlap=_overlap(seen, real),
    )


def _overlap(seen: Sequence[float] | None, real: Sequence[float] | None) -> float | None:
    """None where the truth has no box."""
    if real is None:
        return None
    return round(overlap(seen, real), 3) if seen else 0.0


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes (x0, y0, x1, y1)."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def _score(scenario: str, kind: str, results: Sequence[SeedResult]) -> Score:
    matches = [match for result in results for match in result.matches if match.kind == kind]
    false = sum(incident.kind == kind for result in results for incident in result.false)
    found = sum(match.found for match in matches)
    delays = [match.delay_s for match in matches if match.delay_s is not None]
    overlaps = [match.overlap for match in matches if match.overlap is not None]
    return Score(
        scenario=scenario,
        kind=kind,
        seeds=len(results),
        true=len(matches),
        found=found,
        false=false,
        precision=found / (found + false) if found + false else None,
        recall=found / len(matches) if matches else None,
        delay_s_median=median(delays) if delays else None,
        delay_s_max=max(delays, default=None),
        overlap_mean=round(mean(overlaps), 3) if overlaps else None,
        overlap_min=min(overlaps, default=None),
    )


def _summary(kind: str, results: Sequence[SeedResult]) -> Summary:
    from simulators.city.assets import FRAME_PERIOD

    runs_with = sum(any(match.kind == kind for match in result.matches) for result in results)
    frames = sum(result.frames for result in results)
    score = _score("", kind, results)
    return Summary(
        kind=kind,
        seeds=sorted({result.seed for result in results}),
        runs_with=runs_with,
        runs_without=len(results) - runs_with,
        camera_hours=round(frames * FRAME_PERIOD / HOUR, 3),
        true=score.true,
        found=score.found,
        false=score.false,
        precision=score.precision,
        recall=score.recall,
        delay_s_median=score.delay_s_median,
        delay_s_max=score.delay_s_max,
    )
