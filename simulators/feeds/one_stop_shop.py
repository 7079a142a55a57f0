"""One-stop shops: dossiers of the day, by office hours; one that falls behind has overdue ones."""

import numpy as np

from simulators.feeds.counting import since_midnight
from simulators.feeds.simulated import Measured, Simulated
from simulators.world import calendar
from simulators.world.chance import drift, noise, now_and_then, trait, uniform
from simulators.world.rhythm import OFFICE
from simulators.world.state import Rows, World
from streams.events import DAY, HOUR, MINUTE

PERIOD = 10 * MINUTE
IN_AN_HOUR = 16.0
"""Dossiers at the busiest of an office: with all of them some 6,000 on a working day (assumed)."""
FALLS_BEHIND = 60.0
"""So many become overdue where the scenario says so."""


def measure(world: World, rows: Rows) -> Measured:
    size = 0.4 + 0.6 * trait(rows.keys, "size")

    def received(times: np.ndarray) -> np.ndarray:
        return IN_AN_HOUR * (PERIOD / HOUR) * OFFICE.at(times)

    def resolved(times: np.ndarray) -> np.ndarray:
        return received(times - HOUR)

    came = since_midnight(rows, PERIOD, received, size, "received")
    went = since_midnight(rows, PERIOD, resolved, size, "resolved")
    day = calendar.midnight(rows.time)
    waits = 120.0 * size * (1.0 + 0.1 * drift(rows.keys, day, 7 * DAY, "waits"))
    late = np.floor(3.0 * uniform(rows.keys, day // DAY, "late"))
    late += np.where(now_and_then(rows.keys, rows.number, 1 / 600, "counted twice"), 15.0, 0.0)
    errors = 0.6 + 0.25 * noise(rows.keys, rows.number, "errors")
    errors += np.where(now_and_then(rows.keys, rows.number, 1 / 500, "errors"), 15.0, 0.0)
    return {
        "dossiers_received": came,
        "dossiers_resolved": went,
        "dossiers_pending": np.maximum(np.round(waits + came - went), 0.0),
        "dossiers_overdue": late + np.floor(FALLS_BEHIND * world.progress("overdue", rows)),
        "error_rate": np.round(np.maximum(errors, 0.0), 2),
    }


SIMULATED = Simulated(measure)
