"""``cityops alerts list``: alerts, and every transition of them."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from services.commandline.alerts import absolute
from services.commandline.connection import connected
from services.commandline.output import console, emit
from services.commandline.since import HELP as SINCE_HELP
from services.commandline.since import age, parse_since

if TYPE_CHECKING:
    from services.api.client import Client

COLUMNS = ("id", "age", "severity", "state", "what", "where", "origin", "×", "owner")
SHOWN = 100
SHORT_ID = 8
SHORT_STATES = {
    "unacknowledged": "unack",
    "acknowledged": "acked",
    "returned_unacknowledged": "rtn unack",
}
"""As ISA-18.2 abbreviates them; the others are short."""
STALLED = "*"
"""Behind the state: event time had stalled when the alert was announced."""


def command(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(
            help="unacknowledged, acknowledged, returned_unacknowledged, normal or resolved."
        ),
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="E.g. stopped_vehicle.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Camera or sensor.")] = None,
    severity: Annotated[list[str] | None, typer.Option(help="E.g. high.")] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="live, recorded, simulated or replayed.")
    ] = None,
    since: Annotated[str, typer.Option(help=SINCE_HELP)] = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep printing changes until Ctrl-C.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="At most this many; 0: all (the default with --json)."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array (with --follow: one object per line).")
    ] = False,
) -> None:
    """List alerts, the latest first; filters can be repeated.

    * behind a state: announced while event time was stalled; its end or a merge may be missing.

    Example: cityops alerts list --state unacknowledged --since 2h --follow
    """
    filters = {
        "state": state,
        "kind": kind,
        "source": source,
        "severity": severity,
        "origin": origin,
    }
    number = (0 if as_json else SHOWN) if limit is None else limit
    with connected() as client:
        after = client.get("/api/alerts", limit=1)["last_event_id"]
        found = client.pages(
            "/api/alerts",
            "alerts",
            since=parse_since(since, datetime.now(UTC)),
            limit=min(number, 500) or 500,
            **filters,
        )
        rows = [absolute(row, client) for row in _first(found, number)]
        if follow:
            with suppress(KeyboardInterrupt):
                _follow(client, rows, filters, after, as_json=as_json)
        elif as_json:
            emit(rows, as_json=True)
        else:
            emit([_row(row) for row in rows], as_json=False, columns=COLUMNS, empty="no alerts")
            if any(row["stalled_since"] for row in rows):
                said = "announced while event time was stalled: its end or a merge may be missing"
                console.print(f"{STALLED} {said}")
            if client.get("/api/status")["stalled"]:
                console.print("event time is stalled: alerts come, their amendments wait")
            if number and len(rows) == number:
                console.print(f"[dim]the latest {number}; --limit 0 shows all[/]")


def _first(rows: Iterator[dict[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    for n, row in enumerate(rows, 1):
        yield row
        if n == number:
            return


def _follow(
    client: "Client",
    rows: list[dict[str, Any]],
    filters: dict[str, list[str] | None],
    after: int,
    *,
    as_json: bool,
) -> None:
    for row in reversed(rows):
        _print(row, as_json=as_json)
    for event in client.events(after):
        if event.name != "alert":
            continue
        row = absolute(msgspec.json.decode(event.data)["alert"], client)
        if all(not wanted or row[name] in wanted for name, wanted in filters.items()):
            _print(row, as_json=as_json)


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
        sys.stdout.flush()
        return
    cells = _row(row)
    console.print("  ".join(str(cells[column]) for column in COLUMNS), highlight=False)


def _row(alert: dict[str, Any]) -> dict[str, Any]:
    names = alert["names"]
    return {
        "id": alert["id"][:SHORT_ID],
        "severity": alert["severity"],
        "state": SHORT_STATES.get(alert["state"], alert["state"])
        + (STALLED if alert["stalled_since"] else ""),
        "what": names["kind_en"],
        "where": names["source_en"] or alert["source"],
        "origin": alert["origin"],
        "age": age(alert["latest_time"], datetime.now(UTC)),
        "×": alert["count"],
        "owner": alert["acknowledged_by"] or "–",
    }
