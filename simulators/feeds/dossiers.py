"""Dossiers one by one: taken in, forwarded and decided in working time; some of them too late."""

from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np

from simulators.feeds.cases import SENT_UNTIL_HEARD, SLOT, Told, drawn, one_of, slots, tells, told
from simulators.feeds.simulated import Simulated, measures_nothing
from simulators.world.chance import trait, uniform
from simulators.world.rhythm import OFFICE
from simulators.world.working import WorkingTime, reach
from streams.events import HOUR, MINUTE
from streams.worktime.file import working_calendar

IN_AN_HOUR = 6.0
"""Dossiers at the busiest of an office (assumed)."""
TOO_LATE = 0.05
"""Of dossiers: on time are 90 to 95 of 100, as published."""
LATE, LATER = 1.1, 0.6
"""Of what was promised: what one that is too late takes, and so much more at most."""
LONGEST = 40
"""Days until the last of those that were taken in on one has been decided, holidays included;
more, where few days are worked."""


class Procedure(NamedTuple):
    """A kind of dossier (assumed)."""

    number: int
    share: float
    hours: float
    """Promised, in working time; 0: days are."""
    days: int


PROCEDURES = (
    Procedure(1, 0.35, 4.0, 0),  # certified copies
    Procedure(2, 0.25, 0.0, 1),  # births, marriages
    Procedure(3, 0.20, 0.0, 3),  # household businesses
    Procedure(4, 0.15, 0.0, 5),  # building permits
    Procedure(5, 0.05, 0.0, 10),  # land
)


@lru_cache(maxsize=4)
def known(offices: bytes, today: int) -> Told:
    """What is told of those that are taken in on LONGEST days before that day, and on it."""
    keys = np.frombuffer(offices, np.uint64)
    calendar, most = working_calendar(), ceil((LATE + LATER) * max(one.days for one in PROCEDURES))
    time = round((LATE + LATER) * max(one.hours for one in PROCEDURES) * HOUR)
    around = max(LONGEST, reach(calendar, today, most, time))
    working = WorkingTime(calendar, today - around, today + around)
    open_slots = slots(today - around, today)
    open_slots = open_slots[working.is_open(open_slots)]
    size = 0.4 + 0.6 * trait(keys, "size")
    rates = IN_AN_HOUR * (SLOT / HOUR) * size[:, None] * OFFICE.at(open_slots)
    cases = drawn(keys, open_slots, rates)
    kind = one_of([each.share for each in PROCEDURES], cases, "procedure")
    number, _, hours, days = (np.array(each)[kind] for each in zip(*PROCEDURES, strict=True))
    since = working.worked(cases.begun)
    by_hours = working.at(since + np.round(hours * HOUR).astype(np.int64))
    due = np.where(hours > 0, by_hours, working.after_days(cases.begun, np.maximum(days, 1)))
    late = uniform(cases.keys, cases.number, "too late") < TOO_LATE
    part = uniform(cases.keys, cases.number, "takes")
    share = np.where(late, LATE + LATER * part, 0.15 + 0.75 * part)
    takes = (share * (working.worked(due) - since)).astype(np.int64)
    soon = 20.0 + 40.0 * uniform(cases.keys, cases.number, "goes on")
    goes_on = np.minimum(takes // 2, soon.astype(np.int64) * MINUTE)
    return told(
        cases, (hours, days), number, working.at(since + goes_on), working.at(since + takes)
    )


SIMULATED = Simulated(measures_nothing, tells=tells(known), rates=SENT_UNTIL_HEARD)
