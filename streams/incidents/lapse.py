"""What becomes of an open incident whose source is not heard: unknown, and in the end over.

Nobody knows what happens in a gap. So an incident does not last through one: it is unknown since it
was last proven, and where its source does not come back in time, it ended then. Why these limits:
docs/decisions/0023-no-incident-lasts-through-a-gap.md.
"""

import msgspec

from streams.events import SECOND, Incident, Micros
from streams.incidents.hold import UNKNOWN_GAP, gap_limit
from streams.incidents.life import expire, lose
from streams.incidents.watch import Watch

UNHEARD_PERIODS = 2.5
"""One reading that is missing, and the next a little late, are no gap yet."""
LEAST_UNHEARD: Micros = 30 * SECOND
"""A gateway that is started again within this makes nothing unknown."""


def unheard_limit(period: Micros) -> Micros:
    """For how long a source may say nothing before what it proved is unknown.

    Always less than ``gap_limit``, after which it is over. ``period`` as there.
    """
    return max(round(UNHEARD_PERIODS * period), LEAST_UNHEARD) if period else UNKNOWN_GAP // 3


def lapse(
    watch: Watch,
    heard: Micros,
    until: Micros,
    *,
    proven: Micros,
    period: Micros,
    time: Micros,
) -> tuple[Watch, Incident | None]:
    """The watch on a source that has said nothing since ``heard``, up to ``until``.

    Args:
        proven: when its open incident was last proven.
        time: when that is decided.

    Returns:
        The watch, and the next revision of its incident where it is now unknown, or over.
    """
    incident, gap = watch.incident, until - heard
    if incident is None or gap <= unheard_limit(period):
        return watch, None
    if gap > gap_limit(period):
        # What had begun before the gap has not held through it either.
        over = msgspec.structs.replace(
            watch, since=0, readings=0, dwellers={}, not_before=until, incident=None
        )
        return over, expire(incident, proven, time)
    if incident.unknown_since is not None:
        return watch, None
    lost = lose(incident, proven, time)
    return msgspec.structs.replace(watch, incident=lost), lost
