"""What a consumer has already taken: the highest mark per upstream (stage, topic, partition).

A producer sends the outputs of one input partition in order and without gaps, and sends the same
again after a crash; so within one partition that a consumer reads, whatever is not above the
highest mark of its upstream is a repetition. Keep one ``Marks`` per partition read, store it
with that partition's next offset, and a message counts exactly once.
"""

from typing import Any

import msgspec

from streams.events import Mark

Upstream = tuple[str, str, int]
"""(stage, logical topic, input partition)."""
Height = tuple[int, int]
"""(offset of the input message, index of the output among its outputs)."""


class Marks:
    """The highest (offset, index) taken from each upstream."""

    __slots__ = ("_highest",)

    def __init__(self, highest: dict[Upstream, Height] | None = None) -> None:
        self._highest = dict(highest or {})

    def is_new(self, mark: Mark) -> bool:
        """False where the mark is a repetition; remembers nothing."""
        highest = self._highest.get((mark.stage, mark.topic, mark.partition))
        return highest is None or (mark.offset, mark.index) > highest

    def take(self, mark: Mark) -> bool:
        """True, and remembered, where the mark is new; False where it is a repetition."""
        if not self.is_new(mark):
            return False
        self._highest[mark.stage, mark.topic, mark.partition] = (mark.offset, mark.index)
        return True

    def copy(self) -> "Marks":
        """An independent snapshot."""
        return Marks(self._highest)

    def to_json(self) -> list[list[Any]]:
        """Sorted rows of [stage, topic, partition, offset, index]: fit for JSON and msgpack."""
        return [[*upstream, *self._highest[upstream]] for upstream in sorted(self._highest)]

    @classmethod
    def from_json(cls, rows: Any) -> "Marks":
        """Raises msgspec.ValidationError where ``rows`` is not what ``to_json`` gives."""
        marks = msgspec.convert(rows, list[tuple[str, str, int, int, int]])
        return cls({(s, t, p): (offset, index) for s, t, p, offset, index in marks})

    def encode(self) -> bytes:
        """``to_json`` in msgpack; equal marks give equal bytes."""
        return msgspec.msgpack.encode(self.to_json())

    @classmethod
    def decode(cls, data: bytes) -> "Marks":
        """Raises msgspec.DecodeError where ``data`` is not what ``encode`` gives."""
        return cls.from_json(msgspec.msgpack.decode(data))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marks) and self._highest == other._highest

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Marks({self.to_json()})"
