"""``cityops incidents``: incidents, as the streams found them."""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from services.commandline.connection import connected
from services.commandline.output import console, emit
from services.commandline.since import HELP as SINCE_HELP
from services.commandline.since import local, parse_since

if TYPE_CHECKING:
    from services.api.client import Client

COLUMNS = ("id", "kind", "severity", "sources", "zone", "origin", "start", "lasted")
SHOWN = 100
SHORT_ID = 8
LOOK_SECONDS = 1.0
LOOK_BACK = timedelta(minutes=10)
"""Partitions do not arrive in step: what was proven so long before the newest is looked for too."""


def command(
    *,
    kind: Annotated[list[str] | None, typer.Option(help="E.g. stopped_vehicle.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Camera or sensor.")] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="live, recorded, simulated or replayed.")
    ] = None,
    since: Annotated[str, typer.Option(help=SINCE_HELP)] = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep printing new and amended incidents until Ctrl-C.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="At most this many; 0: all (the default with --json)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array (with --follow: one object per line).")
    ] = False,
) -> None:
    """List incidents, the latest first; filters can be repeated.

    Example: cityops incidents --kind stopped_vehicle --since 1d --json
    """
    number = (0 if as_json else SHOWN) if limit is None else limit
    filters: dict[str, Any] = {"kind": kind, "source": source, "origin": origin}
    with connected() as client:
        rows = list(_read(client, parse_since(since, datetime.now(UTC)), number, filters))
        if follow:
            with suppress(KeyboardInterrupt):
                _follow(client, rows, filters, as_json=as_json)
        elif as_json:
            emit(rows, as_json=True)
        else:
            table = [_row(row) for row in rows]
            emit(table, as_json=False, columns=COLUMNS, empty="no incidents")


def _read(
    client: "Client", since: str, number: int, filters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    found = client.pages(
        "/api/incidents", "incidents", since=since, limit=min(number, 1000) or 1000, **filters
    )
    for n, row in enumerate(found, 1):
        yield row
        if n == number:
            return


def _follow(
    client: "Client", rows: list[dict[str, Any]], filters: dict[str, Any], *, as_json: bool
) -> None:
    """Prints each revision once, for ever."""
    seen: dict[str, int] = {}
    newest = datetime.now(UTC) if not rows else _newest(rows)
    while True:
        for row in reversed(rows):
            if seen.get(row["id"], -1) < row["revision"]:
                seen[row["id"]] = row["revision"]
                _print(row, as_json=as_json)
        time.sleep(LOOK_SECONDS)
        since = (newest - LOOK_BACK).isoformat()
        rows = list(_read(client, since, 0, filters))
        newest = max(newest, _newest(rows)) if rows else newest


def _newest(rows: list[dict[str, Any]]) -> datetime:
    return max(datetime.fromisoformat(row["amended_at"]) for row in rows)


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
        sys.stdout.flush()
        return
    cells = _row(row)
    console.print("  ".join(str(cells[column]) for column in COLUMNS), highlight=False)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    lasted = "–"
    if row["part_of"]:
        lasted = f"part of {row['part_of'][:SHORT_ID]}"
    elif row["end"]:
        span = datetime.fromisoformat(row["end"]) - datetime.fromisoformat(row["start"])
        lasted = f"{span.total_seconds():.0f} s"
    return {
        "id": row["id"][:SHORT_ID],
        "kind": row["kind"],
        "severity": row["severity"],
        "sources": ", ".join(row["sources"]),
        "zone": row["zone"] or "–",
        "origin": row["origin"],
        "start": local(row["start"]),
        "lasted": lasted,
    }
