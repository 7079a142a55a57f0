"""What became of what is told of one by one, by hour, source and kind of procedure."""

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire


class CaseHour(Wire, frozen=True, array_like=True):
    """What events add to an hour; below 0: an earlier one was not as it seemed."""

    source: str
    hour: Micros
    """Its start, of the events' own time."""
    procedure: int
    """As who told of them numbers it; 0: they did not say."""
    begun: int
    forwarded: int
    ended: int
    in_time: int
    """Of those that ended: within the working time that was promised; of what is over as it
    happens: that was done, and did not fail."""
    amount: int = 0
    """What those in ``in_time`` add up to, where their feed tallies that."""


class CaseHours(Wire, frozen=True, array_like=True):
    """What the events that one tick has taken add, of one gateway and feed."""

    gateway: str
    feed: str
    origin: Origin
    """Of the sources."""
    time: Micros
    """The tick."""
    rows: tuple[CaseHour, ...]
