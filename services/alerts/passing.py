"""What event time does to alerts by passing. Pure.

A shelf ends, a window of maintenance begins or is over, an acknowledgement outlasts its limit. Each
is a transition at the event time at which it was due, whenever somebody comes to look: before the
next incident or command is taken, and once a second by event time.
"""

from collections.abc import Iterable

from services.alerts.alert import Alert, apply
from services.alerts.suppressions import Suppression
from services.alerts.transitions import (
    AlertEvent,
    Asked,
    Restored,
    Suppressed,
    Transition,
    Unshelved,
    number,
)
from streams.events import Micros


def passed(
    alert: Alert, now: Micros, suppressions: Iterable[Suppression] = ()
) -> tuple[Transition, ...]:
    """What was due until ``now``, in the order in which it was.

    Args:
        suppressions: those that cover the alert and may have begun since somebody last looked.
    """
    begins = sorted(
        (one for one in suppressions if one.in_force(now) and one.id not in alert.suppressions),
        key=lambda one: (one.begin, one.id),
    )
    found: list[Transition] = []
    while True:
        due = alert.due
        time, event = (None, None) if due is None else (due, _due(alert, due))
        if begins and alert.resolved_at is None and (time is None or begins[0].begin <= time):
            one = begins.pop(0)
            # While it was closed nothing was suppressed.
            time = max(one.begin, alert.reopened_at or one.begin)
            event = Suppressed(suppression=one)
        if time is None or event is None or time > now:
            return tuple(found)
        (line,) = number(
            alert.id, alert.version, [event], time=time, stalled_since=alert.stalled_since
        )
        alert = apply(alert, line)
        found.append(line)


def _due(alert: Alert, time: Micros) -> AlertEvent:
    """The one thing, of those that are due, that comes first."""
    for name, one in sorted(alert.suppressions.items()):
        if one.until is not None and one.until <= time:
            return Restored(suppression=name, comment=one.ended_reason)
    if alert.shelf is not None and alert.shelf.until <= time:
        return Unshelved(because="time")
    return Asked(because="limit")
