"""What a stage is: a pure function of the state of one partition and one event."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from streams.accounts.entries import NOTHING, Added
from streams.events import Event


class Position(NamedTuple):
    """Where an event lies."""

    topic: str
    """Logical name."""
    partition: int
    offset: int


EVERY_PARTITION = -1
SAME_PARTITION = -2


class Output(NamedTuple):
    """An event to send. ``key`` decides the partition, unless ``partition`` says it."""

    topic: str
    event: Event
    key: str = ""
    partition: int | None = None
    """EVERY_PARTITION, SAME_PARTITION (as the input's), or None: by key."""


class Result(NamedTuple):
    """What a step did. Keys of ``changes`` replace those of the state; none is ever removed."""

    changes: Mapping[str, Any] = {}
    outputs: tuple[Output, ...] = ()
    counts: Mapping[str, int] = {}
    """Names: accepted, late, repeated, bad."""
    accounts: Added = NOTHING
    """What became of values."""


class Stage(Protocol):
    """No I/O, no clock, no randomness, no globals; states are never mutated, only replaced.

    An input that cannot be used raises ``BadMessage``; the shell dead-letters it with its bytes.
    """

    name: str
    reads: str
    """Logical topic."""
    blocking: bool
    """True: a step takes milliseconds of processor time, so the shell keeps it off its loop."""

    @property
    def prepare(self) -> Callable[[Mapping[str, Any], Any], Any] | None:
        """(state, event) to what ``step`` takes in place of the event: the part of its work that
        may be done beside the steps of other partitions. ``step`` does it itself where it is given
        the event, so whether this was called, or failed, decides nothing.
        """

    @property
    def state_type(self) -> Any:
        """Union of tagged Structs that the values of the state mapping are encoded as."""

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result: ...


class Hearing(NamedTuple):
    """What was heard of n sources; arrays [n] as in ``streams.events.Heard``."""

    sources: tuple[str, ...]
    heard: NDArray[np.int64]
    lag: NDArray[np.int64]


@runtime_checkable
class Hears(Protocol):
    """A stage that can say when it heard its sources; no result rests on it."""

    def hearing(self, state: Mapping[str, Any]) -> Iterable[Hearing]: ...


@runtime_checkable
class Accountable(Protocol):
    """A stage that says what became of the values which it takes in."""

    accounts_to: str
    """Logical topic of its accounts: where what they are of goes before them."""
    stores: bool
    """Whether what is stored of it must be as much as it says that it has sent on."""

    def waiting(self, state: Mapping[str, Any], /) -> int:
        """Values that wait in its state."""
