"""``cityops user add``: somebody who may sign in."""

from typing import Annotated

import typer

from services.commandline.areas import NewWards, Wards, warn_of_empty
from services.commandline.connection import connected
from services.commandline.output import JsonObject
from services.commandline.users import Name, say_password


def command(
    name: Name,
    *,
    role: Annotated[str, typer.Option(help="As `cityops role list` says.")],
    ward: Wards = None,
    new_ward: NewWards = None,
    as_json: JsonObject = False,
) -> None:
    """Add a user, with a one-time password that they must change when they sign in.

    Without --ward or --new-ward they see everywhere, or what you see.

    Example: cityops user add lan --role operator
    """
    body = {"name": name, "role": role, "wards": ward or None}
    with connected() as client:
        said = client.post("/api/users", body | ({"new_wards": new_ward} if new_ward else {}))
        if new_ward:
            warn_of_empty(client, new_ward)
    say_password(said, as_json=as_json)
