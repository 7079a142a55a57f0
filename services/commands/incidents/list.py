"""``cityops incidents list``: incidents, as the streams found them."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline import listing, named
from services.commandline.connection import connected
from services.commandline.output import emit
from services.commandline.since import brief, now_of, parse_since

if TYPE_CHECKING:
    from services.api.client import Client

COLUMNS = ("id", "start", "kind", "severity", "sources", "zone", "origin", "lasted")
SPARE = ("origin", "zone", "severity")
LOOK_SECONDS = 1.0
LOOK_BACK = timedelta(minutes=10)
"""Partitions do not arrive in step: what was proven so long before the newest is looked for too."""


def command(
    *,
    kind: listing.Kinds = None,
    source: listing.Sources = None,
    origin: listing.Origins = None,
    since: listing.Since = "",
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep printing new and amended incidents until Ctrl-C.")
    ] = False,
    limit: listing.Limit = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array (with --follow: one object per line).")
    ] = False,
) -> None:
    """List incidents, the latest first; filters can be repeated.

    One whose source is not heard is unknown since it was last proven; if that does not come back,
    it lasted until then.

    Example: cityops incidents list --kind stopped_vehicle --since 1d --json
    """
    number = listing.number(limit, as_json=as_json)
    filters: dict[str, Any] = {"kind": kind, "source": source, "origin": origin}
    with connected() as client:
        named.check(client, "/api/incidents", "incidents", filters)
        now = now_of(client)
        rows = list(_read(client, parse_since(since, now), number, filters))
        if follow:
            with suppress(KeyboardInterrupt):
                _follow(client, rows, filters, as_json=as_json)
        elif as_json:
            emit(rows, as_json=True)
        else:
            table = [_row(row, now) for row in rows]
            emit(
                table,
                as_json=False,
                columns=COLUMNS,
                folded=("sources", "lasted"),
                spare=SPARE,
                empty="no incidents",
            )


def _read(
    client: "Client", since: str, number: int, filters: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    found = client.pages(
        "/api/incidents", "incidents", since=since, limit=min(number, 1000) or 1000, **filters
    )
    return listing.first(found, number)


def _follow(
    client: "Client", rows: list[dict[str, Any]], filters: dict[str, Any], *, as_json: bool
) -> None:
    """Prints each revision once, for ever."""
    seen: dict[str, int] = {}
    newest = _newest(rows) if rows else now_of(client)
    while True:
        now = now_of(client)
        for row in reversed(rows):
            if seen.get(row["id"], -1) < row["revision"]:
                seen[row["id"]] = row["revision"]
                listing.say(row, _row(row, now), COLUMNS, as_json=as_json)
        time.sleep(LOOK_SECONDS)
        since = (newest - LOOK_BACK).isoformat()
        rows = list(_read(client, since, 0, filters))
        newest = max(newest, _newest(rows)) if rows else newest


def _newest(rows: list[dict[str, Any]]) -> datetime:
    return max(datetime.fromisoformat(row["amended_at"]) for row in rows)


def _row(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    lasted = "–"
    if row["part_of"]:
        lasted = f"part of {listing.short(row['part_of'])}"
    elif row["end"]:
        span = datetime.fromisoformat(row["end"]) - datetime.fromisoformat(row["start"])
        lasted = f"{span.total_seconds():.0f} s{', scenery' if row['scenery'] else ''}"
    elif row["unknown_since"]:
        lasted = f"unknown since {brief(row['unknown_since'], now)}"
    return {
        "id": listing.short(row["id"]),
        "kind": row["kind"],
        "severity": row["severity"],
        "sources": ", ".join(row["sources"]),
        "zone": row["zone"] or "–",
        "origin": row["origin"],
        "start": brief(row["start"], now),
        "lasted": lasted,
    }
