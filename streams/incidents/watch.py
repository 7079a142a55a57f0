"""What a rule remembers of one place that it watches."""

from typing import Any, NamedTuple

import msgspec

from streams.events import Evidence, Incident, Micros


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """Of a zone, or of a camera that is not heard of. Fields are appended, never moved."""

    since: Micros = 0
    """Since when the condition has held that is to hold for a while; 0: it does not."""
    last: Micros = 0
    """When the open incident's condition held last."""
    not_before: Micros = 0
    """When the last incident ended: nothing before it proves another."""
    dwellers: dict[int, Micros] = {}
    """Track to the time it came into the zone, where the kind asks for that."""
    incident: Incident | None = None
    """The open one, as it was announced."""
    memory: Any = None
    """The kind's own: numbers, texts, lists and dicts of them; replaced, never changed in place."""


IDLE = Watch()


class Finding(NamedTuple):
    """What proves an incident."""

    start: Micros
    subject: str
    evidence: tuple[Evidence, ...]
