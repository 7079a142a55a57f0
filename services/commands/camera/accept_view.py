"""``cityops camera accept-view``: a camera that was moved may be judged again."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The camera's id.")],
) -> None:
    """Say that what a camera sees now is right, and that its zones fit it.

    Until then nothing is judged by a camera that was moved, unless its former view comes back.

    Example: cityops camera accept-view quay-3
    """
    with connected() as client:
        client.post(path("/api/cameras", id, "view"))
    console.print(f"camera {id}: the view that it has now is learned, and judged by its zones")
