"""``cityops user reset``: a one-time password for somebody who has forgotten theirs."""

from services.commandline.connection import connected
from services.commandline.output import JsonObject
from services.commandline.users import Name, path, say_password


def command(name: Name, *, as_json: JsonObject = False) -> None:
    """Give a user a one-time password; their sessions and tokens end.

    Example: cityops user reset lan
    """
    with connected() as client:
        said = client.post(path(name, "reset"))
    say_password(said, as_json=as_json)
