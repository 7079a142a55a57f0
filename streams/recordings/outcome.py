"""What the workers of a namespace have decided, once they have taken everything there is."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from streams.events import BadMessage, Incident, decode
from streams.pipeline import Step
from streams.recordings import spans, tables
from streams.runtime.marks import Marks
from streams.runtime.partition import next_offset_of
from streams.settings import Settings
from streams.tables import writer as writers
from streams.topics import CORRELATED

PATIENCE_SECONDS = 60.0
"""Workers that take nothing for so long are not running."""
LOOK_SECONDS = 0.3


class UnsettledError(Exception):
    """Workers do not take what lies before them."""


def changelog(step: Step) -> str:
    """Logical name of the topic that Faust keeps the snapshots of a stage in."""
    return f"{step.workers}-{step.stage}-changelog"


def settle(settings: Settings, steps: Sequence[Step]) -> None:
    """Waits until each step has taken, and stored, what it reads: as much as there is now.

    Raises:
        UnsettledError: for ``PATIENCE_SECONDS`` it took nothing.
        BrokerAwayError: Kafka does not answer.
    """
    for step in steps:  # in the order of the path, so that each finds all that the one before sent
        _wait(settings, step.stage, step.reads, partial(_stored, settings, step))


def settle_tables(settings: Settings) -> None:
    """The same of the writer; after the steps, whose results it stores.

    Raises as ``settle``, and psycopg.OperationalError: the database does not answer.
    """
    for topic in writers.TOPICS:
        _wait(settings, writers.PART, topic, partial(tables.stored, settings, topic))


def _wait(
    settings: Settings, part: str, topic: str, reached: Callable[[], Mapping[int, int]]
) -> None:
    """Until ``reached`` gives the end of each partition, or nothing moves any more."""
    ends = {n: end for n, (_, end) in spans.kept(settings, topic).items() if end}
    before: Mapping[int, int] = {}
    moved = time.monotonic()
    while True:
        now = reached()
        if all(now.get(number, 0) >= end for number, end in ends.items()):
            return
        if now != before:
            before, moved = now, time.monotonic()
        elif time.monotonic() - moved > PATIENCE_SECONDS:
            behind = sum(max(0, end - now.get(number, 0)) for number, end in ends.items())
            raise UnsettledError(
                f"{part} has not taken {behind} messages of {topic} and has stopped;"
                " is a worker running? ('cityops status')"
            )
        time.sleep(LOOK_SECONDS)


def _stored(settings: Settings, step: Step) -> dict[int, int]:
    """Partition to the next offset of its newest snapshot."""
    topic = changelog(step)
    newest = {n: (end - 1, end) for n, (begin, end) in spans.kept(settings, topic).items() if end}
    return {
        message.partition: next_offset_of(message.value)
        for message in spans.read(settings, topic, newest)
        if message.value
    }


def incidents(settings: Settings) -> Iterator[Incident]:
    """Every incident and amendment that is kept; what was sent again after a crash appears once."""
    marks = {number: Marks() for number in range(settings.partitions)}
    for message in spans.read(settings, CORRELATED, spans.kept(settings, CORRELATED)):
        try:
            event, mark = decode(message.headers, message.value)
        except BadMessage:
            continue
        if mark and not marks[message.partition].take(mark):
            continue
        if isinstance(event, Incident):
            yield event
