"""What a period asks of operators, from transitions alone (ISA-18.2, EEMUA 191). Pure.

An alert *asks* where somebody has to acknowledge it and had not to before: raised, come again after
an acknowledgement, back from a shelf. What is suppressed or explained at once asks for nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from statistics import median
from typing import NamedTuple

from services.alerts.alert import STALE, Alert, apply
from services.alerts.priority import PRIORITIES
from services.alerts.transitions import (
    Acknowledged,
    Disposition,
    Joined,
    Parted,
    Raised,
    Reopened,
    Resolved,
    Transition,
)
from services.oncall.floods import WITHIN, spans
from streams.events import HOUR, Micros, Origin, Severity

WORST = 10


class Asking(NamedTuple):
    """One time that an alert began to ask."""

    time: Micros
    alert: str
    kind: str
    rule: str
    source: str
    severity: Severity
    priority: int
    origin: Origin
    ward: str
    acknowledged: Micros | None = None
    """When somebody did; None: nobody has, or it ceased to ask by itself."""


class Closing(NamedTuple):
    """One alert that a person has closed."""

    time: Micros
    alert: str
    since: Micros
    """When it was raised, or opened again."""
    disposition: Disposition


class Told(NamedTuple):
    """One alert's part in the load of a period."""

    alert: Alert
    askings: tuple[Asking, ...]
    closings: tuple[Closing, ...]
    flapped: Micros | None
    """When the last of its occurrences that flapped began; None: none did."""


def of_alerts(transitions: Iterable[Transition], since: Micros, until: Micros) -> Iterator[Told]:
    """Each alert's part in a period; transitions in the order of alerts and versions, each alert's
    from its first. One that was raised later is left out."""
    for _, lines in groupby(transitions, key=lambda line: line.alert):
        there = takewhile(lambda line: line.time < until, lines)
        if (told := _of_alert(there, since)) is not None:
            yield told


def _of_alert(lines: Iterable[Transition], since: Micros) -> Told | None:
    alert: Alert | None = None
    askings: list[Asking] = []
    closings: list[Closing] = []
    begun, flapped = 0, None
    for line in lines:
        before = alert
        alert = apply(alert, line)
        if isinstance(line.event, Raised | Reopened | Parted):
            begun = line.time
        if alert.asks and not (before and before.asks):
            askings.append(_asking(alert, line.time))
        elif askings and before and before.asks and not alert.asks:
            if isinstance(line.event, Acknowledged | Joined):  # who merges it has seen it
                askings[-1] = askings[-1]._replace(acknowledged=line.time)
            elif alert.asked_at is None and askings[-1].time == line.time:
                askings.pop()  # it was suppressed or explained as it came
        if isinstance(line.event, Resolved) and line.actor:
            closings.append(Closing(line.time, alert.id, begun, line.event.disposition))
        if alert.flapping_since is not None:
            flapped = alert.latest_time
    if alert is None:
        return None
    return Told(
        alert,
        tuple(one for one in askings if one.time >= since),
        tuple(one for one in closings if one.time >= since),
        flapped,
    )


def _asking(alert: Alert, time: Micros) -> Asking:
    return Asking(
        time,
        alert.id,
        alert.kind,
        alert.rule,
        alert.source,
        alert.severity,
        alert.priority,
        alert.origin,
        alert.wards.get(alert.source, ""),
    )


class Times(NamedTuple):
    """How long something took, in seconds; None where it never happened."""

    number: int
    median: float | None
    p90: float | None
    most: float | None


class Worst(NamedTuple):
    source: str
    alarms: int
    share: float
    """Of all, 0 to 1."""


class Load(NamedTuple):
    """Of a period, for each of so many operators who share it evenly."""

    since: Micros
    until: Micros
    operators: int
    alarms: int
    """Of all operators together; the next three are of one."""
    per_hour: float
    per_ten_minutes: float
    most_in_ten_minutes: float
    floods: int
    flood_share: float
    """Of the time, 0 to 1."""
    chattering: int
    """Alerts that flapped."""
    stale: int
    """There at its end for longer than 24 hours, and not closed."""
    unacknowledged: int
    """Askings that nobody had acknowledged at its end."""
    worst: tuple[Worst, ...]
    priorities: dict[int, int]
    acknowledged: Times
    resolved: Times


def measure(told: Iterable[Told], since: Micros, until: Micros, operators: int = 1) -> Load:
    """Args:
    told: alerts up to ``until``, their parts from an hour before ``since`` on or earlier: a
        flood may have begun by then.
    """
    parts = list(told)
    every = sorted(one for part in parts for one in part.askings if one.time < until)
    askings = [one for one in every if one.time >= since]
    closings = [one for part in parts for one in part.closings if since <= one.time < until]
    hours = (until - since) / HOUR
    times = [one.time for one in askings]
    floods = _floods([one.time for one in every], since, until, operators)
    sources = Counter(one.source for one in askings)
    number = len(askings)
    return Load(
        since=since,
        until=until,
        operators=operators,
        alarms=number,
        per_hour=number / hours / operators,
        per_ten_minutes=number / hours / 6 / operators,
        most_in_ten_minutes=most_within(times) / operators,
        floods=len(floods),
        flood_share=sum(end - begin for begin, end in floods) / (until - since),
        chattering=sum(part.flapped is not None and part.flapped >= since for part in parts),
        stale=sum(_stale(part.alert, until) for part in parts),
        unacknowledged=sum(one.acknowledged is None for one in askings),
        worst=tuple(
            Worst(source, count, count / number)
            for source, count in sorted(sources.items(), key=lambda one: (-one[1], one[0]))[:WORST]
        ),
        priorities={level: sum(one.priority == level for one in askings) for level in PRIORITIES},
        acknowledged=took(
            one.acknowledged - one.time for one in askings if one.acknowledged is not None
        ),
        resolved=took(one.time - one.since for one in closings),
    )


def _floods(
    times: Sequence[Micros], since: Micros, until: Micros, operators: int
) -> list[tuple[Micros, Micros]]:
    """As far as they lie within the period."""
    clipped = [
        (max(times[one.first], since), min(until if one.until is None else one.until, until))
        for one in spans(times, until, operators)
    ]
    return [(begin, end) for begin, end in clipped if begin < end]


def _stale(alert: Alert, until: Micros) -> bool:
    since = alert.active_since
    return alert.resolved_at is None and since is not None and until - since > STALE


def most_within(times: Sequence[Micros], span: Micros = WITHIN) -> int:
    """How many at most lie within a span of that length, its end excluded; times in order."""
    most = oldest = 0
    for index, time in enumerate(times):
        while times[oldest] <= time - span:
            oldest += 1
        most = max(most, index + 1 - oldest)
    return most


def took(spans_: Iterable[Micros]) -> Times:
    """Times of a person's clock may lie before event time: those took no time."""
    seconds = sorted(max(one, 0) / 1e6 for one in spans_)
    if not seconds:
        return Times(0, None, None, None)
    ninth = seconds[min(len(seconds) - 1, -(-9 * len(seconds) // 10) - 1)]
    return Times(len(seconds), median(seconds), ninth, seconds[-1])
