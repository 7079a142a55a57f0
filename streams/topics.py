"""Topics of a namespace, and the one function that says which partition a key belongs to."""

from zlib import crc32

FRAMES = "frames"
READINGS = "readings"
DETECTIONS = "detections"
SCORED = "scored"
INCIDENTS = "incidents"
GROUPED = "grouped"
"""What ``correlate`` makes of incidents, all of it in partition ``CITY``."""
CORRELATED = "correlated"
COUNTS = "counts"
CORRECTIONS = "corrections"
"""What the writer found to be corrected: only it knows what is stored (decision 0027)."""
DEAD_LETTERS = "dead-letters"
CHECKPOINTS = "checkpoints"
"""What each stage knew, once a minute of event time: where a recording can begin."""
HEARTBEATS = "heartbeats"
"""One partition, short retention: what parts say of themselves; no result rests on it."""

OUTSIDE = ("mqtt", "poller")
"""No topics of Kafka's: parts to which came what is in a dead letter, and was refused there."""

TICKED = (FRAMES, READINGS, DETECTIONS)
"""Carry ticks and changes of the configuration into every partition …"""
WATERMARKED = (INCIDENTS, GROUPED)
"""… or the watermarks of those who write to them: what a stage reads must carry one or the other,
or nothing tells it how far event time has come, nor a recording what it knew at a tick."""

INPUTS = (FRAMES, READINGS)
"""Where sources publish, and where every control event goes, into every partition."""


CITY = 0
"""The partition of what concerns the whole city: a feeder crosses all others (decision 0073)."""

SHUFFLED = (INCIDENTS, GROUPED, CORRELATED)
"""By area, or city-wide: any partition of an input may lead to any of theirs. All others are by
source, so that what comes of an event has the event's own partition."""


REPLAYS = "replay-"
"""What the names of all replays' namespaces begin with."""


def physical(namespace: str, topic: str) -> str:
    """The topic's name on the broker."""
    return f"{namespace}.{topic}"


def logical(name: str) -> str:
    """The topic's name without its namespace."""
    return name.split(".", 1)[1]


def partition_of(key: str, partitions: int) -> int:
    """Always passed to the producer explicitly, since clients' defaults differ."""
    return crc32(key.encode()) % partitions
