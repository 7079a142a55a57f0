"""What a stage knew at a tick: its last checkpoint before it, and what it read from there on.

Stages are pure, so the state after a message is the same whenever it is computed; nothing has to
be halted to know what they knew. ``correlate`` reads no ticks, and what came to it from several
upstreams is mixed: it knew what each of them had sent of what it had read until then.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from streams.events import (
    BadMessage,
    Checkpoint,
    Detections,
    Mark,
    Micros,
    Tick,
    decode,
    to_rfc3339,
)
from streams.hearing import NEVER
from streams.kafka.reader import Message, Place
from streams.kafka.signatures import Signatures
from streams.recordings import spans
from streams.recordings.files import RecordingError
from streams.recordings.recalled import Recalled
from streams.recordings.rerun import take
from streams.runtime.partition import Partition, SnapshotError, marks_of
from streams.settings import Settings
from streams.stage import Stage
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.topics import CHECKPOINTS, CITY, DETECTIONS, GROUPED

PATIENCE_SECONDS = 60.0
"""Workers that come no further for so long are not running."""
LOOK_SECONDS = 0.3


class TooEarlyError(Exception):
    """What the stages knew then is not kept any more."""


class BehindError(Exception):
    """The stages have not come to that tick, and do not go on."""


def at_tick(settings: Settings, stages: Sequence[Stage], tick: Micros) -> Iterator[Partition]:
    """Every partition of stages that read ticks, as it was after the first not before ``tick``.

    Raises:
        streams.recordings.files.RecordingError: a checkpoint is of a later release.
        TooEarlyError: there is no checkpoint so old, and the log does not begin with its beginning.
        BehindError: what a stage reads does not come to that tick.
        streams.recordings.spans.LostError: what a stage read since is not kept any more.
        streams.kafka.publisher.BrokerAwayError: Kafka does not answer.
    """
    found, signatures = checkpoints(settings, tick), Signatures(settings)
    # At the tick itself a checkpoint may hold what came a moment later …
    for partition in _before(settings, stages, tick - 1):
        stage, number = partition.stage, partition.number
        # … but then that tick was taken, whatever time event time has come back from.
        taken = any(told.time == tick for told in found.get((stage.name, number), ()))
        is_there = tick.__eq__ if taken else tick.__le__
        if isinstance(stage, Recalled):
            stage.said[number] = _said(settings, partition, tick, is_there)
        watch = _Watch(settings, stage.reads, number, partition.next_offset, tick)
        while not is_there(partition.tick):
            for message in watch.more():
                read = partial(signatures.read, *message[:3])
                take(partition, message.headers, message.value, read=read)
                if is_there(partition.tick):
                    break
        yield partition


def lately(settings: Settings, stage: Stage, number: int) -> Partition:
    """One partition as its last checkpoint says; one that knows nothing where there is none.

    Raises: RecordingError and BrokerAwayError as ``at_tick``.
    """
    known = checkpoints(settings, NEVER).get((stage.name, number))
    if known is None:
        return Partition(stage, number, settings.partitions)
    return decoded(stage, settings.partitions, known[-1])


class Sent(NamedTuple):
    """Which messages of a partition were there, as far as it matters."""

    before: int
    """All that lay before this offset, and …"""
    besides: frozenset[int]
    """… these."""

    @property
    def last(self) -> int:
        """None behind this was there."""
        return max(self.besides, default=self.before - 1)

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and (offset < self.before or offset in self.besides)


Cut = Mapping[tuple[str, Place], Sent]
"""(stage, (topic, partition)) of all upstreams to what each had taken."""


def until(next_offset: int) -> Sent:
    """All before an offset."""
    return Sent(next_offset, frozenset())


def behind(
    settings: Settings, stage: Stage, cut: Cut, tick: Micros
) -> Iterator[tuple[Partition, Sent]]:
    """Every partition of a stage that reads what others send, as it was with what they had sent,
    and which of its messages that were.

    Args:
        cut: of all upstreams at ``tick``: what each sent of what it had taken is known, what it
            sent of anything else is not.

    Raises: as ``at_tick``.
    """
    for partition in _before(settings, (stage,), tick - 1):
        begin = partition.next_offset
        watch = _Watch(settings, stage.reads, partition.number, begin, tick)
        left, taken = set(cut), set[int]()
        if stage.reads == GROUPED and partition.number != CITY:
            left.clear()  # nothing is ever sent there
        while left:
            for message in watch.more():
                try:
                    _, mark = decode(message.headers, message.value)
                except BadMessage:
                    mark = None
                if mark:
                    sender = mark.stage, (mark.topic, mark.partition)
                    sent = cut.get(sender)
                    if sent is not None and mark.offset not in sent:
                        if mark.offset > sent.last:
                            left.discard(sender)
                        continue
                take(partition, message.headers, message.value)
                taken.add(message.offset)
        yield partition, Sent(begin, frozenset(taken))


def _said(
    settings: Settings, partition: Partition, tick: Micros, is_there: Callable[[Micros], bool]
) -> dict[int, Detections]:
    """What ``detect`` has said of its frames from the partition's next offset on, by their offset,
    until it took the tick at which that is to end."""
    name, place = Detect.name, (partition.stage.reads, partition.number)
    begin, number, said = partition.next_offset, partition.number, dict[int, Detections]()
    watch = _Watch(settings, DETECTIONS, number, _from(settings, name, place, begin, tick), tick)
    while True:
        for message in watch.more():
            try:
                event, mark = decode(message.headers, message.value)
            except BadMessage:
                continue
            if mark is None or mark.stage != name or mark.offset < begin:
                continue
            if isinstance(event, Detections):
                said[mark.offset] = event
            elif isinstance(event, Tick) and is_there(event.time):
                return said


def _from(settings: Settings, stage: str, place: Place, offset: int, tick: Micros) -> int:
    """An offset in ``detections`` from which on is all that ``stage`` said of its input from
    ``offset`` on: the last checkpoint of those who read it that had taken nothing of that."""
    first = Mark(stage, *place, offset, 0)
    found, _ = spans.kept(settings, DETECTIONS).get(place[1], (0, 0))
    for known in checkpoints(settings, tick).get((Interpret.name, place[1]), ()):
        if marks_of(known.snapshot).is_new(first):
            found = max(found, known.next_offset)
    return found


class _Watch:
    """What a partition of a topic has from an offset on, as it comes."""

    def __init__(
        self, settings: Settings, topic: str, number: int, begin: int, tick: Micros
    ) -> None:
        self._settings, self._tick = settings, tick
        self._topic, self._number, self._next = topic, number, begin
        self._moved = time.monotonic()

    def more(self) -> Iterator[Message]:
        """Everything that there is beyond what was given before; raises BehindError."""
        topic, number = self._topic, self._number
        _, end = spans.kept(self._settings, topic).get(number, (0, 0))
        if end > self._next:
            begin, self._next = self._next, end
            yield from spans.read(self._settings, topic, {number: (begin, end)})
            self._moved = time.monotonic()
        elif time.monotonic() - self._moved > PATIENCE_SECONDS:
            raise BehindError(
                f"{topic}/{number} does not reach {to_rfc3339(self._tick)};"
                " is a worker running? ('cityops status')"
            )
        else:
            time.sleep(LOOK_SECONDS)


def _before(settings: Settings, stages: Sequence[Stage], tick: Micros) -> Iterator[Partition]:
    """As their last checkpoints not after ``tick`` say."""
    found = checkpoints(settings, tick)
    for stage in stages:
        there = spans.kept(settings, stage.reads)
        for number in range(settings.partitions):
            begin, _ = there.get(number, (0, 0))
            known = found.get((stage.name, number))
            if known is None and begin > 0:
                raise TooEarlyError(
                    f"what {stage.name} knew of {stage.reads}/{number} at {to_rfc3339(tick)} is"
                    " no longer kept; choose a later time"
                )
            if known:
                yield decoded(stage, settings.partitions, known[-1])
            else:
                yield Partition(stage, number, settings.partitions)


def decoded(stage: Stage, partitions: int, known: Checkpoint) -> Partition:
    """Raises RecordingError: it is of a later release."""
    try:
        return Partition.decode(stage, known.partition, partitions, known.snapshot)
    except SnapshotError as error:
        raise RecordingError(f"a checkpoint cannot be used: {error}") from None


def checkpoints(settings: Settings, tick: Micros) -> dict[tuple[str, int], list[Checkpoint]]:
    """Those not after ``tick`` of each stage and partition, in the order of the log; at least one.

    Raises: BrokerAwayError as ``at_tick``.
    """
    found: dict[tuple[str, int], list[Checkpoint]] = {}
    for message in spans.read(settings, CHECKPOINTS, spans.kept(settings, CHECKPOINTS)):
        try:
            event, _ = decode(message.headers, message.value)
        except BadMessage:
            continue
        if isinstance(event, Checkpoint) and event.time <= tick:
            found.setdefault((event.stage, event.partition), []).append(event)
    for told in found.values():
        told.sort(key=lambda each: each.next_offset)
    return found
