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
    wrong_since: Micros = 0
    """As in ``Tick``: the promises made from there on are void, and all that they were about has
    been sent. 0: event time does not go back."""


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
    sources: tuple[str, ...] = ()
    """Whose it is, as the message says; several only of a pack, none where it does not say."""
    gateway: str = ""
    account: str = ""
    """Whoever published it: a stage or a part, as the message says."""
    left_out: dict[str, int] = {}
    """By reason: dead letters that were not kept since the last that was, see
    ``streams.quotas``."""


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
    since: Micros = 0
    """Since when ``counts`` counts; 0: it does not say, or an earlier release began to."""
    next_offsets: dict[str, int] = {}
    """Of what the part reads, ``topic/partition`` to the first message that it has not taken."""
    clock_ahead: Micros = 0
    """Of the gateway: by how much its machine's clock is ahead of event time and not believed;
    negative: behind; 0: it is believed."""


class Heard(Wire, frozen=True, array_like=True):
    """What a stage has heard of n sources of one partition; not part of any result."""

    part: str
    topic: str
    """What the stage reads."""
    partition: int
    tick: Micros
    """The partition's last one."""
    time: Micros
    """By the clock, when this was said."""
    sources: tuple[str, ...]
    heard: bytes
    """int64 [n]: the tick at which the latest event of each arrived, whatever time that had."""
    lag: bytes
    """int64 [n]: that tick less the event's time; negative: it was ahead."""
