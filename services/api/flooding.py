"""Whether more alerts ask now than people can answer: of those that somebody may see."""

from time import monotonic
from typing import Any, NamedTuple

from fastapi import Request
from pydantic import BaseModel, Field

from services.alerts import kinds, shift_store, store
from services.alerts.alert import Alert
from services.alerts.area import Area, seen_by
from services.api.areas import area_of
from services.api.auth import pool_of
from services.api.life import event_time
from services.api.queries import SQL
from services.oncall.floods import WITHIN, Group, largest, spans
from streams.events import (
    HOUR,
    SEVERITIES,
    Micros,
    Severity,
    from_datetime,
    to_datetime,
    to_rfc3339,
)
from streams.kinds.registry import present

KEPT_SECONDS = 3.0
"""The status is asked for every second, by every console."""
BACK: Micros = 2 * HOUR
"""So far back the beginning of a flood is looked for."""
MOST_LOOKED_AT = 20_000


class FirstBody(BaseModel):
    """What came first in it: what followed may be its consequence."""

    alert: str
    time: str
    kind: str
    kind_vi: str
    kind_en: str
    source_vi: str
    source_en: str


class FloodGroupBody(BaseModel):
    kind: str
    kind_vi: str
    kind_en: str
    ward: str | None
    count: int
    severity: Severity = Field(description="The worst")


class FloodBody(BaseModel):
    """More than ten alerts in ten minutes of event time ask for each operator (ISA-18.2)."""

    since: str
    count: int = Field(description="Alerts that have asked since; each once")
    last_ten_minutes: int
    operators: int = Field(description="Who share them: those on shift; at least one")
    first: FirstBody
    groups: list[FloodGroupBody] = Field(description="By kind and ward, the largest first")


class _Known(NamedTuple):
    until: float
    flood: FloodBody | None


class Floods:
    """What was found lately, by area."""

    def __init__(self) -> None:
        self._known: dict[Area, _Known] = {}

    def of(self, request: Request) -> FloodBody | None:
        """None: there is none."""
        area = area_of(request)
        known = self._known.get(area)
        if known is None or monotonic() > known.until:
            found = _look(request, area)
            known = self._known[area] = _Known(monotonic() + KEPT_SECONDS, found)
        return known.flood


def _look(request: Request, area: Area) -> FloodBody | None:
    now = event_time(request)
    wanted: dict[str, Any] = {
        "since": to_datetime(now - BACK),
        "now": to_datetime(now),
        "area": None if area is None else sorted(area),
        "limit": MOST_LOOKED_AT,
    }
    with pool_of(request).connection() as connection:
        operators = shift_store.operators(connection, area)
        rows = connection.execute(SQL["asked_lately"], wanted).fetchall()[::-1]
        times = [from_datetime(row[0]) for row in rows]
        found = spans(times, now, operators)
        if not found or found[-1].until is not None:
            return None
        since, first = rows[found[-1].first]
        groups = connection.execute(SQL["asked_groups"], wanted | {"since": since}).fetchall()
        shown = seen_by(store.get(connection, first), area)
    if shown is None:
        return None
    return FloodBody(
        since=to_rfc3339(from_datetime(since)),
        count=sum(row[2] for row in groups),
        last_ten_minutes=sum(time > now - WITHIN for time in times),
        operators=operators,
        first=_first(from_datetime(since), shown.alert),
        groups=[_group(one) for one in largest(map(_grouped, groups))],
    )


def _grouped(row: Any) -> Group:
    kind, ward, count, rank = row
    return Group(kind=present(kind), ward=ward, count=count, severity=SEVERITIES[rank])


def _group(one: Group) -> FloodGroupBody:
    kind = kinds.of(one.kind)
    return FloodGroupBody(
        kind=one.kind,
        kind_vi=kind.name_vi,
        kind_en=kind.name_en,
        ward=one.ward or None,
        count=one.count,
        severity=one.severity,
    )


def _first(time: Micros, alert: Alert) -> FirstBody:
    kind = kinds.of(alert.kind)
    return FirstBody(
        alert=alert.id,
        time=to_rfc3339(time),
        kind=present(alert.kind),
        kind_vi=kind.name_vi,
        kind_en=kind.name_en,
        source_vi=alert.names.source_vi or alert.source,
        source_en=alert.names.source_en or alert.source,
    )
