"""``cityops status``: the health of every part of the local stack."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.alerts import WAITING
from services.commandline.output import JsonObject, console, emit
from services.commandline.stack import clock_in_doubt, judged
from streams.settings import Settings, load

if TYPE_CHECKING:
    from streams.events import Heartbeat
    from streams.kafka.dead_lettered import DeadLettered

REMEMBERED_SECONDS = 3600.0
"""Heartbeats are kept for an hour."""
ASK_SECONDS = 3.0
COLUMNS = ("name", "state", "version", "restarts", "lag", "pid", "detail")


def command(
    as_json: JsonObject = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if any part is not healthy.")
    ] = False,
) -> None:
    """Show every part's state and lag, counts, disk, oldest frame; what lacks its kind or feed.

    Also how many messages could not be used since when, and how long each part may be away before
    the broker deletes what it has not read.

    Example: cityops status --json
    """
    from deploy.local import disk
    from deploy.local.health import stored, totals
    from streams.events import to_rfc3339
    from streams.kafka.dead_lettered import dead_lettered
    from streams.kafka.heartbeat import clock_ahead, event_time, stalled_since
    from streams.stamps import wall_clock

    settings = load()
    parts, heartbeats = judged(settings)
    kafka = any(part["name"] == "kafka" and part["state"] == "healthy" for part in parts)
    logs, oldest = _kept(settings) if kafka else ({}, None)
    outages = _outages(settings, heartbeats) if kafka else []
    passed_over, unasked = _unjudged(settings)
    clock = wall_clock()
    ticked = event_time(heartbeats.values(), clock)
    stalled = stalled_since(heartbeats.values(), clock) is not None
    now: dict[str, Any] = {
        "healthy": all(part["state"] == "healthy" for part in parts),
        "parts": parts,
        "counts": totals(heartbeats.values()),
        "stored": stored(heartbeats.values()),
        "dead_lettered": _all(dead_lettered(heartbeats.values())),
        "disk": disk.usage(settings),
        "topics": logs,
        "oldest_frame": oldest,
        "outages": outages,
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
        for name in ("counts", "stored", "disk", "topics"):
            listed = ", ".join(f"{key} {_short(name, value)}" for key, value in now[name].items())
            console.print(
                f"{name}: {listed or 'not known: Kafka does not answer'}", highlight=False
            )
        console.print(_refused(now["dead_lettered"]), highlight=False)
        console.print(f"oldest frame: {oldest or 'none'}", highlight=False)
        for line in map(_away, outages):
            console.print(line, highlight=False)
        waits = f"; it {WAITING}" if stalled else ""
        console.print(f"event time: {now['event_time'] or 'not known'}{waits}", highlight=False)
        if line := clock_in_doubt(heartbeats):
            console.print(line, style="bold", highlight=False)
        if passed_over is None:
            console.print(f"not judged: not known: {unasked}", highlight=False, markup=False)
        for line in _lines(passed_over or {}):
            console.print(line, style="bold", highlight=False, markup=False)
    if check and not now["healthy"]:
        raise typer.Exit(1)


def _outages(settings: Settings, heartbeats: "dict[str, Heartbeat]") -> list[dict[str, Any]]:
    """Of each reader and topic; one that is away has said within the hour how far it has read."""
    from services.api.outage import READS, measured
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.heartbeat import read_heartbeats
    from streams.kafka.outage import budgets

    logs = measured(settings)
    found = budgets(logs, heartbeats.values(), READS)
    if any(one.seconds is None for one in found):
        with suppress(BrokerAwayError):
            earlier = read_heartbeats(settings, REMEMBERED_SECONDS)
            found = budgets(logs, [*earlier.values(), *heartbeats.values()], READS)
    return [one._asdict() for one in found]


def _away(found: dict[str, Any]) -> str:
    """One line: how long a reader may be away."""
    who = f"{found['reader']} may be away from {found['topic']}"
    if found["seconds"] is None:
        return f"{who}: not known how far it has read"
    rate = f"{found['unread_bytes'] / 2**20:,.0f} MiB unread, {found['bytes_per_second']:,} B/s"
    if not found["seconds"]:
        return f"{who} no longer: messages are lost ({rate})"
    return f"{who} for {_span(found['seconds'])} ({rate})"


def _span(seconds: int) -> str:
    """In its largest unit of which there are at least two."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _all(found: "DeadLettered") -> dict[str, Any]:
    from streams.events import to_rfc3339

    since = None if found.since is None else to_rfc3339(found.since)
    return {"count": found.number, "not_kept": found.not_kept, "since": since}


def _refused(found: dict[str, Any]) -> str:
    """One line: how many there were, since when, and which of them are only counted."""
    line = f"dead letters: {found['count']} since {found['since'] or 'an earlier release'}"
    left = ", ".join(f"{reason} {number}" for reason, number in found["not_kept"].items())
    return f"{line}; of these only counted: {left}" if left else line


def _short(name: str, value: int) -> str:
    return str(value) if name in ("counts", "stored") else f"{value / 2**20:,.0f} MiB"


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
