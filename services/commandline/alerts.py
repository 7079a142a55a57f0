"""What the commands about alerts share: one alert, and what is done to it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import console, emit
from services.commandline.paths import path

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


def act(id: str, action: str, comment: str, *, as_json: bool) -> None:
    """Does ``action`` (acknowledge, resolve) to an alert, and prints what it is then."""
    with connected() as client:
        full = client.get(path("/api/alerts", id))["id"]
        alert = absolute(client.act(full, action, comment), client)
    if as_json:
        emit(alert, as_json=True)
    else:
        console.print(f"{alert['id']} is {alert['state']}", highlight=False)
