"""What readings add to the city's indicators, and what these come to."""

from typing import Literal, get_args

from streams.events.delivered import Delivered
from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

IndicatorState = Literal["running", "ended", "closed", "restated"]
INDICATOR_STATES: tuple[IndicatorState, ...] = get_args(IndicatorState)
"""Of a period. running: it is not over. ended: it is, and what comes late still counts. closed:
nothing more is waited for. restated: something came all the same, and is in the value."""


class Summed(Wire, frozen=True, array_like=True):
    """What readings of one hour add to an indicator; see ``streams.indicators``."""

    indicator: str
    origin: Origin
    hour: Micros
    """Its start, of the readings' own time."""
    numerator: int = 0
    denominator: int = 0
    readings: int = 0
    """That came new; one that replaces another is none more."""
    unplaced: int = 0
    """Readings that came so late that nobody remembers whether they had come before: they are in
    none of the numbers above."""


class Level(Wire, frozen=True, array_like=True):
    """What the newest readings of one gateway's sources add up to."""

    indicator: str
    origin: Origin
    numerator: int
    sources: int
    """Of so many sources."""


class Sums(Wire, frozen=True, array_like=True):
    """What one partition adds since the last time, said once in five minutes of event time."""

    stage: str
    topic: str
    partition: int
    time: Micros
    """The tick at which it is said."""
    summed: tuple[Summed, ...] = ()
    levels: tuple[Level, ...] = ()
    delivered: tuple[Delivered, ...] = ()
    between: bool = False
    """Hours that are over, only: the rest is said when all partitions say it."""


class Indicated(Wire, frozen=True, array_like=True):
    """What an indicator comes to in a period, as far as is known at a time."""

    indicator: str
    origin: Origin
    start: Micros
    end: Micros
    time: Micros
    """Event time at which it was computed."""
    state: IndicatorState
    revision: int
    """0 until the period closes; each restatement one more."""
    numerator: int
    denominator: int
    """Of one that says how things stand: the number of sources."""
    readings: int
    unplaced: int
    value: int | None
    """In thousandths of the indicator's unit; None: nothing was measured."""
    low: int | None = None
    """What it is to be at the period's end, from …"""
    high: int | None = None
    """… to, in thousandths; None: nobody can tell yet."""
