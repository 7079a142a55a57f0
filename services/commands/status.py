"""``cityops status``: the health of every part of the local stack."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline import listing
from services.commandline.alerts import WAITING
from services.commandline.output import JsonObject, console, counted, emit
from services.commandline.stack import clock_in_doubt, judged
from streams.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.events import Heartbeat
    from streams.kafka.dead_lettered import DeadLettered
    from streams.kafka.outage import Budget

ASK_SECONDS = 3.0
UNITS = {
    "counts": " (pictures, and rows of readings as they came; the last two: messages)",
    "stored": " (values of sensors)",
}
COLUMNS = ("name", "state", "version", "restarts", "lag", "pid", "detail")


def command(
    *,
    as_json: JsonObject = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if any part is not healthy.")
    ] = False,
    accounts: Annotated[
        bool,
        typer.Option("--accounts", help="Instead: what became of every value, by source and hour."),
    ] = False,
    since: listing.Since = "1h",
    source: listing.Sources = None,
    limit: listing.Limit = None,
) -> None:
    """Show every part's state and lag, counts, disk, oldest frame; what lacks its kind or feed.

    Also rules of an earlier release whose parameters contradict each other, with the reason.
    Also which sources are switched off, and which recordings have ended.
    Also how many messages could not be used since when, and how long the writer, the database, each
    group of workers and the alerts service may be away before inputs are refused or data is lost.
    Rates are what the alerts service has measured; where it does not answer, those of two seconds.
    The last three options are for --accounts: from which hour, of which sources, how many rows.

    Example: cityops status --accounts --since 6h --source cam-1
    """
    if accounts:
        from services.commandline.accounts import show

        show(since=since, sources=source, limit=limit, as_json=as_json)
        return
    from deploy.local import disk
    from deploy.local.health import pictures_of, stored, totals
    from streams.events import to_rfc3339
    from streams.kafka.dead_lettered import dead_lettered
    from streams.kafka.heartbeat import clock_ahead, event_time, stalled_since
    from streams.kafka.outage import away
    from streams.readers import PARTS
    from streams.stamps import wall_clock

    settings = load()
    parts, heartbeats = judged(settings)
    kafka = any(part["name"] == "kafka" and part["state"] == "healthy" for part in parts)
    logs, oldest = _kept(settings) if kafka else ({}, None)
    said, unasked = _said(settings)
    passed_over = said.get("unjudged")
    budgets = _budgets(settings, heartbeats, said, kafka=kafka)
    outages = [one._asdict() for one in budgets]
    parts_away = [one._asdict() for one in away(budgets, PARTS)]
    clock = wall_clock()
    ticked = event_time(heartbeats.values(), clock)
    stalled = stalled_since(heartbeats.values(), clock) is not None
    pictures = pictures_of(heartbeats.values())
    now: dict[str, Any] = {
        "healthy": all(part["state"] == "healthy" for part in parts),
        "parts": parts,
        "counts": totals(heartbeats.values()),
        "pictures": pictures,
        "stored": stored(heartbeats.values()),
        "dead_lettered": _all(dead_lettered(heartbeats.values())),
        "disk": disk.usage(settings),
        "topics": logs,
        "oldest_frame": oldest,
        "away": parts_away,
        "outages": outages,
        "event_time": None if ticked is None else to_rfc3339(ticked),
        "stalled": stalled,
        "clock_ahead_seconds": clock_ahead(heartbeats) / 1e6,
        "namespace": settings.namespace,
        "address": settings.api,
        "unjudged": passed_over,
        "contradictory": said.get("contradictory"),
        "drifting": said.get("drifting"),
        "resting": said.get("resting"),
        "awaited": said.get("awaited"),
        "flood": said.get("flood"),
    }
    if as_json:
        emit(now, as_json=True)
    else:
        emit(parts, as_json=False, columns=COLUMNS, spare=("pid", "version", "restarts", "lag"))
        for name in ("counts", "stored", "disk", "topics"):
            listed = ", ".join(f"{key} {_short(name, value)}" for key, value in now[name].items())
            console.print(
                f"{name}{UNITS.get(name, '')}: {listed or 'not known: Kafka does not answer'}",
                highlight=False,
            )
        console.print(_gated(now["counts"]["gated"], pictures), highlight=False)
        console.print(_refused(now["dead_lettered"]), highlight=False)
        console.print(f"oldest frame: {oldest or 'none'}", highlight=False)
        for line in (*map(_part_away, parts_away), *map(_away, outages)):
            console.print(line, highlight=False)
        waits = f"; it {WAITING}" if stalled else ""
        console.print(f"event time: {now['event_time'] or 'not known'}{waits}", highlight=False)
        if line := clock_in_doubt(heartbeats):
            console.print(line, style="bold", highlight=False)
        if passed_over is None:
            console.print(f"not judged: not known: {unasked}", highlight=False)
        if now["flood"]:
            console.print(_flood(now["flood"]), style="bold", highlight=False, soft_wrap=True)
        for line in _resting(now["resting"] or (), now["awaited"] or 0):
            console.print(line, highlight=False, soft_wrap=True)
        drifting = map(_drifts, now["drifting"] or ())
        for line in (*_lines(passed_over or {}, now["contradictory"] or ()), *drifting):
            console.print(line, style="bold", highlight=False, soft_wrap=True)
    if check and not now["healthy"]:
        raise typer.Exit(1)


def _flood(flood: dict[str, Any]) -> str:
    first = flood["first"]
    groups = [f"{one['count']} {one['kind_en']}" for one in flood["groups"]]
    return (
        f"flood: {flood['count']} alerts since {flood['since']}: {', '.join(groups)}; first came"
        f" {first['alert'][:8]} {first['kind_en']}, {first['source_en']}"
    )


def _budgets(
    settings: Settings, heartbeats: "dict[str, Heartbeat]", said: dict[str, Any], *, kafka: bool
) -> "list[Budget]":
    """Of each reader and topic; none where neither the service nor Kafka answers."""
    from services.api import outage
    from streams.kafka.outage import Budget

    if found := said.get("outages"):
        return [Budget(**{name: one[name] for name in Budget._fields}) for one in found]
    return outage.now(settings, heartbeats) if kafka else []


def _part_away(found: dict[str, Any]) -> str:
    """One line: how long a part may be away; below are its readers one by one."""
    who, where = found["part"], f"{found['reader']} of {found['topic']}"
    if found["seconds"] is None:
        return f"{who} may be away: not known yet ({where})"
    if not found["seconds"]:
        return f"{who} has been away too long: inputs are refused, or data is lost ({where})"
    return f"{who} may be away for {_span(found['seconds'])} ({where})"


def _away(found: dict[str, Any]) -> str:
    """One line: how long a reader may be away."""
    who = f"  {found['reader']} from {found['topic']}"
    rate = found["bytes_per_second"]
    speed = "rate not known yet" if rate is None else f"{rate:,} B/s"
    if found["seconds"] is None:
        return f"{who}: not known yet, or not how far it has read ({speed})"
    told = f"{found['unread_bytes'] / 2**20:,.0f} MiB unread, {speed}"
    if not found["seconds"]:
        lost = "messages are lost" if found["used"] == 1 else "inputs are refused"
        return f"{who}: no longer, {lost} ({told})"
    return f"{who}: {_span(found['seconds'])} ({told})"


def _span(seconds: int) -> str:
    """In its largest unit of which there are at least two."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _all(found: "DeadLettered") -> dict[str, Any]:
    from streams.events import to_rfc3339

    since = None if found.since is None else to_rfc3339(found.since)
    return {
        "count": found.number,
        "not_kept": found.not_kept,
        "untrusted": found.untrusted,
        "since": since,
    }


