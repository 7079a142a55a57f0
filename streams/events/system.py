"""What the parts of the system tell each other."""

from streams.events.time import Micros
from streams.events.wire import Wire


class Watermark(Wire, frozen=True, array_like=True):
    """Stage ``stage`` has nothing earlier than ``time`` to come from that input partition."""

    stage: str
    topic: str
    partition: int
    time: Micros
    tick: Micros = 0
    """The tick that it follows."""


class DeadLetter(Wire, frozen=True, array_like=True):
    """A message that could not be used, with everything needed to look at it or retry it."""

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    time: Micros
    """The partition's last tick when it was read."""
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class Checkpoint(Wire, frozen=True, array_like=True):
    """Everything a stage knew of a partition before the message at ``next_offset``."""

    stage: str
    topic: str
    """What the stage reads."""
    partition: int
    next_offset: int
    time: Micros
    """The partition's last tick then."""
    snapshot: bytes
    """As ``streams.runtime.partition.Partition.decode`` takes it."""


class Heartbeat(Wire, frozen=True, array_like=True):
    """A part says that it lives; not part of any result."""

    part: str
    version: str
    pid: int
    time: Micros
    ok: bool
    detail: str
    lag: int
    """Messages behind the end of its inputs; for the gateway 0."""
    counts: dict[str, int]
    sources: dict[str, Micros] = {}
    """Source id to the time of its newest event, where the part knows."""
    clock_ahead: Micros = 0
    """Of the gateway: by how much its machine's clock is ahead of event time and not believed;
    negative: behind; 0: it is believed."""
