"""``cityops user token add``: a token for a program."""

from typing import Annotated

import typer

from services.commandline.areas import Wards
from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit


def command(
    label: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    scope: Annotated[
        list[str], typer.Option(help="What it may, as `cityops role list` says; may be repeated.")
    ],
    days: Annotated[int, typer.Option(min=1, max=366, help="After which it is void.")] = 90,
    ward: Wards = None,
    as_json: JsonObject = False,
) -> None:
    """Make a token that acts in your name, for CITYOPS_TOKEN or the API; it is shown once.

    It sees what you may see, of that the given wards only where there are some.

    Example: cityops user token add 'wall display' --scope alerts:read --scope status:read
    """
    with connected() as client:
        body = {"label": label, "scopes": scope, "days": days, "wards": ward or None}
        said = client.post("/api/tokens", body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"token {said['id']}: {said['token']}", soft_wrap=True, highlight=False)
    console.print(f"good for {days} days, and not shown again", highlight=False)
