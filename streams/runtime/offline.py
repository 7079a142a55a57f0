"""The whole path in one process, without Kafka: the in-memory counterpart of the Faust shell.

Topics are lists, partitions are the same ``Partition`` objects that a worker drives, so a test of
a stage, an evaluation and a live run execute the same code.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from streams.events import Accounts, ControlChange, Event, Mark, Tick, encode
from streams.runtime.partition import Partition
from streams.stage import Stage
from streams.topics import INPUTS, partition_of


class Offline:
    """Publishes events and runs every stage until nothing is left to do.

    Args:
        stages: in the order of the path; each reads one topic.
        partitions: of every topic.
    """

    def __init__(self, stages: Sequence[Stage], partitions: int = 6) -> None:
        self.partitions = partitions
        self.logs: dict[tuple[str, int], list[tuple[Any, Mark | None]]] = defaultdict(list)
        self.runs = [
            Partition(stage, number, partitions) for stage in stages for number in range(partitions)
        ]

    def publish(self, topic: str, event: Event, key: str) -> None:
        """Appends to the key's partition, as a source does."""
        self.logs[topic, partition_of(key, self.partitions)].append((event, None))

    def publish_everywhere(self, event: Tick | ControlChange) -> None:
        """Appends a control event to every input partition, as the gateway does."""
        for topic in INPUTS:
            for number in range(self.partitions):
                self.logs[topic, number].append((event, None))

    def drain(self) -> None:
        """Runs the stages until every log has been read to its end."""
        for run in self.runs:  # in the order of the path: one pass reaches the end
            log = self.logs[run.stage.reads, run.number]
            while run.next_offset < len(log):
                self._step(run, *log[run.next_offset])

    def _step(self, run: Partition, event: Event, mark: Mark | None) -> None:
        offset = run.next_offset
        outcome = run.take(offset, event, mark, lambda: encode(event, mark))
        for out in outcome.outputs:
            self.logs[out.topic, out.partition].append((out.event, out.mark))
        run.apply(offset, mark, outcome)

    def events(self, topic: str) -> Iterator[Any]:
        """Everything on a topic but accounts, partition by partition, in the order it was sent."""
        for number in range(self.partitions):
            for event, _ in self.logs[topic, number]:
                if not isinstance(event, Accounts):
                    yield event

    def accounts(self) -> Iterator[Accounts]:
        """Of all stages."""
        for log in self.logs.values():
            for event, _ in log:
                if isinstance(event, Accounts):
                    yield event

    @property
    def counts(self) -> Counter[str]:
        """Messages accepted, late, repeated, bad and dead-lettered, over all stages."""
        return sum((run.counts for run in self.runs), Counter())


def run(
    stages: Sequence[Stage], events: Iterable[tuple[str, Event, str]], partitions: int = 6
) -> Offline:
    """Feeds (topic, event, key); a Tick or ControlChange goes everywhere, and a Tick drains."""
    offline = Offline(stages, partitions)
    for topic, event, key in events:
        if isinstance(event, Tick | ControlChange):
            offline.publish_everywhere(event)
            offline.drain()
        else:
            offline.publish(topic, event, key)
    offline.drain()
    return offline
