"""Acts alike become one line: the first at once, those that follow it as a number.

So neither a live picture that is looked at for hours nor a flood of guesses fills the disk. The
pure core: it knows no clock.
"""

from typing import NamedTuple

import msgspec

from services.audit.entry import Entry, Outcome

WINDOW_SECONDS: dict[Outcome, float] = {"done": 600.0, "refused": 60.0, "failed": 60.0}
"""After the first of acts alike, the others of so long become one line."""
MOST_KINDS = 2000
"""Acts unlike each other that are counted at a time."""
FREE = 120
"""Lines of strangers and of refusals at once; beyond that, and ``A_SECOND``, they are only
counted."""
A_SECOND = 1.0
OTHERS = "others"
"""The subject of the line for those that were only counted."""


class _Counted(NamedTuple):
    until: float
    entry: Entry
    """The last of them; its ``times`` are those that no line stands for yet."""
    first: int
    """When the first of those was."""


class Repeats:
    """Of one process; whoever calls it does so one at a time. Times are seconds that only rise."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, ...], _Counted] = {}
        self._free = float(FREE)
        self._at = 0.0

    def take(self, entry: Entry, steady: float) -> Entry | None:
        """What is to be written now; None: it is counted, and written with others."""
        key = entry.alike()
        if entry.outcome != "done" and key not in self._counted and not self._may(steady):
            # Whoever sends them must not choose how many lines there are.
            entry = msgspec.structs.replace(
                entry, actor="", role="", label="", address="", subject=OTHERS, reason=""
            )
            key = entry.alike()
        known = self._counted.get(key)
        if known is None:
            if len(self._counted) >= MOST_KINDS and entry.outcome == "done":
                return entry
            until = steady + WINDOW_SECONDS[entry.outcome]
            nothing = msgspec.structs.replace(entry, times=0)
            self._counted[key] = _Counted(until, nothing, entry.time)
            return entry
        number = known.entry.times + entry.times
        first = known.first if known.entry.times else entry.time
        self._counted[key] = known._replace(
            entry=msgspec.structs.replace(entry, times=number), first=first
        )
        return None

    def due(self, steady: float) -> list[Entry]:
        """The lines for what was counted in windows that are over; infinity: in all of them."""
        over = {key: one for key, one in self._counted.items() if one.until <= steady}
        lines = []
        for key, one in over.items():
            del self._counted[key]
            if one.entry.times:
                lines.append(msgspec.structs.replace(one.entry, time=one.first))
                if steady < float("inf"):
                    until = steady + WINDOW_SECONDS[one.entry.outcome]
                    nothing = msgspec.structs.replace(one.entry, times=0)
                    self._counted[key] = _Counted(until, nothing, one.entry.last)
        return lines

    def _may(self, steady: float) -> bool:
        self._free = min(float(FREE), self._free + (steady - self._at) * A_SECOND)
        self._at = steady
        if self._free < 1:
            return False
        self._free -= 1
        return True
