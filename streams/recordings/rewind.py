"""What a stage knew at a tick: its last checkpoint before it, and what it read from there on.

Stages are pure, so the state after a message is the same whenever it is computed; nothing has to
be halted, and no mark has to be sent through the stages, to know what they knew.
"""

from collections.abc import Iterator, Sequence

from streams.events import BadMessage, Checkpoint, Micros, decode, to_rfc3339
from streams.partition import Partition
from streams.recordings import spans
from streams.recordings.rerun import take
from streams.settings import Settings
from streams.stage import Stage
from streams.topics import CHECKPOINTS


class TooEarlyError(Exception):
    """What the stages knew then is not kept any more."""


def at_tick(settings: Settings, stages: Sequence[Stage], tick: Micros) -> Iterator[Partition]:
    """Every partition of every stage as it was after the first tick not before ``tick``.

    Raises:
        TooEarlyError: there is no checkpoint so old, and the log does not begin with its beginning.
        streams.recordings.spans.LostError: what a stage read since is not kept any more.
        streams.publisher.BrokerAwayError: Kafka does not answer.
    """
    checkpoints = _checkpoints(settings, tick)
    for stage in stages:
        there = spans.kept(settings, stage.reads)
        for number in range(settings.partitions):
            begin, end = there.get(number, (0, 0))
            known = checkpoints.get((stage.name, number))
            if known is None and begin > 0:
                raise TooEarlyError(
                    f"what {stage.name} knew of {stage.reads}/{number} at {to_rfc3339(tick)} is"
                    " not kept any more; name a later time"
                )
            part = (
                Partition.decode(stage, number, settings.partitions, known.snapshot)
                if known
                else Partition(stage, number, settings.partitions)
            )
            yield _forward(settings, part, end, tick)


def _checkpoints(settings: Settings, tick: Micros) -> dict[tuple[str, int], Checkpoint]:
    """The last one not after ``tick`` of each stage and partition."""
    found: dict[tuple[str, int], Checkpoint] = {}
    for message in spans.read(settings, CHECKPOINTS, spans.kept(settings, CHECKPOINTS)):
        try:
            event, _ = decode(message.headers, message.value)
        except BadMessage:
            continue
        if isinstance(event, Checkpoint) and event.time <= tick:
            place = event.stage, event.partition
            if place not in found or found[place].cursor <= event.cursor:
                found[place] = event
    return found


def _forward(settings: Settings, part: Partition, end: int, tick: Micros) -> Partition:
    span = {part.number: (part.cursor, end)}
    for message in spans.read(settings, part.stage.reads, span):
        if part.tick >= tick:
            break
        take(part, message.headers, message.value)
    return part
