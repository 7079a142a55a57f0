"""How long an acknowledgement lasts. Pure.

Whoever has acknowledged an alert knows of it. That it comes again says nothing new, and asks for
nothing, until something is new: it is worse, another thing, elsewhere, back after a while, or
there for too long.
"""

from math import cos, hypot, radians
from typing import Literal

from services.alerts.flapping import flap
from streams.events import HOUR, MINUTE, SEVERITIES, Micros, Place, Severity

HOLD: Micros = 30 * MINUTE
"""What comes again so soon after it was acknowledged is known."""
LIMITS: dict[Severity, Micros] = {
    "critical": HOUR,
    "high": 4 * HOUR,
    "medium": 12 * HOUR,
    "low": 12 * HOUR,
    "informational": 12 * HOUR,
}
"""For how long after it was acknowledged a condition may go on before somebody is asked again; a
shift at most, as whoever comes then has not seen it."""
MOVED_METRES = 200
"""A crew that was sent there would not find it."""
_METRES_A_DEGREE = 111_320.0

Because = Literal["", "severity", "kind", "place", "subject", "hold", "limit", "closed"]
"""Why somebody is asked although the alert was acknowledged, or closed, before; empty: it was
neither."""


def worse(severity: Severity, than: Severity) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(than)


def moved(place: Place | None, known: Place | None) -> bool:
    """Whether it is elsewhere; where either is not known it is not said to be."""
    if place is None or known is None:
        return False
    if place.segment and known.segment and place.segment != known.segment:
        return True
    if place.point is None or known.point is None:
        return False
    (latitude, longitude), (other, east) = place.point, known.point
    north = (latitude - other) * _METRES_A_DEGREE
    along = (longitude - east) * _METRES_A_DEGREE * cos(radians(latitude))
    return hypot(north, along) > MOVED_METRES


def because(
    *,
    severity: Severity,
    acknowledged: Severity,
    same_kind: bool,
    elsewhere: bool,
    same_subject: bool,
    since: Micros,
    starts: tuple[Micros, ...],
) -> Because:
    """Why a further occurrence of what was acknowledged asks; empty: it does not.

    Args:
        acknowledged: how severe it was then.
        since: from the acknowledgement to the occurrence's start.
        starts: of the latest occurrences (``Alert.starts``), with this one.
    """
    if worse(severity, acknowledged):
        return "severity"
    if not same_kind:
        return "kind"
    if elsewhere:
        return "place"
    if since > LIMITS[severity]:
        return "limit"
    if flap(starts):
        return ""
    if severity == "critical" and not same_subject:
        return "subject"  # another accident, which nobody has seen
    return "hold" if since > HOLD else ""
