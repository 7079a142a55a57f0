"""Tries what an account may do at a broker that asks who comes."""

from typing import Any

import msgspec
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from deploy.broker.rights import WRITES
from streams.kafka.access import CLEAR, OWNER, SIGNED_IN, Access, access
from streams.kafka.clients import producer
from streams.settings import Settings
from streams.topics import physical

SECONDS = 20.0
IMPATIENT = {"request_timeout_ms": 3000, "bootstrap_timeout_ms": 3000}
STRANGERS: dict[str, dict[str, Any]] = {
    "nobody": {"security_protocol": CLEAR},
    "wrong": Access(SIGNED_IN, "detect", "guessed").options(),
    "empty": Access(SIGNED_IN, "detect", "").options(),
    "unknown": Access(SIGNED_IN, "nobody", "guessed").options(),
    "owner": Access(SIGNED_IN, OWNER, "guessed", "PLAIN").options(),
    "broker": Access(SIGNED_IN, "broker", "guessed", "PLAIN").options(),
}
TOPICS = sorted({topic for topics in WRITES.values() for topic in topics})


def as_account(settings: Settings, account: str) -> Settings:
    return msgspec.structs.replace(settings, kafka_user=account)


def put(settings: Settings, topic: str, value: bytes = b"{}") -> None:
    """One message, as the settings' account; raises what the broker says."""
    client = producer(settings, "attempt", enable_idempotence=False)
    try:
        client.send(physical(settings.namespace, topic), value, partition=0).get(SECONDS)
    finally:
        client.close()


def first(settings: Settings, topic: str, **how: Any) -> bytes:
    """The value of a topic's first message, as the settings' account."""
    client = KafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        enable_auto_commit=False,
        consumer_timeout_ms=20_000,
        **(how or access(settings).options()),
    )
    try:
        place = TopicPartition(physical(settings.namespace, topic), 0)
        client.assign([place])
        client.seek(place, 0)
        return next(iter(client)).value
    finally:
        client.close()


def list_topics(**how: Any) -> list[str]:
    client = KafkaAdminClient(**how)
    try:
        return list(client.list_topics())
    finally:
        client.close()


def writes(settings: Settings) -> set[str]:
    """Those of ``TOPICS`` that the settings' account may write."""
    may = set()
    client = producer(settings, "attempt", enable_idempotence=False)  # it goes on after a refusal
    try:
        for topic in TOPICS:
            sent = client.send(physical(settings.namespace, topic), b"{}", partition=0)
            try:
                sent.get(SECONDS)
            except TopicAuthorizationFailedError:
                continue
            may.add(topic)
    finally:
        client.close()
    return may
