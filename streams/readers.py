"""Who reads which topic, and which topics come of which: the one place that says so."""

from streams.kafka.outage import Reads
from streams.pipeline import PATH
from streams.tables.writer import PART as WRITER
from streams.tables.writer import TOPICS
from streams.topics import CORRELATED, INPUTS, SHUFFLED

ALERTS = "alerts"

READS: Reads = {
    **{step.stage: (step.reads,) for step in PATH},
    WRITER: TOPICS,
    ALERTS: (CORRELATED,),
}

PARTS: dict[str, tuple[str, ...]] = {
    WRITER: (WRITER,),
    "database": (WRITER, ALERTS),
    **{
        group: tuple(step.stage for step in PATH if step.workers == group)
        for group in dict.fromkeys(step.workers for step in PATH)
    },
    ALERTS: (ALERTS,),
}
"""What may be away, to the readers that stand still without it."""


def below(topic: str) -> frozenset[str]:
    """The topic, and all that stages make of it."""
    found = {topic}
    for step in PATH:  # in the order of the path: what a step writes is read by later ones
        if step.reads in found:
            found.update(step.writes)
    return frozenset(found)


def sources_of(topic: str, partition: int, partitions: int) -> frozenset[tuple[str, int]]:
    """The (input, partition) of what may come to lie there."""
    numbers = range(partitions) if topic in SHUFFLED else (partition,)
    return frozenset(
        (name, number) for name in INPUTS if topic in below(name) for number in numbers
    )
