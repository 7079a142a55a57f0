"""How every part is: what the supervisor knows of it, and what it says of itself."""

import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import version
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from deploy.local import kafka, ports, state
from deploy.local.parts import GUARD, PREPARE, parts
from deploy.local.state import PartState
from streams.events import Heartbeat
from streams.kafka.dead_lettered import dead_lettered
from streams.settings import SettingError, Settings
from streams.tls import trusting
from streams.topics import FRAMES

Condition = Literal["healthy", "starting", "failing", "stopped"]
FRESH_SECONDS = 10.0
"""A part speaks every two seconds; one that has been silent this long is not well."""
COUNTS = ("accepted", "late", "repeated", "gated", "reread", "dead_lettered")
SPEECHLESS = ("kafka", "database", GUARD, PREPARE)
"""Parts that publish no heartbeats."""
STORED = ("readings", "late", "repeated", "corrected", "quality")
"""What the writer counts of values of sensors, by what it found in the database."""
INPUTS = ("frames", "readings")
"""What is accepted, late or repeated is counted where it enters, not once more at every stage."""


class PartHealth(msgspec.Struct):
    """One row of ``cityops status``."""

    name: str
    state: Condition
    version: str = ""
    restarts: int = 0
    lag: int | None = None
    """Messages behind the end of its inputs; None: it reads none, or does not say."""
    detail: str = ""
    pid: int | None = None


def judge(
    settings: Settings, heartbeats: Mapping[str, Heartbeat], unread: str = ""
) -> list[PartHealth]:
    """The parts in the order of starting; servers that are not ours come first.

    Args:
        heartbeats: each part's newest.
        unread: why none could be read; empty: they could.
    """
    found = []
    if not settings.runs_kafka:
        answers = broker_answers(settings.bootstrap)
        found.append(_elsewhere(PartHealth("kafka", "starting"), settings.bootstrap, answers))
    if not settings.runs_database:
        row = PartHealth("database", "starting", database_version(settings) or "")
        found.append(_elsewhere(row, "CITYOPS_DATABASE_URL", bool(row.version)))
    now = state.current(settings)
    states = {part.name: part for part in now.parts} if now else {}
    for part in parts(settings):
        process = states.pop(part.name, PartState(part.name, "stopped"))
        found.append(health_of(settings, process, heartbeats.get(part.name)))
    # Run by a supervisor that was started with other settings.
    found += [
        health_of(settings, process, heartbeats.get(name)) for name, process in states.items()
    ]
    for row in found if unread else ():
        if row.name == "kafka" and row.state == "healthy":
            row.state, row.detail = "failing", unread
        elif row.name not in SPEECHLESS and row.state in ("healthy", "starting", "failing"):
            row.detail = row.detail or "cannot say how it is: Kafka does not answer"
    return found


def health_of(settings: Settings, process: PartState, heartbeat: Heartbeat | None) -> PartHealth:
    """One part, by what is known of its process and by its newest heartbeat."""
    health = PartHealth(process.name, "starting", restarts=process.restarts, pid=process.pid)
    if process.state == "stopped":
        health.state = "stopped"
    elif process.state == "restarting":
        health.state, health.detail = "failing", f"exited with {process.last_exit}"
    elif process.state == "waiting":
        health.detail = "waits for what it rests on"
    elif process.name in (GUARD, PREPARE):
        healthy = process.state == "done" or process.name == GUARD
        health.state = "healthy" if healthy else "starting"
        health.version = version("cityops")
    elif process.name == "database":
        health.version = database_version(settings) or ""
        health.detail = "PostgreSQL/TimescaleDB"
        health.state = "healthy" if health.version else "starting"
    elif process.name == "kafka":
        health.version = kafka.version()
        health.state = "healthy" if ports.answers(settings.kafka_port) else "starting"
    else:
        _as_it_says(settings, health, process, heartbeat)
    return health


