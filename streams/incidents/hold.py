"""Whether a condition has held long enough to open or to end an incident."""

from typing import NamedTuple

import msgspec

from streams.events import SECOND, Micros
from streams.incidents.watch import Watch

GAP_PERIODS = 3
LEAST_GAP: Micros = 60 * SECOND
UNKNOWN_GAP: Micros = 900 * SECOND
"""Readings further apart than this prove nothing together: nobody knows what was between."""


class Need(NamedTuple):
    """How long a condition must hold: both must be reached."""

    time: Micros
    readings: int


def gap_limit(period: Micros) -> Micros:
    """Of a source that speaks once in ``period``; 0: nobody knows how often it does."""
    return max(GAP_PERIODS * period, LEAST_GAP) if period else UNKNOWN_GAP


def hold(watch: Watch, time: Micros, says: bool, need: Need, gap: Micros) -> tuple[Watch, bool]:
    """One reading further.

    Args:
        says: the reading argues for opening the incident, or for ending it where it is open.
        need: how long that must hold.
        gap: the time between readings beyond which none is proven by both.

    Returns:
        The watch, and whether it is proven that it turns (open from ``since``, or ended then).
    """
    if not says:
        return msgspec.structs.replace(watch, since=0, readings=0, last=time), False
    goes_on = watch.since > 0 and time - watch.last <= gap
    since = watch.since if goes_on else time
    readings = watch.readings + 1 if goes_on else 1
    watch = msgspec.structs.replace(watch, since=since, readings=readings, last=time)
    return watch, time - since >= need.time and readings >= need.readings
