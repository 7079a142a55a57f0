"""Rounds of a benchmark: run in turn, with their spread, which may or may not decide a goal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")
Spread = tuple[float, float]
"""Least and most over the rounds."""


class Rate(NamedTuple):
    """How fast one contender went in one round, and what that took of the machine."""

    value: float
    """Pieces of work a second."""
    cores: dict[str, float]
    """Process to the processor cores that it kept busy meanwhile; of all that took part."""

    @property
    def seconds(self) -> float:
        """Processor seconds that a piece cost; differs less from day to day than the rate."""
        return sum(self.cores.values()) / self.value


def in_turn(contenders: Mapping[str, Callable[[], Result]], rounds: int) -> dict[str, list[Result]]:
    """Runs A B A B, so that a machine which slows down slows all of them; results by contender."""
    found: dict[str, list[Result]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            found[name].append(run())
    return found


def spread(values: Sequence[float]) -> Spread | None:
    """None where one round alone says nothing about the next."""
    return (min(values), max(values)) if len(values) > 1 else None


def at_least(goal: float, values: Sequence[float]) -> bool | None:
    """Whether the rounds reach the goal; None where that is not decided.

    It is not where they lie on both sides of the goal, nor after one round.
    """
    within = spread(values)
    if within is None or within[0] < goal <= within[1]:
        return None
    return within[0] >= goal


def at_most(goal: float, values: Sequence[float]) -> bool | None:
    """As ``at_least``, where less is better."""
    return at_least(-goal, [-value for value in values])


def all_met(decisions: Iterable[bool | None]) -> bool | None:
    """Of a goal in several parts: one missed part misses it, else one undecided leaves it open."""
    found = set(decisions)
    if False in found:
        return False
    return None if None in found else True