def _refused(found: dict[str, Any]) -> str:
    """One line: how many there were, since when, and which of them are only counted."""
    line = f"dead letters: {found['count']} since {found['since'] or 'an earlier release'}"
    left = ", ".join(f"{reason} {number}" for reason, number in found["not_kept"].items())
    line = f"{line}; of these only counted: {left}" if left else line
    forged = ", ".join(f"{reason} {number}" for reason, number in found["untrusted"].items())
    return f"{line}; not signed by who may: {forged} ('cityops dlq list')" if forged else line


def _gated(number: int, pictures: int) -> str:
    """One line: at how many pictures no detector looked, since nothing had changed in them."""
    share = f" ({number / pictures:.0%})" if pictures else ""
    return f"nothing had changed in {number:,} of {pictures:,} pictures{share}: no detector looked"


def _short(name: str, value: int) -> str:
    return str(value) if name in ("counts", "stored") else f"{value / 2**20:,.0f} MiB"


def _said(settings: Settings) -> tuple[dict[str, Any], str]:
    """What the alerts service says; empty, and why, where it says nothing.

    It and the workers are started with the same folder of extensions, which this process may lack,
    and it has measured for longer than this process runs.
    """
    from services.api.client import Client, ClientError

    try:
        with Client(settings, timeout_seconds=ASK_SECONDS) as client:
            return client.get("/api/status"), "it is of another release"
    except ClientError as error:
        return {}, str(error)


