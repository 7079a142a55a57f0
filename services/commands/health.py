"""``cityops health``: whether one part is healthy, for containers that we do not supervise."""

import re
from collections.abc import Collection
from typing import Annotated

import typer

from services.commandline.output import CommandError, console
from services.commandline.servers import no_kafka
from services.commands.run import PARTS
from streams.settings import load

THERE = (*PARTS, "city")


def command(
    part: Annotated[str, typer.Argument(help="Its name: gateway, detect-1, city, …")],
) -> None:
    """Exit with 0 if the part has reported lately that it is healthy; else print what is wrong.

    Run it in the part's own container; `cityops status` shows every part of a local stack.

    Example: cityops health detect-1
    """
    from deploy.local.health import health_of
    from deploy.local.state import PartState
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.heartbeat import read_heartbeats

    settings = load()
    try:
        heartbeats = read_heartbeats(settings)
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except KeyError:
        heartbeats = {}  # their topic is not there yet
    _insist(part, heartbeats)
    found = health_of(settings, PartState(part, "running", since=_began()), heartbeats.get(part))
    if found.state != "healthy":
        raise CommandError(f"{part} is {found.state}: {found.detail or 'no heartbeat yet'}")
    console.print(f"{part} is healthy", highlight=False)


def _insist(part: str, heard: Collection[str]) -> None:
    """One that has not reported may be about to: by its name it is one of several, as detect-2."""
    if part not in heard and re.sub(r"-[0-9]+$", "", part) not in THERE:
        known = ", ".join([*THERE, *sorted(set(heard) - set(THERE))])
        raise CommandError(f"there is no part {part!r}; parts are {known}", 2)


def _began() -> float:
    """When this container began, in seconds since the epoch; outside of one, this machine.

    What the part's name said before is of the container that this one has replaced.
    """
    import psutil

    return psutil.Process(1).create_time()
