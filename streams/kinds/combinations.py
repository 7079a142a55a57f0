"""Which kinds of incidents together are one of their own: all of the tables ``combinations.yaml``.

An installation's own ``kinds/combinations.yaml`` is read before the product's.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from streams.feeds.registry import all_feeds
from streams.ids import id_fault
from streams.kinds.combination import OURS, Combination, CombinationError, written
from streams.kinds.kind import Watches
from streams.kinds.registry import UnknownKindError, find, present, spellings

FARTHEST_M = 100_000.0
LONGEST_MINUTES = 1440.0
FEWEST, MOST = 2, 4


class Part(NamedTuple):
    """What an incident is of a combination."""

    name: str
    place: int
    """Among its signs."""


@cache
def combinations() -> dict[str, Combination]:
    """By id, in the order of the files.

    Raises:
        SettingError: a file cannot be used.
    """
    return checked(written(), OURS.name)


def checked(found: dict[str, Combination], where: str) -> dict[str, Combination]:
    """The same. Raises CombinationError where one asks for what is not there, or cannot be."""
    metrics = {metric for feed in all_feeds().values() for metric in feed.metrics}
    for name, one in found.items():
        if fault := _fault(name, one, metrics):
            raise CombinationError(f"{where}: {name}: {fault}")
    return found


@cache
def kinds() -> frozenset[str]:
    """All that stand in the table, under every name that they had."""
    named = {sign.kind for one in combinations().values() for sign in one.of}
    return frozenset(name for one in named for name in spellings(one))


def parts_of(kind: str, metrics: Iterable[str]) -> tuple[Part, ...]:
    """Of which combinations an incident of that kind, whose evidence shows these metrics, may be a
    part, in the order of the table."""
    return _parts(present(kind), frozenset(metrics)) if kind in kinds() else ()


@cache
def _parts(kind: str, metrics: frozenset[str]) -> tuple[Part, ...]:
    return tuple(
        Part(name, place)
        for name, one in combinations().items()
        for place, sign in enumerate(one.of)
        if present(sign.kind) == kind and (not sign.metric or sign.metric in metrics)
    )


def _fault(name: str, one: Combination, metrics: set[str]) -> str | None:
    if fault := id_fault(name):
        return f"id {fault}"
    if not all((one.name.vi.strip(), one.name.en.strip())):
        return "name: give a text in each language"
    if not FEWEST <= len(one.of) <= MOST:
        return f"of: give {FEWEST} to {MOST} kinds"
    if len({(present(sign.kind), sign.metric) for sign in one.of}) < len(one.of):
        return "of: the same is asked for twice"
    if not 0 < one.within_minutes <= LONGEST_MINUTES:
        return f"within_minutes: give a number above 0, up to {LONGEST_MINUTES:g}"
    if not 0 <= one.within_m <= FARTHEST_M:
        return f"within_m: give 0 (one source) to {FARTHEST_M:g}"
    for sign in one.of:
        try:
            kind = find(sign.kind)
        except UnknownKindError as error:
            return str(error)
        if kind.watches is Watches.SYSTEM and not kind.verdicts:
            return f"{kind.id}: this system says it itself, so it is a part of none"
        if sign.metric and sign.metric not in metrics:
            return f"no feed has a metric {sign.metric!r}"
    return None
