"""What people see of alerts who are limited to an area, which is a set of wards. Pure.

Whether an alert is theirs is decided by the wards that its sources were in when it was raised, or
when they were added to it. A source in no ward, or none that is configured, is in nobody's area.
"""

from typing import NamedTuple

import msgspec

from services.alerts.alert import Alert
from services.alerts.store import Recorded
from services.alerts.suppressions import Suppression
from services.alerts.transitions import Amended, Names, Raised, Repeated, Suppressed

Area = frozenset[str] | None
"""Wards; None: everywhere. The empty set is nowhere."""

OUTSIDE = Names(source_vi="ngoài địa bàn của bạn", source_en="outside your area")
"""In place of the names of what is not theirs."""


class Shown(NamedTuple):
    """An alert as somebody may see it."""

    alert: Alert
    outside: int
    """How many of its sources are outside their area, of which nothing is said."""
    own: bool
    """Whether its first source, in whose name it goes, is inside: who sees but a part of another
    ward's alert does nothing to it."""


def seen_by(alert: Alert, area: Area) -> Shown | None:
    """None where nothing of it is in the area."""
    if area is None:
        return Shown(alert, 0, True)
    inside = _inside(alert, area)
    if not inside:
        return None
    own = alert.source in inside
    changed = msgspec.structs.replace(
        alert,
        sources=tuple(one for one in alert.sources if one in inside),
        evidence=tuple(one for one in alert.evidence if one.source in inside),
    )
    if not own:
        changed = msgspec.structs.replace(
            changed,
            source="",
            zone="",
            rule="",
            subject="",
            place=None,
            given=alert.given and msgspec.structs.replace(alert.given, row=""),
            names=OUTSIDE,
            resolution="",
            links=(),
            shelf=alert.shelf and msgspec.structs.replace(alert.shelf, reason=""),
            suppressions={name: _unsaid(one) for name, one in alert.suppressions.items()},
        )
    return Shown(changed, len(alert.sources) - len(changed.sources), own)


def line_seen_by(line: Recorded, alert: Alert, area: Area) -> Recorded:
    """A line of its history, as who sees the alert may see it: others' evidence is taken out and,
    where the alert is not their own, what people have said of it.

    Args:
        alert: the whole alert.
    """
    if area is None:
        return line
    inside = _inside(alert, area)
    event = line.transition.event
    if isinstance(event, Raised | Repeated | Amended):
        theirs = tuple(one for one in event.evidence if one.source in inside)
        event = msgspec.structs.replace(event, evidence=theirs)
    elif alert.source not in inside:
        if isinstance(event, Suppressed):
            hidden = _unsaid(event.suppression)
            event = msgspec.structs.replace(event, suppression=hidden)
        elif hasattr(event, "comment"):
            event = msgspec.structs.replace(event, comment="")
    return line._replace(transition=msgspec.structs.replace(line.transition, event=event))


def _unsaid(one: Suppression) -> Suppression:
    return msgspec.structs.replace(one, subject="", reason="", ended_reason="")


def _inside(alert: Alert, area: frozenset[str]) -> frozenset[str]:
    """Its sources that are in the area, those of earlier occurrences too."""
    return frozenset(source for source, ward in alert.wards.items() if ward in area)
