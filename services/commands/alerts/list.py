"""``cityops alerts list``: alerts, and every transition of them."""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from services.commandline import listing, named
from services.commandline.alerts import (
    FLAPS,
    MAY_BE_MISSING,
    NOT_HEARD,
    WAITING,
    absolute,
    quiet,
)
from services.commandline.connection import connected
from services.commandline.output import CommandError, console, emit
from services.commandline.since import age, now_of, parse_since

if TYPE_CHECKING:
    from services.api.client import Client

COLUMNS = ("id", "age", "severity", "state", "what", "where", "origin", "×", "owner")
WITH = "with"
"""Where alerts have others as consequences: how many."""
SPARE = ("owner", "origin", "×", WITH)
SHORT_STATES = {
    "unacknowledged": "unack",
    "acknowledged": "acked",
    "returned_unacknowledged": "rtn unack",
    "suppressed": "suppr",
    "out_of_service": "out of serv",
}
"""As ISA-18.2 abbreviates them; the others are short."""
STALLED = "*"
"""Behind the state: event time had stalled when the alert was announced."""
UNKNOWN = "?"
"""Behind the state: nobody knows whether the condition lasts."""
FLAPPING = "~"
"""Behind the state: the condition comes and goes."""
ASIDE = ("shelved", "suppressed", "out_of_service")


def command(
    *,
    state: listing.States = None,
    kind: listing.Kinds = None,
    source: listing.Sources = None,
    severity: listing.Severities = None,
    origin: listing.Origins = None,
    since: listing.Since = "",
    condition: Annotated[
        list[str] | None,
        typer.Option(help="flapping, or stale: there for longer than 24 hours."),
    ] = None,
    assigned: Annotated[list[str] | None, typer.Option(help="To whom: a user's name.")] = None,
    disposition: Annotated[
        list[str] | None, typer.Option(help="true, false, nuisance, test or duplicate.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Keep printing changes until Ctrl-C.")
    ] = False,
    limit: listing.Limit = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array (with --follow: one object per line).")
    ] = False,
) -> None:
    """List alerts, the latest first; filters can be repeated.

    * behind a state: announced while event time was stalled; its end or a merge may be missing.
    ? behind a state: its source is not heard, so nobody knows whether it lasts.
    ~ behind a state: it flaps (three occurrences or more that begin within five minutes).

    Example: cityops alerts list --state unacknowledged --since 2h --follow
    """
    filters = {
        "state": state,
        "kind": kind,
        "source": source,
        "severity": severity,
        "origin": origin,
    }
    if follow and condition:
        raise CommandError("--condition goes by what was until now: leave out --follow", code=2)
    number = listing.number(limit, as_json=as_json)
    with connected() as client:
        named.check(client, "/api/alerts", "alerts", filters)
        now = now_of(client)
        whole = client.get("/api/alerts", limit=1)
        after = whole["last_event_id"]
        found = client.pages(
            "/api/alerts",
            "alerts",
            since=parse_since(since, now),
            limit=min(number, 500) or 500,
            condition=condition,
            assigned=assigned,
            disposition=disposition,
            **filters,
        )
        rows = [absolute(row, client) for row in listing.first(found, number)]
        if follow:
            with suppress(KeyboardInterrupt):
                wanted = filters | {"assigned_to": assigned, "disposition": disposition}
                _follow(client, rows, wanted, after, as_json=as_json)
        elif as_json:
            emit(rows, as_json=True)
        else:
            emit(
                [_row(row, now) for row in rows],
                as_json=False,
                columns=COLUMNS
                if not any(row["consequence_count"] for row in rows)
                else (*COLUMNS, WITH),
                folded=("what", "where"),
                spare=SPARE,
                empty="no alerts",
            )
            for row in rows:
                for line in quiet(row):
                    console.print(f"{listing.short(row['id'])} {line}", highlight=False)
            if told := _aside(whole):
                console.print(told, highlight=False)
            if any(row["stalled_since"] for row in rows):
                console.print(f"{STALLED} announced while event time was stalled: {MAY_BE_MISSING}")
            if any(row["unknown_since"] for row in rows):
                console.print(f"{UNKNOWN} {NOT_HEARD}")
            if any(row["flapping_since"] for row in rows):
                console.print(f"{FLAPPING} {FLAPS}")
            if client.get("/api/status")["stalled"]:
                console.print(f"event time {WAITING}")
            if number and len(rows) == number:
                console.print(f"the latest {number}; --limit 0 shows all", style="dim")


def _aside(page: dict[str, Any]) -> str:
    """What of all alerts asks for nothing, and what has for too long, in numbers."""
    counts = page["counts"]
    said = [f"{counts[state]} {state.replace('_', ' ')}" for state in ASIDE if counts.get(state)]
    said += [f"{page[name]} {name}" for name in ("flapping", "stale") if page[name]]
    return ", ".join(said)


def _follow(
    client: "Client",
    rows: list[dict[str, Any]],
    filters: dict[str, list[str] | None],
    after: int,
    *,
    as_json: bool,
) -> None:
    for row in reversed(rows):
        listing.say(row, _row(row, now_of(client)), COLUMNS, as_json=as_json)
    for event in client.events(after):
        if event.name != "alert":
            continue
        row = absolute(msgspec.json.decode(event.data)["alert"], client)
        if all(not wanted or row[name] in wanted for name, wanted in filters.items()):
            listing.say(row, _row(row, now_of(client)), COLUMNS, as_json=as_json)


def _row(alert: dict[str, Any], now: datetime) -> dict[str, Any]:
    names = alert["names"]
    return {
        "id": listing.short(alert["id"]),
        "severity": alert["severity"],
        "state": SHORT_STATES.get(alert["state"], alert["state"])
        + (STALLED if alert["stalled_since"] else "")
        + (UNKNOWN if alert["unknown_since"] else "")
        + (FLAPPING if alert["flapping_since"] else ""),
        "what": names["kind_en"],
        "where": names["source_en"] or alert["source"],
        "origin": alert["origin"],
        "age": age(alert["latest_time"], now),
        "×": alert["count"],
        WITH: alert["consequence_count"] or "–",
        "owner": alert["assigned_to"] or alert["acknowledged_by"] or "–",
    }
