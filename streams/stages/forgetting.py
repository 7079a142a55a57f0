"""Event time goes back: every sensor is as just announced, and what is open ends before."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.events import Incident, Micros
from streams.incidents.life import conclude
from streams.indicators.summing import Pending
from streams.rules.sensors import Sensors
from streams.rules.watching import abandon
from streams.sensors import intake as intakes
from streams.sensors import register as registers
from streams.sensors.clocks import last_proof
from streams.sensors.delivery import Delivery
from streams.sensors.intake import Intake
from streams.sensors.register import Register
from streams.sensors.windows import Windows, begin_anew


def forget(
    state: Mapping[str, Any], last: Micros, now: Micros
) -> tuple[dict[str, Any], list[Incident]]:
    """What is kept from now on, by key of the state, and the incidents that end.

    Args:
        last: the last tick before event time went back.
        now: the tick that says so.
    """
    changes: dict[str, Any] = {}
    incidents: list[Incident] = []
    for key in sorted(state):
        match state[key]:
            case Intake() as intake:
                changes[key] = intakes.begin_anew(intake)
                incidents += [
                    conclude(wrong.incident, last_proof(intake.clocks, wrong), last)
                    for wrong in intake.clocks.wrong
                ]
            case Windows() as windows:
                changes[key] = begin_anew(windows, now)
            case Pending() as pending:
                changes[key] = msgspec.structs.replace(pending, placed=())
            case Register() as register:
                changes[key] = registers.begin_anew(register, now)
            case Delivery():
                changes[key] = Delivery()
            case Sensors() as sensors:
                changes[key] = Sensors()
                incidents += abandon(sensors, last)[1]
    return changes, incidents
