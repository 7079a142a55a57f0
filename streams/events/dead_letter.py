"""How a message that could not be used is kept: with its reason, and within bounds."""

import msgspec

from streams.events.about import about, named
from streams.events.bad_message import BadMessage
from streams.events.codec import Headers
from streams.events.system import DeadLetter
from streams.events.time import Micros

KEPT_VALUE_BYTES = 3 * 2**20
KEPT_HEADER_BYTES = 2**16
"""Larger headers are left out: cut ones would say something else."""
KEPT_DETAIL = 500
"""Characters."""


def dead_letter(
    bad: BadMessage,
    at: tuple[str, int, int],
    time: Micros,
    headers: Headers,
    value: bytes | None,
) -> DeadLetter:
    """The dead letter of a message; it fits on the broker, and its detail says what it lacks.

    Args:
        at: (logical topic, partition, offset); -1: it was refused before it was sent.
        time: event time when it was refused; 0 where none is known yet, and whoever lists it
            takes the time at which the broker was given it.
    """
    whose = about(headers, value)
    value, lacks = value or b"", ""
    kept = tuple((name, data or b"") for name, data in headers)  # Kafka's may have no value
    if sum(len(name) + len(data) for name, data in kept) > KEPT_HEADER_BYTES:
        kept, lacks = (), " (without its headers, which are too large)"
    detail = bad.detail[: KEPT_DETAIL - len(lacks)] + lacks
    letter = DeadLetter(bad.reason, detail, *at, time, kept, value)
    return named(shortened(letter, KEPT_VALUE_BYTES), whose)


def shortened(letter: DeadLetter, most: int) -> DeadLetter:
    """With at most so many bytes of its value; where that is less, its detail says so."""
    size = len(letter.value)
    if size <= most:
        return letter
    lacks = f" (first {most} of {size} bytes kept)"
    detail = letter.detail[: KEPT_DETAIL - len(lacks)] + lacks
    return msgspec.structs.replace(letter, detail=detail, value=letter.value[:most])
