"""``cityops audit list``: who did what, when, from where and why."""

from datetime import datetime
from typing import Annotated, Any

import typer

from services.commandline import listing
from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import brief, now_of, parse_since

COLUMNS = ("time", "who", "action", "subject", "outcome", "times", "from", "line")


def command(
    *,
    actor: Annotated[list[str] | None, typer.Option(help="A user's name, or machine.")] = None,
    action: Annotated[
        list[str] | None, typer.Option(help="Such as user:role, or user for all of them.")
    ] = None,
    subject: Annotated[list[str] | None, typer.Option(help="What it was done to.")] = None,
    outcome: Annotated[list[str] | None, typer.Option(help="done, refused or failed.")] = None,
    since: listing.Since = "",
    until: Annotated[str, typer.Option(help="Done before: a time, or how long ago.")] = "",
    limit: listing.Limit = None,
    as_json: JsonArray = False,
) -> None:
    """List the audit log, the newest line first; filters can be repeated. Reading it is recorded.

    Example: cityops audit list --since 1d --outcome refused
    """
    number = listing.number(limit, as_json=as_json)
    with connected() as client:
        now = now_of(client)
        found = client.pages(
            "/api/audit",
            "lines",
            actor=actor,
            action=action,
            subject=subject,
            outcome=outcome,
            since=parse_since(since, now),
            until=parse_since(until, now, "--until"),
            limit=min(number, 1000) or 1000,
        )
        rows = list(listing.first(found, number))
    if as_json:
        emit(rows, as_json=True)
        return
    emit(
        [_row(row, now) for row in rows],
        as_json=False,
        columns=COLUMNS,
        folded=("who", "subject", "outcome", "from"),
        spare=("line", "times", "from"),
        empty="no lines",
    )


def _row(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """``outcome`` with the word why, and what was given as a reason."""
    why = [word for word in (row["reason"], row["detail"], row["why"]) if word]
    means = " ".join(word for word in (row["means"], row["label"]) if word)
    return {
        "time": brief(row["last_time"], now),
        "who": row["actor"],
        "action": row["action"],
        "subject": row["subject"],
        "outcome": row["outcome"] + (f" ({'; '.join(why)})" if why else ""),
        "times": row["times"] if row["times"] > 1 else "",
        "from": f"{means} {row['address']}".strip(),
        "line": row["sequence"],
    }
