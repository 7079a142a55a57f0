"""Per rule and source: whether a condition has held long enough to open or to end an incident."""

import msgspec

from streams.events import SECOND, Incident, Micros
from streams.sensors.judgement import Need

GAP_PERIODS = 3
LEAST_GAP: Micros = 60 * SECOND
UNKNOWN_GAP: Micros = 900 * SECOND
"""Readings further apart than this prove nothing together: nobody knows what was between."""


class Alarm(msgspec.Struct, frozen=True, array_like=True):
    """Whether an incident is open, and since when the condition holds that would change that."""

    since: Micros = 0
    """First of the readings in a row that say so; 0: the last one did not."""
    readings: int = 0
    """How many they are."""
    last: Micros = 0
    """The newest of them."""
    open: Incident | None = None
    """As announced, without its evidence."""


class Alarms(msgspec.Struct, frozen=True, tag="alarms"):
    """Of one gateway; what is idle is left out."""

    by_rule: dict[str, dict[str, Alarm]] = {}
    """Rule id, source id."""
    not_before: dict[str, dict[str, Micros]] = msgspec.field(default_factory=dict, name="floors")
    """Rule id, source id: when that nothing is heard of it was ended though it lasts, as it was
    not watched for."""


IDLE = Alarm()


def gap_limit(period: Micros) -> Micros:
    return max(GAP_PERIODS * period, LEAST_GAP) if period else UNKNOWN_GAP


def advance(alarm: Alarm, time: Micros, says: bool, need: Need, gap: Micros) -> tuple[Alarm, bool]:
    """One reading further.

    Args:
        says: the reading argues for opening the alarm, or for ending it where it is open.
        need: how long that must hold.
        gap: the time between readings beyond which none is proven by both.

    Returns:
        The alarm, and whether it is proven that it turns (open from ``since``, or ended then).
    """
    if not says:
        return msgspec.structs.replace(alarm, since=0, readings=0, last=time), False
    goes_on = alarm.since > 0 and time - alarm.last <= gap
    since = alarm.since if goes_on else time
    readings = alarm.readings + 1 if goes_on else 1
    alarm = msgspec.structs.replace(alarm, since=since, readings=readings, last=time)
    return alarm, time - since >= need.time and readings >= need.readings
