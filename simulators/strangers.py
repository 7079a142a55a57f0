"""A second generator of sensors' series with truth, which no rule was made beside.

It shares nothing with ``simulators.world``: other rhythms (a crooked triangle with two humps that
come and go by weekday), other noise (autocorrelated steps of a heavy-tailed distribution on a level
that wanders; values are lost in bursts), and failures of other shapes. What a failure does is in
the metric's unit and drawn without a look at any rule's limit. Nothing is ever adjusted to what
detectors make of it: then it would be a first one.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros, Place, Source
from streams.feeds.registry import of_asset_type

Shape = Literal[
    "flapping_power",
    "dead_station",
    "dying_sender",
    "creeping_latency",
    "flood_pulse",
    "bursting_portal",
    "overdue_staircase",
    "saturating_queue",
    "oscillating_errors",
    "relapsing_bank",
]
SHAPES: tuple[Shape, ...] = get_args(Shape)
FIRST: Micros = 1_785_000_000 * SECOND
BYSTANDERS = 8
BEFORE: Micros = DAY
"""So much is there of each series before anybody judges it."""
LEAD, TAIL = 20 * MINUTE, 15 * MINUTE
GLITCH = 0.001
"""Of what says 0 or 1 of itself: how often it says 0 and means nothing."""

Floats = NDArray[np.float64]


class Kind(NamedTuple):
    """One shape of failure, and of what."""

    type: str
    """Of asset."""
    metric: str
    usual: tuple[float, float]
    """Between what values the rhythm goes, in the metric's unit; (1, 1): it is in service."""
    strength: float
    """Median of how far it goes, in that unit."""
    minutes: float
    """Median of how long it lasts."""
    act: Callable[[np.random.Generator, Floats, Floats, float], Floats]
    """(chance, the values meanwhile, how far along each is from 0 to 1, strength) to values."""
    part_of: str = ""
    """The metric counts a part of what this one counts, ``whole`` in a period; ``usual`` and
    ``strength`` are percent of that."""
    whole: tuple[float, float] = (0, 0)


class Series(NamedTuple):
    """What one source sends: k readings."""

    source: Source
    times: NDArray[np.int64]
    metrics: dict[str, Floats]
    """NOT_MEASURED where the whole reading is lost."""


class Staged(NamedTuple):
    series: tuple[Series, ...]
    begin: Micros
    """From when on rules see it."""
    until: Micros
    failing: str
    start: Micros
    end: Micros


def _runs(chance: np.random.Generator, number: int, on: float, off: float) -> NDArray[np.bool_]:
    """[number]: stretches of geometric length, the first on; means in readings."""
    found, state = np.zeros(number, np.bool_), True
    at = 0
    while at < number:
        length = int(chance.geometric(1 / (on if state else off)))
        found[at : at + length] = state
        at, state = at + length, not state
    return found


def _flap(chance: np.random.Generator, values: Floats, along: Floats, _: float) -> Floats:
    return np.where(_runs(chance, len(along), 4, 3), 0.0, values)


def _die(_: np.random.Generator, values: Floats, along: Floats, __: float) -> Floats:
    del along
    return np.zeros(len(values))


def _sputter(chance: np.random.Generator, values: Floats, along: Floats, _: float) -> Floats:
    return np.where(chance.random(len(values)) < 0.2 + 2 * along, NOT_MEASURED, values)


