"""Which states of an alert the world outside is told of as messages of their own, as in CAP. Pure.

An alert is told of when it begins, when it changes in what others see of it, and when it is over.
What people do to it among themselves (acknowledging, assigning, commenting) tells nobody outside.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from services.alerts.alert import Alert, apply
from services.alerts.store import Recorded
from services.alerts.transitions import (
    Amended,
    Joined,
    Merged,
    Parted,
    Raised,
    Reopened,
    Repeated,
    Resolved,
    Returned,
)
from streams.events import Micros

CHANGES = (Raised, Repeated, Amended, Returned, Merged, Joined, Parted, Resolved, Reopened)
MOST_REFERENCES = 50
MessageType = Literal["Alert", "Update", "Cancel"]


class Issue(NamedTuple):
    """A message about an alert."""

    type: MessageType
    version: int
    """Of the alert: with its id it names the message."""
    sent: Micros
    """When it was written down (wall clock)."""
    references: tuple[tuple[int, Micros], ...]
    """Version and time of those that it takes the place of, since the alert last began."""


def newest(lines: Iterable[Recorded]) -> Issue | None:
    """The newest message about an alert, from its transitions, oldest first."""
    alert: Alert | None = None
    earlier: list[tuple[int, Micros]] = []
    found: Issue | None = None
    for line in lines:
        alert = apply(alert, line.transition)
        if not isinstance(line.transition.event, CHANGES):
            continue
        over = not alert.active or alert.state == "resolved"
        if over and (found is None or found.type == "Cancel"):
            continue  # nobody outside has heard that it was not
        if found is None or found.type == "Cancel":
            earlier = []
        kind: MessageType = "Cancel" if over else "Update" if earlier else "Alert"
        references = tuple(earlier[-MOST_REFERENCES:])
        found = Issue(kind, alert.version, line.recorded_at, references)
        earlier.append((found.version, found.sent))
    return found
