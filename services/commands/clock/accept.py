"""``cityops clock accept``: the machine's clock is right after all."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console
from services.commandline.questions import confirmed
from streams.visible import line

ASK_FROM_SECONDS = 86_400


def command(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take the machine's clock for right; event time goes on from what it shows.

    Nothing counts as late or silent because of it. Where event time is ahead of the clock it
    slows down until it is right; by more than a day it goes back, into what it had jumped over:
    then what is open ends, and an incident says which stretch of event time was wrong. Asks first
    where it is about more than a day.

    Example: cityops clock accept
    """
    with connected() as client:
        clock = client.get("/api/clock")
        if not clock["ahead"]:
            raise CommandError("the clock is believed; there is nothing to take over")
        far = abs(clock["ahead_seconds"]) > ASK_FROM_SECONDS
        asked = f"The clock is {line(clock['ahead'])} of event time. Is the clock right?"
        if far and not yes and not confirmed(asked):
            raise CommandError("nothing was taken over")
        client.post("/api/clock/accept", {"ahead_seconds": clock["ahead_seconds"]})
    console.print(f"taken over: it was {clock['ahead']}", highlight=False)
