"""How near together a camera's pictures are by which anything can be judged."""

from typing import Literal, get_args

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

Blindness = Literal[
    "", "sparse", "missing", "damaged", "frozen", "dark", "covered", "blinded", "moved", "removed"
]
"""Why good pictures are no nearer together. Empty: they are as near as any rule asks. sparse: the
camera is to send no more. missing: fewer came than it is to send, as they were shed, lost, late,
refused or never taken (accounts may say which). removed: it is no camera any more. The others are
verdicts on the pictures between."""
BLINDNESS: tuple[Blindness, ...] = get_args(Blindness)


class Sight(Wire, frozen=True, array_like=True):
    """What holds of a camera from a time on, until another one says what holds then.

    Said when it changes, and once an hour.
    """

    camera: str
    time: Micros
    """From when on it holds."""
    origin: Origin
    apart: Micros
    """How far apart good pictures are, for most of the time; 0: none come."""
    reason: Blindness
    since: Micros
    """Since when it has been so: ``time``, or earlier where it is said again."""
    told: Micros
    """The tick at which it was found, or is said again."""
