"""Times in query parameters."""

from services.api.problems import ProblemError
from streams.events import Micros, from_rfc3339, to_datetime


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
