"""Topics on a real broker."""

import time
from collections.abc import Iterator
from uuid import uuid4

import msgspec
import pytest
from kafka import KafkaProducer, TopicPartition

from streams.events import DAY, HOUR, SECOND, Frame, Tick, encode, new_frame
from streams.kafka import ageing, broker
from streams.kafka.clients import administering, consuming
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, FRAMES, HEARTBEATS, READINGS, physical


@pytest.fixture
def namespace(kafka_bootstrap: str) -> Iterator[Settings]:
    settings = Settings(
        kafka_bootstrap=kafka_bootstrap, namespace=f"test{uuid4().hex[:8]}", partitions=3
    )
    yield settings
    broker.delete_topics(settings)


def _publish(settings: Settings, events: list[tuple[int, Frame | Tick]]) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    topic = physical(settings.namespace, FRAMES)
    for partition, event in events:
        headers, value = encode(event)
        producer.send(topic, value=value, headers=headers, partition=partition).get(10)
    producer.close()


def _frame(time: int) -> Frame:
    return new_frame("camera", time, time, "simulated", b"picture")


def test_topics_are_created_once(namespace: Settings) -> None:
    created = broker.create_topics(namespace)
    assert physical(namespace.namespace, FRAMES) in created
    assert physical(namespace.namespace, DEAD_LETTERS) in created
    assert broker.create_topics(namespace) == []


def test_every_topic_has_the_number_of_partitions_of_the_settings(namespace: Settings) -> None:
    created = broker.create_topics(namespace)
    with administering(namespace) as admin:
        counts = {t["name"]: len(t["partitions"]) for t in admin.describe_topics(created)}
    assert counts.pop(physical(namespace.namespace, HEARTBEATS)) == 1
    assert set(counts.values()) == {namespace.partitions}


def test_another_number_of_partitions_is_refused(namespace: Settings) -> None:
    broker.create_topics(namespace)
    with pytest.raises(broker.PartitionsDifferError, match="has 3 partitions, not 4"):
        broker.create_topics(msgspec.structs.replace(namespace, partitions=4))


def test_a_changed_bound_reaches_topics_that_exist(namespace: Settings) -> None:
    from kafka.admin import ConfigResource, ConfigResourceType

    broker.create_topics(namespace)
    changed = msgspec.structs.replace(namespace, frames_bytes=300 * 2**20)
    broker.create_topics(changed)
    name = physical(namespace.namespace, FRAMES)
    resource = ConfigResource(ConfigResourceType.TOPIC, name)

    def kept_bytes() -> int:
        with administering(namespace) as admin:
            values = admin.describe_configs([resource])["topic"][name]
        sizes = (int(values[key]["value"]) for key in ("retention.bytes", "segment.bytes"))
        return sum(sizes) * namespace.partitions

    # What the controller has accepted reaches the broker a moment later.
    for _ in range(100):
        if kept_bytes() <= changed.frames_bytes:
            break
        time.sleep(0.1)
    assert 250 * 2**20 < kept_bytes() <= changed.frames_bytes


def test_the_oldest_frame_is_found_behind_ticks(namespace: Settings) -> None:
    broker.create_topics(namespace)
    assert broker.oldest_frame(namespace) is None
    _publish(namespace, [(0, Tick(1)), (1, Tick(1)), (1, _frame(70)), (2, _frame(50))])
    assert broker.oldest_frame(namespace) == 50


def test_bytes_of_a_topic_grow_with_what_is_published(namespace: Settings) -> None:
    broker.create_topics(namespace)
    name = physical(namespace.namespace, FRAMES)
    before = broker.log_bytes(namespace).get(name, 0)
    _publish(namespace, [(0, _frame(1))])
    assert broker.log_bytes(namespace)[name] > before == 0


def _kept(settings: Settings, topic: str) -> dict[int, tuple[int, int]]:
    name = physical(settings.namespace, topic)
    places = [TopicPartition(name, number) for number in range(settings.partitions)]
    with consuming(settings, "test") as consumer:
        begin, end = consumer.beginning_offsets(places), consumer.end_offsets(places)
    return {place.partition: (begin[place], end[place]) for place in places}


def test_topics_age_by_event_time_and_not_by_the_brokers_clock(namespace: Settings) -> None:
    broker.create_topics(namespace)
    now = 1_600_000_000 * SECOND  # years ago, by the broker's clock
    publisher = Publisher(namespace, "test")
    for at in (now - 3 * DAY, now - 2 * DAY, now - HOUR, now):
        publisher.publish_everywhere(FRAMES, Tick(at))
        publisher.publish_everywhere(READINGS, Tick(at))
    publisher.close()
    every = range(namespace.partitions)
    assert ageing.delete_old(namespace, now) == {FRAMES: 2 * len(every)}
    assert _kept(namespace, FRAMES) == dict.fromkeys(every, (2, 4))
    assert _kept(namespace, READINGS) == dict.fromkeys(every, (0, 4))
    assert ageing.delete_old(namespace, now) == {}
    assert ageing.delete_old(namespace, now + 30 * DAY)[READINGS] == 4 * len(every)


def test_an_event_whose_time_is_far_ahead_is_no_reason_to_delete(namespace: Settings) -> None:
    broker.create_topics(namespace)
    now = 1_800_000_000 * SECOND
    publisher = Publisher(namespace, "test")
    for at in (now, now + 400 * DAY, now + 1):  # the broker takes it, whatever its clock says
        publisher.publish_everywhere(FRAMES, Tick(at))
    publisher.close()
    assert ageing.delete_old(namespace, now) == {}


def test_the_broker_deletes_nothing_by_its_clock(namespace: Settings) -> None:
    for topic, limit in broker.limits(namespace).items():
        values = broker.configuration(limit, namespace.partitions)
        assert values["retention.ms"] == "-1", topic
        assert int(values["retention.bytes"]) > 0, topic


def test_deleting_takes_the_namespace_and_no_other(namespace: Settings) -> None:
    other = msgspec.structs.replace(namespace, namespace=f"{namespace.namespace}b")
    broker.create_topics(other)
    broker.create_topics(namespace)
    assert len(broker.delete_topics(namespace)) == len(broker.limits(namespace))
    assert broker.create_topics(other) == []
    broker.delete_topics(other)
