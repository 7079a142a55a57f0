"""What the rules make of the city's simulated systems, against what truly failed in them.

Each run is a few assets of the default city around one scripted failure, in memory and event time.
Two simple detectors see the very same readings: limits without patience, and three standard
deviations from the day before.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from statistics import median
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from simulators import announced
from simulators.feeds.packs import Gateways, gateway_of
from simulators.feeds.registry import all_simulated
from simulators.world import calendar
from simulators.world.chance import key
from simulators.world.script import FAILURES, STRIKES, Failure, Occurrence
from simulators.world.state import Rows, World
from simulators.world.truth import Staged, truth
from streams.configuration.configured import NOTHING, copied, take
from streams.configuration.defaults import missing_rules
from streams.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Change,
    ControlChange,
    Incident,
    Micros,
    Source,
    Tick,
)
from streams.feeds.registry import all_feeds, of_asset_type
from streams.runtime.offline import Offline
from streams.shares import Share, share
from streams.stages.score import Score
from streams.topics import INCIDENTS, READINGS

By = Literal["rules", "limits", "three_sigma"]
DETECTORS: tuple[By, ...] = ("rules", "limits", "three_sigma")
FIRST, DAYS = calendar.at(2026, 3, 2), 28
"""Runs begin at any hour of these days."""
TICK: Micros = 10 * SECOND
BEFORE, AFTER = 20 * MINUTE, 15 * MINUTE
LASTS: dict[Failure, tuple[float, float]] = {
    "flood": (90, 150),
    "gate_queue": (50, 90),
    "overdue": (60, 120),
}
USUAL_MINUTES = (20.0, 50.0)
STRENGTH = (0.6, 1.4)
"""Of what the scenarios that come with the city have."""
BEHIND, BYSTANDERS = 6, 12
"""How many that depend on what fails, and how many elsewhere, report beside it."""
GRACE: Micros = 5 * MINUTE
"""What is decided so long after the true end still is about it."""
SIGMAS = 3.0
EASY = 0.9
"""Where a simple detector has this precision and recall, a kind proves nothing."""


class Alarm(NamedTuple):
    source: str
    time: Micros
    """When it was decided."""


class Run(msgspec.Struct, frozen=True):
    """One failure, by one detector."""

    kind: Failure
    by: By
    seed: int
    found: bool
    delay_s: float | None
    """From the true start to the first alarm at what failed."""
    right: int
    """Alarms at what failed, or at what it tells on, in its time."""
    false: int
    source_days: float


class Result(msgspec.Struct, frozen=True):
    """One kind of failure by one detector, over all seeds."""

    kind: Failure
    by: By
    runs: int
    found: int
    recall: Share | None
    right: int
    false: int
    precision: Share | None
    delay_s_median: float | None
    delay_s_max: float | None
    false_per_source_day: float
    easy: bool
    """A simple detector finds it as well, so it proves nothing of the rules."""


def evaluate(seeds: Sequence[int], kinds: Sequence[Failure], workers: int) -> Iterator[list[Run]]:
    """One run for each kind and seed, in so many processes; results come as they end."""
    todo = [(kind, seed) for seed in seeds for kind in kinds]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        futures = [pool.submit(run, kind, seed) for kind, seed in todo]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def run(kind: Failure, seed: int) -> list[Run]:
    """One failure, by each detector."""
    world, reporting, start, end = staged(kind, seed)
    (fact,) = truth(world)
    days = len(reporting) * (end - start) / DAY
    found: dict[By, list[Alarm]] = {"rules": by_rules(world, reporting, start, end)}
    found["limits"], found["three_sigma"] = by_simple(world, reporting, start, end)
    return [_run(by, seed, fact, found[by], days) for by in DETECTORS]


def staged(kind: Failure, seed: int) -> tuple[World, list[Source], Micros, Micros]:
    """The world, what reports in it, and from when to when."""
    assets = _city(seed)
    chance = np.random.default_rng(key(seed, kind))
    start = FIRST + int(chance.integers(DAYS * DAY // HOUR)) * HOUR
    struck = [one for one in assets if one.kind == STRIKES[kind]]
    root = struck[int(chance.integers(len(struck)))]
    begins = start + BEFORE + int(chance.integers(600)) * SECOND
    lasts = round(chance.uniform(*LASTS.get(kind, USUAL_MINUTES)) * MINUTE)
    happens = Occurrence(kind, root.id, begins, begins + lasts, chance.uniform(*STRENGTH))
    world = World(seed, assets, (happens,))
    felt = [one.source for one in truth(world)[0].felt]
    carried = [one.id for one in assets if gateway_of(one) and one.id != root.id]
    behind = [name for name in carried if name in set(felt)]
    others = [name for name in carried if name not in set(felt)]
    chosen = {root.id}
    for among, most in ((behind, BEHIND), (others, BYSTANDERS)):
        chosen |= (
            {*chance.choice(among, min(most, len(among)), replace=False).tolist()}
            if among
            else set()
        )
    return world, [one for one in assets if one.id in chosen], start, begins + lasts + AFTER


@cache
def _city(seed: int) -> tuple[Source, ...]:
    return tuple(announced.assets("whole", seed))


def by_rules(world: World, reporting: Sequence[Source], start: Micros, end: Micros) -> list[Alarm]:
    """What the stage for sensors announces by the default rules of the feeds."""
    offline = Offline([Score({}, 1)], 1)
    known = copied(NOTHING)
    for one in reporting:
        take(known, one)
    types = {one.kind for one in reporting}
    changes: list[Change] = [*reporting]
    for feed in all_feeds().values():
        if types & feed.asset_types.keys():
            changes += missing_rules(known, feed)
    for number, change in enumerate(changes, 1):
        offline.publish_everywhere(ControlChange(number, start, change))
    gateways = Gateways(_of(world, reporting))
    list(gateways.closed(start))
    for number, now in enumerate(range(start, end, TICK), 1):
        offline.publish_everywhere(Tick(now))
        for name, draft in gateways.closed(now):
            offline.publish(READINGS, draft.stamped(name, now, number), name)
        offline.drain()
    return [
        Alarm(source, one.decided_at)
        for one in offline.events(INCIDENTS)
        if isinstance(one, Incident) and one.revision == 0
        for source in one.sources
    ]


def _of(world: World, reporting: Sequence[Source]) -> World:
    """The same, in which nobody else reports."""
    names = {one.id for one in reporting}
    silent = (msgspec.structs.replace(one, gateway="", period=0) for one in world.assets)
    both = [
        there if there.id in names else mute
        for there, mute in zip(world.assets, silent, strict=True)
    ]
    return World(world.seed, both, world.happens)


def by_simple(
    world: World, reporting: Sequence[Source], start: Micros, end: Micros
) -> tuple[list[Alarm], list[Alarm]]:
    """(beyond a limit, beyond three deviations): one alarm for each stretch of readings."""
    limits: list[Alarm] = []
    sigmas: list[Alarm] = []
    for one in reporting:
        feed = of_asset_type(one.kind)
        assert feed is not None
        times = np.arange(start - DAY, end, one.period, dtype=np.int64)
        asset = np.full(len(times), world.place[one.id])
        rows = Rows(asset, times, times // one.period, world.keys[asset])
        simulated = all_simulated()[feed.id]
        heard = ~simulated.silent(world, rows)
        before = times < start
        for name, values in simulated.measure(world, rows).items():
            seen = np.where(heard, values, NOT_MEASURED)
            mean, spread = _usual(seen[before])
            with np.errstate(invalid="ignore"):
                away = np.abs(seen - mean) > SIGMAS * spread
            sigmas += _alarms(one.id, times, away & ~before)
            for rule in feed.default_rules:
                if rule.metric == name:
                    limit = rule.parameters.get("limit", 0.5)
                    beyond = seen > limit if rule.kind.startswith("high") else seen < limit
                    limits += _alarms(one.id, times, beyond & ~before)
    return limits, sigmas


def _usual(values: NDArray[np.float64]) -> tuple[float, float]:
    there = values[measured(values)]
    return (float(there.mean()), max(float(there.std()), 1e-9)) if len(there) else (0.0, np.inf)


def _alarms(source: str, times: NDArray[np.int64], beyond: NDArray[np.bool_]) -> list[Alarm]:
    begins = beyond & ~np.append(False, beyond[:-1])
    return [Alarm(source, time) for time in times[begins].tolist()]


def _run(by: By, seed: int, fact: Staged, alarms: Sequence[Alarm], days: float) -> Run:
    spans = [(fact.source, fact.start, fact.end)]
    spans += [(felt.source, felt.start, felt.end) for felt in fact.felt]

    def about(alarm: Alarm) -> bool:
        return any(
            alarm.source == source and start <= alarm.time <= end + GRACE
            for source, start, end in spans
        )

    right = [alarm for alarm in alarms if about(alarm)]
    delays = [alarm.time - fact.start for alarm in right if alarm.source == fact.source]
    delay = min(delays) / SECOND if delays else None
    false = len(alarms) - len(right)
    return Run(fact.kind, by, seed, bool(delays), delay, len(right), false, days)


def results(runs: Sequence[Run]) -> list[Result]:
    """One for each kind and detector."""
    found = []
    for kind in FAILURES:
        each = ([one for one in runs if one.kind == kind and one.by == by] for by in DETECTORS)
        rows = [_result(some) for some in each if some]
        easy = any(
            row.by != "rules"
            and row.recall
            and row.precision
            and min(row.recall.value, row.precision.value) >= EASY
            for row in rows
        )
        found += [msgspec.structs.replace(row, easy=easy) for row in rows]
    return found


def _result(runs: Sequence[Run]) -> Result:
    found, right = sum(one.found for one in runs), sum(one.right for one in runs)
    false = sum(one.false for one in runs)
    delays = [one.delay_s for one in runs if one.delay_s is not None]
    return Result(
        kind=runs[0].kind,
        by=runs[0].by,
        runs=len(runs),
        found=found,
        recall=share(found, len(runs)),
        right=right,
        false=false,
        precision=share(right, right + false),
        delay_s_median=median(delays) if delays else None,
        delay_s_max=max(delays, default=None),
        false_per_source_day=round(false / sum(one.source_days for one in runs), 4),
        easy=False,
    )
