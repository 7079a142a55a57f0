"""When an alert flaps: it comes and goes more often than anybody can answer it."""

from streams.events import MINUTE, Micros

FLAPS = 3
"""So many occurrences that begin …"""
FLAP_WITHIN: Micros = 5 * MINUTE
"""… within this time, each after the end of the one before, are an alert that flaps. ISA-18.2
speaks of chattering from three a minute on; what must hold for half a minute, and be clear for one,
as by the default rules, cannot be that quick."""


def flap(starts: tuple[Micros, ...]) -> bool:
    """Whether the latest occurrences, at most FLAPS, of one subject are an alert that flaps."""
    return len(starts) == FLAPS and starts[-1] - starts[0] <= FLAP_WITHIN
