"""What a partition's stage has heard of its sources, as messages that fit on the broker."""

from collections.abc import Iterator

from streams.events import Heard, Micros
from streams.runtime.partition import Partition
from streams.stage import Hears

SOURCES = 4096
"""Of one message."""


def heard(partition: Partition, part: str, now: Micros) -> Iterator[Heard]:
    """At least one message where the stage can say and has seen a tick, be it of no source.

    Args:
        now: by the clock.
    """
    stage, tick = partition.stage, partition.tick
    if not isinstance(stage, Hears) or not tick:
        return
    place = part, stage.reads, partition.number, tick, now
    yield Heard(*place, (), b"", b"")
    for found in stage.hearing(partition.states):
        for first in range(0, len(found.sources), SOURCES):
            some = slice(first, first + SOURCES)
            yield Heard(
                *place,
                found.sources[some],
                found.heard[some].astype("<i8").tobytes(),
                found.lag[some].astype("<i8").tobytes(),
            )
