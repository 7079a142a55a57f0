"""``cityops status``: the health of every part of the local stack."""

from typing import Annotated, Any

import typer

from services.commandline.alerts import WAITING
from services.commandline.output import JsonObject, console, emit
from services.commandline.stack import judged
from streams.settings import Settings, load

ASK_SECONDS = 3.0
COLUMNS = ("name", "state", "version", "restarts", "lag", "pid", "detail")


def command(
    as_json: JsonObject = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if any part is not healthy.")
    ] = False,
) -> None:
    """Show every part's state and lag, counts, disk, oldest frame; what lacks its kind or feed.

    Example: cityops status --json
    """
    from deploy.local import disk
    from deploy.local.health import totals
    from streams.clock import spelled
    from streams.events import to_rfc3339
    from streams.kafka.heartbeat import clock_ahead, event_time, stalled_since
    from streams.stamps import wall_clock

    settings = load()
    parts, heartbeats = judged(settings)
    kafka = any(part["name"] == "kafka" and part["state"] == "healthy" for part in parts)
    logs, oldest = _kept(settings) if kafka else ({}, None)
    passed_over, unasked = _unjudged(settings)
    clock = wall_clock()
    ticked = event_time(heartbeats.values(), clock)
    stalled = stalled_since(heartbeats.values(), clock) is not None
    now: dict[str, Any] = {
        "healthy": all(part["state"] == "healthy" for part in parts),
        "parts": parts,
        "counts": totals(heartbeats.values()),
        "disk": disk.usage(settings),
        "topics": logs,
        "oldest_frame": oldest,
        "event_time": None if ticked is None else to_rfc3339(ticked),
        "stalled": stalled,
        "clock_ahead_seconds": clock_ahead(heartbeats) / 1e6,
        "namespace": settings.namespace,
        "address": settings.api,
        "unjudged": passed_over,
    }
    if as_json:
        emit(now, as_json=True)
    else:
        emit(parts, as_json=False, columns=COLUMNS)
        for name in ("counts", "disk", "topics"):
            listed = ", ".join(f"{key} {_short(name, value)}" for key, value in now[name].items())
            console.print(
                f"{name}: {listed or 'not known: Kafka does not answer'}", highlight=False
            )
        console.print(f"oldest frame: {oldest or 'none'}", highlight=False)
        waits = f"; it {WAITING}" if stalled else ""
        console.print(f"event time: {now['event_time'] or 'not known'}{waits}", highlight=False)
        if ahead := clock_ahead(heartbeats):
            console.print(
                f"clock: {spelled(ahead)}, and not believed: see 'cityops clock'",
                style="bold",
                highlight=False,
            )
        if passed_over is None:
            console.print(f"not judged: not known: {unasked}", highlight=False, markup=False)
        for line in _lines(passed_over or {}):
            console.print(line, style="bold", highlight=False, markup=False)
    if check and not now["healthy"]:
        raise typer.Exit(1)


def _short(name: str, value: int) -> str:
    return str(value) if name == "counts" else f"{value / 2**20:,.0f} MiB"


def _unjudged(settings: Settings) -> tuple[dict[str, Any] | None, str]:
    """What the alerts service says is passed over; None, and why, where it says nothing.

    It and the workers are started with the same folder of extensions, which this process may lack.
    """
    from services.api.client import Client, ClientError

    try:
        with Client(settings, timeout_seconds=ASK_SECONDS) as client:
            return client.get("/api/status").get("unjudged"), "it is of another release"
    except ClientError as error:
        return None, str(error)


def _lines(passed_over: dict[str, Any]) -> list[str]:
    from streams.configuration.unjudged import of_rule, of_source

    return [
        *(of_rule(rule["id"], rule["kind"]) for rule in passed_over.get("rules", ())),
        *(of_source(source["id"], source["kind"]) for source in passed_over.get("sources", ())),
    ]


def _kept(settings: Settings) -> tuple[dict[str, int], str | None]:
    from streams.events import to_rfc3339
    from streams.kafka.broker import log_bytes, oldest_frame
    from streams.kafka.clients import BrokerAwayError
    from streams.topics import logical, physical

    prefix = physical(settings.namespace, "")
    try:
        sizes = {
            logical(name): size
            for name, size in log_bytes(settings, 3).items()
            if name.startswith(prefix)
        }
        oldest = oldest_frame(settings, 3)
    except BrokerAwayError:
        return {}, None
    return sizes, None if oldest is None else to_rfc3339(oldest)
