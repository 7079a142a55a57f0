"""The incident that the machine's clock is wrong: from when it is not believed until it is.

Another says of a stretch of event time that it was wrong, and has been undone.
"""

from contextlib import suppress
from pathlib import Path

import msgspec

from streams.clock import Undone
from streams.control import RESUMED_AFTER
from streams.events import Incident, Mark, Micros
from streams.kafka.publisher import Publisher
from streams.kinds.registry import clock_wrong, time_undone
from streams.settings import Settings
from streams.stamps import PUBLISHER, stamps_folder
from streams.topics import CORRELATED, partition_of

STEPS = "clock"
"""In place of a topic in the marks of these incidents: no message causes them."""


class Said(msgspec.Struct, frozen=True):
    """What outlives the process."""

    number: int = 0
    """Of the last incident or amendment, in place of an offset."""
    open: Incident | None = None
    undone: Undone | None = None
    """The last stretch that was told of."""


class ClockWatch:
    """Announces it once, and ends it, also where the process was started again meanwhile.

    Raises:
        OSError: the file that remembers what is open cannot be written.
    """

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._publisher = publisher
        self._partition = partition_of(PUBLISHER, settings.partitions)
        name = f"{settings.namespace}-{PUBLISHER}-clock.msgpack"
        self._path = stamps_folder(settings, PUBLISHER) / name
        self._said = _load(self._path)
        self._seen: Micros = 0
        """Event time when it looked last; 0: it has not yet."""

    def see(self, now: Micros, ahead: Micros, undone: Undone | None = None) -> None:
        """What is to be said at event time ``now``.

        Another step while one is open changes nothing: status says by how much it is by now.

        Args:
            ahead: by how much the machine's clock is wrong; 0: it is not.
            undone: the last stretch of event time that was wrong.
        """
        if undone and undone != self._said.undone:
            self._say(time_undone(PUBLISHER, *undone), now, self._said.open, undone)
        open_ = self._said.open
        if ahead and open_ is None:
            incident = clock_wrong(PUBLISHER, ahead, now)
            self._say(incident, now, incident, undone)
        elif not ahead and open_ is not None:
            end = max(self._until(now, undone), open_.start)
            decided = max(now, end)
            ended = msgspec.structs.replace(open_, end=end, decided_at=decided, revision=1)
            self._say(ended, now, None, undone)
        self._seen = now

    def _until(self, now: Micros, undone: Undone | None) -> Micros:
        """When the clock was wrong last: where event time has just jumped, before it did."""
        if self._seen and not 0 <= now - self._seen <= RESUMED_AFTER:
            return self._seen
        return undone.until if not self._seen and undone and now < undone.since else now

    def _say(
        self, incident: Incident, now: Micros, open_: Incident | None, undone: Undone | None
    ) -> None:
        # Above what an earlier release has sent: it numbered by event time.
        number = max(now, self._said.number + 1)
        said = Said(number, open_, undone)
        mark = Mark(PUBLISHER, STEPS, self._partition, number, 0)
        if open_ is not None:
            self._keep(said)  # first, so that it is announced under one id
        self._publisher.publish_to(CORRELATED, self._partition, incident, mark, PUBLISHER)
        if open_ is None:
            self._keep(said)

    def _keep(self, said: Said) -> None:
        self._said = said
        fresh = self._path.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.msgpack.encode(said))
        fresh.replace(self._path)


def _load(path: Path) -> Said:
    """Nothing where there is none, or what is there cannot be read: then it is announced again."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Said()
    with suppress(msgspec.MsgspecError):
        return msgspec.msgpack.decode(content, type=Said)
    with suppress(msgspec.MsgspecError):  # an earlier release kept the open incident alone
        incident = msgspec.msgpack.decode(content, type=Incident)
        return Said(incident.decided_at, incident)
    return Said()
