"""The contender that does nothing else: rows that were encoded beforehand, by COPY.

``python -m tests.benchmarks.copying FILE`` stores what ``encode`` wrote, and waits to be killed.
"""

import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.copy import LibpqWriter

from streams.database import connect
from streams.settings import Settings, load
from streams.tables.readings import TABLE
from tests.benchmarks.raw_loop import BATCH, STATEMENT, Connection

LENGTH = 8
"""Bytes that say how long the block behind them is."""
Rows = Sequence[tuple[object, ...]]


class Tee(LibpqWriter):
    """Keeps what it sends."""

    def __init__(self, cursor: Any) -> None:
        super().__init__(cursor)
        self.sent = bytearray()

    def write(self, data: Any) -> None:
        self.sent += data
        super().write(data)


def encode(settings: Settings, rows: Rows, path: Path) -> None:
    """Rows as COPY sends them, in blocks of ``BATCH``; ``readings`` stays as it is."""
    with connect(settings, "bench") as connection, path.open("wb") as file:
        connection.execute(
            sql.SQL("CREATE TEMP TABLE scratch (LIKE {})").format(sql.Identifier(TABLE.name))
        )
        for begin in range(0, len(rows), BATCH):
            block = _sent(connection, rows[begin : begin + BATCH])
            file.write(len(block).to_bytes(LENGTH, "big") + block)


def blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length := int.from_bytes(file.read(LENGTH), "big"):
            yield file.read(length)


def _sent(connection: Connection, rows: Rows) -> bytes:
    statement = STATEMENT.replace(TABLE.name, "scratch", 1)
    with connection.cursor() as cursor:
        tee = Tee(cursor)
        with cursor.copy(statement, writer=tee) as copying:
            copying.set_types(TABLE.types)
            for row in rows:
                copying.write_row(row)
        return bytes(tee.sent)


def main() -> None:
    with connect(load(), "copying") as connection:
        for block in blocks(Path(sys.argv[1])):
            with connection.cursor() as cursor, cursor.copy(STATEMENT) as copying:
                copying.write(block)
            connection.commit()
    signal.pause()


if __name__ == "__main__":
    main()
