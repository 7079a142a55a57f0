"""What a message that cannot be used is to the accounts."""

from typing import Any

from streams.accounts.entries import NOTHING, Added, Entry, rebooked
from streams.control import EMPTY, Control
from streams.events import UNTRUSTED, Detections, Fate, Headers, Readings
from streams.events.about import about
from streams.sensors import booking
from streams.stage import Accountable, Stage
from streams.topics import INPUTS

_OF_NONE = (b"cityops.tick", b"cityops.control", b"cityops.accounts")
"""They have no values."""


def refused(
    stage: Stage, known: object, event: Any, *, reason: str, headers: Headers, value: bytes
) -> Added:
    """All that it says is refused; one that says nothing which could be read counts for one.

    Args:
        known: the partition's control.
        event: None where it could not be decoded.
        headers, value: as they came.
    """
    if not isinstance(stage, Accountable) or dict(headers).get("ce_type") in _OF_NONE:
        return NOTHING
    control = known if isinstance(known, Control) else EMPTY
    if isinstance(event, Readings):
        return booking.refused(event, control, reason)
    named = () if reason in UNTRUSTED else about(headers, value).sources
    source = named[0] if len(named) == 1 and control.source(named[0]) else ""
    now = Entry(source, control.tick, "refused", reason)
    if stage.reads in INPUTS:
        return Added((now,), received=1)
    if isinstance(event, Detections):  # the stage before has said that it is stored
        before: Fate = "late" if event.late else "accepted"
        return Added(rebooked(now._replace(source=event.camera, time=event.time), before))
    return NOTHING
