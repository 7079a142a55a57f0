"""The table of assets, for analysts: one row a source, as the log of changes has it."""

from pathlib import Path
from typing import Any

import psycopg

from streams import queries
from streams.events import ControlChange, Place, Removed, Source, to_datetime
from streams.feeds.registry import asset_type

_SQL = queries.load(Path(__file__).parent / "sql")


def newest(connection: psycopg.Connection[Any]) -> int:
    """Sequence of the last change that the table has taken; 0: none yet."""
    row = connection.execute(_SQL["asset_newest"].sql).fetchone()
    return int(row[0]) if row else 0


def store(connection: psycopg.Connection[Any], event: ControlChange) -> None:
    """What a change does to the table, in the caller's transaction; most changes do nothing."""
    change = event.change
    values: dict[str, Any] = {"time": to_datetime(event.time), "sequence": event.sequence}
    if isinstance(change, Source):
        latitude, longitude, segment = _where(change.place)
        values |= {
            "id": change.id,
            "type": asset_type(change.kind),
            "name_vi": change.name_vi,
            "name_en": change.name_en,
            "latitude": latitude,
            "longitude": longitude,
            "segment": segment,
            "origin": change.origin,
        }
        connection.execute(_SQL["asset_put"].sql, values)
    elif isinstance(change, Removed) and change.kind == "source":
        connection.execute(_SQL["asset_remove"].sql, values | {"id": change.id})


def _where(place: Place) -> tuple[float | None, float | None, str | None]:
    """A place without coordinates is written as 0, 0, where no city is."""
    if place.latitude == 0 and place.longitude == 0:
        return None, None, place.segment or None
    return place.latitude, place.longitude, place.segment or None
