"""What is known of a source that tells of what is over as it happens, as a payment gateway."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import HOUR, MINUTE, Micros

Cases = NDArray[np.uint64]


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What happened in an hour of events' own time."""

    hour: Micros
    """Its start."""
    cases: bytes
    """uint64 [n], ascending."""

    def read(self) -> Cases:
        return np.frombuffer(self.cases, "<u8")


class Minute(msgspec.Struct, frozen=True, array_like=True):
    """What happened in one of which nothing has been said yet."""

    end: Micros
    made: int
    failed: int
    amount: int


class Till(msgspec.Struct, frozen=True, array_like=True):
    hours: tuple[Known, ...] = ()
    """In order of time."""
    minutes: tuple[Minute, ...] = ()
    """In order of time."""
    floor: Micros = 0
    """What is older has been forgotten."""

    @property
    def kept(self) -> int:
        """Numbers that are known."""
        return sum(len(hour.cases) // 8 for hour in self.hours)

    def knows(self, cases: Cases) -> NDArray[np.bool_]:
        """[n]: which have been told of."""
        found = np.zeros(len(cases), np.bool_)
        for hour in self.hours:
            known = hour.read()
            place = np.minimum(np.searchsorted(known, cases), len(known) - 1)
            found |= known[place] == cases
        return found

    def remembering(self, cases: Cases, times: NDArray[np.int64]) -> "Till":
        """With what was not known before."""
        hours = {known.hour: known.read() for known in self.hours}
        of = times // HOUR * HOUR
        for hour in np.unique(of).tolist():
            own = cases[of == hour]
            known = np.concatenate((hours[hour], own)) if hour in hours else own
            hours[hour] = np.sort(known)
        kept = (Known(hour, hours[hour].astype("<u8").tobytes()) for hour in sorted(hours))
        return msgspec.structs.replace(self, hours=tuple(kept))

    def forgetting(self, before: Micros, now: Micros) -> "Till":
        """Without the hours that are over by then; what is newer than ``now`` is none of them."""
        hours = tuple(known for known in self.hours if known.hour + HOUR > before)
        if len(hours) == len(self.hours):
            return self
        floor = max(self.floor, min(before, now))
        return msgspec.structs.replace(self, hours=hours, floor=floor)

    def back(self, now: Micros) -> "Till":
        """Where event time goes back to then: what was told of later is known as told of now, and
        what is new from now on has not been forgotten."""
        here = tuple(known for known in self.hours if known.hour <= now)
        later = [known.read() for known in self.hours if known.hour > now]
        till = Till(here, (), min(self.floor, now))
        if not later:
            return till
        cases = np.concatenate(later)
        return till.remembering(cases, np.full(len(cases), now, np.int64))

    def adding(self, minutes: dict[Micros, list[int]]) -> "Till":
        """With what has happened, by the end of its minute: made, failed and the amount."""
        sums = {each.end: [each.made, each.failed, each.amount] for each in self.minutes}
        for end, more in minutes.items():
            sums[end] = [a + b for a, b in zip(sums.get(end, [0] * 3), more, strict=True)]
        said = tuple(Minute(end, *sums[end]) for end in sorted(sums))
        return msgspec.structs.replace(self, minutes=said)


def minute_of(time: Micros) -> Micros:
    """The end of the minute in which it lies."""
    return time // MINUTE * MINUTE + MINUTE
