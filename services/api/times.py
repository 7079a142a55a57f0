"""Times in query parameters."""

from datetime import UTC, datetime, timedelta
from typing import overload

from services.api.problems import ProblemError
from streams.events import Micros, from_rfc3339, to_datetime


@overload
def time_of(name: str, text: str) -> Micros: ...
@overload
def time_of(name: str, text: str | None) -> Micros | None: ...
def time_of(name: str, text: str | None) -> Micros | None:
    """Raises ProblemError 422 where the text is no RFC 3339 time."""
    if text is None:
        return None
    try:
        time = from_rfc3339(text.strip().replace(" ", "+"))
        to_datetime(time)
    except (ValueError, OverflowError):
        example = "2026-11-22T18:00:00Z"
        raise ProblemError(422, "invalid", f"{name}: give a time such as {example}") from None
    return time


@overload
def moment_of(name: str, text: str) -> datetime: ...
@overload
def moment_of(name: str, text: str | None) -> datetime | None: ...
def moment_of(name: str, text: str | None) -> datetime | None:
    """As the database takes it; raises as ``time_of``."""
    time = time_of(name, text)
    return None if time is None else to_datetime(time)


def before(moment: datetime, by: timedelta) -> datetime:
    """So much earlier, or the first moment there is: whoever asks may ask from that one on."""
    try:
        return moment - by
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def first_of_hours(end: datetime, hours: int) -> datetime:
    """The start of the first of so many whole hours; the last is the one that ends then, or in
    which that is."""
    last = before(end, timedelta.resolution).replace(minute=0, second=0, microsecond=0)
    return before(last, timedelta(hours=hours - 1))
