"""What a rule remembers of one thing that it watches: of cameras and sensors alike."""

from typing import Any, NamedTuple

import msgspec

from streams.events import Evidence, Incident, Micros


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """Of a zone, of a sensor, or of a source of which nothing is heard.

    Fields are appended, never moved.
    """

    since: Micros = 0
    """Since when the condition has held that is to hold for a while; 0: it does not."""
    last: Micros = 0
    """Cameras: when the open incident's condition held last. Sensors: the newest reading that told
    the rule anything."""
    not_before: Micros = 0
    """When the last incident ended though its condition may last: nothing before it proves another.
    """
    dwellers: dict[int, Micros] = {}
    """Track to the time it came into the zone, where the kind asks for that."""
    incident: Incident | None = None
    """The open one, as it was announced or, where it is or was unknown, last amended; of a sensor
    without its evidence."""
    memory: Any = None
    """The kind's own: numbers, texts, lists and dicts of them; replaced, never changed in place."""
    readings: int = 0
    """Sensors: how many readings in a row the condition has held for."""


IDLE = Watch()


class Finding(NamedTuple):
    """What proves an incident."""

    start: Micros
    subject: str
    evidence: tuple[Evidence, ...]
