"""The one list of what the local stack runs, in the order in which it starts."""

import os
import signal
import sys
from pathlib import Path

import msgspec

from streams.settings import Settings


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One process, and what the supervisor has to know of it."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    """Parts that have to be ready before this one starts, also before it starts again."""
    port: int = 0
    """Ready when this port answers; 0: when it runs."""
    once: bool = False
    """Runs to its end, and is ready when that was a success."""
    held: bool = False
    """Starts at once, imports what it needs, and begins when what it comes after is ready."""
    outlives: bool = False
    """Goes on when the supervisor dies."""
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 10.0
    """From the stop signal to SIGKILL."""


GUARD = "guard"
PREPARE = "prepare"


def parts(settings: Settings) -> tuple[Part, ...]:
    """Servers, then what is done once (database, migrations, topics), then the processor."""
    servers = _servers(settings)
    after = tuple(part.name for part in servers)
    module = (sys.executable, "-m")
    prepare = Part(name=PREPARE, command=(*module, "deploy.local.prepare"), after=after, once=True)
    guard = Part(
        name=GUARD,
        command=(*module, "deploy.local.guard", str(os.getpid())),
        outlives=True,
        stop_signal=signal.SIGKILL,
    )
    return (guard, *servers, prepare, *_processor(settings))


def _servers(settings: Settings) -> tuple[Part, ...]:
    servers = []
    if settings.runs_kafka:
        servers.append(
            Part(
                name="kafka",
                command=(sys.executable, "-m", "deploy.local", "kafka"),
                port=settings.kafka_port,
                grace_seconds=20.0,
            )
        )
    if settings.runs_database:
        servers.append(
            Part(
                name="database",
                command=(sys.executable, "-m", "deploy.local", "database"),
                port=settings.database_port,
                # PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
                stop_signal=signal.SIGINT,
                grace_seconds=20.0,
            )
        )
    return tuple(servers)


def _processor(settings: Settings) -> tuple[Part, ...]:
    commands: dict[str, tuple[str, ...]] = {"gateway": ("run", "gateway")}
    for index in range(1, detect_workers(settings) + 1):
        name = f"detect-{index}"
        commands[name] = ("run", "detect", "--name", name)
    for index in range(1, settings.stream_workers + 1):
        name = f"streams-{index}"
        commands[name] = ("run", "streams", "--name", name)
    commands["writer"] = ("run", "writer")
    commands["alerts"] = ("run", "alerts")
    commands["receiver"] = ("run", "receiver")
    if settings.mqtt_broker:
        commands["mqtt"] = ("run", "mqtt")
    if settings.polled_addresses:
        commands["poller"] = ("run", "poller")
    commands["notifier"] = ("run", "notifier")
    if settings.simulate:
        commands["city"] = ("simulate", "--seed", str(settings.seed))
    cityops = str(Path(sys.executable).with_name("cityops"))
    return tuple(
        Part(name=name, command=(cityops, *command, "--held"), after=(PREPARE,), held=True)
        for name, command in commands.items()
    )


def detect_workers(settings: Settings) -> int:
    """How many processes run the detector: the setting, else one for every two cores."""
    return settings.detect_workers or max(1, len(os.sched_getaffinity(0)) // 2)
