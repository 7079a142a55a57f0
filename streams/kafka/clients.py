"""Every client of Kafka is made here: named, bounded in time, and closed where that fails; but for
those of a worker, which Faust drives and ``streams/runtime/faust`` makes: those it only names.

A broker that does not answer is one error everywhere, ``BrokerAwayError``.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from streams.kafka.access import CLEAR, access, protocol
from streams.settings import Settings

ANSWER_SECONDS = 10.0
"""A broker that has not answered by then counts as away."""
REACH_SECONDS = 5.0
RECONNECT_MS = 1000
"""At most so long between attempts, so that work goes on soon after the broker came back."""
CLOSE_MS = 1000
ASKS = (
    "something listens there: where it asks for an account, set CITYOPS_KAFKA_OWNED=1 at Compose's"
    " (its first lines say more), and CITYOPS_KAFKA_SECURITY at another's"
)


class BrokerAwayError(ConnectionError):
    """No Kafka answers at the address."""

    def __init__(self, settings: Settings, error: Exception, hint: str = "") -> None:
        said = f"no Kafka at {settings.bootstrap} ({type(error).__name__}: {error})"
        super().__init__(f"{said}; {hint}" if hint else said)


def reach(settings: Settings, timeout_seconds: float = REACH_SECONDS) -> None:
    """Returns where a Kafka listens.

    Before a client is built, as kafka-python leaves sockets open where that fails.

    Raises:
        BrokerAwayError: nothing listens at any of the addresses.
    """
    failure: Exception = ValueError("no address")
    for address in settings.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout_seconds).close()
        except (OSError, ValueError) as error:
            failure = error
        else:
            return
    raise BrokerAwayError(settings, failure)


@contextmanager
def answering(settings: Settings, *but: type[Exception]) -> Iterator[None]:
    """Within it, whatever Kafka or the network refuses is a BrokerAwayError; ``but`` stay."""
    try:
        yield
    except (KafkaError, OSError) as error:
        if isinstance(error, (BrokerAwayError, *but)):
            raise
        raise BrokerAwayError(settings, error) from None


def client_id(settings: Settings, part: str) -> str:
    """What a client calls itself to the broker, in whose logs and quotas it stands."""
    return f"{settings.namespace}-{part}"


def producer(
    settings: Settings, part: str, timeout_seconds: float = ANSWER_SECONDS, **options: Any
) -> KafkaProducer:
    """An idempotent producer; what it sends counts once all replicas have it.

    Args:
        part: names the client to the broker, after the namespace.
        timeout_seconds: how long a broker may take to answer at all.
        options: of kafka-python, beyond or instead of these.

    Raises:
        BrokerAwayError: no broker answers in that time.
    """
    return _made(KafkaProducer, settings, part, timeout_seconds, {
        "acks": "all", "enable_idempotence": True, **_PATIENT, **options,
    })  # fmt: skip


def consumer(
    settings: Settings, part: str, timeout_seconds: float = ANSWER_SECONDS, **options: Any
) -> KafkaConsumer:
    """A consumer of no group: it reads what it is assigned, and commits nothing to the broker.

    Args and errors as ``producer``; close it with ``close``.
    """
    return _made(KafkaConsumer, settings, part, timeout_seconds, {
        "group_id": None, "enable_auto_commit": False, **_PATIENT, **options,
    })  # fmt: skip


@contextmanager
def consuming(
    settings: Settings, part: str, timeout_seconds: float = ANSWER_SECONDS, **options: Any
) -> Iterator[KafkaConsumer]:
    """As ``consumer``, closed with the block; within it, too, errors are BrokerAwayError."""
    with answering(settings):
        client = consumer(settings, part, timeout_seconds, **options)
        try:
            yield client
        finally:
            close(client)


@contextmanager
def administering(
    settings: Settings, part: str = "admin", timeout_seconds: float = ANSWER_SECONDS
) -> Iterator[KafkaAdminClient]:
    """A client that administers the broker, closed with the block; raises BrokerAwayError."""
    with answering(settings):
        wait = {"request_timeout_ms": int(timeout_seconds * 1000)}
        client = _made(KafkaAdminClient, settings, part, timeout_seconds, wait)
        try:
            yield client
        finally:
            client.close()


def close(client: KafkaConsumer) -> None:
    """Waits a second at most."""
    client.close(autocommit=False, timeout_ms=CLOSE_MS)


def end(producer: KafkaProducer, timeout_seconds: float = 0.0) -> None:
    """Closes it; what it could not send by then is dropped.

    kafka-python (3.0.12) flushes as it closes, and where that takes longer it raises and leaves its
    thread behind, which tries to send for ever: without the topic it takes a whole processor, and
    what was given up may arrive after all.

    Raises:
        KafkaError: something was dropped.
    """
    try:
        producer.close(timeout=timeout_seconds)
    except KafkaError:
        if producer._sender is not None:
            producer._sender.force_close()
        raise


_PATIENT = {
    "reconnect_backoff_max_ms": RECONNECT_MS,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}


def _made(
    kind: Any, settings: Settings, part: str, timeout_seconds: float, options: dict[str, Any]
) -> Any:
    reach(settings, min(REACH_SECONDS, timeout_seconds))
    try:
        return kind(
            bootstrap_servers=settings.bootstrap,
            client_id=client_id(settings, part),
            bootstrap_timeout_ms=int(timeout_seconds * 1000),
            **access(settings).options(),
            **options,
        )
    except (KafkaError, OSError) as error:
        hint = "" if settings.owns_kafka or protocol(settings) != CLEAR else ASKS
        raise BrokerAwayError(settings, error, hint) from None
