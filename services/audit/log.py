"""The audit log in the database: lines are appended, and none is ever altered."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from services.audit import chain
from services.audit.chain import Head, Line
from services.audit.entry import Entry, tidied
from streams import queries
from streams.events import from_datetime, to_datetime

Connection = psycopg.Connection[Any]

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}
CUT = "audit:cut"
"""The action of the line that says up to where older ones were removed; its subject is the log."""


def append(connection: Connection, entries: Sequence[Entry]) -> Head:
    """Appends within the caller's transaction, as its last act: others wait for its end.

    What stands there already, by its id, is passed over.

    Returns the newest line.
    """
    connection.execute(SQL["audit_lock"])
    ids = [entry.id for entry in entries]
    known = {row[0] for row in connection.execute(SQL["audit_known"], {"ids": ids})}
    head = newest(connection)
    for entry in entries:
        if entry.id not in known:
            line = chain.extended(head, tidied(entry))
            connection.execute(SQL["audit_add"], _row(line))
            head = Head(head.log, line.sequence, line.hash)
    return head


def newest(connection: Connection) -> Head:
    """The newest line; of a log without any, what its first one is going to follow."""
    row = connection.execute(SQL["audit_head"]).fetchone()
    if row is None:
        first = chain.beginning()
        return Head(first.hex(), 0, first)
    return Head(_name(connection), row[0], bytes(row[1]))


def lines(connection: Connection, after: int = 0) -> Iterator[Line]:
    """Every line above a place, in order; within a transaction."""
    with connection.cursor("audit") as found:
        found.execute(SQL["audit_lines"], {"after": after})
        for sequence, form, previous, hashed, time, last, *rest in found:
            entry = Entry(
                time=from_datetime(time),
                last=from_datetime(last),
                **dict(zip(_SAID, rest, strict=True)),
            )
            yield Line(sequence, form, bytes(previous), bytes(hashed), entry)


def _name(connection: Connection) -> str:
    """Which log it is; as its own lines say."""
    start = connection.execute(SQL["audit_start"]).fetchone()
    assert start is not None
    if start[0] == 1:
        return bytes(start[1]).hex()
    cut = connection.execute(SQL["audit_cut"]).fetchone()
    return str(cut[0]) if cut else ""


_SAID = (
    *("times", "actor", "role", "means", "label", "address", "action", "subject", "outcome"),
    *("reason", "why", "detail", "id"),
)


def _row(line: Line) -> dict[str, Any]:
    said = msgspec.structs.asdict(line.entry)
    times = {name: to_datetime(said.pop(name)) for name in ("time", "last")}
    place = {"sequence": line.sequence, "form": line.form}
    return {**said, **times, **place, "previous": line.previous, "hash": line.hash}
