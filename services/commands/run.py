"""``cityops run``: one long-running part in the foreground, as the supervisor starts it."""

from typing import Annotated

import msgspec
import typer

from services.commandline.output import CommandError
from streams.settings import load

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
) -> None:
    """Run one part in the foreground until SIGTERM; `cityops up` runs all of them.

    Example: cityops run detect --name detect-2
    """
    from streams.pipeline import known

    settings = load()
    settings = msgspec.structs.replace(settings, kafka_user=settings.kafka_user or part)
    name = name or part
    if part in PARTS:
        known()  # what it passes on, stores or shows is checked by kinds and feeds
    if part == "gateway":
        from services.gateway import main as gateway

        gateway.run(settings)
    elif part == "writer":
        from streams.tables import writer as writers

        writers.run(settings)
    elif part == "alerts":
        from services.api import main as alerts

        alerts.run(settings)
    elif part == "receiver":
        from services.receiver import main as receiver

        receiver.run(settings)
    elif part == "mqtt":
        from services.receiver.mqtt import main as mqtt

        mqtt.run(settings)
    elif part == "poller":
        from services.poller import main as poller

        poller.run(settings)
    elif part == "notifier":
        from services.notifier import main as notifier

        notifier.run(settings)
    elif part in ("detect", "streams"):
        from streams.readers import READS
        from streams.runtime.faust import worker

        worker.run(settings, part, name, reads=READS)
    else:
        raise CommandError(f"no part {part!r}; parts are {', '.join(PARTS)}", code=2)
