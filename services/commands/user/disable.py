"""``cityops user disable``: somebody signs in no more."""

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.users import Name, path


def command(name: Name) -> None:
    """Let a user in no more, at once; what they did stays, with their name.

    Example: cityops user disable lan
    """
    with connected() as client:
        client.post(path(name, "disable"))
    console.print(f"user {name} is disabled", highlight=False)
