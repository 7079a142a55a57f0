"""A producer that is closed with what it could not send leaves nothing behind."""

import threading
import time
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.kafka import clients
from streams.kafka.broker import delete_topics
from streams.settings import Settings
from streams.topics import COUNTS, physical
from tests.support.waiting import eventually


@pytest.fixture
def stuck(settings: Settings) -> Iterator[KafkaProducer]:
    """It holds a message for a topic that is there no more."""
    producer = clients.producer(settings, "stuck", 5.0)
    topic = physical(settings.namespace, COUNTS)
    producer.send(topic, value=b"x", partition=0).get(30)
    delete_topics(settings)
    producer.send(topic, value=b"x", partition=0)
    time.sleep(0.5)  # it tries
    yield producer
    producer._sender.force_close()


def sending(producer: KafkaProducer) -> bool:
    thread: threading.Thread = producer._sender
    return thread.is_alive()


def test_its_thread_ends(stuck: KafkaProducer) -> None:
    with pytest.raises(KafkaError):
        clients.end(stuck)
    eventually(lambda: not sending(stuck))


def test_control_closed_by_itself_it_tries_for_ever(stuck: KafkaProducer) -> None:
    with pytest.raises(KafkaError):
        stuck.close(timeout=0)
    time.sleep(2)
    assert sending(stuck), "kafka-python has learned it: clients.end is needed no more"
