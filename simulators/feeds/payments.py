"""Online payments one by one, of which nearly all succeed; and how fast each gateway answers."""

import numpy as np

from models.measured import NOT_MEASURED
from simulators.feeds.cases import SENT_UNTIL_HEARD
from simulators.feeds.simulated import Events, Measured, Simulated, Tells, silent_when_gone
from simulators.world.chance import Keys, noise, now_and_then, trait, uniform, whole
from simulators.world.rhythm import ONLINE
from simulators.world.state import Rows, World
from streams.events import MINUTE, Micros
from streams.feeds.feed import EVENT_FIELDS

IN_A_MINUTE = 60.0
"""At a gateway that has most, at its busiest: with three of them some 100,000 on a working day
(assumed)."""
MOST_IN_A_MINUTE = 256
DONE, FAILED = 6.0, 7.0
REFUSED = 0.006
"""By the payer's bank: too little in the account, a wrong code."""
BAD_MINUTE, BAD = 1 / 600, 0.2
"""Once in a while a bank does not answer for a minute."""
FAILING = 0.35
"""So many more are refused while a bank's system fails, which answers as fast as ever."""
FEES, FINES, CHARGES = 1.0, 2.0, 3.0
SHARES = (0.7, 0.9)
AMOUNT = 120_000.0
"""Đồng, in the middle; a fine is some eight times a fee."""


def measure(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    busy = ONLINE.at(rows.time) * (0.5 + 0.5 * trait(rows.keys, "size"))
    took = 220.0 + 120.0 * busy + 20.0 * noise(rows.keys, rows.number, "took")
    return {"response_time": np.round(took)}


def between(keys: Keys, after: Micros, until: Micros) -> Events:
    """What was paid, or was to be, after the one and up to the other."""
    minutes = np.arange(after // MINUTE, until // MINUTE + 1, dtype=np.int64)
    source, minute = (each.ravel() for each in np.indices((len(keys), len(minutes))))
    number = minutes[minute]
    size = 0.5 + 0.5 * trait(keys[source], "size")
    made = whole(IN_A_MINUTE * ONLINE.at(number * MINUTE) * size, keys[source], number, "made")
    times = np.minimum(made, MOST_IN_A_MINUTE).astype(np.int64)
    bad = now_and_then(keys[source], number, BAD_MINUTE, "bank")
    source, bad = np.repeat(source, times), np.repeat(bad, times)
    nth = np.arange(len(source)) - np.repeat(np.cumsum(times) - times, times)
    case = np.repeat(number, times) * MOST_IN_A_MINUTE + nth
    own = keys[source]
    time = case // MOST_IN_A_MINUTE * MINUTE
    time += (uniform(own, case, "when") * MINUTE).astype(np.int64)
    failed = uniform(own, case, "fails") < np.where(bad, BAD, REFUSED)
    kind = np.searchsorted(SHARES, uniform(own, case, "what for")) + FEES
    much = AMOUNT * np.where(kind == FINES, 8.0, 1.0) * np.exp(0.8 * noise(own, case, "amount"))
    none = np.full(len(case), NOT_MEASURED)
    values = {
        "case": case.astype(np.float64),
        "step": np.where(failed, FAILED, DONE),
        "procedure": kind,
        "amount": np.round(much / 1000.0) * 1000.0,
    }
    told = np.stack([values.get(name, none) for name in EVENT_FIELDS], axis=1)
    order = np.argsort(time, kind="stable")
    found = Events(source[order], time[order], told[order])
    return found.take((after < found.time) & (found.time <= until))


def struck(world: World, rows: Rows, told: Events) -> Events:
    """With those that fail as a bank's system does."""
    share = FAILING * world.happening("refusing_bank", rows)
    if not share.any():
        return told
    case, step = (told.values[:, EVENT_FIELDS.index(name)] for name in ("case", "step"))
    refused = uniform(rows.keys, case.astype(np.int64), "refused") < share
    values = told.values.copy()
    values[:, EVENT_FIELDS.index("step")] = np.where(refused, FAILED, step)
    return told._replace(values=values)


def standing(keys: Keys, now: Micros) -> Events:
    """What was paid in the last minutes: nothing is open, and who starts anew tells that again."""
    return between(keys, now - TOLD_AGAIN, now)


TOLD_AGAIN: Micros = 5 * MINUTE
SIMULATED = Simulated(
    measure,
    silent=silent_when_gone,
    tells=Tells(between, standing, struck),
    rates=SENT_UNTIL_HEARD,
)
