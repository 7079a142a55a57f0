"""How a message that could not be used is kept: with its reason, and within bounds."""

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
    value, lacks = value or b"", ""
    if sum(len(name) + len(data) for name, data in headers) > KEPT_HEADER_BYTES:
        headers, lacks = [], " (without its headers, which are too large)"
    if len(value) > KEPT_VALUE_BYTES:
        lacks += f" (first {KEPT_VALUE_BYTES} of {len(value)} bytes kept)"
        value = value[:KEPT_VALUE_BYTES]
    detail = bad.detail[: KEPT_DETAIL - len(lacks)] + lacks
    kept = tuple((name, data or b"") for name, data in headers)
    return DeadLetter(bad.reason, detail, *at, time, kept, value)
