"""Floods: more alarms than a person can answer (ISA-18.2; EEMUA 191). Pure.

One begins where more than ten ask one operator within ten minutes of event time, and is over where
it is fewer than five.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from streams.events import MINUTE, SEVERITIES, Micros, Severity

WITHIN: Micros = 10 * MINUTE
MOST = 10
"""Of one operator within that: more is a flood."""
CALM = 5
"""Fewer than this: it is over."""
MOST_GROUPS = 12


class Span(NamedTuple):
    """One flood."""

    first: int
    """Index of what came first."""
    until: Micros | None
    """None: it goes on."""
    number: int


def spans(times: Sequence[Micros], now: Micros, operators: int = 1) -> list[Span]:
    """Every flood in a list of when something asked, in order.

    Args:
        now: not before the last of them.
        operators: who share the work.
    """
    found: list[Span] = []
    first: int | None = None
    oldest = 0  # of the window
    least = CALM * operators
    for index, time in enumerate(times):
        if first is not None and (over := _over(times, first, index, least)) <= time:
            found.append(Span(first, over, index - first))
            first = None
        while times[oldest] <= time - WITHIN:
            oldest += 1
        if first is None and index + 1 - oldest > MOST * operators:
            first = oldest
    if first is not None:
        over = _over(times, first, len(times), least)
        found.append(Span(first, over if over <= now else None, len(times) - first))
    return found


def _over(times: Sequence[Micros], first: int, until: int, least: int) -> Micros:
    """When fewer than ``least`` of those before index ``until`` are within ten minutes."""
    return times[max(first, until - least)] + WITHIN


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as a summary tells of it."""

    time: Micros
    alert: str
    kind: str
    severity: Severity
    ward: str = ""
    source_vi: str = ""
    """Empty: nothing may be said of it."""
    source_en: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What has one kind and lies in one ward."""

    kind: str
    ward: str
    count: int
    severity: Severity
    """The worst."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is said once, in place of messages of their own."""

    since: Micros
    first: Seen
    """What came first in the flood: what followed may be its consequence."""
    count: int
    groups: tuple[Group, ...]
    """The largest first; at most ``MOST_GROUPS``."""

    def within(self, wards: Collection[str]) -> "Summary | None":
        """Without what lies elsewhere; None: nothing is left."""
        groups = _within(self.groups, wards)
        if not groups:
            return None
        elsewhere = sum(one.count for one in self.groups) - sum(one.count for one in groups)
        return msgspec.structs.replace(
            self,
            first=_first_within(self.first, wards),
            count=self.count - elsewhere,
            groups=groups,
        )


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """What one recipient is told of, as far as it may be a flood; of bounded size."""

    recent: tuple[Seen, ...] = ()
    """The latest within ten minutes, one more than is bearable at most."""
    since: Micros | None = None
    first: Seen | None = None
    groups: tuple[Group, ...] = ()
    """Of what is held back for the next summary."""

    def came(self, one: Seen) -> "Flood":
        """With one more alert to tell of."""
        recent = tuple(each for each in self.recent if each.time > one.time - WITHIN)
        since, first = (None, None) if len(recent) < CALM else (self.since, self.first)
        recent = (*recent, one)
        if since is None and len(recent) > MOST:
            since, first = recent[0].time, recent[0]
        return Flood(
            recent=recent[-MOST - 1 :], since=since, first=first or self.first, groups=self.groups
        )

    def holding(self, one: Seen) -> "Flood":
        return msgspec.structs.replace(self, groups=grouped((one,), self.groups))

    def within(self, wards: Collection[str]) -> "Flood":
        """Without what lies elsewhere; of what came first there, its kind alone is said."""
        first = self.first and _first_within(self.first, wards)
        return msgspec.structs.replace(self, first=first, groups=_within(self.groups, wards))

    def summary(self) -> Summary | None:
        """Of what is held back; None: nothing is."""
        if not self.groups or self.first is None:
            return None
        return Summary(
            since=self.first.time,
            first=self.first,
            count=sum(group.count for group in self.groups),
            groups=largest(self.groups),
        )


def _first_within(first: Seen, wards: Collection[str]) -> Seen:
    if first.ward in wards:
        return first
    return msgspec.structs.replace(first, ward="", source_vi="", source_en="")


def _within(groups: tuple[Group, ...], wards: Collection[str]) -> tuple[Group, ...]:
    return tuple(one for one in groups if not one.ward or one.ward in wards)


def grouped(seen: Iterable[Seen], known: Iterable[Group] = ()) -> tuple[Group, ...]:
    """By kind and ward, in the order in which they came up."""
    groups = {(one.kind, one.ward): one for one in known}
    for one in seen:
        before = groups.get((one.kind, one.ward))
        severities = [one.severity, *([before.severity] if before else [])]
        groups[one.kind, one.ward] = Group(
            kind=one.kind,
            ward=one.ward,
            count=before.count + 1 if before else 1,
            severity=max(severities, key=SEVERITIES.index),
        )
    return tuple(groups.values())


def largest(groups: Iterable[Group]) -> tuple[Group, ...]:
    ordered = sorted(groups, key=lambda one: (-one.count, one.kind, one.ward))
    return tuple(ordered[:MOST_GROUPS])
