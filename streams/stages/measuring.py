"""Adds up what all partitions say of the indicators, and decides which are off their target. Pure.

What a partition says at a tick is added once all have come to that tick; as sums of whole numbers
do not depend on their order, neither does any value.
"""

from collections.abc import Sequence

import msgspec

from streams.events import Delivered, Incident, Indicated, Level, Micros, Origin, Summed, Sums
from streams.incidents.life import conclude
from streams.indicators.catalogue import computed
from streams.indicators.indicator import Indicator, Span, span
from streams.indicators.series import (
    PAST,
    Outlook,
    Period,
    Series,
    indicated,
    is_too_old,
    merged,
    of_time,
    outlook,
    state_at,
    with_period,
)
from streams.indicators.summing import EVERY
from streams.kinds.registry import falls_short, missed, will_miss

GAP: Micros = 3 * EVERY
"""No incident lasts through so long a time of which nothing was said (decision 0023)."""
LIKELY_FROM = 4
"""That a target will be missed is said from this part of a period on: a quarter."""


class Open(msgspec.Struct, frozen=True, array_like=True):
    """An incident that lasts."""

    indicator: str
    incident: Incident


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """What is known of all indicators."""

    series: tuple[Series, ...] = ()
    off: tuple[Open, ...] = ()
    likely: tuple[Open, ...] = ()
    below: tuple[Open, ...] = ()
    """By feed, in the place of an indicator."""
    said: Micros = 0
    """When it was added to last; 0: never."""


_Key = tuple[str, Origin]


