"""A recording run again in this process: the same stages, without Kafka and without a database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from streams.events import BadMessage, Headers, Incident, Mark, decode, encode
from streams.pipeline import PATH
from streams.recordings.files import RecordingError
from streams.recordings.folder import STATES, Slice, State
from streams.recordings.replayed import replayed
from streams.runtime.partition import Outcome, Outgoing, Partition, SnapshotError
from streams.stage import Stage
from streams.topics import CORRELATED

Read = Callable[[Headers, bytes | None], tuple[Any, Mark | None]]
"""Gives the event and the mark of a message; raises BadMessage."""

_READS = {step.stage: step.reads for step in PATH}
"""Stage to the topic that it reads."""


def begin(
    stages: Sequence[Stage], partitions: int, states: Iterable[State], inputs: Sequence[str]
) -> list[Partition]:
    """Every partition of every stage as the recording's states say, at the start of its log.

    Marks of where an input came from hold for what was recorded; what the stages now send to each
    other comes from other offsets than then.

    Raises RecordingError where a state is of no stage there is, not of its stage, of a later
    release, or there twice.
    """
    reads = _READS | {stage.name: stage.reads for stage in stages}
    snapshots: dict[tuple[str, int], bytes] = {}
    for state in states:
        place = state.stage, state.partition
        if reads.get(state.stage) != state.topic or not 0 <= state.partition < partitions:
            what = f"{state.stage!r} on {state.topic!r}/{state.partition}"
            raise RecordingError(f"{STATES}: there is no {what}; was it recorded by this release?")
        if place in snapshots:
            raise RecordingError(f"{STATES}: {state.stage} on {place[1]} is there twice")
        snapshots[place] = state.snapshot
    begun = []
    for stage in stages:
        for number in range(partitions):
            partition = Partition(stage, number, partitions)
            snapshot = snapshots.get((stage.name, number))
            if snapshot is not None:
                try:
                    before = Partition.decode(stage, number, partitions, snapshot)
                except SnapshotError as error:
                    raise RecordingError(f"{STATES}: {error}") from None
                known = {key: replayed(value) for key, value in before.states.items()}
                partition.apply(-1, None, Outcome(known, (), {}))  # before the first message, at 0
                if stage.reads in inputs:
                    partition.marks = before.marks
            begun.append(partition)
    return begun


class Rerun:
    """Feeds slices; each output goes on to its stage at once, so memory does not grow."""

    def __init__(self, partitions: Iterable[Partition]) -> None:
        self._partitions: dict[tuple[str, int], Partition] = {}
        for partition in partitions:
            place = partition.stage.reads, partition.number
            if place in self._partitions:
                raise ValueError(f"two stages read {place[0]}: each needs a topic of its own")
            self._partitions[place] = partition

    @property
    def partitions(self) -> list[Partition]:
        return list(self._partitions.values())

    def feed(self, piece: Slice) -> Iterator[Incident]:
        """What is decided by a slice."""
        for topic, number, headers, value in piece.records:
            taken = take(self._partitions[topic, number], headers, value, replayed)
            yield from self._sent(taken)

    def _sent(self, outcome: Outcome) -> Iterator[Incident]:
        for out in outcome.outputs:
            yield from self._go_on(out)

    def _go_on(self, out: Outgoing) -> Iterator[Incident]:
        partition = self._partitions.get((out.topic, out.partition))
        if partition:
            yield from self._sent(_step(partition, out.event, out.mark))
        elif out.topic == CORRELATED and isinstance(out.event, Incident):
            yield out.event


def take(
    partition: Partition,
    headers: Headers,
    value: bytes | None,
    seen_as: Callable[[Any], Any] = lambda event: event,
    read: Read = decode,
) -> Outcome:
    """Moves a partition past its next message; ``seen_as`` changes the event before it is taken."""
    try:
        event, mark = read(headers, value)
    except BadMessage as bad:
        outcome = partition.reject(partition.next_offset, bad, lambda: (headers, value or b""))
        partition.apply(partition.next_offset, None, outcome)
        return outcome
    return _step(partition, seen_as(event), mark)


def _step(partition: Partition, event: Any, mark: Mark | None) -> Outcome:
    outcome = partition.take(partition.next_offset, event, mark, lambda: encode(event, mark))
    partition.apply(partition.next_offset, mark, outcome)
    return outcome
