"""``cityops camera list``: every camera."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import emit

COLUMNS = ("id", "name_vi", "name_en", "origin", "model", "fps", "loop", "address", "zones")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List cameras, with addresses but without credentials.

    Example: cityops camera list --json
    """
    with connected() as client:
        cameras = client.get("/api/cameras")
    emit(cameras, as_json=as_json, columns=COLUMNS, empty="no camera")
