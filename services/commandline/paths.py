"""Addresses in the API of what somebody names on the command line."""

from urllib.parse import quote

from services.commandline.output import CommandError


def path(route: str, *parts: str) -> str:
    """Below ``route``, such as ``/api/masks``, each part as one, whatever is in it.

    Unquoted, ``quay-3#`` before ``/scenery/…`` would name the camera, and ``../cameras/quay-3``
    another thing altogether.

    Raises:
        CommandError: a part names nothing.
    """
    for part in parts:
        if part.strip() in ("", ".", ".."):
            raise CommandError(f"{part!r} is no id", 2)
    return "/".join((route, *(quote(part, safe="") for part in parts)))
