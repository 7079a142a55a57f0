"""Dead letters of the alerts service: what it reads and cannot use is kept with its reason."""

from typing import Any

from streams.events import BadMessage, DeadLetter, Mark, Micros, encode
from streams.kafka import clients
from streams.kafka.clients import ANSWER_SECONDS
from streams.settings import Settings
from streams.topics import CORRELATED, DEAD_LETTERS, physical

MAX_DEAD_VALUE_BYTES = 3 * 2**20
"""What a dead letter keeps of its message, so that the letter itself fits on the broker."""
MAX_DETAIL = 500


def letter(record: Any, bad: BadMessage, time: Micros) -> tuple[DeadLetter, Mark]:
    """The dead letter of a Kafka record, with the mark that makes a repetition known as one."""
    value = record.value or b""
    detail = bad.detail
    if len(value) > MAX_DEAD_VALUE_BYTES:
        detail = f"{detail} (first {MAX_DEAD_VALUE_BYTES} of {len(value)} bytes kept)"
        value = value[:MAX_DEAD_VALUE_BYTES]
    headers = tuple((name, content or b"") for name, content in record.headers)
    return (
        DeadLetter(
            bad.reason,
            detail[:MAX_DETAIL],
            CORRELATED,
            record.partition,
            record.offset,
            time,
            headers,
            value,
        ),
        Mark("alerts", CORRELATED, record.partition, record.offset, 0),
    )


class Letters:
    """Sends dead letters, and returns only when the broker has them.

    Raises:
        streams.kafka.clients.BrokerAwayError: no broker answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = physical(settings.namespace, DEAD_LETTERS)
        self._producer = clients.producer(
            settings, "alerts-dead-letters", max_request_size=2 * MAX_DEAD_VALUE_BYTES
        )

    def send(self, letters: list[tuple[DeadLetter, Mark]]) -> None:
        """Raises KafkaError where the broker did not take all of them."""
        sent = []
        for event, mark in letters:
            headers, value = encode(event, mark)
            sent.append(
                self._producer.send(
                    self._topic, value=value, headers=headers, partition=event.partition
                )
            )
        for future in sent:
            future.get(timeout=ANSWER_SECONDS)

    def close(self) -> None:
        self._producer.close(timeout=1)
