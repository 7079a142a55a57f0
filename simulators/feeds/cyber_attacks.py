"""Attacks on the city's systems one by one, at any hour: found, passed on and dealt with."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from simulators.feeds.cases import SENT_UNTIL_HEARD, SLOT, Told, drawn, one_of, slots, tells, told
from simulators.feeds.simulated import Simulated, measures_nothing
from simulators.world.chance import trait, uniform
from streams.events import DAY, HOUR, MINUTE

IN_A_DAY = 30.0
"""At a monitor that sees most: with three of them some 70 a day (assumed)."""
TOO_LATE = 0.01
LONGEST = 4
"""Days."""


class Sort(NamedTuple):
    """Of attack (assumed)."""

    number: int
    share: float
    hours: float
    """In which it has to be dealt with, at any hour."""


SORTS = (
    Sort(1, 0.60, 24.0),  # signing in
    Sort(2, 0.25, 8.0),  # malware
    Sort(3, 0.05, 2.0),  # defacement
    Sort(4, 0.10, 4.0),  # denial of service
)


@lru_cache(maxsize=4)
def known(monitors: bytes, today: int) -> Told:
    """What is told of those that begin on LONGEST days before that day, and on it."""
    keys = np.frombuffer(monitors, np.uint64)
    begins = slots(today - LONGEST, today)
    seen = 0.6 + 0.4 * trait(keys, "seen")
    rates = IN_A_DAY * (SLOT / DAY) * np.repeat(seen[:, None], len(begins), axis=1)
    cases = drawn(keys, begins, rates)
    sort = one_of([each.share for each in SORTS], cases, "sort")
    number, _, hours = (np.array(each)[sort] for each in zip(*SORTS, strict=True))
    late = uniform(cases.keys, cases.number, "too late") < TOO_LATE
    part = uniform(cases.keys, cases.number, "takes")
    takes = (np.where(late, 1.1 + 0.4 * part, 0.05 + 0.8 * part) * hours * HOUR).astype(np.int64)
    soon = 2.0 + 10.0 * uniform(cases.keys, cases.number, "goes on")
    goes_on = np.minimum(takes // 2, soon.astype(np.int64) * MINUTE)
    promised = hours, np.zeros(len(hours))
    return told(cases, promised, number, cases.begun + goes_on, cases.begun + takes)


SIMULATED = Simulated(measures_nothing, tells=tells(known), rates=SENT_UNTIL_HEARD)
