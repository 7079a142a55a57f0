"""What the commands about public warnings share."""

from typing import Any

from services.commandline.output import console, emit


def say(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(one, as_json=True)
        return
    said = f"warning {one['id']} on {one['channel']} is {one['state']}"
    console.print(said, highlight=False, soft_wrap=True)
    if one["state"] == "proposed":
        console.print("another person confirms it, within an hour", highlight=False)
