"""Whether what was sent can be a reading: its source, its metrics, their units, its time. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from services.receiver.rows import CASE, Refused, Row, RowError, Rows, said
from services.receiver.units import UnitError, converted
from streams.configuration.configured import Configured
from streams.control import ABSURD_AHEAD, ABSURD_BEHIND
from streams.events import FAULTS, MINUTE, Micros, Source, to_rfc3339
from streams.feeds.feed import EVENT_FIELDS, MOST_CASE, Feed
from streams.feeds.registry import of_asset_type
from streams.feeds.reporting import reports
from streams.sensors import arrivals, times
from streams.sensors.faults import faults_of

MARGIN: Micros = MINUTE
"""By so much a stage's tick may lie behind this part's clock."""


Covers = Callable[[Source], bool]
"""Whether somebody may speak for a source."""


class Reading(NamedTuple):
    """What is published of a row."""

    at: int
    gateway: str
    feed: str
    source: str
    time: Micros
    values: Mapping[str, float]
    arrived: bool
    """It has the time of its arrival."""


class Checked(NamedTuple):
    readings: list[Reading]
    refused: list[Refused]


def checked(
    rows: Rows, covers: Covers, known: Configured, now: Micros, whose: str = "key"
) -> Checked:
    """Args:
    covers: of which sources they may be.
    now: event time at which they have arrived.
    whose: what it is that covers them.
    """
    return _each(rows, lambda row: _reading(row, covers, known, now, whose))


def history(rows: Rows, known: Configured, now: Micros) -> Checked:
    """Of any sensor that is real, connected or not, and any time since 1970; each has to say one.

    No stage looks at it, so what a stage refuses of a reading is refused here: a value that the
    sensor cannot say. What else its row says is taken.

    Args:
        now: after which there is no history.
    """
    told = _each(rows, lambda row: _past(row, known, now))
    found = Checked([], told.refused)
    for one in told.readings:
        wrong = _wrong(one, known)
        values = {metric: value for metric, value in one.values.items() if metric not in wrong}
        if wrong:
            metric, reason = next(iter(wrong.items()))
            said_so = f"{metric}: {one.values[metric]:g} is no value of {one.feed}"
            found.refused.append(Refused(one.at, reason, said_so, one.source))
        if values:
            found.readings.append(one._replace(values=values))
    return found


def _wrong(one: Reading, known: Configured) -> dict[str, str]:
    """Metrics whose values the sensor cannot say, with the word for why."""
    feed = of_asset_type(known.sources[one.source].kind)
    if feed is None:
        return {}
    faults = faults_of(np.array([list(one.values.values())], np.float64), feed, list(one.values))
    told = zip(one.values, faults[0].tolist(), strict=True)
    return {metric: FAULTS[fault - 1] for metric, fault in told if fault}


def _each(rows: Rows, reading: Callable[[Row], Reading]) -> Checked:
    found = Checked([], [])
    for row in rows:
        if isinstance(row, Refused):
            found.refused.append(row)
            continue
        try:
            found.readings.append(reading(row))
        except RowError as error:
            refusal = Refused(row.at, error.reason, error.detail, row.source)
            found.refused.append(refusal)
    return found


def _reading(row: Row, covers: Covers, known: Configured, now: Micros, whose: str) -> Reading:
    row, source, feed, values = _meant(row, covers, known, whose)
    if not reports(source):
        raise RowError("not_connected", f"{source.id} has no gateway: give it one by 'source add'")
    arrived = row.time is None and not row.since
    return Reading(
        row.at, source.gateway, feed.id, source.id, _time(feed, row, now), values, arrived
    )


def _past(row: Row, known: Configured, now: Micros) -> Reading:
    if row.source not in known.sources:
        raise RowError("unknown_source", f"there is no source {said(row.source)}: add it first")
    row, source, feed, values = _meant(row, lambda _: True, known, "key")
    if feed.made_here and values.keys() & set(EVENT_FIELDS):
        raise RowError("unknown_metric", "events are counted as they come: history has no place")
    if row.time is None:
        raise RowError("no_time", "give a time with an offset")
    if not 0 <= row.time <= now:
        raise RowError("absurd_time", f"its time is not between 1970 and {to_rfc3339(now)}")
    return Reading(row.at, source.gateway, feed.id, source.id, row.time, values, arrived=False)


def _meant(
    row: Row, covers: Covers, known: Configured, whose: str
) -> tuple[Row, Source, Feed, dict[str, float]]:
    """Of which sensor it is, and its values by metric, in the feed's units; raises RowError."""
    row, source = _source(row, covers, known, whose)
    feed = of_asset_type(source.kind)
    if feed is None or feed.carries != "readings":
        raise RowError("no_readings", f"{source.id} is of type {source.kind}: it has no readings")
    if source.origin != "live":
        raise RowError("not_live", f"{source.id} is {source.origin}: what is sent here is live")
    values: dict[str, float] = {}
    for given in row.values:
        metric, value = _value(feed, *given)
        if metric in values:
            raise RowError("twice", f"{metric} is given twice")
        values[metric] = value
    return row, source, feed, values


def _source(row: Row, covers: Covers, known: Configured, whose: str) -> tuple[Row, Source]:
    """What the key does not cover is as if it were not there: it tells nobody what is."""
    source = known.sources.get(row.source)
    if (source is None or not covers(source)) and row.loose and row.values[0].metric:
        other = known.sources.get(row.values[0].metric)
        if other is not None and covers(other):
            bare = row.values[0]._replace(metric="")
            return row._replace(source=other.id, values=(bare,)), other
    if source is None or not covers(source):
        raise RowError("unknown_source", f"there is no source {said(row.source)} for this {whose}")
    return row, source


def _value(feed: Feed, metric: str, value: float, unit: str) -> tuple[str, float]:
    if not metric and len(feed.metrics) == 1:
        metric = next(iter(feed.metrics))
    declared = feed.metrics.get(metric)
    if declared is None and feed.made_here and metric in EVENT_FIELDS:
        if unit:
            raise RowError("wrong_unit", f"{metric}: an event's fields have no unit")
        if metric == CASE and not (0 <= value <= MOST_CASE and value == int(value)):
            how = "give a whole number below 2^53, or the number as a text"
            raise RowError("out_of_range", f"{metric}: {value:.17g} is no case's number: {how}")
        return metric, value
    if declared is None:
        known = ", ".join(feed.metrics)
        what = f"there is no metric {said(metric)}" if metric else "say which metric"
        raise RowError("unknown_metric", f"{what}: {feed.id} has {known}")
    if not unit:
        return metric, value
    try:
        return metric, converted(value, unit, declared.unit)
    except UnitError as error:
        raise RowError("wrong_unit", f"{metric}: {error}") from None


def _time(feed: Feed, row: Row, now: Micros) -> Micros:
    if row.time is None:
        if feed.clock != "arrival":
            said_so = "its feed does not go by arrival (clock: arrival)"
            raise RowError("no_time", f"give a time with an offset: {said_so}")
        return now + (row.since or 0)
    earliest, latest = times.EARLIEST, times.LATEST
    if feed.clock == "arrival":
        earliest, latest = arrivals.EARLIEST, arrivals.LATEST
    else:
        earliest = max(earliest, now - ABSURD_BEHIND + MARGIN)
        latest = min(latest, now + ABSURD_AHEAD - MARGIN)
    if not earliest <= row.time <= latest:
        between = f"{to_rfc3339(earliest)} and {to_rfc3339(latest)}"
        raise RowError("absurd_time", f"its time is not between {between}")
    return row.time
