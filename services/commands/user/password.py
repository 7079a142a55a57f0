"""``cityops user password``: another password of one's own."""

from services.commandline.connection import connected
from services.commandline.output import CommandError, console
from services.commandline.questions import password, typed
from streams.settings import load


def command() -> None:
    """Change your own password, after `cityops signin`; your other sessions end.

    The old one and the new one are asked for, or are two lines of standard input.

    Example: cityops user password
    """
    from services.api import signed_in

    settings = load()
    with connected() as client:
        client.get("/api/session")
        if settings.token or not signed_in.token(settings):
            raise CommandError("sign in as yourself first: 'cityops signin NAME'")
        old, new = password("old password"), password("new password")
        if typed() and password("new password again") != new:
            raise CommandError("these are two different passwords: nothing is changed")
        said = client.put("/api/session/password", {"old": old, "new": new})
    signed_in.keep(settings, said["token"])
    console.print(f"the password of {said['name']} is changed")
