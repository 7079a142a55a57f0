"""``cityops corrections``: values of sensors that another one has replaced."""

from datetime import datetime
from typing import Annotated, Any

import typer

from services.commandline import listing, named
from services.commandline.connection import connected
from services.commandline.output import emit
from services.commandline.since import brief, now_of, parse_since

COLUMNS = ("decided", "source", "metric", "time", "old", "new", "gateway", "origin")


def command(
    *,
    source: listing.Sources = None,
    metric: listing.Metrics = None,
    origin: listing.Origins = None,
    since: listing.Since = "",
    until: Annotated[str, typer.Option(help="Decided before: a time, or how long ago.")] = "",
    limit: listing.Limit = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """List values that came late and replaced another, the latest first; filters can be repeated.

    What was decided with the old value stands; the history has the new one.

    Example: cityops corrections --source loop-1 --since 1d --json
    """
    number = listing.number(limit, as_json=as_json)
    filters = {"source": source, "metric": metric, "origin": origin}
    with connected() as client:
        named.check(client, "/api/corrections", "corrections", filters)
        now = now_of(client)
        found = client.pages(
            "/api/corrections",
            "corrections",
            **filters,
            since=parse_since(since, now),
            until=parse_since(until, now, "--until"),
            limit=min(number, 1000) or 1000,
        )
        rows = list(listing.first(found, number))
    if as_json:
        emit(rows, as_json=True)
    else:
        emit(
            [_row(row, now) for row in rows],
            as_json=False,
            columns=COLUMNS,
            folded=("metric",),
            spare=("origin", "gateway", "decided"),
            empty="no corrections",
        )


def _row(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "decided": brief(row["decided_at"], now),
        "source": row["source"],
        "metric": row["metric"],
        "time": brief(row["time"], now),
        "old": "–" if row["old"] is None else f"{row['old']:g}",
        "new": f"{row['new']:g}",
        "gateway": row["gateway"],
        "origin": row["origin"],
    }
