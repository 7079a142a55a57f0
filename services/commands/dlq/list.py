"""``cityops dlq list``: messages that could not be used, and why."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from services.commandline.dead_letters import AsJson, row
from services.commandline.output import CommandError, emit
from services.commandline.servers import no_kafka
from services.commandline.since import brief
from streams.settings import load

COLUMNS = ("id", "time", "reason", "source", "gateway", "place", "detail")
SPARE = ("place", "gateway", "detail")


def command(
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, latest first.")] = 50,
    reason: Annotated[str, typer.Option(help="Only those with this reason.")] = "",
    topic: Annotated[str, typer.Option(help="Only those of this topic, e.g. frames.")] = "",
    source: Annotated[str, typer.Option(help="Only those of this camera or sensor.")] = "",
    gateway: Annotated[str, typer.Option(help="Only those of this gateway.")] = "",
    as_json: AsJson = False,
) -> None:
    """List dead letters (messages that could not be used) in order of event time.

    Of each source so many are kept; `left_out` with --json says how many were not, by reason.

    Example: cityops dlq list --reason checksum --source cam-7
    """
    from streams.events import REASONS
    from streams.kafka import dead_letters
    from streams.kafka.broker import limits
    from streams.kafka.clients import BrokerAwayError
    from streams.topics import OUTSIDE

    settings = load()
    if topic and topic not in (topics := {*limits(settings), *OUTSIDE}):
        raise CommandError(f"there is no topic {topic!r}: one of {', '.join(sorted(topics))}")
    filtered = any((reason, topic, source, gateway))
    try:
        found = dead_letters.latest(settings, max(limit, 1000) if filtered else limit)
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    # Letters that another release has left may have a reason that this one does not know.
    reasons = {*REASONS, *(each.letter.reason for each in found)}
    if reason and reason not in reasons:
        raise CommandError(f"there is no reason {reason!r}: one of {', '.join(sorted(reasons))}")
    rows = [
        row(each)
        for each in found
        if reason in ("", each.letter.reason)
        and topic in ("", each.letter.topic)
        and gateway in ("", each.letter.gateway)
        and (not source or source in each.letter.sources)
    ]
    rows = rows[-limit:]
    if not as_json:
        now = datetime.now(UTC)  # only what a time is to be told with
        rows = [each | {"time": brief(each["time"], now)} for each in rows]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("source", "detail"),
        spare=SPARE,
        empty="no dead letters",
    )
