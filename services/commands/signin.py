"""``cityops signin``: commands are given in somebody's own name from then on."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console
from services.commandline.questions import password
from streams.settings import load


def command(
    name: Annotated[str, typer.Argument(help="Your name, as in the console.")],
) -> None:
    """Sign in: what this account of the machine does by `cityops` is done in your name.

    Until 'cityops signout' or the session's end; before, it is done in the name of the machine.
    The password (and the code of a second factor) is asked for, or is a line of standard input.
    CITYOPS_TOKEN goes before.

    Example: cityops signin lan
    """
    from services.api import signed_in
    from services.api.client import ClientError

    settings = load()
    with connected(as_nobody=True) as client:
        try:
            client.get("/api/session")  # whether it is there, before anything is typed
        except ClientError as error:
            if error.status != 401:
                raise
        body = {"name": name, "password": password("password")}
        try:
            session = client.post("/api/session", body)
        except ClientError as error:
            if error.reason != "code_required":
                raise
            body["code"] = password("code of the second factor")
            session = client.post("/api/session", body)
    try:
        signed_in.keep(settings, session["token"])
    except OSError as error:
        raise CommandError(f"the session cannot be kept: {error}") from None
    console.print(f"signed in as {session['name']} ({session['role']})")
    if session["must_change_password"]:
        console.print("choose a password before anything else: 'cityops user password'")