def _creep(_: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    return values + far * along**2


def _pulse(_: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    rise = np.minimum(along / 0.2, 1.0)
    return values + far * rise * np.exp(-2.5 * np.maximum(along - 0.2, 0.0))


def _burst(chance: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    loud = _runs(chance, len(along), 5, 2)
    return values + loud * far * chance.lognormal(0.0, 0.4, len(along))


def _stairs(_: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    return values + far * np.ceil(4 * along + 1e-9) / 4


def _saturate(_: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    return values + far * (1 - np.exp(-5 * along))


def _swing(chance: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    return values + far * (0.5 - 0.5 * np.cos(2 * np.pi * (chance.uniform(3, 7) * along)))


def _relapse(chance: np.random.Generator, values: Floats, along: Floats, far: float) -> Floats:
    level = far * chance.lognormal(0.0, 0.25, len(along))
    return values + np.where(_runs(chance, len(along), 8, 2), level, 0.0)


KINDS: dict[Shape, Kind] = {
    "flapping_power": Kind("power_feeder", "energised", (1, 1), 1, 25, _flap),
    "dead_station": Kind("base_station", "in_service", (1, 1), 1, 40, _die),
    "dying_sender": Kind("wifi_point", "wifi_clients", (5, 60), 1, 40, _sputter),
    "creeping_latency": Kind("network_link", "round_trip", (8, 30), 300, 45, _creep),
    "flood_pulse": Kind("flood_gauge", "flood_depth", (0, 2), 60, 120, _pulse),
    "bursting_portal": Kind("web_portal", "response_time", (250, 900), 9000, 30, _burst),
    "overdue_staircase": Kind("one_stop_office", "dossiers_overdue", (1, 5), 20, 120, _stairs),
    "saturating_queue": Kind("port_gate", "lorries_waiting", (5, 35), 70, 70, _saturate),
    "oscillating_errors": Kind("data_service", "error_rate", (0.2, 2), 25, 60, _swing),
    "relapsing_bank": Kind(
        *("payment_gateway", "payments_failed", (0.2, 2), 30, 40, _relapse),
        part_of="payments_made",
        whole=(5, 60),
    ),
}


def stage(shape: Shape, seed: int) -> Staged:
    """One source that fails so, among others like it that do not."""
    chance = np.random.default_rng([seed, SHAPES.index(shape), 20_260_730])
    kind = KINDS[shape]
    begin = FIRST + int(chance.integers(60 * 24)) * HOUR
    start = begin + LEAD + int(chance.integers(900)) * SECOND
    end = start + round(kind.minutes * chance.lognormal(0.0, 0.35) * MINUTE)
    far = kind.strength * float(chance.lognormal(0.0, 0.35))
    until = end + TAIL
    failing = int(chance.integers(BYSTANDERS + 1))
    found = []
    for number in range(BYSTANDERS + 1):
        fails = (start, end, far) if number == failing else None
        found.append(_series(chance, kind, f"stranger-{number}", (begin, until), fails))
    return Staged(tuple(found), begin, until, f"stranger-{failing}", start, end)


def _series(
    chance: np.random.Generator,
    kind: Kind,
    name: str,
    reach: tuple[Micros, Micros],
    fails: tuple[Micros, Micros, float] | None,
) -> Series:
    """``fails``: from when to when, and how far."""
    feed = of_asset_type(kind.type)
    assert feed
    period = round((feed.asset_types[kind.type].period_seconds or 60) * SECOND)
    source = Source(
        *(name, kind.type, name, name, "simulated", Place(20.85, 106.68), "strange"), period=period
    )
    phase = int(chance.integers(period))
    times = np.arange(reach[0] - BEFORE + phase, reach[1], period, dtype=np.int64)
    low, high = (0.0, 100.0) if kind.part_of else feed.metrics[kind.metric].range
    values = np.clip(_usual(chance, times, kind.usual), low, high)
    lost = ~_runs(chance, len(times), 400, 2.5)
    if fails:
        start, end, far = fails
        rows = (times >= start) & (times < end)
        along = (times[rows] - start) / (end - start)
        values[rows] = np.clip(kind.act(chance, values[rows], along, far), low, high)
    metrics = {each: np.ones(len(times)) for each, known in feed.metrics.items() if known.service}
    if kind.part_of:
        whole = np.rint(np.maximum(_usual(chance, times, kind.whole), 0.0)).astype(np.int64)
        values = chance.binomial(whole, values / 100.0).astype(np.float64)
        metrics[kind.part_of] = whole.astype(np.float64)
    metrics[kind.metric] = values
    lost |= ~measured(values)
    return Series(
        source,
        times,
        {each: np.where(lost, NOT_MEASURED, of) for each, of in metrics.items()},
    )


def _usual(
    chance: np.random.Generator, times: NDArray[np.int64], usual: tuple[float, float]
) -> Floats:
    low, high = usual
    if low == high:
        return np.where(chance.random(len(times)) < GLITCH, 0.0, low)
    day = (times % DAY) / DAY
    peak = chance.uniform(0.3, 0.8)
    crooked = np.where(day < peak, day / peak, (1 - day) / (1 - peak))
    weekday = (times // DAY) % 7
    hump = np.exp(-(((day - chance.uniform(0.1, 0.9)) / 0.06) ** 2)) * (weekday % 3 > 0)
    noise = np.empty(len(times))
    value, steps = 0.0, chance.standard_t(3, len(times))
    for at, step in enumerate(steps.tolist()):
        value = 0.8 * value + step
        noise[at] = value
    wander = np.cumsum(chance.standard_normal(len(times))) * 0.2 / np.sqrt(len(times))
    shape = 0.7 * crooked + 0.3 * hump + wander + 0.04 * noise
    found: Floats = low + (high - low) * shape
    return found
