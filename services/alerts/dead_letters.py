"""Dead letters of the alerts service: what it reads and cannot use is kept with its reason."""

from collections.abc import Sequence
from typing import Any

from streams.events import BadMessage, DeadLetter, Mark, Micros, dead_letter, encode
from streams.kafka import clients
from streams.kafka.clients import ANSWER_SECONDS
from streams.kafka.limits import DEAD_LETTER_BYTES
from streams.quotas import NOT_KEPT, UNKNOWN, Quotas, keep
from streams.settings import Settings
from streams.tables.positions import Progress
from streams.topics import CORRELATED, DEAD_LETTERS, physical


def of_record(record: Any, bad: BadMessage, time: Micros) -> tuple[DeadLetter, Mark]:
    """The dead letter of a Kafka record, with the mark that makes a repetition known as one."""
    at = (CORRELATED, record.partition, record.offset)
    return dead_letter(bad, at, time, record.headers, record.value), Mark("alerts", *at, 0)


def within(
    quotas: Quotas, letters: Sequence[tuple[DeadLetter, Mark]], progress: Progress
) -> tuple[Quotas, list[tuple[DeadLetter, Mark]]]:
    """(what is spent then, the letters that are kept); what is not is counted in ``progress``."""
    kept = []
    for letter, mark in letters:
        quotas, own = keep(quotas, UNKNOWN, letter, progress.newest or 0)
        if own is None:
            progress.count(f"{NOT_KEPT}{letter.reason}")
        else:
            kept.append((own, mark))
    return quotas, kept


class DeadLetters:
    """Sends dead letters, and returns only when the broker has them.

    Raises:
        streams.kafka.clients.BrokerAwayError: no broker answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = physical(settings.namespace, DEAD_LETTERS)
        self._producer = clients.producer(
            settings, "alerts-dead-letters", max_request_size=DEAD_LETTER_BYTES
        )

    def send(self, dead_letters: list[tuple[DeadLetter, Mark]]) -> None:
        """Raises KafkaError where the broker did not take all of them."""
        sent = []
        for event, mark in dead_letters:
            headers, value = encode(event, mark)
            sent.append(
                self._producer.send(
                    self._topic, value=value, headers=headers, partition=event.partition
                )
            )
        for future in sent:
            future.get(timeout=ANSWER_SECONDS)

    def close(self) -> None:
        clients.end(self._producer, 1)
