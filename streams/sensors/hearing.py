"""When the sensors of a gateway were heard last, each for itself, and how far behind they are."""

import numpy as np

from streams.sensors.intake import Intake
from streams.sensors.windows import Windows
from streams.stage import Hearing


def of_gateway(intake: Intake, windows: Windows) -> Hearing:
    """Of those that have sent anything.

    One that sends nothing usable was heard when it last did: that is what rules go by, too.
    """
    slots = len(intake.lags)
    heard = intake.lags.read_arrived(slots)
    lag = intake.lags.read_lag()
    for slot in intake.unusable:
        if slot < min(slots, len(windows)):
            heard[slot] = min(heard[slot], windows.read_heard()[slot])
    told = np.flatnonzero(intake.lags.read_arrived(slots))
    return Hearing(tuple(intake.sources[slot] for slot in told.tolist()), heard[told], lag[told])
