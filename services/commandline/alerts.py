"""What the commands about alerts share: the service, one alert, what is done to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError, console, emit
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client

Json = Annotated[bool, typer.Option("--json", help="The alert as one JSON object.")]
Comment = Annotated[str, typer.Option(help="Goes into the timeline.")]
Id = Annotated[str, typer.Argument(help="The alert's id, or its beginning.")]


@contextmanager
def connected() -> Iterator["Client"]:
    """The service; its refusals become one-line errors."""
    from services.api.client import Client, ClientError

    try:
        with Client(load()) as client:
            yield client
    except ClientError as error:
        raise CommandError(str(error)) from None


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
        full = client.get(f"/api/alerts/{id}")["id"]
        alert = absolute(client.act(full, action, comment), client)
    if as_json:
        emit(alert, as_json=True)
    else:
        console.print(f"{alert['id']} is {alert['state']}", highlight=False)
