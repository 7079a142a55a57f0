"""Times on the command line: ``2026-11-22T18:00:00Z``, or how long ago, such as ``90m``."""

import re
from datetime import UTC, datetime, timedelta

from services.commandline.output import CommandError

HELP = "RFC 3339 time, or how long ago: 45s, 90m, 12h, 7d."
_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_since(text: str, now: datetime, option: str = "--since") -> str:
    """RFC 3339, UTC; empty stays empty.

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
    """How long ago an RFC 3339 time was, in its largest whole unit: ``45s``, ``12m``, ``3h``."""
    seconds = int((now - datetime.fromisoformat(text)).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length}{unit}"
    return f"{max(0, seconds)}s"
