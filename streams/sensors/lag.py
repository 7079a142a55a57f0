"""How far behind event time a sensor's readings arrive, and how long a slow one is waited for.

A feed says for how long its readings are waited for. A sensor whose link takes longer would be late
for ever; so what its readings took lately is waited for, for that sensor alone, and none of them is
late before a newer one of the sensor has been judged.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import MINUTE, SECOND, Micros

REMEMBERED = 16
"""Packs of a slow source; when it was in time in so many, it is slow no longer."""
MOST_LATENESS: Micros = 5 * MINUTE
"""Nobody is waited for longer: what arrives later than that is stored, and judged no more."""
LEAST_MARGIN: Micros = SECOND
"""Ticks come once a second, so what a reading took is known to a second."""
MARGIN_PARTS = 4
"""And a link varies: by a quarter of what it takes."""
AHEAD: Micros = 5 * SECOND
"""A reading further ahead of the last tick is of a clock that is wrong."""


class Slow(msgspec.Struct, frozen=True, array_like=True):
    """A source whose readings take longer than its feed allows."""

    recent: tuple[Micros, ...]
    """What the slowest new reading of each of the latest packs took."""
    passed: Micros
    """What lies before it has been released."""


class Lags(msgspec.Struct, frozen=True, array_like=True):
    """Of a gateway's sensors of one feed; arrays over the n slots of its roster, as bytes."""

    newest: bytes = b""
    """int64 [n]: the newest time of a reading that has arrived, never ahead of the tick then."""
    lag: bytes = b""
    """int64 [n]: what the newest reading of its latest pack took; negative: it was ahead."""
    slow: dict[int, Slow] = {}
    """By slot."""
    arrived: bytes = b""
    """int64 [n]: the last tick when its latest pack arrived; 0: none has yet."""

    def read_newest(self) -> NDArray[np.int64]:
        return np.frombuffer(self.newest, "<i8")

    def read_lag(self) -> NDArray[np.int64]:
        return np.frombuffer(self.lag, "<i8")

    def read_arrived(self, slots: int) -> NDArray[np.int64]:
        """[slots]"""
        arrived = np.frombuffer(self.arrived, "<i8")
        return np.append(arrived, np.zeros(slots - len(arrived), "<i8"))

    def __len__(self) -> int:
        return len(self.lag) // 8

    def before(self, slot: NDArray[np.uint16], feed: Micros) -> NDArray[np.int64] | Micros:
        """[n]: before when the readings of those slots have been released.

        Args:
            feed: that of the sources that are not slow.
        """
        if not self.slow:
            return feed
        limits = np.full(1 + max(int(slot.max(initial=0)), *self.slow), feed)
        for number, slow in self.slow.items():
            limits[number] = slow.passed
        return limits[slot]

    def is_slow(self, slot: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """[n]"""
        return np.isin(slot, list(self.slow))

    def is_ahead(self, slot: NDArray[np.uint16]) -> NDArray[np.bool_]:
        """[n]: whether the latest pack came from a clock that is ahead."""
        known = slot < len(self)
        ahead = np.zeros(len(slot), np.bool_)
        ahead[known] = self.read_lag()[slot[known]] < -AHEAD
        return ahead


def note(
    lags: Lags,
    judged: NDArray[np.int64],
    slot: NDArray[np.uint16],
    time: NDArray[np.int64],
    *,
    tick: Micros,
    lateness: Micros,
) -> Lags:
    """With what the readings of one pack say of it.

    Args:
        judged: of every slot, the time of the newest reading that has been judged; 0: none.
        tick: the last one; 0: none yet, and nothing can be said.
        lateness: the feed's.
    """
    if not tick or not len(slot):
        return lags
    slots = len(judged)
    new = slots - len(lags)
    newest = np.append(lags.read_newest(), np.zeros(new, "<i8"))
    lag = np.append(lags.read_lag(), np.zeros(new, "<i8"))
    known = newest[slot]
    latest = np.full(slots, np.iinfo(np.int64).min)
    np.maximum.at(latest, slot, time)
    here = np.unique(slot)
    lag[here] = tick - latest[here]
    newest[here] = np.maximum(newest[here], np.minimum(latest[here], tick))
    took = tick - time
    counts = (time > known) & (took <= MOST_LATENESS)
    slow = lags.slow
    if slow or bool((counts & (took > lateness)).any()):
        longest = np.zeros(slots, np.int64)
        np.maximum.at(longest, slot[counts], took[counts])
        slow = _slow(slow, np.unique(slot[counts]), longest, judged, lateness)
    arrived = lags.read_arrived(slots)
    arrived[here] = tick
    return Lags(newest.tobytes(), lag.tobytes(), slow, arrived.tobytes())


def _slow(
    slow: dict[int, Slow],
    slots: NDArray[np.uint16],
    longest: NDArray[np.int64],
    judged: NDArray[np.int64],
    lateness: Micros,
) -> dict[int, Slow]:
    """Args: longest: of each slot, what the slowest of its new readings took."""
    found = dict(slow)
    for number in slots.tolist():
        took, before = int(longest[number]), found.get(number)
        if before is None and took <= lateness:
            continue
        recent = before.recent if before else ()
        recent = (*recent, took)[-REMEMBERED:]
        if max(recent) > lateness:
            found[number] = Slow(recent, before.passed if before else int(judged[number]) + 1)
        else:
            del found[number]
    return found


def waited(slow: Slow) -> Micros:
    """For how long the source's readings are waited for."""
    longest = max(slow.recent)
    return min(longest + max(LEAST_MARGIN, longest // MARGIN_PARTS), MOST_LATENESS)


def pass_on(lags: Lags, tick: Micros) -> Lags:
    """At a tick: what is waited for no longer; never less than before."""
    if not lags.slow:
        return lags
    slow = {
        number: Slow(each.recent, max(each.passed, tick - waited(each)))
        for number, each in sorted(lags.slow.items())
    }
    return msgspec.structs.replace(lags, slow=slow)
