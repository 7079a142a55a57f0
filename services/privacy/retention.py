"""How long what shows people, or comes of it, is kept: one list, for the console and the docs."""

from typing import Literal, NamedTuple

from streams.events import DAY
from streams.kafka.broker import limits
from streams.settings import Settings
from streams.topics import CORRELATED, DEAD_LETTERS, DETECTIONS, FRAMES

What = Literal[
    "frames",
    "originals",
    "pictures",
    "dead_letters",
    "boxes",
    "detections",
    "incidents",
    "incidents_sent",
    "messages",
    "alerts",
    "erasures",
    "recordings",
]


class Kept(NamedTuple):
    what: What
    days: int | None
    """Of event time; None: until somebody removes it."""
    bytes: int | None = None
    """What is beyond these goes before."""


def kept(settings: Settings) -> list[Kept]:
    """Pictures first."""
    logs = limits(settings)

    def log(what: What, topic: str) -> Kept:
        return Kept(what, logs[topic].age // DAY, logs[topic].total_bytes)

    return [
        log("frames", FRAMES),
        Kept("originals", settings.original_retention_days),
        Kept("pictures", settings.picture_retention_days),
        log("dead_letters", DEAD_LETTERS),
        log("boxes", DETECTIONS),
        Kept("detections", settings.detection_retention_days),
        log("incidents_sent", CORRELATED),
        Kept("incidents", settings.incident_retention_days),
        Kept("messages", settings.message_retention_days),
        Kept("alerts", None),
        Kept("erasures", None),
        Kept("recordings", None),
    ]
