"""What the rules make of the city's simulated systems, against what truly failed in them.

Each run is a few assets of the default city around one scripted failure, in memory and event time.
Two simple detectors see the very same readings: limits without patience, and three standard
deviations from the day before.

Two generators make what is judged: the simulated city, beside which the rules were made, and
``simulators.strangers``, which nobody looked at meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from statistics import median
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from simulators import announced, strangers
from simulators.feeds.packs import Draft, Gateway, Gateways, gateway_of
from simulators.feeds.registry import all_simulated
from simulators.strangers import SHAPES, Shape
from simulators.world import calendar
from simulators.world.calendar import Times
from simulators.world.chance import key
from simulators.world.script import FAILURES, STRIKES, Failure, Occurrence
from simulators.world.state import Rows, World
from simulators.world.truth import Felt, truth
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
from streams.feeds.feed import EVENT_FIELDS, DefaultRule, Feed
from streams.feeds.registry import all_feeds, of_asset_type
from streams.runtime.offline import Offline
from streams.sensors.register import FAILED
from streams.shares import Share, share
from streams.stages.score import Score
from streams.topics import INCIDENTS, READINGS

Generator = Literal["city", "strangers"]
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
GOAL = 0.95
"""What precision and recall of the rules are to be."""
EASY = 0.9
"""Where a simple detector has this precision and recall, a kind proves nothing."""


class Alarm(NamedTuple):
    source: str
    time: Micros
    """When it was decided."""


Values = Mapping[str, NDArray[np.float64]]
Closed = Callable[[Micros], Iterable[tuple[str, Draft]]]


class _Fact(NamedTuple):
    """What truly failed, and what it tells on."""

    kind: str
    source: str
    start: Micros
    end: Micros
    felt: tuple[Felt, ...] = ()


class Run(msgspec.Struct, frozen=True):
    """One failure, by one detector."""

    kind: str
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

    kind: str
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
    generator: Generator = "city"
    goal: float = GOAL
    missed: tuple[str, ...] = ()
    """Of the rules: which of precision and recall are below the goal."""


def evaluate(seeds: Sequence[int], kinds: Sequence[str], workers: int) -> Iterator[list[Run]]:
    """One run for each kind and seed, in so many processes; results come as they end."""
    todo = [(kind, seed) for seed in seeds for kind in kinds]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        futures = [pool.submit(run, kind, seed) for kind, seed in todo]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def run(kind: str, seed: int) -> list[Run]:
    """One failure, by each detector."""
    for shape in SHAPES:
        if shape == kind:
            return _stranger(shape, seed)
    (failure,) = (each for each in FAILURES if each == kind)
    return _in_city(failure, seed)


def _stranger(shape: Shape, seed: int) -> list[Run]:
    there = strangers.stage(shape, seed)
    reporting = [one.source for one in there.series]
    fact = _Fact(shape, there.failing, there.start, there.end)
    days = len(reporting) * (there.until - there.begin) / DAY
    rules = decided(reporting, _packs(there), there.begin, there.until)
    found: dict[By, list[Alarm]] = {"rules": rules, "limits": [], "three_sigma": []}
    for one in there.series:
        simple = _simple(one.source, there.begin, one.times, one.metrics)
        found["limits"] += simple[0]
        found["three_sigma"] += simple[1]
    return [_run(by, seed, fact, found[by], days) for by in DETECTORS]


def _packs(there: strangers.Staged) -> Closed:
    """What has become due at each tick, of all sources in one pack."""
    metrics = tuple(sorted({name for one in there.series for name in one.metrics}))
    names = tuple(one.source.id for one in there.series)
    rows = [
        (time, number, [one.metrics[name][at] for name in metrics])
        for number, one in enumerate(there.series)
        for at, time in enumerate(one.times.tolist())
        if time > there.begin and measured(np.array([of[at] for of in one.metrics.values()])).any()
    ]
    rows.sort(key=lambda row: row[:2])
    left = iter(rows)
    waiting = next(left, None)

    def closed(now: Micros) -> Iterator[tuple[str, Draft]]:
        nonlocal waiting
        due = []
        while waiting and waiting[0] <= now:
            due.append(waiting)
            waiting = next(left, None)
        if due:
            times, numbers, values = zip(*due, strict=True)
            yield (
                there.series[0].source.gateway,
                Draft(names, metrics, np.array(numbers), np.array(times), np.array(values)),
            )

    return closed


def _in_city(kind: Failure, seed: int) -> list[Run]:
    world, reporting, start, end = staged(kind, seed)
    (told,) = truth(world)
    fact = _Fact(told.kind, told.source, told.start, told.end, told.felt)
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
    # What tells of cases has overdue ones of its own: nothing that is staged makes them.
    carried = [one.id for one in assets if _measures(one) and one.id != root.id]
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


def _measures(asset: Source) -> bool:
    feed = of_asset_type(asset.kind)
    return bool(gateway_of(asset)) and feed is not None and feed.counts is None


@cache
def _city(seed: int) -> tuple[Source, ...]:
    return tuple(announced.assets("whole", seed))


def by_rules(world: World, reporting: Sequence[Source], start: Micros, end: Micros) -> list[Alarm]:
    """What the stage for sensors announces by the default rules of the feeds."""
    gateways = Gateways(_of(world, reporting))
    list(gateways.closed(start))
    return decided(reporting, gateways.closed, start, end)


def decided(reporting: Sequence[Source], closed: Closed, start: Micros, end: Micros) -> list[Alarm]:
    """The same of any sources; ``closed`` gives what has become due at a tick, by gateway."""
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
    for number, now in enumerate(range(start, end, TICK), 1):
        offline.publish_everywhere(Tick(now))
        for name, draft in closed(now):
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
    parts = [(one, *_measured(world, one, start, end)) for one in reporting]
    parts += _tallied(world, reporting, start, end)
    for one, times, metrics in parts:
        found = _simple(one, start, times, metrics)
        limits += found[0]
        sigmas += found[1]
    return limits, sigmas


def _measured(world: World, one: Source, start: Micros, end: Micros) -> tuple[Times, Values]:
    """By metric what it measures, from a day before on."""
    feed = of_asset_type(one.kind)
    assert feed is not None
    times = np.arange(start - DAY, end, one.period, dtype=np.int64)
    asset = np.full(len(times), world.place[one.id])
    rows = Rows(asset, times, times // one.period, world.keys[asset])
    simulated = all_simulated()[feed.id]
    heard = ~simulated.silent(world, rows)
    found = simulated.measure(world, rows)
    return times, {name: np.where(heard, of, NOT_MEASURED) for name, of in found.items()}


def _tallied(
    world: World, reporting: Sequence[Source], start: Micros, end: Micros
) -> Iterator[tuple[Source, Times, Values]]:
    """The same of what is told one by one, by the minute, as it is counted for the rules."""
    known = {one.id: one for one in reporting}
    times = np.arange(start - DAY, end, MINUTE, dtype=np.int64)
    for telling in Gateways(_of(world, reporting)).all:
        if isinstance(telling, Gateway):
            continue
        feed = of_asset_type(known[telling.names[0]].kind)
        if feed is None or feed.tallies is None:
            continue
        told = telling.told(start - DAY, int(times[-1]) + MINUTE - 1)
        minute = (told.time - times[0]) // MINUTE
        step, amount = (told.values[:, EVENT_FIELDS.index(name)] for name in ("step", "amount"))
        for place, name in enumerate(telling.names):
            own = told.source == place
            made, failed, much = (
                np.bincount(minute[own], weights, len(times)).astype(np.float64)
                for weights in (None, step[own] == FAILED, np.where(step == FAILED, 0, amount)[own])
            )
            any_ = np.where(made > 0, made, NOT_MEASURED)
            values = any_, failed + 0 * any_, 100 - 100 * failed / any_, much + 0 * any_
            yield known[name], times + MINUTE, dict(zip(feed.tallies.metrics, values, strict=True))


def _simple(
    one: Source, start: Micros, times: Times, metrics: Values
) -> tuple[list[Alarm], list[Alarm]]:
    """Of one source; what lies before ``start`` is only learned from."""
    feed = of_asset_type(one.kind)
    assert feed is not None
    limits: list[Alarm] = []
    sigmas: list[Alarm] = []
    before = times < start
    for name, seen in metrics.items():
        mean, spread = _usual(seen[before])
        with np.errstate(invalid="ignore"):
            away = np.abs(seen - mean) > SIGMAS * spread
        sigmas += _alarms(one.id, times, away & ~before)
        for rule in feed.default_rules:
            if rule.metric == name:
                beyond = _beyond(feed, rule, seen, metrics)
                limits += _alarms(one.id, times, beyond & ~before)
    return limits, sigmas


def _beyond(
    feed: Feed, rule: DefaultRule, seen: NDArray[np.float64], metrics: Values
) -> NDArray[np.bool_]:
    """[n]: which values are beyond the rule's limit, each by itself."""
    if place := rule.parameters.get("of_metric"):
        whole = metrics[list(feed.metrics)[int(place) - 1]]
        return seen > rule.parameters["high"] * whole
    limit = rule.parameters.get("limit", 0.5)
    return seen > limit if rule.kind.startswith("high") else seen < limit


