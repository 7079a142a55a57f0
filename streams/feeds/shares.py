"""Which sources a stage of one partition has to know: those whose events lie in it.

Assets of which none come are known to no stage, so thousands of them cost no snapshot anything.

A type that no feed declares, or no longer, may be of either: whoever could get its events keeps it.
"""

import msgspec

from streams.events import NOWHERE, BadMessage, Source
from streams.feeds.registry import carries_frames, carries_readings
from streams.feeds.reporting import reports
from streams.topics import partition_of


class Share:
    """Of partition ``number`` out of ``partitions``."""

    def __init__(self, number: int, partitions: int) -> None:
        self.number, self.partitions = number, partitions

    def pictures(self, source: Source) -> Source | None:
        """Cameras: where their frames and detections lie."""
        if carries_readings(source.kind) or not self._is_here(source.id) or not reports(source):
            return None
        return source

    def decoding(self, source: Source) -> Source | None:
        """As ``pictures``, without what only rules ask for."""
        kept = self.pictures(source)
        return kept and msgspec.structs.replace(kept, place=NOWHERE, period=0)

    def readings(self, source: Source) -> Source | None:
        """Sensors: where their gateway's packs lie; one without a gateway may come through any."""
        if carries_frames(source.kind) or not reports(source):
            return None
        if source.gateway and not self._is_here(source.gateway):
            return None
        return source

    def insist(self, what: str, key: str) -> None:
        """Raises BadMessage ``wrong_partition`` where events of that key lie in another one.

        Their order, and what has been heard already, is known in one partition only.
        """
        if not self._is_here(key):
            right = partition_of(key, self.partitions)
            raise BadMessage("wrong_partition", f"{what} {key!r} belongs in partition {right}")

    def _is_here(self, key: str) -> bool:
        return partition_of(key, self.partitions) == self.number
