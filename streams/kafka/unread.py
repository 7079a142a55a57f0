"""Where almost all that the broker keeps is still to be read: what follows would push it out."""

from collections.abc import Iterable

from streams.kafka.outage import FULL, Budget, Positions, Reads, everywhere
from streams.kafka.partition_logs import Log, Place, measure
from streams.settings import Settings

EASED = 0.75
"""Which part may be unread for more to be taken again."""
EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0

Unread = frozenset[tuple[str, Place]]
"""Readers, and where almost all that is kept is still to be read by them."""


def unread(before: Unread, found: Iterable[Budget]) -> Unread:
    """Where that is so, by all budgets; what no budget is known of stays as it was.

    A reader of which nobody knows how far it is may have read nothing.
    """
    now = set(before)
    for one in found:
        each = one.reader, (one.topic, one.partition)
        if one.used >= FULL:
            now.add(each)
        elif one.used < EASED:
            now.discard(each)
    return frozenset(now)


def measured(settings: Settings, known: Positions, reads: Reads) -> list[Budget]:
    """Of each reader in each partition, as it is now.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    return list(everywhere(measured_logs(settings, reads), known, reads))


def measured_logs(settings: Settings, reads: Reads) -> dict[Place, Log]:
    """Of all that anybody reads. Raises as ``measured``."""
    topics = {topic for topics in reads.values() for topic in topics}
    return measure(settings, sorted(topics), ANSWER_SECONDS)


def told(reader: str, topic: str) -> str:
    """For people."""
    return f"{reader} has not read {topic}"
