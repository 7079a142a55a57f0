"""How long a server asks to be left alone: ``Retry-After`` (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 40
"""Characters of what is read at all: no date has more."""
MOST_SECONDS = 86_400.0


def asked(said: str | None, now: datetime) -> float:
    """Seconds from now on, a day at most, from a number of them or a date; 0 where nothing is said,
    or nothing that can be read: a stranger has written it.
    """
    said = (said or "").strip()
    if not said.isascii() or len(said) > LONGEST:
        return 0.0
    if said.isdecimal():
        return min(float(said), MOST_SECONDS)
    try:
        until = parsedate_to_datetime(said)
        # A date without a zone is meant in GMT, as all of HTTP's.
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max((aware - now).total_seconds(), 0.0), MOST_SECONDS)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
