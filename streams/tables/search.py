"""Rows that may be stored already: looked for, and changed, in the caller's transaction.

No index that every row is in names a source: it would halve the rate at which rows come in. Late
rows, which are few, have one; those that came in time are found by their time, all of a chunk in
one pass (``docs/decisions/0021-late-rows-are-looked-for.md``).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from streams import queries
from streams.tables.doubtful import METRIC, SOURCE, TIME, Key, Row
from streams.tables.table import Stored, Table

_SQL = queries.load(Path(__file__).parent / "sql")


class Way(NamedTuple):
    """How some of a chunk's rows are found."""

    which: sql.SQL
    one_by_one: bool
    """There is an index by which a single row is found; else it takes a pass."""

    def named(self, statement: str) -> str:
        return f"{statement}_each" if self.one_by_one else statement


_AT_THEIR_TIMES = "r.time = ANY(%(times)s::timestamptz[])"
LATE = Way(sql.SQL("r.late"), one_by_one=True)
IN_TIME = Way(sql.SQL(f"NOT r.late AND {_AT_THEIR_TIMES}"), one_by_one=False)
ALL = Way(sql.SQL(f"r.source = ANY(%(sources)s::text[]) AND {_AT_THEIR_TIMES}"), one_by_one=False)


LONGEST_KEY = 5
"""No row is told apart, or corrected, by a later column."""


class Chunk(NamedTuple):
    """A part of a hypertable, by time."""

    first: datetime
    end: datetime
    compressed: bool

    @property
    def ways(self) -> tuple[Way, ...]:
        """The indexes are not of what is compressed."""
        return (ALL,) if self.compressed else (LATE, IN_TIME)


def stored(
    connection: psycopg.Connection[Any], table: Table, keys: Iterable[Key]
) -> dict[Key, Any]:
    """What rows with these keys say, of those that there are."""
    assert table.lookup is not None
    identity, wanted = table.lookup.identity, set(keys)
    found = {}
    for chunk, here in _by_chunk(connection, table, wanted):
        looked_for = _looked_for(here) | _span(chunk)
        for way in chunk.ways:
            for row in _run(connection, way.named("rows_find"), table, looked_for, way).fetchall():
                if (key := identity.of(row)) in wanted:
                    found[key] = identity.says(row)
    return found


def change(connection: psycopg.Connection[Any], table: Table, rows: Mapping[Key, Row]) -> None:
    """Stored rows become these ones; each key is that of a stored row."""
    for chunk, keys in _by_chunk(connection, table, rows):
        if chunk.compressed:
            connection.execute(_SQL["decompress"].sql)
            # The server takes apart only what holds a row that it is told by itself.
            for key in keys:
                _run(connection, "row_change", table, _named(rows[key]))
        else:
            here = [rows[key] for key in keys]
            to = _named([row[n] for row in here] for n in range(len(table.columns)))
            looked_for = _looked_for(here) | _span(chunk)
            for way in chunk.ways:
                _run(connection, way.named("rows_change"), table, looked_for | to, way)


def _run(
    connection: psycopg.Connection[Any],
    name: str,
    table: Stored,
    values: Mapping[str, Any],
    way: Way = ALL,
) -> psycopg.Cursor[Any]:
    connection.execute(_SQL["plan"].sql, {"one_by_one": way.one_by_one})
    columns = [sql.Identifier(column) for column in table.columns]
    others = columns[METRIC + 1 :]
    places = [sql.Placeholder(place) for place in _places(len(columns))]
    arrays = [
        sql.SQL("{}::{}[]").format(place, sql.SQL(kind))
        for place, kind in zip(places, table.types, strict=True)
    ]
    composed = sql.SQL(_SQL[name].sql).format(
        table=sql.Identifier(table.name),
        columns=_listed(columns),
        of_rows=_listed(sql.SQL("r.{}").format(each) for each in columns[:LONGEST_KEY]),
        others=_listed(others),
        new=_listed(sql.SQL("k.{}").format(each) for each in others),
        values=_listed(places[METRIC + 1 :]),
        arrays=_listed(arrays),
        which=way.which,
    )
    # Planned anew each time: for these very values.
    return connection.execute(composed, values, prepare=False, binary=True)


def _by_chunk(
    connection: psycopg.Connection[Any], table: Stored, keys: Iterable[Key]
) -> Iterator[tuple[Chunk, list[Key]]]:
    """Chunks with the keys that lie in them, those of one in order of time."""
    ordered = sorted(keys, key=itemgetter(TIME))
    if not ordered:
        return
    times = [key[TIME] for key in ordered]
    between = {"table": table.name, "first": times[0], "last": times[-1]}
    for row in connection.execute(_SQL["chunks"].sql, between).fetchall():
        chunk = Chunk(*row)
        here = ordered[bisect_left(times, chunk.first) : bisect_left(times, chunk.end)]
        if here:
            yield chunk, here


def _looked_for(rows: Sequence[Row]) -> dict[str, Any]:
    """The columns by which rows are looked for, and what there is in them."""
    return {
        "time": [row[TIME] for row in rows],
        "times": sorted({row[TIME] for row in rows}),
        "source": [row[SOURCE] for row in rows],
        "sources": sorted({row[SOURCE] for row in rows}),
        "metric": [row[METRIC] for row in rows],
    }


def _span(chunk: Chunk) -> dict[str, datetime]:
    return {"first": chunk.first, "end": chunk.end}


def _named(columns: Iterable[Any]) -> dict[str, Any]:
    """Under the names that a table's columns have in statements."""
    found = [*columns]
    return dict(zip(_places(len(found)), found, strict=True))


def _places(number: int) -> list[str]:
    return [f"c{n}" for n in range(number)]


def _listed(each: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(each)
