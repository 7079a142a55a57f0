"""Whether the tables have of the topics what they should: everything once, and nothing else.

Keys are compared, not whole rows: a floating-point column does not hold what the event holds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg import IsolationLevel, sql

from streams.database import connect
from streams.events import Frame, Readings, decode, to_datetime
from streams.recordings import spans
from streams.settings import Settings
from streams.tables.rows import TABLES, in_doubt, rows_of
from streams.tables.table import Table
from streams.topics import FRAMES, READINGS

WRITER = "writer"
KEYS = {
    "accounts": ("time", "source", "stage", "fate", "reason", "counted"),
    "counts": ("camera", "zone", "label", "time"),
    "detections": ("frame_partition", "frame_offset"),
    "frames": ("frame_partition", "frame_offset"),
    "incidents": ("id", "revision"),
    "quality": ("source", "metric", "time", "value", "reason"),
    "readings": ("source", "metric", "time"),
    "scenery": ("time", "camera", "id", "learned"),
    "sight": ("time", "camera", "told"),
}
TOLD = {
    "accounts": "stage <> 'writer'",
    # An earlier release stored that nothing was measured.
    "readings": "value IS NOT NULL",
}
"""Which rows of a table follow from events."""
UNIQUE = frozenset(KEYS) - {"detections"}
"""Tables in which no two rows have the same key; of detections a frame has as many as it shows."""
SHOWN = 3

Keys = Counter[tuple[Any, ...]]


def faults(settings: Settings, connection: psycopg.Connection[Any] | None = None) -> list[str]:
    """A line for each table that differs from its topic, up to where the writer has come.

    Args:
        connection: in whose transaction to look; None: one of its own.
    """
    if connection is None:
        with connect(settings, "accounts") as own:
            own.isolation_level = IsolationLevel.REPEATABLE_READ
            return faults(settings, own)
    positions = _positions(connection)
    stored = {table.name: _stored(connection, table) for table in TABLES}
    told, found = _told(settings, positions), []
    for table in TABLES:
        has, should = stored[table.name], told[table.name]
        found += _lines(table.name, "lost", (should - has).elements())
        found += _lines(table.name, "of no event, or of one twice", (has - should).elements())
        if table.name in UNIQUE:
            found += _lines(table.name, "doubled", [key for key in has if has[key] > 1])
        counted, rows = _counted(connection, table), has.total() + _unmeasured(connection, table)
        if counted != rows:
            found.append(f"{table.name}: the writer counted {counted} rows of {rows}")
    return [*found, *_unread(settings, stored)]


def _lines(table: str, what: str, keys: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    listed = [*keys]
    if listed:
        yield f"{table}: {len(listed)} {what}: {', '.join(map(str, listed[:SHOWN]))}"


def _positions(connection: psycopg.Connection[Any]) -> dict[str, dict[int, spans.Span]]:
    found: dict[str, dict[int, spans.Span]] = defaultdict(dict)
    rows = "SELECT topic, partition, next_offset FROM positions WHERE consumer = %s"
    for topic, partition, end in connection.execute(rows, [WRITER]):
        found[topic][partition] = (0, end)
    return found


def _counted(connection: psycopg.Connection[Any], table: Table) -> int:
    """What the writer says it has stored since the namespace was made, under every release."""
    query = (
        "SELECT coalesce(sum((counts->>%s)::bigint), 0)::bigint FROM positions WHERE consumer = %s"
    )
    row = connection.execute(query, [table.name, WRITER]).fetchone()
    return int(row[0]) if row else 0


def _unmeasured(connection: psycopg.Connection[Any], table: Table) -> int:
    """Rows of an earlier release that say that nothing was measured."""
    if table.name != "readings":
        return 0
    row = connection.execute("SELECT count(*) FROM readings WHERE value IS NULL").fetchone()
    return int(row[0]) if row else 0


def _stored(connection: psycopg.Connection[Any], table: Table) -> Keys:
    columns = sql.SQL(", ").join(map(sql.Identifier, KEYS[table.name]))
    told = sql.SQL(TOLD.get(table.name, "true"))
    query = sql.SQL("SELECT {}, count(*) FROM {} WHERE {} GROUP BY {}")
    rows = connection.execute(query.format(columns, sql.Identifier(table.name), told, columns))
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


def _told(settings: Settings, positions: dict[str, dict[int, spans.Span]]) -> dict[str, Keys]:
    """What the events say that the writer has passed, each once, whoever sent it again."""
    told: dict[str, Keys] = {table.name: Counter() for table in TABLES}
    for topic in sorted({table.topic for table in TABLES}):
        seen = set()
        for message in spans.read(settings, topic, positions.get(topic, {})):
            event, mark = decode(message.headers, message.value)
            if mark in seen:
                continue
            seen.add(mark)
            for table, rows in rows_of(event).items():
                at = [table.columns.index(name) for name in KEYS[table.name]]
                told[table.name].update(tuple(row[n] for n in at) for row in rows)
            for table, doubtful in in_doubt(event).items():
                at = [table.columns.index(name) for name in KEYS[table.name]]
                for each in doubtful:  # stored once, whatever was stored before it
                    told[table.name][tuple(each.row[n] for n in at)] |= 1
    return told


def _unread(settings: Settings, stored: dict[str, Keys]) -> Iterator[str]:
    """What sources have sent, and no stage has passed on, although it has passed on later ones."""
    frames: dict[int, set[int]] = defaultdict(set)
    for partition, offset in stored["frames"]:
        frames[partition].add(offset)
    missed = [
        (message.partition, message.offset)
        for message in spans.read(settings, FRAMES, spans.kept(settings, FRAMES))
        if message.offset < max(frames[message.partition], default=0)
        and isinstance(decode(message.headers, message.value)[0], Frame)
        and message.offset not in frames[message.partition]
    ]
    yield from _lines("frames", "sent, and never looked at", missed)
    times: dict[str, set[Any]] = defaultdict(set)
    for source, _, time, *_ in (*stored["readings"], *stored["quality"]):
        times[source].add(time)
    sent = [
        (source, time)
        for message in spans.read(settings, READINGS, spans.kept(settings, READINGS))
        if isinstance(event := decode(message.headers, message.value)[0], Readings)
        for source, time in _rows(event)
    ]
    missed = [
        (source, time)
        for source, time in sent
        if times[source] and time < max(times[source]) and time not in times[source]
    ]
    yield from _lines("readings", "sent, and never scored", missed)


def _rows(event: Readings) -> Iterator[tuple[str, Any]]:
    source, times, _ = event.arrays()
    for n, time in zip(source.tolist(), times.tolist(), strict=True):
        yield event.sources[n], to_datetime(time)
