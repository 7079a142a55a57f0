"""The incident that the machine's clock is wrong: from when it is not believed until it is."""

from pathlib import Path

import msgspec

from streams.events import Incident, Mark, Micros
from streams.kafka.publisher import Publisher
from streams.kinds.registry import clock_wrong
from streams.settings import Settings
from streams.stamps import PUBLISHER
from streams.topics import CORRELATED, partition_of

STEPS = "clock"
"""In place of a topic in the marks of these incidents: no message causes them."""


class ClockWatch:
    """Announces it once, and ends it, also where the process was started again meanwhile.

    Raises:
        OSError: the file that remembers what is open cannot be written.
    """

    def __init__(self, settings: Settings, publisher: Publisher) -> None:
        self._publisher = publisher
        self._partition = partition_of(PUBLISHER, settings.partitions)
        name = f"{settings.namespace}-{PUBLISHER}-clock.msgpack"
        self._path = settings.state_dir / "stamps" / name
        self._open = _load(self._path)

    def see(self, now: Micros, ahead: Micros) -> None:
        """``ahead``: by how much the machine's clock is wrong at event time ``now``; 0: it is not.

        Another step while one is open changes nothing: status says by how much it is by now.
        """
        if ahead and self._open is None:
            incident = clock_wrong(PUBLISHER, ahead, now)
            self._keep(incident)
            self._publish(incident, now)
        elif not ahead and self._open is not None:
            ended = msgspec.structs.replace(
                self._open, end=max(now, self._open.start), decided_at=now, revision=1
            )
            self._publish(ended, now)
            self._keep(None)

    def _publish(self, incident: Incident, now: Micros) -> None:
        # Event time only rises, so it numbers what is sent as offsets do.
        mark = Mark(PUBLISHER, STEPS, self._partition, now, 0)
        self._publisher.publish_to(CORRELATED, self._partition, incident, mark, PUBLISHER)

    def _keep(self, incident: Incident | None) -> None:
        self._open = incident
        if incident is None:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(msgspec.msgpack.encode(incident))
        fresh.replace(self._path)


def _load(path: Path) -> Incident | None:
    """None where there is none, or what is there cannot be read: then it is announced again."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Incident)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
