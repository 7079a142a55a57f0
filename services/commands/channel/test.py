"""``cityops channel test``: sends a message that says that it is a test."""

import time
from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit
from services.commandline.paths import path

FINAL = ("sent", "failed", "withheld")
EVERY_SECONDS = 0.5


def command(
    name: Annotated[str, typer.Argument(help="The channel.")],
    *,
    to: Annotated[str, typer.Option(help="Address, where the channel has none of its own.")] = "",
    wait: Annotated[float, typer.Option(help="Seconds to wait for what becomes of it.")] = 30.0,
    as_json: JsonObject = False,
) -> None:
    """Try a channel out, on the way of every other message; exit code 1 where it did not go.

    Example: cityops channel test mail --to lan@example.vn
    """
    with connected() as client:
        message = client.post(path("/api/channels", name, "test"), {"address": to})["id"]
        until = time.monotonic() + wait
        while True:
            (found, *_) = client.get("/api/notifications", id=message) or [{}]
            done = found.get("state") in FINAL
            if done or time.monotonic() > until or not found:
                break
            time.sleep(EVERY_SECONDS)
    if as_json:
        emit(found, as_json=True)
    else:
        said = f": {found['detail']}" if found.get("detail") else ""
        console.print(f"{found.get('state', 'unknown')}{said}", highlight=False, soft_wrap=True)
    if found.get("state") != "sent":
        raise CommandError(f"the message was not sent{hint(found)}")


def hint(found: dict[str, Any]) -> str:
    """What may be wrong where nothing was tried: what was tried says itself why it did not go."""
    if found.get("state") in FINAL or found.get("detail"):
        return ""
    return ": is the notifier healthy? see 'cityops status'"
