"""``cityops run``: one long-running part in the foreground, as the supervisor starts it."""

from collections.abc import Callable
from typing import Annotated

import msgspec
import typer

from services.commandline.importing import importing
from services.commandline.output import CommandError
from services.commandline.turn import Held, wait_for_turn
from streams.settings import Settings, load

PARTS = (
    "gateway",
    "detect",
    "streams",
    "writer",
    "alerts",
    "receiver",
    "mqtt",
    "poller",
    "notifier",
)


def command(
    part: Annotated[str, typer.Argument(help=f"One of: {', '.join(PARTS)}.")],
    name: Annotated[
        str, typer.Option(help="Stable name of this process; no two may have the same name.")
    ] = "",
    *,
    held: Annotated[bool, Held] = False,
) -> None:
    """Run one part in the foreground until SIGTERM; `cityops up` runs all of them.

    Example: cityops run detect --name detect-2
    """
    if part not in PARTS:
        raise CommandError(f"no part {part!r}; parts are {', '.join(PARTS)}", code=2)
    with importing():
        run = _loaded(part, name or part)
    wait_for_turn(held=held)
    settings = load()
    run(msgspec.structs.replace(settings, kafka_user=settings.kafka_user or part))


def _loaded(part: str, name: str) -> Callable[[Settings], object]:
    """What runs it, imported with what it passes on, stores or shows: kinds and feeds."""
    from streams.pipeline import known

    known()
    if part == "gateway":
        from services.gateway import main as gateway

        return gateway.run
    if part == "writer":
        from streams.tables import writer as writers

        return writers.run
    if part == "alerts":
        from services.api import main as alerts

        return alerts.run
    if part == "receiver":
        from services.receiver import main as receiver

        return receiver.run
    if part == "mqtt":
        from services.receiver.mqtt import main as mqtt

        return mqtt.run
    if part == "poller":
        from services.poller import main as poller

        return poller.run
    if part == "notifier":
        from services.notifier import main as notifier

        return notifier.run
    from streams.readers import READS
    from streams.runtime.faust import worker

    return lambda settings: worker.run(settings, part, name, reads=READS)
