"""Topics age by event time: what is older than a topic keeps is deleted by us.

The broker would age them by its own clock, and one that is a month ahead for a minute would make
it delete everything. Records carry the time of their event; bytes bound a topic in any case.
"""

import logging

from kafka import TopicPartition

from streams.events import Micros, to_rfc3339
from streams.kafka.broker import limits
from streams.kafka.clients import administering, consuming
from streams.settings import Settings
from streams.topics import HEARTBEATS, physical

log = logging.getLogger(__name__)

PART = "ageing"


def delete_old(settings: Settings, newest: Micros) -> dict[str, int]:
    """Deletes what is older than its topic keeps, and says so.

    Args:
        newest: how far event time has come, for certain.

    Returns:
        Logical topic to the messages deleted; those that lost none are left out.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    deleted: dict[str, int] = {}
    with consuming(settings, PART) as consumer, administering(settings, PART) as admin:
        for topic, limit in limits(settings).items():
            if topic == HEARTBEATS:
                continue  # of the machine's time, and bounded by its bytes
            before = newest - limit.age
            name = physical(settings.namespace, topic)
            places = [
                TopicPartition(name, number)
                for number in sorted(consumer.partitions_for_topic(name) or ())
            ]
            if not places or before <= 0:
                continue
            begin, end = consumer.beginning_offsets(places), consumer.end_offsets(places)
            kept = consumer.offsets_for_times(dict.fromkeys(places, before // 1000))
            # Where none is so new, all of it is older.
            first = {place: found.offset if found else end[place] for place, found in kept.items()}
            cut = {place: offset for place, offset in first.items() if offset > begin[place]}
            if not cut:
                continue
            admin.delete_records(cut)
            deleted[topic] = sum(offset - begin[place] for place, offset in cut.items())
            log.warning(
                "%s: deleted %d messages from before %s", topic, deleted[topic], to_rfc3339(before)
            )
    return deleted
