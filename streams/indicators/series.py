"""The periods of one indicator and origin: what they have come to, and what they are to be. Pure.

Whole numbers only, so that every machine says the same.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from streams.events import Indicated, IndicatorState, Micros, Origin
from streams.feeds.registry import all_feeds
from streams.indicators.indicator import KEPT, OPEN_FOR, Indicator, Span, span

PAST = 24
"""So many values of periods before are what is usual."""
LEAST_PAST = 3
"""With fewer nobody can tell what a period is to come to."""


class Period(msgspec.Struct, frozen=True, array_like=True):
    """One that is kept."""

    start: Micros
    numerator: int = 0
    denominator: int = 0
    readings: int = 0
    unplaced: int = 0
    revision: int = 0
    state: IndicatorState = "running"
    told: int = -1
    """A hash of what was said last, by which it is said once; -1: nothing was."""

    @property
    def content(self) -> int:
        """Of what is said; the same on every machine."""
        numbers = (self.numerator, self.denominator, self.readings, self.unplaced)
        found = ("running", "ended", "closed", "restated").index(self.state)
        for number in numbers:
            found = (found * 1_000_003 + number) % (2**61 - 1)
        return found


class Series(msgspec.Struct, frozen=True, array_like=True):
    """An indicator, of the readings of one origin."""

    indicator: str
    origin: Origin
    periods: tuple[Period, ...] = ()
    """Oldest first."""
    past: tuple[int, ...] = ()
    """Values of periods that have ended, in thousandths, oldest first."""
    since: Micros = 0
    """Of one that says how things stand: when it was first off target; 0: it is not."""


class Outlook(NamedTuple):
    """What a period is to come to, in thousandths."""

    low: int
    high: int


def of_time(series: Series, indicator: Indicator, time: Micros) -> Period:
    """The period in which that lies; an empty one where none is kept."""
    start = span(indicator.period, time).start
    for period in series.periods:
        if period.start == start:
            return period
    return Period(start)


def with_period(series: Series, indicator: Indicator, changed: Period) -> Series:
    """With it in the place of the one that begins then; only so many closed ones are kept."""
    others = [period for period in series.periods if period.start != changed.start]
    periods = sorted([*others, changed], key=lambda period: period.start)
    most = KEPT[indicator.period] + 2
    return msgspec.structs.replace(series, periods=tuple(periods[-most:]))


def is_too_old(series: Series, indicator: Indicator, time: Micros) -> bool:
    """Whether a period is no longer kept."""
    start = span(indicator.period, time).start
    known = {period.start for period in series.periods}
    return (
        start not in known
        and len(series.periods) >= KEPT[indicator.period]
        and start < min(known, default=0)
    )


def lateness(indicator: Indicator) -> Micros:
    """So long its feed is waited for."""
    assert indicator.formula
    return all_feeds()[indicator.formula.feed].lateness


def state_at(indicator: Indicator, period: Period, time: Micros) -> IndicatorState:
    """What holds of a period then; one that is closed is not open again."""
    if period.state in ("closed", "restated"):
        return period.state
    _, end = span(indicator.period, period.start)
    late = 0 if indicator.formula and indicator.formula.is_level else lateness(indicator)
    if time < end + late:
        return "running"
    return "closed" if time >= end + late + OPEN_FOR[indicator.period] else "ended"


def outlook(series: Series, of: Span, value: int | None, time: Micros) -> Outlook | None:
    """What the period is to come to at its end: what it has come to and, for the rest of it, what
    was usual, give or take twice the mean deviation of that.

    Args:
        value: of the period until now.
    """
    if value is None or len(series.past) < LEAST_PAST or time >= of.end:
        return None
    usual = sum(series.past) // len(series.past)
    deviation = sum(abs(each - usual) for each in series.past) // len(series.past)
    length, gone = of.end - of.start, max(time - of.start, 0)
    expected = (value * gone + usual * (length - gone)) // length
    margin = 2 * deviation * (length - gone) // length
    return Outlook(expected - margin, expected + margin)


def indicated(series: Series, indicator: Indicator, period: Period, time: Micros) -> Indicated:
    """What is said of a period."""
    assert indicator.formula
    of = span(indicator.period, period.start)
    value = indicator.formula.value(period.numerator, period.denominator)
    seen = None
    if period.state == "running" and not indicator.formula.is_level:
        seen = outlook(series, of, value, time)
    return Indicated(
        series.indicator,
        series.origin,
        *of,
        time,
        period.state,
        period.revision,
        period.numerator,
        period.denominator,
        period.readings,
        period.unplaced,
        value,
        *(seen or (None, None)),
    )


def merged(known: Iterable[Series]) -> dict[tuple[str, Origin], Series]:
    """By indicator and origin; of a replay, two may have become one: the first counts."""
    found: dict[tuple[str, Origin], Series] = {}
    for each in known:
        found.setdefault((each.indicator, each.origin), each)
    return found
