"""``cityops oncall override add``: somebody stands in, for a while."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import moment
from services.commandline.output import JsonObject, console, emit
from services.commandline.paths import path
from services.commandline.since import local


def command(
    rotation: Annotated[str, typer.Argument(help="The rotation.")],
    *,
    user: Annotated[str, typer.Option(help="Who stands in.")],
    since: Annotated[str, typer.Option(help="City time, or RFC 3339.")],
    until: Annotated[str, typer.Option(help="The first moment at which it is over.")],
    as_json: JsonObject = False,
) -> None:
    """Have somebody stand in for whoever's turn it is.

    Example: cityops oncall override add desk --user mai --since '2026-12-01 08:00' --until '2026-12-02 08:00'
    """  # noqa: E501
    body = {"user": user, "since": moment(since, "--since"), "until": moment(until, "--until")}
    with connected() as client:
        said = client.post(path("/api/rotations", rotation, "overrides"), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(
        f"override {said['id']}: {said['user']} until {local(said['until'])}", highlight=False
    )