def _usual(values: NDArray[np.float64]) -> tuple[float, float]:
    there = values[measured(values)]
    return (float(there.mean()), max(float(there.std()), 1e-9)) if len(there) else (0.0, np.inf)


def _alarms(source: str, times: NDArray[np.int64], beyond: NDArray[np.bool_]) -> list[Alarm]:
    begins = beyond & ~np.append(False, beyond[:-1])
    return [Alarm(source, time) for time in times[begins].tolist()]


def _run(by: By, seed: int, fact: _Fact, alarms: Sequence[Alarm], days: float) -> Run:
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
    for kind in (*FAILURES, *SHAPES):
        each = ([one for one in runs if one.kind == kind and one.by == by] for by in DETECTORS)
        rows = [_result(some) for some in each if some]
        easy = any(
            row.by != "rules"
            and row.recall
            and row.precision
            and min(row.recall.value, row.precision.value) >= EASY
            for row in rows
        )
        made: Generator = "strangers" if kind in SHAPES else "city"
        found += [
            msgspec.structs.replace(row, easy=easy, generator=made, missed=_missed(row))
            for row in rows
        ]
    return found


def _missed(row: Result) -> tuple[str, ...]:
    if row.by != "rules":
        return ()
    both = (("recall", row.recall), ("precision", row.precision))
    return tuple(name for name, of in both if of is None or of.value < GOAL)


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
