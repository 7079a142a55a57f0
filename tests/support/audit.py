"""Lines of an audit log for tests, and what is read of one in a database."""

from collections.abc import Callable, Iterable
from typing import Any

from services.alerts.store import Connection
from services.audit import chain, log
from services.audit.anchors import Anchor, Anchored, Anchors, anchor, folder_of
from services.audit.chain import Head, Line
from services.audit.entry import Entry
from services.audit.verification import Verdict, verify
from streams.events import SECOND
from streams.settings import Settings
from tests.support.desk import Desk
from tests.support.waiting import eventually

START = 1_790_000_000 * SECOND


def entry(number: int = 0, **changes: Any) -> Entry:
    time = START + number * SECOND
    said: dict[str, Any] = {
        "time": time,
        "last": time,
        "actor": "lan",
        "role": "operator",
        "means": "browser",
        "address": "10.0.0.7",
        "action": "evidence:view",
        "subject": f"alert-{number}",
    }
    return Entry(**said | changes)


def chained(entries: Iterable[Entry], first: bytes = b"\x07" * 32) -> list[Line]:
    lines: list[Line] = []
    head = Head(first.hex(), 0, first)
    for one in entries:
        line = chain.extended(head, one)
        lines.append(line)
        head = Head(head.log, line.sequence, line.hash)
    return lines


def anchor_of(line: Line, logged: str = (b"\x07" * 32).hex()) -> Anchor:
    return anchor(Head(logged, line.sequence, line.hash), line.entry.time)


def anchored(lines: Iterable[Line]) -> Anchored:
    return Anchored([anchor_of(line) for line in lines], 0)


def stored(connection: Connection) -> list[Line]:
    with connection.transaction():
        return list(log.lines(connection))


def verified(connection: Connection, settings: Settings) -> Verdict:
    """As the command does it."""
    found = Anchors(folder_of(settings)).read()
    return verify(stored(connection), found)


def lines_of(desk: Desk, *actions: str) -> list[Entry]:
    """What the log says of these actions."""
    return [line.entry for line in stored(desk.database) if line.entry.action in actions]


def told(desk: Desk, holds: Callable[[Entry], bool]) -> Entry:
    """The line for which it holds, once it is in the database."""

    def found() -> Entry | None:
        return next((line.entry for line in stored(desk.database) if holds(line.entry)), None)

    eventually(lambda: found() is not None)
    result = found()
    assert result is not None
    return result


def settled(desk: Desk) -> None:
    """Returns when the newest line is anchored, and nothing waits for the database."""
    anchors = Anchors(folder_of(desk.settings))

    def settled() -> bool:
        lines, known = stored(desk.database), anchors.read().anchors
        newest = {one.sequence for one in known if one.event == "head"}
        spool = folder_of(desk.settings) / "spool"
        moved = not list(spool.glob("*.jsonl"))
        return bool(lines) and lines[-1].sequence in newest and moved

    eventually(settled)
