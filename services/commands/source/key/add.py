"""``cityops source key add``: a key by which readings are sent over HTTP."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit


def command(
    label: Annotated[str, typer.Argument(help="Who is to hold it, or what it is for.")],
    *,
    source: Annotated[
        list[str] | None, typer.Option(help="A source whose readings it may send; repeatable.")
    ] = None,
    gateway: Annotated[
        list[str] | None,
        typer.Option(help="A gateway for all of whose sources it may speak; repeatable."),
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Readings per second; default: 100.")] = None,
    daily: Annotated[
        int | None, typer.Option(help="Readings in a day (UTC); default: ten million.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="After which it is void; default: never.")
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Make a key for a device, a gateway or an agency; it is shown once, and stored nowhere.

    Example: cityops source key add 'pump station' --gateway gw-pumps --days 365
    """
    body: dict[str, Any] = {
        "label": label,
        "sources": source or [],
        "gateways": gateway or [],
        "days": days,
    }
    body |= {k: v for k, v in (("rate", rate), ("daily", daily)) if v is not None}
    with connected() as client:
        said = client.post("/api/source-keys", body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"key {said['id']}: {said['key']}", soft_wrap=True, highlight=False)
    console.print("not shown again; send it as 'Authorization: Bearer KEY'", highlight=False)
