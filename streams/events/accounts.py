"""What became of every value that came in, by source and hour."""

from typing import Literal, get_args

from streams.events.time import Micros
from streams.events.wire import Wire

Fate = Literal["accepted", "late", "corrected", "repeated", "refused", "shed", "not_judged"]
"""Of a value of a reading, or of a picture as a whole.

accepted: stored, and decided with. late: stored, after the allowed lateness. corrected: another
value of the same source, metric and time counts instead; where both were stored, it is the second
that is said to be. repeated: the same had come before. refused: used by nobody, for a reason. shed:
never published, for a reason. not_judged: a picture that was looked at and stored, and that came
too late to be interpreted, or that nothing can be judged by.
"""

FATES: tuple[Fate, ...] = get_args(Fate)


class Booked(Wire, frozen=True, array_like=True):
    """So many values of one source and hour have come to this, since the accounts before."""

    source: str
    """Empty: of no source that is known here."""
    hour: Micros
    """Its start; of the values' own time, where that can be believed, else of the last tick, and so
    of every picture that is refused."""
    fate: Fate
    reason: str
    """Why they were refused or shed; empty for others."""
    number: int
    """Of values; negative: so many came to something else than had been said before."""


class Accounts(Wire, frozen=True, array_like=True):
    """What a stage says has become of what it took in, once in some minutes of event time."""

    stage: str
    topic: str
    """What the stage reads."""
    partition: int
    time: Micros
    """The tick at which they were added up."""
    rows: tuple[Booked, ...]
    more: bool = False
    """They go on in the next message; the sums below are in the last."""
    received: int = 0
    """Values that the stage has taken in, since the partition began to count."""
    known: int = 0
    """Those of them that have come to something."""
    waiting: int = 0
    """Values that the stage finds waiting in its state."""
    sent: int = 0
    """Rows of tables that everything leaves which the stage has sent on to be stored."""
