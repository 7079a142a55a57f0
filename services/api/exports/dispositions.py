"""Closed alerts as a labelled set: what people said they were, with what each rests on."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from services.alerts.alert import Alert
from services.alerts.area import Area, seen_by
from services.alerts.precision import models_of
from services.alerts.store import Connection, decode_alert
from services.api.bodies import time_or_none
from services.api.exports.making import Rows, read
from services.api.queries import SQL
from streams.events import to_rfc3339
from streams.kinds.registry import present
from streams.spreadsheet import Cell

MOST = 100_000


class Filter(NamedTuple):
    """Closed within; None: no end."""

    since: datetime | None
    until: datetime | None
    area: Area = None
    """Whose first source is in it."""

    def parameters(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "area": None if self.area is None else sorted(self.area),
        }


COLUMNS: dict[str, Callable[[Alert], Cell]] = {
    "id": lambda one: one.id,
    "disposition": lambda one: one.disposition,
    "kind": lambda one: present(one.kind),
    "rule": lambda one: one.rule,
    "source": lambda one: one.source,
    "ward": lambda one: one.wards.get(one.source),
    "zone": lambda one: one.zone,
    "subject": lambda one: one.subject,
    "severity": lambda one: one.severity,
    "priority": lambda one: one.priority,
    "origin": lambda one: one.origin,
    "models": models_of,
    "count": lambda one: one.count,
    "event_time": lambda one: to_rfc3339(one.event_time),
    "latest_time": lambda one: to_rfc3339(one.latest_time),
    "decided_at": lambda one: to_rfc3339(one.decided_at),
    "ended": lambda one: time_or_none(one.ended),
    "frame_time": lambda one: to_rfc3339(one.evidence[0].time) if one.evidence else None,
    "frame_sha256": lambda one: [
        each.frame.sha256 for each in one.evidence if each.frame is not None
    ],
    "closed_by": lambda one: one.resolved_by,
    "closed_at": lambda one: time_or_none(one.resolved_at),
    "said": lambda one: one.resolution,
}
"""By name; of the latest occurrence, as the alert was closed."""


def alerts(connection: Connection, asked: Filter, most: int = MOST) -> list[Alert]:
    """The latest, at most so many, as whoever asks may see them."""
    wanted = asked.parameters() | {"limit": most}
    return list(_seen(connection.execute(SQL["alerts_judged"], wanted), asked))


def rows(connection: Connection, asked: Filter) -> Rows:
    """The latest closed first; raises as ``read``."""
    for alert in _seen(read(connection, SQL["alerts_judged"], asked.parameters(), MOST), asked):
        yield [cell(alert) for cell in COLUMNS.values()]


def _seen(found: Iterable[Any], asked: Filter) -> Iterator[Alert]:
    """Without what sources outside the area have shown."""
    for (body,) in found:
        if (seen := seen_by(decode_alert(body), asked.area)) is not None:
            yield seen.alert
