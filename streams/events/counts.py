"""How many a camera saw."""

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire


class Counts(Wire, frozen=True, array_like=True):
    """How many of one class a camera saw in one minute, in the whole picture or in one zone.

    A minute in which nothing of a class was seen has no event. Where the zones changed in
    mid-minute there are two: add ``tracks``, take the higher ``peak``.
    """

    camera: str
    zone: str
    """Empty: the whole picture."""
    time: Micros
    """Start of the minute."""
    period: Micros
    origin: Origin
    label: str
    """Of models.labels.CLASSES."""
    tracks: int
    """Different objects seen within the period."""
    peak: int
    """Most of them at once."""
