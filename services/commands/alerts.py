"""``cityops alerts``: list, follow, show, acknowledge and resolve."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from services.commands.output import CommandError, console, emit
from services.commands.since import HELP as SINCE_HELP
from services.commands.since import age, local, parse_since
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client

app = typer.Typer(no_args_is_help=True, help="Alerts: list, follow, show, acknowledge, resolve.")

COLUMNS = ("id", "age", "severity", "state", "what", "where", "origin", "×", "owner")
SHOWN = 100
SHORT_ID = 8
SHORT_STATES = {
    "unacknowledged": "unack",
    "acknowledged": "acked",
    "returned_unacknowledged": "rtn unack",
}
"""As ISA-18.2 abbreviates them; the others are short."""
STOOD = "*"
"""Behind the state: event time stood still when the alert was announced."""

Json = Annotated[bool, typer.Option("--json", help="One JSON array (with --follow: one a line).")]
JsonOne = Annotated[bool, typer.Option("--json", help="The alert as one JSON object.")]
Comment = Annotated[str, typer.Option(help="Goes into the timeline.")]
Id = Annotated[str, typer.Argument(help="The alert's id, or its beginning.")]


@app.command("list")
def list_alerts(
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
        bool, typer.Option("--follow", help="Go on with every change until Ctrl-C.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=0, help="At most so many; 0: all (the default with --json)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List alerts, the latest first; filters may be given more than once.

    * behind a state: announced while event time stood still; its end or a merge may be missing.

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
    with _client() as client:
        after = client.get("/api/alerts", limit=1)["last_event_id"]
        found = client.pages(
            "/api/alerts",
            "alerts",
            since=parse_since(since, datetime.now(UTC)),
            limit=min(number, 500) or 500,
            **filters,
        )
        rows = [_absolute(row, client) for row in _first(found, number)]
        if follow:
            with suppress(KeyboardInterrupt):
                _follow(client, rows, filters, after, as_json=as_json)
        elif as_json:
            emit(rows, as_json=True)
        else:
            emit([_row(row) for row in rows], as_json=False, columns=COLUMNS, empty="no alerts")
            if any(row["stood_since"] for row in rows):
                said = "announced while event time stood still: its end or a merge may be missing"
                console.print(f"{STOOD} {said}")
            if client.get("/api/status")["stands"]:
                console.print("event time stands still: alerts come, what amends them waits")
            if number and len(rows) == number:
                console.print(f"[dim]the latest {number}; --limit 0 shows all[/]")


@app.command()
def show(id: Id, as_json: JsonOne = False) -> None:
    """Show one alert with its evidence and its timeline.

    Example: cityops alerts show 3f6c2a34
    """
    with _client() as client:
        alert = _absolute(client.get(f"/api/alerts/{id}"), client)
    if as_json:
        emit(alert, as_json=True)
        return
    names, evidence = alert["names"], alert["evidence"] or {}
    where = names["source_en"] + (f" · {names['zone_en']}" if names["zone_en"] else "")
    lines = {
        "alert": alert["id"],
        "what": f"{names['kind_en']} ({names['kind_vi']}), {alert['severity']}",
        "where": f"{where} ({alert['source']}), {alert['origin']}",
        "state": f"merged into {alert['merged_into']}" if alert["merged_into"] else alert["state"],
        "began": local(alert["event_time"]),
        "latest": f"{local(alert['latest_time'])}, occurrence {alert['count']}",
        "ended": local(alert["ended"]),
        **_stood(alert),
        "model": f"{evidence.get('model', '')} {evidence.get('version', '')}".strip() or "–",
        "picture": "\n         ".join(_pictures(alert["exhibits"])) or "–",
    }
    for name, value in lines.items():
        console.print(f"[bold]{name:8}[/] {value}", highlight=False, soft_wrap=True)
    console.print()
    emit(
        [_line(line) for line in alert["timeline"]],
        as_json=False,
        columns=("time", "what happened", "by", "comment"),
    )


def _stood(alert: dict[str, Any]) -> dict[str, str]:
    since = alert["stood_since"]
    if not since:
        return {}
    return {
        "caution": f"event time stood still at {local(since)}: its end or a merge may be missing"
    }


def _pictures(exhibits: list[dict[str, Any]]) -> list[str]:
    """One line for each source that proves the alert."""
    return [str(each["picture"] or each["missing"] or "–") for each in exhibits]


@app.command()
def ack(id: Id, comment: Comment = "", as_json: JsonOne = False) -> None:
    """Acknowledge an alert: somebody has seen it.

    Example: cityops alerts ack 3f6c2a34 --comment "Crew sent"
    """
    _act(id, "acknowledge", comment, as_json=as_json)


@app.command()
def resolve(id: Id, comment: Comment = "", as_json: JsonOne = False) -> None:
    """Resolve an alert; while its condition is still there a comment must say why.

    Example: cityops alerts resolve 3f6c2a34 --comment "Towed away"
    """
    _act(id, "resolve", comment, as_json=as_json)


def _act(id: str, action: str, comment: str, *, as_json: bool) -> None:
    with _client() as client:
        full = client.get(f"/api/alerts/{id}")["id"]
        alert = _absolute(client.act(full, action, comment), client)
    if as_json:
        emit(alert, as_json=True)
    else:
        console.print(f"{alert['id']} is {alert['state']}", highlight=False)


@contextmanager
def _client() -> Iterator["Client"]:
    """The service; its refusals become one-line errors."""
    from services.api.client import Client, ClientError

    try:
        with Client(load()) as client:
            yield client
    except ClientError as error:
        raise CommandError(str(error)) from None


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
        row = _absolute(msgspec.json.decode(event.data)["alert"], client)
        if all(not wanted or row[name] in wanted for name, wanted in filters.items()):
            _print(row, as_json=as_json)


def _print(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(row).decode() + "\n")
        sys.stdout.flush()
        return
    cells = _row(row)
    console.print("  ".join(str(cells[column]) for column in COLUMNS), highlight=False)


def _absolute(alert: dict[str, Any], client: "Client") -> dict[str, Any]:
    """With addresses that can be opened from here."""
    shown = [alert.get("evidence"), *alert.get("exhibits", ()), *alert.get("timeline", ())]
    for holder in shown:
        if holder and (holder.get("picture") or "").startswith("/"):
            holder["picture"] = client.address + holder["picture"]
    return alert


def _row(alert: dict[str, Any]) -> dict[str, Any]:
    names = alert["names"]
    return {
        "id": alert["id"][:SHORT_ID],
        "severity": alert["severity"],
        "state": SHORT_STATES.get(alert["state"], alert["state"])
        + (STOOD if alert["stood_since"] else ""),
        "what": names["kind_en"],
        "where": names["source_en"] or alert["source"],
        "origin": alert["origin"],
        "age": age(alert["latest_time"], datetime.now(UTC)),
        "×": alert["count"],
        "owner": alert["acknowledged_by"] or "–",
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "time": local(line["time"]),
        "what happened": line["kind"] + (", while event time stood" if line["stood_since"] else ""),
        "by": line["actor"] or "the streams",
        "comment": line["comment"] or "",
    }
