"""Alerts as rows: what the list says of each, without evidence and what people have remarked."""

from collections.abc import Callable

from services.alerts import kinds
from services.alerts.area import Shown, seen_by
from services.alerts.store import Connection, decode_alert
from services.api.bodies import time_or_none
from services.api.exports.making import Rows, read
from services.api.listing import LISTS, Filter, parameters
from streams.events import to_rfc3339
from streams.kinds.registry import present
from streams.spreadsheet import Cell

MOST = 100_000

COLUMNS: dict[str, Callable[[Shown], Cell]] = {
    "id": lambda one: one.alert.id,
    "state": lambda one: one.alert.state,
    "severity": lambda one: one.alert.severity,
    "priority": lambda one: one.alert.priority,
    "kind": lambda one: present(one.alert.kind),
    "kind_vi": lambda one: kinds.of(one.alert.kind).name_vi,
    "kind_en": lambda one: kinds.of(one.alert.kind).name_en,
    "source": lambda one: one.alert.source,
    "source_vi": lambda one: one.alert.names.source_vi,
    "source_en": lambda one: one.alert.names.source_en,
    "ward": lambda one: one.alert.wards.get(one.alert.source),
    "zone": lambda one: one.alert.zone,
    "zone_vi": lambda one: one.alert.names.zone_vi,
    "zone_en": lambda one: one.alert.names.zone_en,
    "sources": lambda one: one.alert.sources,
    "outside": lambda one: one.outside,
    "rule": lambda one: one.alert.rule,
    "subject": lambda one: one.alert.subject,
    "origin": lambda one: one.alert.origin,
    "active": lambda one: one.alert.active,
    "count": lambda one: one.alert.count,
    "event_time": lambda one: to_rfc3339(one.alert.event_time),
    "latest_time": lambda one: to_rfc3339(one.alert.latest_time),
    "decided_at": lambda one: to_rfc3339(one.alert.decided_at),
    "ended": lambda one: time_or_none(one.alert.ended),
    "acknowledged_by": lambda one: one.alert.acknowledged_by,
    "acknowledged_at": lambda one: time_or_none(one.alert.acknowledged_at),
    "resolved_by": lambda one: one.alert.resolved_by,
    "resolved_at": lambda one: time_or_none(one.alert.resolved_at),
    "disposition": lambda one: one.alert.disposition,
    "assigned_to": lambda one: one.alert.assigned_to,
    "shelved_until": lambda one: time_or_none(one.alert.shelf.until if one.alert.shelf else None),
    "suppressed_by": lambda one: sorted({each.kind for each in one.alert.suppressions.values()}),
    "merged_into": lambda one: one.alert.merged_into,
    "unknown_since": lambda one: time_or_none(one.alert.unknown_since),
    "flapping_since": lambda one: time_or_none(one.alert.flapping_since),
    "stalled_since": lambda one: time_or_none(one.alert.stalled_since),
    "segment": lambda one: one.alert.place.segment if one.alert.place else None,
    "latitude": lambda one: _point(one)[0],
    "longitude": lambda one: _point(one)[1],
}
"""By the names that the API gives them."""


def rows(connection: Connection, filter: Filter) -> Rows:
    """Those that match, the latest occurrence first; raises as ``read``."""
    for _, body in read(connection, LISTS["latest"], parameters(filter), MOST):
        if (seen := seen_by(decode_alert(body), filter.area)) is not None:
            yield [cell(seen) for cell in COLUMNS.values()]


def _point(one: Shown) -> tuple[float | None, float | None]:
    place = one.alert.place
    return (place and place.point) or (None, None)
