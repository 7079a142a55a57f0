"""How well what sources are to send has come, by source and hour."""

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

DELIVERY = ("expected", "arrived", "refused", "unclean", "late")
"""Rows of ``SourceHours.numbers``: readings expected by the sources' periods (0: nobody knows how
many), those that came, of these: refused in any value; stuck, sent twice or corrected; too late to
be judged."""


class SourceHours(Wire, frozen=True, array_like=True):
    """An hour of the sources that one gateway has of one feed, said once when it is over."""

    gateway: str
    feed: str
    origin: Origin
    """Of the sources."""
    hour: Micros
    """Its start, of the readings' own time."""
    time: Micros
    """The tick at which it is said."""
    sources: tuple[str, ...]
    numbers: bytes
    """int32 [DELIVERY, sources]"""


class Delivered(Wire, frozen=True, array_like=True):
    """What one partition adds to an hour of a feed."""

    feed: str
    origin: Origin
    hour: Micros
    sources: int
    kept: int
    """Of these: so many kept everything that the feed promises."""
    expected: int
    arrived: int
    """Of those of which it is known how many are expected."""
    readings: int
    """All that came."""
    refused: int
    unclean: int
    late: int
