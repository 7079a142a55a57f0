"""A writer at work on what was sent, and what it has stored: for tests of what ends in tables."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from streams.database import connect
from streams.events import Event
from streams.settings import Settings
from streams.tables.camera_hours import TABLE as CAMERA_HOURS
from streams.tables.rows import STORED, in_doubt, rows_of
from streams.tables.table import Described
from streams.tables.writer import PART, Writer
from tests.support.waiting import eventually

RUN = "from streams import settings; from streams.tables import writer; writer.run(settings.load())"
"""What ``python -c`` runs as a writer."""
PATIENCE_SECONDS = 120.0
COMPARED = tuple(table for table in STORED if table is not CAMERA_HOURS)
"""Those whose rows follow from events alone: hours are added up when they are over."""

Rows = dict[str, Counter[Any]]


@contextmanager
def writing(settings: Settings, *, marks: bool = True) -> Iterator[Writer]:
    """A writer at work in a thread; its failure is the test's."""
    writer, stopping, failures = Writer(settings, marks=marks), threading.Event(), []

    def work() -> None:
        try:
            writer.run(stopping)
        except Exception as error:  # handed to the test below
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield writer
    finally:
        stopping.set()
        thread.join(30)
        writer.close()
    if failures:
        raise failures[0]


def until(
    condition: Callable[[], bool],
    tend: Callable[[], None] = lambda: None,
    patience_s: float = PATIENCE_SECONDS,
) -> None:
    def happened() -> bool:
        tend()
        return condition()

    eventually(happened, patience_s)


def reached(settings: Settings, ends: dict[tuple[str, int], int]) -> Callable[[], bool]:
    """Whether the stored positions have come to ``ends``."""

    def is_reached() -> bool:
        with connect(settings, "test") as connection:
            rows = connection.execute("SELECT topic, partition, next_offset FROM positions")
            found = {(topic, partition): offset for topic, partition, offset in rows}
        return all(found.get(place) == end for place, end in ends.items())

    return is_reached


def counted(settings: Settings) -> Counter[str]:
    """What the writer says it has done, over all partitions."""
    query = "SELECT counts FROM positions WHERE consumer = %s"
    with connect(settings, "test") as connection:
        return sum(
            (Counter(row[0]) for row in connection.execute(query, [PART]).fetchall()), Counter()
        )


def stored(settings: Settings) -> Rows:
    """The rows of each table, as they would be written, in any order."""
    found = {}
    with connect(settings, "test") as connection:
        for table in COMPARED:
            columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
            query = sql.SQL("SELECT {} FROM {}").format(columns, sql.Identifier(table.name))
            rows = connection.execute(query)
            found[table.name] = Counter(_plain(row) for row in rows)
    return found


def wanted(events: Sequence[Event]) -> Rows:
    """What events leave of which none repeats or corrects another."""
    found: Rows = {table.name: Counter() for table in COMPARED}
    for event in events:
        for table, rows in rows_of(event).items():
            found[table.name].update(_plain(row) for row in rows)
        for table, doubtful in in_doubt(event).items():
            found[table.name].update(_plain(each.row) for each in doubtful)
    return found


def _plain(row: tuple[Any, ...]) -> str:
    """Comparable: floats as float4 holds them, JSON as text with sorted keys."""
    return repr([_value(value) for value in row])


def _value(value: Any) -> Any:
    if isinstance(value, psycopg.types.json.Jsonb):
        value = msgspec.json.decode(value.obj)
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list):
        return msgspec.json.encode(value, order="sorted")
    return value


def every_row(table: Described) -> sql.Composed:
    """A query: each row as text; of accounts what they add up to, since in how many rows the writer
    says so rests on what came together."""
    if table.name == "accounts":
        return sql.SQL(
            "SELECT row(time, source, fate, reason, sum(number))::text FROM accounts"
            " GROUP BY time, source, fate, reason HAVING sum(number) <> 0"
        ).format()
    return sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table.name))
