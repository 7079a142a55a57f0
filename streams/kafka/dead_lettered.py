"""How many messages could not be used, as the parts count them: kept as dead letters, or not."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from streams.events import UNTRUSTED, Heartbeat, Micros
from streams.quotas import NOT_KEPT

COUNTED = ("dead_lettered", "oversized")
"""What stages and consumers refuse, and what publishers do not send."""


class DeadLettered(NamedTuple):
    """All of them, be they kept or not."""

    number: int
    not_kept: dict[str, int]
    """By reason, in order: beyond the quota of their source, and so only counted."""
    untrusted: dict[str, int]
    """By reason, in order: not signed by who may, and so perhaps an attack."""
    since: Micros | None
    """Since when, of the part that has counted longest; None: it does not know itself."""


def dead_lettered(heartbeats: Iterable[Heartbeat]) -> DeadLettered:
    """Of all parts together. Names of counts may have their topic before them: ``frames.late``."""
    total = 0
    not_kept: Counter[str] = Counter()
    untrusted: Counter[str] = Counter()
    began: list[Micros] = []
    for beat in heartbeats:
        for name, number in beat.counts.items():
            what = name.rpartition(".")[2]
            if what in COUNTED:
                total += number
            elif what.startswith(NOT_KEPT):
                not_kept[what.removeprefix(NOT_KEPT)] += number
            elif what in UNTRUSTED:
                untrusted[what] += number
        if beat.counts:
            began.append(beat.since)
    since = min(began, default=0) or None
    return DeadLettered(
        total, dict(sorted(not_kept.items())), dict(sorted(untrusted.items())), since
    )
