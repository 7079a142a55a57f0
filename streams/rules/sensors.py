"""What rules remember of one gateway's sensors of one feed."""

import msgspec

from streams.incidents.watch import Watch


class Sensors(msgspec.Struct, frozen=True, tag="sensors"):
    watches: dict[str, dict[str, Watch]] = {}
    """Rule id, source id; only those that have something to remember."""
    learned: dict[str, dict[str, bytes]] = {}
    """Rule id, source id: of kinds that learn what is usual (``Kind.follows``)."""
