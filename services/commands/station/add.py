"""``cityops station add``: sets a loudspeaker station, or changes one."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, console, emit
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="What people call it, such as its registry id.")],
    *,
    channel: Annotated[str, typer.Option(help="Of the type public_address.")],
    ward: Annotated[str, typer.Option(help="Whose public warnings it speaks.")],
    address: Annotated[str, typer.Option(help="Where it takes CAP: http:// or https://.")],
    as_json: JsonArray = False,
) -> None:
    """Set a loudspeaker station; its address is sealed.

    Example: cityops station add pa-001 --channel loud --ward X --address http://10.4.1.7/cap
    """
    body = {"channel": channel, "ward": ward, "address": address}
    with connected() as client:
        found = client.put(path("/api/stations", name), body)
    if as_json:
        emit(found, as_json=True)
        return
    console.print(f"station {name} is set; it is asked within a minute", highlight=False)
