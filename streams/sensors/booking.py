"""What readings are to the accounts: each value counts, and so does a reading that has none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.accounts.entries import Added, Entries
from streams.control import Control
from streams.events import BAD, FAULTS, REPEATED, BadMessage, Fate, Readings
from streams.sensors.faults import MEASURES_NOTHING
from streams.sensors.reordering import Merged, Waiting
from streams.sensors.times import believed


def values_of(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """[n]: how many values each reading counts for.

    Args:
        values: [n, metrics].
    """
    number: NDArray[np.int64] = np.maximum(measured(values).sum(axis=1), 1)
    return number


def waiting(blocks: Waiting) -> int:
    """Values that wait for their time."""
    return sum(int(values_of(block.rows(block.metrics).values).sum()) for block in blocks)


def of_pack(
    pack: Readings,
    names: Sequence[str],
    control: Control,
    fate: Fate,
    reason: str = "",
    *,
    least: int = 1,
) -> Entries:
    """All that a pack says has come to the same.

    Args:
        names: of its sources; empty where one is not known.
        least: that a reading without a value counts for.

    Raises:
        BadMessage: the pack is malformed.
    """
    index, times, values = pack.arrays()
    number = np.maximum(measured(values).sum(axis=1), least)
    return Entries(names, index, believed(control, times), number, fate, reason)


def refused(pack: Readings, control: Control, reason: str) -> Added:
    """A pack that is refused as a whole; of a malformed one nobody knows what it says."""
    names = tuple(source if control.source(source) else "" for source in pack.sources)
    try:
        entries = of_pack(pack, names, control, "refused", reason)
    except BadMessage:
        one = np.ones(1, np.int64)
        entries = Entries(("",), one - 1, one * control.tick, one, "refused", reason)
    return Added((entries,), received=int(entries.number.sum()))


def of_judged(
    sources: tuple[str, ...],
    found: Merged,
    faults: NDArray[np.uint8],
    flags: NDArray[np.uint8],
    good: Fate,
) -> Added:
    """What readings have come to that leave the stage.

    Args:
        sources: by slot.
        faults, flags: [n, metrics] and [n], as they are sent on.
        good: what becomes of values that nothing is wrong with.
    """
    rows = found.rows
    there = measured(rows.values)
    if not (flags.any() or faults.any()):  # nor is one joined to another: its flag would say so
        number = there.sum(axis=1)
        one = Entries(sources, rows.slot, rows.time, number, good)
        return Added((one,), sent=int(number.sum()))
    again = (flags & REPEATED) > 0
    own = ~found.joined
    fine = (there & (faults == 0)).sum(axis=1)
    stored = own & ~again & (flags & BAD == 0)
    repeated = found.repeats + np.where(own & again, values_of(rows.values), 0)
    fates: tuple[tuple[NDArray[np.bool_], NDArray[np.int64], Fate], ...] = (
        (stored, fine, good),
        (repeated > 0, repeated, "repeated"),
        (found.corrections > 0, found.corrections, "corrected"),
    )
    entries = [
        Entries(sources, rows.slot, rows.time, np.where(which, number, 0), fate)
        for which, number, fate in fates
    ]
    wrong = np.where(again[:, None], 0, faults)
    for code in np.flatnonzero(np.bincount(wrong.ravel())).tolist():
        if code:
            number = (wrong == code).sum(axis=1)
            if code == MEASURES_NOTHING:
                number = np.minimum(number, 1)  # one reading, however many metrics it might have
            entries.append(
                Entries(sources, rows.slot, rows.time, number, "refused", FAULTS[code - 1])
            )
    sent = int(fine[stored].sum()) + int(np.count_nonzero(wrong))
    return Added(entries, sent=sent)


def tally(**which: NDArray[np.bool_]) -> dict[str, int]:
    """How many rows each is true of, without those of which none is."""
    return {name: n for name, rows in which.items() if (n := int(np.count_nonzero(rows)))}
