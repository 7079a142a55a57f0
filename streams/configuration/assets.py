"""The table of assets, for analysts: one row a source, as the log of changes has it."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg

from streams import queries
from streams.configuration.places import well_known_text
from streams.events import ControlChange, Removed, Source, to_datetime
from streams.feeds.registry import all_feeds, asset_type, of_asset_type

_SQL = queries.load(Path(__file__).parent / "sql")


def newest(connection: psycopg.Connection[Any]) -> int:
    """Sequence of the last change that the table has taken; 0: none yet."""
    row = connection.execute(_SQL["asset_newest"].sql).fetchone()
    return int(row[0]) if row else 0


def store(connection: psycopg.Connection[Any], events: Iterable[ControlChange]) -> None:
    """What changes do to the table, in the caller's transaction; most changes do nothing.

    Those that follow one another and do the same are sent together.
    """
    with connection.cursor() as cursor:
        for query, rows in groupby(filter(None, map(_row, events)), key=lambda row: row[0]):
            cursor.executemany(_SQL[query].sql, [values for _, values in rows])


def _row(event: ControlChange) -> tuple[str, dict[str, Any]] | None:
    """The query and its values; None: the table has nothing to do with it."""
    change = event.change
    values: dict[str, Any] = {"time": to_datetime(event.time), "sequence": event.sequence}
    if isinstance(change, Removed) and change.kind == "source":
        return "asset_remove", values | {"id": change.id}
    if not isinstance(change, Source):
        return None
    latitude, longitude = change.place.point or (None, None)
    return "asset_put", values | {
        "id": change.id,
        "type": asset_type(change.kind),
        "feed": feed.id if (feed := of_asset_type(change.kind)) else "",
        "name_vi": change.name_vi,
        "name_en": change.name_en,
        "latitude": latitude,
        "longitude": longitude,
        "segment": change.place.segment or None,
        "shape": well_known_text(change.shape),
        "ward": change.ward or None,
        "owner": change.owner or None,
        "parents": list(change.parents),
        "origin": change.origin,
    }


def name_feeds(connection: psycopg.Connection[Any]) -> None:
    """Says of each asset of which type and feed it is, as feeds are installed now."""
    for feed in all_feeds().values():
        for name, present in feed.type_ids.items():
            values = {"name": name, "type": present, "feed": feed.id}
            connection.execute(_SQL["asset_feed"].sql, values)
