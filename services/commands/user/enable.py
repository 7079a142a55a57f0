"""``cityops user enable``: somebody may sign in again."""

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.users import Name, path


def command(name: Name) -> None:
    """Let a user in again, with the password that they had.

    Example: cityops user enable lan
    """
    with connected() as client:
        client.post(path(name, "enable"))
    console.print(f"user {name} is enabled", highlight=False)
