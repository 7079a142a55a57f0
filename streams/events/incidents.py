"""Incidents, and what proves them."""

from typing import Literal

from streams.events.control import Place
from streams.events.frames import FrameRef
from streams.events.time import Micros
from streams.events.vocabulary import Origin, Severity
from streams.events.wire import Wire

Why = Literal["", "depends", "late", "again", "outlasts", "off", "near", "road"]
"""``depends``: what it depends on is down. ``late``: it was, and is over; this was proven after
that. ``again``: that is down again, before the grace was over. ``outlasts``: it is over, and the
grace, too. ``off``: nothing is explained any more, as was said. ``near``, ``road``: it tells of
one event with the other, at a place near by or on the same road segment."""


class Box(Wire, frozen=True, array_like=True):
    """A box of the evidence: tenths of a pixel, thousandths."""

    x0: int
    y0: int
    x1: int
    y1: int
    label: str
    score: int


class Evidence(Wire, frozen=True, array_like=True):
    """What proves an incident: the frame and boxes of a camera, or the readings of a sensor."""

    source: str
    time: Micros
    model: str
    frame: FrameRef | None = None
    boxes: tuple[Box, ...] = ()
    zone: tuple[tuple[float, float], ...] = ()
    metric: str = ""
    series: tuple[tuple[Micros, float, int], ...] = ()
    """Sensors: (time, value, anomaly score in thousandths), oldest first."""
    between: tuple[float, float] | None = None
    """Sensors: the values between which the last was expected; None: nobody knows, or its rule
    has a limit that says so."""


class Incident(Wire, frozen=True, array_like=True):
    """Announced with revision 0; each amendment (its end among them) has the next revision."""

    id: str
    """UUIDv5, see ``streams.incidents.identity.incident_id``."""
    kind: str
    """Id of its kind, see ``streams.kinds``."""
    rule: str
    origin: Origin
    severity: Severity
    sources: tuple[str, ...]
    zone: str
    subject: str
    start: Micros
    decided_at: Micros
    """Event time at which this revision was proven."""
    end: Micros | None
    revision: int
    place: Place | None
    evidence: tuple[Evidence, ...] = ()
    """Of each source once, where several prove it."""
    part_of: str = ""
    """Id of the incident that it turned out to be part of; it ends as one of its own."""
    unknown_since: Micros | None = None
    """When it was last proven, where its source has not been heard since: nobody knows whether it
    lasts. One that has ended so ended as of then. None: its source was heard."""
    scenery: bool = False
    """It has ended because what proved it is scenery."""
    explained_by: str = ""
    """Id of the incident that it is a consequence of, as what its source depends on is down, or
    that leads the event of which both tell. Empty: none is known, or it has outlasted that."""
    via: tuple[str, ...] = ()
    """Sources from its own to the cause's, each depending on the next, or joined to it."""
    why: Why = ""
    """What was decided last of whether it is a consequence; empty: nothing ever was."""
