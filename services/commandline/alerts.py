"""What the commands about alerts share: one alert, and what is done to it."""

import re
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console, emit
from services.commandline.paths import path
from services.commandline.since import local

if TYPE_CHECKING:
    from services.api.client import Client

WAITING = "is stalled: alerts come, their amendments wait"
"""What is said of event time that does not move."""
MAY_BE_MISSING = "its end or a merge may be missing"
"""Of an alert that was announced while it did not."""
NOT_HEARD = "its source is not heard, so nobody knows whether it lasts"
"""Of an alert whose condition was proven then for the last time."""
FLAPS = "it comes and goes; once acknowledged it stays so, unless it becomes more severe"
"""Of an alert that flaps."""
_SPAN = re.compile(r"(\d{1,4})([mh])")
Json = Annotated[bool, typer.Option("--json", help="The alert as one JSON object.")]
Comment = Annotated[str, typer.Option(help="Shown in the timeline.")]
Id = Annotated[str, typer.Argument(help="The alert's id, or its first characters.")]


def absolute(alert: dict[str, Any], client: "Client") -> dict[str, Any]:
    """With addresses that can be opened from here."""
    shown = [alert.get("evidence"), *alert.get("exhibits", ()), *alert.get("timeline", ())]
    for holder in shown:
        if holder and (holder.get("picture") or "").startswith("/"):
            holder["picture"] = client.address + holder["picture"]
    return alert


Ids = Annotated[list[str], typer.Argument(help="Ids of alerts, or their first characters.")]
Reason = Annotated[str, typer.Option(help="Why; it is shown with the alert.")]


def full_ids(client: "Client", beginnings: list[str]) -> list[str]:
    return [client.get(path("/api/alerts", one))["id"] for one in beginnings]


def act(ids: list[str], action: str, comment: str, *, as_json: bool, **more: Any) -> None:
    """Does ``action`` to alerts, and prints what they are then; to several in one request, in which
    each is done or refused by itself.

    Raises:
        CommandError: one of several was refused; the others are done.
    """
    with connected() as client:
        full = full_ids(client, ids)
        if len(full) == 1:
            alert = absolute(client.act(full[0], action, comment, **more), client)
            _say(alert, as_json=as_json)
            return
        body = {"command_id": str(uuid4()), "ids": full, "action": action, "comment": comment}
        results = client.once("/api/alerts/bulk", body | more)
    emit(
        [{**one, "result": "done" if one["done"] else one["detail"]} for one in results],
        as_json=as_json,
        columns=("id", "result"),
        folded=("result",),
    )
    if not all(one["done"] for one in results):
        raise typer.Exit(1)


def _say(alert: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(alert, as_json=True)
    else:
        console.print(f"{alert['id']} is {alert['state']}", highlight=False)


def minutes(text: str) -> int:
    """Of ``45m`` or ``8h``; raises CommandError where it is neither."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise CommandError(f"--for {text!r}: give a time such as 45m or 8h", 2)
    return int(found[1]) * (60 if found[2] == "h" else 1)


def quiet(alert: dict[str, Any]) -> list[str]:
    """What keeps it from asking: who did it, until when and why, a line each."""
    shelf = alert["shelf"]
    lines = [
        f"{one['kind'].replace('_', ' ')} ({one['scope']} {one['subject']}) by {one['by']}"
        f" {'until ' + local(one['until']) if one['until'] else 'until it is returned'}:"
        f" {one['reason']}"
        for one in alert["suppressions"]
    ]
    if shelf:
        lines.append(f"shelved by {shelf['by']} until {local(shelf['until'])}: {shelf['reason']}")
    return lines
