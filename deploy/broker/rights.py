"""What each part's account may do at the broker; whatever does not stand here is refused.

Rights follow the path of an event (``streams.pipeline``): who writes a topic there may write it
here. Every account may ask where topics and groups are, and say and hear how parts are.
"""

from collections.abc import Iterator
from typing import NamedTuple

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
)

from streams.kafka.access import CITY, COMMAND, GATEWAY, MQTT, NOTIFIER, POLLER, RECEIVER
from streams.pipeline import PATH
from streams.readers import ALERTS
from streams.readers import READS as READERS
from streams.tables.writer import PART as WRITER
from streams.topics import (
    CHECKPOINTS,
    CORRECTIONS,
    CORRELATED,
    COUNTS,
    DEAD_LETTERS,
    DETECTIONS,
    FRAMES,
    HEARTBEATS,
    INPUTS,
    READINGS,
    REPLAYS,
    physical,
)

WORKERS = tuple(sorted({step.workers for step in PATH}))
ACCOUNTS = (GATEWAY, CITY, RECEIVER, MQTT, POLLER, *WORKERS, WRITER, ALERTS, NOTIFIER, COMMAND)

PUBLISHES = (*INPUTS, COUNTS, DEAD_LETTERS)
"""Of a source of events: what it saw, accounts of what it did not send, and what was too large."""

WRITES: dict[str, tuple[str, ...]] = {
    GATEWAY: (*PUBLISHES, CORRELATED),  # that the machine's clock is wrong
    CITY: PUBLISHES,
    RECEIVER: (READINGS,),  # what strangers send: nothing else may come of it
    MQTT: (READINGS, DEAD_LETTERS),  # nobody is there who could be told what is refused
    POLLER: (READINGS, DEAD_LETTERS),
    **{
        group: (
            *sorted({topic for step in PATH if step.workers == group for topic in step.writes}),
            CHECKPOINTS,
            DEAD_LETTERS,
        )
        for group in WORKERS
    },
    WRITER: (CORRELATED, CORRECTIONS, DEAD_LETTERS),
    ALERTS: (DEAD_LETTERS,),
    NOTIFIER: (),  # says how it is, and nothing else
    COMMAND: (*INPUTS, DEAD_LETTERS),
}
READS: dict[str, tuple[str, ...]] = {
    GATEWAY: INPUTS,
    CITY: (),
    **{
        group: tuple(sorted({step.reads for step in PATH if step.workers == group}))
        for group in WORKERS
    },
    WRITER: READERS[WRITER],
    ALERTS: (*READERS[ALERTS], FRAMES, DETECTIONS, DEAD_LETTERS),
}


CLUSTER = "kafka-cluster"
"""What the broker calls itself."""


class Right(NamedTuple):
    """That an account may do something with all whose name is, or begins with, another."""

    account: str
    resource: str
    name: str
    operation: str
    prefixed: bool = False

    def acl(self) -> ACL:
        """As the broker takes it."""
        kind = ACLResourcePatternType.PREFIXED if self.prefixed else ACLResourcePatternType.LITERAL
        return ACL(
            principal=f"User:{self.account}",
            host="*",
            operation=ACLOperation[self.operation],
            permission_type=ACLPermissionType.ALLOW,
            resource_pattern=ResourcePattern(ResourceType[self.resource], self.name, kind),
        )


def rights(namespace: str) -> list[Right]:
    """All of a namespace's accounts."""
    return sorted({right for account in ACCOUNTS for right in _of(account, namespace)})


def _of(account: str, namespace: str) -> Iterator[Right]:
    everything = f"{namespace}."
    for operation in ("DESCRIBE", "DESCRIBE_CONFIGS"):
        yield Right(account, "TOPIC", everything, operation, prefixed=True)
    yield Right(account, "GROUP", everything, "DESCRIBE", prefixed=True)
    yield Right(account, "CLUSTER", CLUSTER, "DESCRIBE")  # how large the topics are
    for topic in (HEARTBEATS, *WRITES[account]):
        yield Right(account, "TOPIC", physical(namespace, topic), "WRITE")
    for topic in (HEARTBEATS, *READS.get(account, ())):
        yield Right(account, "TOPIC", physical(namespace, topic), "READ")
    if account in WORKERS:
        yield from _of_workers(account, f"{namespace}.{account}")
    if account == WRITER:  # topics age by event time, which it knows: it deletes what is old
        yield Right(account, "TOPIC", everything, "DELETE", prefixed=True)
    if account == ALERTS:  # erases pictures where somebody who may has asked for it
        for topic in (FRAMES, DEAD_LETTERS):
            yield Right(account, "TOPIC", physical(namespace, topic), "DELETE")
    if account == COMMAND:  # records, reads dead letters, runs replays beside
        yield Right(account, "TOPIC", everything, "READ", prefixed=True)
        for resource in ("TOPIC", "GROUP"):
            yield Right(account, resource, REPLAYS, "ALL", prefixed=True)


def _of_workers(account: str, application: str) -> Iterator[Right]:
    """Its group, and the topics that keep what it knows."""
    yield Right(account, "GROUP", application, "READ")
    changelogs = f"{application}-"
    for operation in ("CREATE", "READ", "WRITE"):
        yield Right(account, "TOPIC", changelogs, operation, prefixed=True)
