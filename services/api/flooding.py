"""Whether more alerts ask now than people can answer: of those that somebody may see."""

from time import monotonic
from typing import Any, NamedTuple

from fastapi import Request
from pydantic import BaseModel, Field

from services.alerts import kinds, shift_store
from services.alerts.area import Area, seen_by
from services.alerts.store import decode_alert
from services.api.areas import area_of
from services.api.auth import pool_of
from services.api.life import event_time
from services.api.queries import SQL
from services.oncall.floods import WITHIN, Seen, grouped, largest, spans
from streams.events import HOUR, Micros, Severity, from_datetime, to_datetime, to_rfc3339
from streams.kinds.registry import present

KEPT_SECONDS = 3.0
"""The status is asked for every second, by every console."""
BACK: Micros = 2 * HOUR
"""So far back the beginning of a flood is looked for."""
MOST_LOOKED_AT = 2_000


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
    seen = [_seen(time, row[1], area) for time, row in zip(times, rows, strict=True)]
    there = [one for one in seen[found[-1].first :] if one is not None]
    return FloodBody(
        since=to_rfc3339(there[0].time),
        count=len(there),
        last_ten_minutes=sum(one.time > now - WITHIN for one in there),
        operators=operators,
        first=_first(there[0]),
        groups=[
            FloodGroupBody(
                kind=one.kind,
                kind_vi=kinds.of(one.kind).name_vi,
                kind_en=kinds.of(one.kind).name_en,
                ward=one.ward or None,
                count=one.count,
                severity=one.severity,
            )
            for one in largest(grouped(there))
        ],
    )


def _seen(time: Micros, body: str, area: Area) -> Seen | None:
    shown = seen_by(decode_alert(body), area)
    if shown is None:
        return None
    alert = shown.alert
    return Seen(
        time=time,
        alert=alert.id,
        kind=present(alert.kind),
        severity=alert.severity,
        ward=alert.wards.get(alert.source, "") if shown.own else "",
        source_vi=alert.names.source_vi or alert.source,
        source_en=alert.names.source_en or alert.source,
    )


def _first(one: Seen) -> FirstBody:
    kind = kinds.of(one.kind)
    return FirstBody(
        alert=one.alert,
        time=to_rfc3339(one.time),
        kind=one.kind,
        kind_vi=kind.name_vi,
        kind_en=kind.name_en,
        source_vi=one.source_vi,
        source_en=one.source_en,
    )
