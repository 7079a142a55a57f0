"""Event time: integer microseconds since the epoch, UTC; RFC 3339 outside."""

from datetime import UTC, datetime, timedelta

Micros = int


SECOND: Micros = 1_000_000


MINUTE: Micros = 60 * SECOND


HOUR: Micros = 60 * MINUTE


DAY: Micros = 24 * HOUR


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_rfc3339(time: Micros) -> str:
    """``2026-11-22T18:00:00.000000Z``."""
    return to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shown(time: Micros) -> str:
    """As ``to_rfc3339``; where no calendar has the year, what was sent."""
    try:
        return to_rfc3339(time)
    except OverflowError:
        return f"{time} us"


def from_rfc3339(text: str) -> Micros:
    """Raises ValueError where the text is no time or carries no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return from_datetime(moment)


def to_datetime(time: Micros) -> datetime:
    """In UTC; raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=time)


def from_datetime(moment: datetime) -> Micros:
    """Raises TypeError where ``moment`` carries no zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
