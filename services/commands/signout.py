"""``cityops signout``: commands are given in the machine's name again."""

from services.commandline.connection import connected
from services.commandline.output import CommandError, console
from streams.settings import load


def command() -> None:
    """Sign out: your session ends, and commands are given in the name of the machine again.

    Example: cityops signout
    """
    from services.api import signed_in

    settings = load()
    if not signed_in.token(settings):
        console.print("nobody has signed in here")
        return
    try:
        with connected() as client:
            client.delete("/api/session")
    except CommandError:
        pass  # it has said what went wrong; here it ends all the same
    signed_in.forget(settings)
    console.print("signed out")
