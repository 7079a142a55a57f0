"""``cityops clock accept``: the machine's clock is right after all."""

from services.commandline.connection import connected
from services.commandline.output import CommandError, console


def command() -> None:
    """Take the machine's clock for right; event time goes on from what it shows.

    Nothing counts as late or silent because of it. Where event time is ahead of the clock it
    slows down until it is right.

    Example: cityops clock accept
    """
    with connected() as client:
        clock = client.get("/api/clock")
        if not clock["ahead"]:
            raise CommandError("the clock is believed; there is nothing to take over")
        client.post("/api/clock/accept", {"ahead_seconds": clock["ahead_seconds"]})
    console.print(f"taken over: it was {clock['ahead']}", highlight=False)
