"""Which cameras a tick has to look at, so that it need not look at all of them.

What only a tick can prove (that a camera is not heard of, that its minute is over, that what it saw
is unknown) is due at a time that frames can only put off; one that opens an incident, or proves it
again, says so. So a camera is looked at no earlier than it was due when it was looked at last. This
is a cache: it is made anew, and every camera looked at, whenever the control is not the one that it
was left with.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import numpy as np

from streams.control import Control, KnownSource
from streams.events import MINUTE, Micros, Rule
from streams.hearing import NEVER, unheard_at
from streams.incidents.hold import gap_limit
from streams.incidents.lapse import unheard_limit
from streams.kinds.kind import Kind
from streams.rules.camera import Camera
from streams.rules.plan import watch_key
from streams.rules.unheard import sees

ALWAYS: Micros = 0
"""Due at every tick."""


class Agenda:
    """Of the cameras ``ids`` of a partition, all due at once."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._due = dict.fromkeys(ids, ALWAYS)
        self._queue = [(ALWAYS, name) for name in self._due]
        heapify(self._queue)
        self.under: Control | None = None
        """The control as the last tick has left it."""

    def take(self, time: Micros) -> list[str]:
        """Ids of the cameras that are due, in order; each is to be ``put`` again."""
        found = []
        while self._queue and self._queue[0][0] <= time:
            due, name = heappop(self._queue)
            if self._due.get(name) == due:  # else it has been put elsewhere since
                found.append(name)
                del self._due[name]
        return sorted(found)

    def put(self, id: str, time: Micros) -> None:
        """In place of when it was due."""
        self._due[id] = time
        heappush(self._queue, (time, id))


def tally_due(camera: Camera, lateness: Micros) -> Micros:
    """When the minute that is counted is over for good; ``lateness``: of frames."""
    if not camera.tally.minute:
        return ALWAYS  # its next frame begins a minute that may be over soon
    return camera.tally.minute + MINUTE + lateness


def unheard_due(
    camera: Camera, source: KnownSource, rule: Rule, kind: Kind, control: Control
) -> Micros:
    """The earliest tick at which the rule may prove that the camera is not heard of."""
    if watch_key(rule.id, "") in camera.watches:
        return ALWAYS  # its next frame ends that, and may lie before it
    if not kind.patience or source.rests:
        return NEVER
    start = max(camera.heard, camera.announced, control.resumed_at)
    since, period = np.array([[start], [source.period]], np.int64)
    patience = kind.patience(kind, rule, period, pictures=True)
    return int(unheard_at(since, patience, period)[0])


def missed_due(camera: Camera, period: Micros, lateness: Micros) -> Micros:
    """The earliest tick that may prove what is open in its pictures to be unknown, or over."""
    open_ = [watch.incident for watch in camera.watches.values() if watch.incident and sees(watch)]
    fault = [camera.fault.incident] if camera.fault.incident else []
    due = NEVER
    for heard, incidents in (camera.time, open_), (camera.heard, fault):
        if incidents:
            known = any(incident.unknown_since is None for incident in incidents)
            limit = unheard_limit(period) if known else gap_limit(period)
            due = min(due, heard + limit + lateness)
    return due
