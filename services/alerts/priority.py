"""How urgent an alert is, by a table that supervisors edit. Pure.

The first row that fits gives the priority. What it was decided by stands in the alert's transition
(``Given``), so a replay gives the same, whatever the table says by then.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import msgspec

from services.alerts.words import CITY_TIME
from streams.events import SEVERITIES, Micros, Severity, to_datetime
from streams.kinds.registry import UnknownKindError, find
from streams.kinds.validity import CAP_CATEGORIES
from streams.visible import visible

Priority = Literal[1, 2, 3, 4]
"""1: at once … 4: when there is time. ISA-18.2 advises three or four."""
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
BY_SEVERITY: dict[Severity, Priority] = {
    "critical": 1, "high": 2, "medium": 3, "low": 4, "informational": 4
}  # fmt: skip
"""Of an alert of an earlier release, which has none."""
LEAST_OF_CRITICAL: Priority = 2
"""No table hides what is critical."""
MOST_ROWS = 100
LONGEST_NAME = 100
MOST_DEPENDENTS = 1_000_000


class TableError(ValueError):
    """No table to go by; the message is one line and says what is wrong."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is left out fits anything."""

    name: str
    """Shown with each alert that it fits."""
    priority: Priority
    severities: tuple[Severity, ...] = ()
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Of CAP, in which the alert's kind is: Transport, Security …"""
    wards: tuple[str, ...] = ()
    """Of the alert's first source."""
    dependents: int = 0
    """At least so many assets depend on one of its sources: what follows if nobody acts."""
    hours: tuple[int, int] | None = None
    """Of the city's day, 0 to 24, from the first until before the second; over midnight where that
    is less."""
    days: tuple[int, ...] = ()
    """0: Monday … 6: Sunday, on which the occurrence began."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[Row, ...]
    version: int = 0
    """0: the one that comes with CityOps."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A priority, and how it came to be."""

    priority: Priority
    row: str
    table: int
    """Version of the table."""
    dependents: int = 0
    """How many assets depended on its sources then."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What the table is asked about."""

    severity: Severity
    kind: str
    """As it is called now."""
    category: str
    """Of CAP, in which the kind is; empty: this installation no longer has the kind."""
    ward: str
    """Empty: in none."""
    start: Micros
    dependents: int = 0


DEFAULT = Table(
    rows=(
        Row(name="critical", priority=1, severities=("critical",)),
        Row(name="much depends on it", priority=1, severities=("high",), dependents=10),
        Row(name="high", priority=2, severities=("high",)),
        Row(
            name="traffic in rush hours", priority=2, severities=("medium",),
            categories=("Transport",), hours=(6, 9), days=(0, 1, 2, 3, 4),
        ),
        Row(
            name="traffic on the way home", priority=2, severities=("medium",),
            categories=("Transport",), hours=(16, 19), days=(0, 1, 2, 3, 4),
        ),
        Row(
            name="people at night", priority=2, severities=("medium",),
            categories=("Security",), hours=(22, 5),
        ),
        Row(name="some depend on it", priority=2, severities=("medium",), dependents=10),
        Row(name="medium", priority=3, severities=("medium",)),
        Row(name="everything else", priority=4),
    )
)  # fmt: skip


def category(kind: str) -> str:
    """Of CAP; empty: this installation has no such kind."""
    try:
        return find(kind).cap_category
    except UnknownKindError:
        return ""


def given(table: Table, case: Case) -> Given:
    """By the first row that fits; the last one fits everything (``check``)."""
    local = to_datetime(case.start).astimezone(CITY_TIME)
    row = next((row for row in table.rows if _fits(row, case, local)), table.rows[-1])
    return Given(
        priority=row.priority, row=row.name, table=table.version, dependents=case.dependents
    )


def _fits(row: Row, case: Case, local: datetime) -> bool:
    return (
        (not row.severities or case.severity in row.severities)
        and (not row.kinds or case.kind in row.kinds)
        and (not row.categories or case.category in row.categories)
        and (not row.wards or case.ward in row.wards)
        and case.dependents >= row.dependents
        and (row.hours is None or _within(row.hours, local.hour))
        and (not row.days or local.weekday() in row.days)
    )


def _within(hours: tuple[int, int], hour: int) -> bool:
    begin, end = hours
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def check(table: Table, kinds: Iterable[str]) -> Table:
    """The table as it is given; raises TableError where nobody could go by it."""
    known = frozenset(kinds)
    if not 1 <= len(table.rows) <= MOST_ROWS:
        raise TableError(f"rows: give 1 to {MOST_ROWS}")
    names = [row.name for row in table.rows]
    for row in table.rows:
        _check_row(row, known)
        if names.count(row.name) > 1:
            raise TableError(f"row {row.name!r}: there are two of that name")
        if row.priority > LEAST_OF_CRITICAL and (
            not row.severities or "critical" in row.severities
        ):
            _insist_on_critical(table, row)
    last = table.rows[-1]
    if last != Row(name=last.name, priority=last.priority):
        raise TableError(
            f"row {last.name!r}: the last row fits everything, so it has no conditions"
        )
    return table


def _check_row(row: Row, kinds: frozenset[str]) -> None:
    where = f"row {row.name!r}"
    if not row.name.strip() or len(row.name) > LONGEST_NAME or visible(row.name) != row.name:
        raise TableError(f"{where}: a name has 1 to {LONGEST_NAME} characters")
    for kind in row.kinds:
        if kind not in kinds:
            raise TableError(f"{where}: there is no kind {kind!r}")
    if any(category not in CAP_CATEGORIES for category in row.categories):
        raise TableError(f"{where}: categories: of {', '.join(CAP_CATEGORIES)}")
    if any(severity not in SEVERITIES for severity in row.severities):
        raise TableError(f"{where}: severities: of {', '.join(SEVERITIES)}")
    if not 0 <= row.dependents <= MOST_DEPENDENTS:
        raise TableError(f"{where}: dependents: 0 to {MOST_DEPENDENTS:,}")
    if row.hours is not None:
        begin, end = row.hours
        there = 0 <= begin <= 24 and 0 <= end <= 24
        if not there or begin == end or (begin, end) == (24, 0):
            raise TableError(f"{where}: hours: two different ones from 0 to 24")
    if any(not 0 <= day <= 6 for day in row.days):
        raise TableError(f"{where}: days: 0 (Monday) to 6 (Sunday)")


def _insist_on_critical(table: Table, row: Row) -> None:
    """That an earlier row takes everything critical before this one could."""
    for earlier in table.rows[: table.rows.index(row)]:
        alone = Row(name=earlier.name, priority=earlier.priority, severities=earlier.severities)
        if earlier == alone and "critical" in (earlier.severities or SEVERITIES):
            return
    raise TableError(
        f"row {row.name!r}: a critical alert would have priority {row.priority}: put a row for all"
        f" that is critical before it, with {LEAST_OF_CRITICAL} or less"
    )