def _as_it_says(
    settings: Settings, health: PartHealth, process: PartState, heartbeat: Heartbeat | None
) -> None:
    if heartbeat is not None and heartbeat.time / 1e6 >= process.since:
        health.version, health.lag = heartbeat.version, heartbeat.lag
        health.detail = heartbeat.detail
        silent = time.time() - heartbeat.time / 1e6
        if not heartbeat.ok:
            health.state = "failing"
        elif silent < FRESH_SECONDS:
            health.state = "healthy"
        else:
            health.state, health.detail = "failing", f"silent for {silent:.0f} s"
    elif time.time() - process.since > 3 * FRESH_SECONDS:
        health.state, health.detail = "failing", "no heartbeat since it started"
    served = {"alerts": settings.api, "receiver": settings.receiver}.get(process.name)
    if served and health.state == "healthy" and not _serves(settings, served):
        health.state, health.detail = "failing", f"{served}/healthz does not answer"


def _serves(settings: Settings, served: str) -> bool:
    # Asked for directly: a proxy in the environment is not for this machine's own addresses.
    address = urlsplit(served)
    where = (address.hostname or "", address.port)
    secure = trusting(settings)
    connection = (
        HTTPSConnection(*where, timeout=3, context=secure)
        if secure
        else HTTPConnection(*where, timeout=3)
    )
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _elsewhere(health: PartHealth, where: str, answers: bool) -> PartHealth:
    health.state = "healthy" if answers else "failing"
    health.detail = f"{where}, not run here" if answers else f"{where} does not answer"
    return health


def broker_answers(bootstrap: str) -> bool:
    """Whether a port of these servers (host:port,…) accepts connections."""
    for server in bootstrap.split(","):
        host, _, port = server.strip().rpartition(":")
        if port.isdigit() and ports.answers(int(port), host):
            return True
    return False


def database_version(settings: Settings) -> str | None:
    """Versions of PostgreSQL and TimescaleDB; None where the database does not answer, or has not
    been prepared.
    """
    import psycopg

    from streams.database import connect

    query = "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"
    try:
        with connect(settings, "status") as connection:
            server = connection.info.parameter_status("server_version") or "?"
            extension = connection.execute(query).fetchone()
    except (psycopg.Error, SettingError):
        return None
    return f"{server.split()[0]}/{extension[0] if extension else '-'}"


def totals(heartbeats: Iterable[Heartbeat]) -> dict[str, int]:
    """The counts of ``COUNTS`` over all parts, whose own counts are named ``topic.count``."""
    sums = dict.fromkeys(COUNTS, 0)
    heartbeats = list(heartbeats)
    sums["dead_lettered"] = dead_lettered(heartbeats).number
    for heartbeat in heartbeats:
        for name, count in heartbeat.counts.items():
            topic, _, kind = name.rpartition(".")
            counted = kind == "reread" or (topic in INPUTS and kind != "dead_lettered")
            if kind in sums and counted:
                sums[kind] += count
    return sums


def pictures_of(heartbeats: Iterable[Heartbeat]) -> int:
    """How many were accepted, whether a detector has looked at them or not."""
    return sum(heartbeat.counts.get(f"{FRAMES}.accepted", 0) for heartbeat in heartbeats)


def stored(heartbeats: Iterable[Heartbeat]) -> dict[str, int]:
    """The counts of ``STORED``, of which ``quality`` are the values that were refused."""
    sums = dict.fromkeys(STORED, 0)
    for heartbeat in heartbeats:
        if heartbeat.part == "writer":
            sums |= {name: count for name, count in heartbeat.counts.items() if name in sums}
    return {"refused" if name == "quality" else name: count for name, count in sums.items()}


def last_line(settings: Settings, name: str) -> str:
    """The last line of a part's log; empty where there is none."""
    try:
        with (settings.state_dir / "logs" / f"{name}.log").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 4096))
            lines = log.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1].strip() if lines else ""