class Measuring:
    """What becomes of ``Measured`` while sums are added; what is sent is in ``told``."""

    def __init__(self, known: Measured) -> None:
        self._series = merged(known.series)
        self._off = {(each.indicator, each.incident.origin): each.incident for each in known.off}
        self._likely = {
            (each.indicator, each.incident.origin): each.incident for each in known.likely
        }
        self._below = {
            (each.indicator, each.incident.origin): each.incident for each in known.below
        }
        self._said = known.said
        self.told: list[Indicated] = []
        self.incidents: list[Incident] = []

    def add(self, sums: Sequence[Sums], time: Micros) -> None:
        """All that was said at that tick: what it makes of each indicator is said, too."""
        if self._said and not self._said <= time <= self._said + GAP:
            self._break_off(time)
        self._said = time
        levels: dict[_Key, tuple[int, int]] = {}
        delivered: dict[tuple[str, Origin, Micros], list[Delivered]] = {}
        for each in sums:
            for part in each.delivered:
                delivered.setdefault((part.feed, part.origin, part.hour), []).append(part)
            for row in each.summed:
                self._sum(row)
            for level in each.levels:
                _level(levels, level)
        for place in sorted(delivered):
            others = {
                each[1] for each in delivered.keys() | self._below.keys() if each[0] == place[0]
            }
            self._deliver(added(delivered[place]), time, place[1] if len(others) > 1 else "")
        if all(each.between for each in sums):
            return
        catalogue = computed()
        for key in sorted(self._series.keys() | levels.keys()):
            indicator = catalogue.get(key[0])
            if indicator is not None:
                self._say(key, indicator, levels.get(key), time)

    @property
    def measured(self) -> Measured:
        return Measured(
            tuple(self._series[key] for key in sorted(self._series)),
            tuple(Open(key[0], self._off[key]) for key in sorted(self._off)),
            tuple(Open(key[0], self._likely[key]) for key in sorted(self._likely)),
            tuple(Open(key[0], self._below[key]) for key in sorted(self._below)),
            self._said,
        )

    def _break_off(self, time: Micros) -> None:
        """Time has jumped, or gone back: what was open ended when something was said last."""
        for which in (self._off, self._likely, self._below):
            for key in sorted(which):
                self._end(which, key, self._said, time)
        for key, series in self._series.items():
            self._series[key] = msgspec.structs.replace(series, since=0)

    def _deliver(self, told: Delivered, time: Micros, apart: str = "") -> None:
        """An hour of a feed is over: its owner's promise was kept, or was not."""
        found = falls_short(told, time, apart)
        key = told.feed, told.origin
        known = self._below.get(key)
        if found is None and known is not None:
            self.incidents.append(conclude(self._below.pop(key), told.hour, time))
        elif found is not None and known is None:
            self._below[key] = found
            self.incidents.append(found)

    def _sum(self, row: Summed) -> None:
        name, origin, hour = row.indicator, row.origin, row.hour
        indicator = computed().get(name)
        if indicator is None:  # of a catalogue that another release, or folder, has
            return
        series = self._series.get((name, origin), Series(name, origin))
        if is_too_old(series, indicator, hour):
            return
        period = of_time(series, indicator, hour)
        restated = period.state in ("closed", "restated")
        changed = msgspec.structs.replace(
            period,
            numerator=period.numerator + row.numerator,
            denominator=period.denominator + row.denominator,
            readings=period.readings + row.readings,
            unplaced=period.unplaced + row.unplaced,
            state="restated" if restated else period.state,
        )
        self._series[name, origin] = with_period(series, indicator, changed)

    def _say(
        self, key: _Key, indicator: Indicator, level: tuple[int, int] | None, time: Micros
    ) -> None:
        series = self._series.get(key, Series(*key))
        if level is not None:
            period = of_time(series, indicator, time - 1)
            now = msgspec.structs.replace(
                period, numerator=level[0], denominator=level[1], readings=level[1]
            )
            series = with_period(series, indicator, now)
            series = self._judge_level(key, indicator, series, level[0], time)
        elif series.since:  # how things stand is not known now
            series = msgspec.structs.replace(series, since=0)
        for period in series.periods:
            series = self._tell(key, indicator, series, period, time)
        self._series[key] = series

    def _tell(
        self, key: _Key, indicator: Indicator, series: Series, period: Period, time: Micros
    ) -> Series:
        assert indicator.formula
        state = state_at(indicator, period, time)
        now = msgspec.structs.replace(period, state=state)
        value = indicator.formula.value(now.numerator, now.denominator)
        of = span(indicator.period, now.start)
        if period.state == "running" and state != "running" and value is not None:
            past = (*series.past, value)[-PAST:]
            series = msgspec.structs.replace(series, past=past)
            if not indicator.formula.is_level and not _superseded(series, now.start, time):
                self._judge(key, indicator, of, value, time)
        elif state == "running" and not indicator.formula.is_level:
            seen = outlook(series, of, value, time)
            late = 0 if value is None else (time - of.start) * LIKELY_FROM // (of.end - of.start)
            self._foresee(key, indicator, of.start, seen if late > 0 else None, time)
        if now.content == period.told:
            return series
        if state == "restated":
            now = msgspec.structs.replace(now, revision=now.revision + 1)
        now = msgspec.structs.replace(now, told=now.content)
        self.told.append(indicated(series, indicator, now, time))
        return with_period(series, indicator, now)

    def _judge(self, key: _Key, indicator: Indicator, of: Span, value: int, time: Micros) -> None:
        """A period has ended."""
        if self._foresees(key, of.start):
            self._end(self._likely, key, of.end, time)
        if indicator.is_met(value):
            if key in self._off:
                self._end(self._off, key, of.start, time)
        elif key not in self._off:
            self._begin(self._off, key, self._missed(key, value, of.start, time))

    def _foresee(
        self, key: _Key, indicator: Indicator, start: Micros, seen: Outlook | None, time: Micros
    ) -> None:
        misses = seen is not None and not any(map(indicator.is_met, seen))
        if misses and key not in self._likely and key not in self._off:
            assert seen
            nearest = max(seen) if indicator.direction == "up" else min(seen)
            found = will_miss(key[0], nearest, start, time, key[1], apart=self._apart(key))
            self._begin(self._likely, key, found)
        elif not misses and self._foresees(key, start):
            self._end(self._likely, key, time, time)

    def _foresees(self, key: _Key, start: Micros) -> bool:
        """Whether it is said of that very period that it will miss: two may run at once, as long as
        what comes late of the first is waited for."""
        return key in self._likely and self._likely[key].start == start

    def _judge_level(
        self, key: _Key, indicator: Indicator, series: Series, numerator: int, time: Micros
    ) -> Series:
        """One that says how things stand is off target where it is so twice in a row."""
        assert indicator.formula
        value = indicator.formula.value(numerator, 1)
        assert value is not None
        if indicator.is_met(value):
            if key in self._off:
                self._end(self._off, key, time, time)
            return msgspec.structs.replace(series, since=0)
        if not series.since:
            return msgspec.structs.replace(series, since=time)
        if key not in self._off:
            self._begin(self._off, key, self._missed(key, value, series.since, time))
        return series

    def _missed(self, key: _Key, value: int, start: Micros, time: Micros) -> Incident:
        return missed(key[0], value, start, time, key[1], apart=self._apart(key))

    def _apart(self, key: _Key) -> str:
        """What tells an incident of that origin from another's: nothing where there is none, so
        that what is replayed, which has an origin of its own, is the same incident."""
        alone = all(origin == key[1] for name, origin in self._series if name == key[0])
        return "" if alone else key[1]

    def _begin(self, which: dict[_Key, Incident], key: _Key, incident: Incident) -> None:
        which[key] = incident
        self.incidents.append(incident)

    def _end(self, which: dict[_Key, Incident], key: _Key, end: Micros, time: Micros) -> None:
        self.incidents.append(conclude(which.pop(key), end, time))


def _superseded(series: Series, start: Micros, time: Micros) -> bool:
    """Whether a later period has ended before: what came of this one came late, and says nothing of
    how things are now."""
    return any(start < each.start < time and each.state != "running" for each in series.periods)


def added(parts: Sequence[Delivered]) -> Delivered:
    """What all partitions say of one hour of a feed."""
    first = parts[0]
    numbers = [sum(column) for column in zip(*(_numbers(part) for part in parts), strict=True)]
    return Delivered(first.feed, first.origin, first.hour, *numbers)


def _numbers(part: Delivered) -> tuple[int, ...]:
    return (
        *(part.sources, part.kept, part.expected, part.arrived),
        *(part.readings, part.refused, part.unclean, part.late),
    )


def _level(levels: dict[_Key, tuple[int, int]], level: Level) -> None:
    numerator, sources = levels.get((level.indicator, level.origin), (0, 0))
    levels[level.indicator, level.origin] = (
        numerator + level.numerator,
        sources + level.sources,
    )
