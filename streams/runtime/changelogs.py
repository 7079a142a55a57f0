"""The topics that hold what each stage knows: one snapshot per partition, compacted."""

from collections.abc import Iterable

from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError

from streams.kafka.clients import administering
from streams.kafka.limits import CHECKPOINT_BYTES
from streams.settings import Settings

CONFIG = {
    "cleanup.policy": "compact",
    # A worker paused beyond its session may write an old snapshot last. It must not shadow the
    # newer one before the owner has written again, which it does with every tick.
    "min.compaction.lag.ms": "120000",
    "segment.ms": "60000",
    "segment.bytes": str(8 * 2**20),
    "min.cleanable.dirty.ratio": "0.1",
    "max.message.bytes": str(CHECKPOINT_BYTES),
}


def create_changelogs(settings: Settings, names: Iterable[str]) -> None:
    """Creates what is missing; a worker calls it before Faust would, with weaker settings.

    Raises:
        streams.kafka.clients.BrokerAwayError: Kafka does not answer.
    """
    with administering(settings, "changelogs") as admin:
        known = set(admin.list_topics())
        for name in names:
            if name in known:
                continue
            topic = NewTopic(name, settings.partitions, 1, topic_configs=CONFIG)
            try:
                admin.create_topics([topic])
            except TopicAlreadyExistsError:
                continue  # another worker was quicker
