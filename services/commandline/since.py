"""Times on the command line: ``2026-11-22T18:00:00Z``, or how long ago, such as ``90m``."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from services.commandline.output import CommandError

if TYPE_CHECKING:
    from services.api.client import Client
    from streams.settings import Settings

HELP = "RFC 3339 time, or how long ago: 45s, 90m, 12h, 7d."
_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def now_of(client: "Client") -> datetime:
    """What event time should be by now, as the service says: the machine's clock may be wrong."""
    return datetime.fromisoformat(client.get("/api/clock")["event_time"])


def machine_now(client: "Client") -> datetime:
    """What the service's machine shows: sign-ins and tokens go by it, whatever event time is."""
    return datetime.fromisoformat(client.get("/api/clock")["time"])


def now_heard(settings: "Settings") -> datetime:
    """The same, as heartbeats say.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    from streams.events import to_datetime
    from streams.kafka.heartbeat import REMEMBERED_SECONDS, event_now, read_heartbeats
    from streams.stamps import wall_clock

    return to_datetime(event_now(read_heartbeats(settings, REMEMBERED_SECONDS), wall_clock()))


def parse_since(text: str, now: datetime, option: str = "--since") -> str:
    """RFC 3339, UTC; empty stays empty.

    Args:
        now: what event time should be by now, from which ages count.

    Raises:
        CommandError: it is neither.
    """
    if not text:
        return ""
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            moment = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        else:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
    except (ValueError, OverflowError):
        raise CommandError(
            f"{option} {text!r}: give a time with its zone, or such as 90m", 2
        ) from None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(text: str | None) -> str:
    """An RFC 3339 time as a person here reads it, to the second."""
    if not text:
        return "–"
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"


def brief(text: str | None, now: datetime) -> str:
    """As ``local``, but no more than is needed: ``14:02:07`` today, ``11-28 14:02`` this year."""
    if not text:
        return "–"
    time, here = datetime.fromisoformat(text).astimezone(), now.astimezone()
    if time.date() == here.date():
        return f"{time:%H:%M:%S}"
    return f"{time:%m-%d %H:%M}" if time.year == here.year else f"{time:%Y-%m-%d}"


def age(text: str, now: datetime) -> str:
    """How long before ``now`` an RFC 3339 time was, in its largest whole unit: ``45s``, ``3h``.

    ``now`` is of event time, as above.
    """
    seconds = int((now - datetime.fromisoformat(text)).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length}{unit}"
    return f"{max(0, seconds)}s"