def _lines(
    passed_over: dict[str, Any], contradictory: "Iterable[dict[str, str]]" = ()
) -> list[str]:
    from streams.configuration.contradictions import of_contradiction
    from streams.configuration.unjudged import of_mask, of_rule, of_source, of_tour

    return [
        *(of_rule(rule["id"], rule["kind"]) for rule in passed_over.get("rules", ())),
        *(of_source(source["id"], source["kind"]) for source in passed_over.get("sources", ())),
        *_partly(passed_over.get("partly", ())),
        *(
            of_mask(place["rule"], place["source"], place["zone"], place["percent"])
            for place in passed_over.get("masked", ())
        ),
        *(of_tour(camera["id"]) for camera in passed_over.get("tours", ())),
        *(of_contradiction(rule["id"], rule["reason"]) for rule in contradictory),
    ]


_RESTS = {"off": "switched off", "ended": "ended"}
NAMED = 6
"""At most so many sources of those that rest alike are named."""


def _resting(found: "Iterable[dict[str, str]]", awaited: int) -> list[str]:
    """A line on each way to rest, with ids of who rests so, and on whom it waits for."""
    lines = [f"not heard yet, and not missed: {counted(awaited, 'source')}"] if awaited else []
    for rests, told in _RESTS.items():
        who = [source["id"] for source in found if source["rests"] == rests]
        more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
        if who:
            lines.append(f"{told}, and not missed: {', '.join(who[:NAMED])}{more}")
    return lines


def _partly(found: "Iterable[dict[str, Any]]") -> list[str]:
    """A line on all rules that sources tell too little, and one each on the worst place; none on
    what is only not heard, which is said of the sources."""
    from services.commandline.since import local
    from streams.configuration.unjudged import of_place

    rules = list(found)
    if not rules:
        return []
    reasons = Counter[str]()
    for rule in rules:
        reasons.update(rule["reasons"])
    worst, number = reasons.most_common(1)[0]
    places = sum(rule["sources"] for rule in rules)
    lines = [
        f"not judged: {len(rules)} rules in {places} places, mostly {worst} ({number}):"
        " cityops status --json has them"
    ]
    for rule in rules:
        if rule["reasons"].keys() <= {"unheard"}:
            continue
        place = rule["places"][0]
        since = local(place["since"]) if place["since"] else ""
        why = place["reason"], place["detail"]
        line = of_place(
            rule["rule"], place["source"], why, since=since, apart=place["apart_seconds"]
        )
        more = rule["sources"] - 1
        lines.append(f"{line}; and {more} more" if more else line)
    return lines


_MEASURES = {
    "things": "finds {found:g} things in a picture where {usual:g}",
    "score": "is sure of things by {found:g} in the middle where {usual:g}",
    "bad": "has {found:.0%} of its pictures bad where {usual:.0%}",
}


def _drifts(found: dict[str, Any]) -> str:
    """A line on a camera that drifts."""
    from services.commandline.since import local

    what = _MEASURES.get(found["measure"], found["measure"] + ": {found} where {usual}")
    told = what.format(found=found["found"], usual=found["usual"])
    return f"camera {found['source']} {told} was usual at that hour, since {local(found['since'])}"


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
