"""Which kinds of incidents together are one of their own: a table, ``combinations.yaml``.

An installation's own ``kinds/combinations.yaml`` is read before it.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from models.documents import document
from models.files import SMALL, read_file
from streams import extensions
from streams.events import MINUTE, Micros, Severity
from streams.feeds.registry import all_feeds
from streams.ids import id_fault
from streams.kinds.joins import Name
from streams.kinds.registry import KindError, UnknownKindError, find, present

FILE = "combinations.yaml"
FARTHEST_M = 100_000.0
LONGEST_MINUTES = 1440.0
FEWEST, MOST = 2, 4


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the incidents that it takes."""

    kind: str
    metric: str = ""
    """That its evidence shows; empty: any."""


class Combination(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See the file."""

    name: Name
    severity: Severity
    of: tuple[Sign, ...]
    within_minutes: float
    """From the beginning of the first to that of the last."""
    within_m: float = 0.0
    """Of what came last; 0: of one source."""

    @property
    def within(self) -> Micros:
        return round(self.within_minutes * MINUTE)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    combinations: dict[str, Combination]


class Part(NamedTuple):
    """What an incident is of a combination."""

    name: str
    place: int
    """Among its signs."""


@cache
def combinations() -> dict[str, Combination]:
    """By id, those of the installation first.

    Raises:
        KindError: a file cannot be used.
    """
    found: dict[str, Combination] = {}
    folders = [extensions.own("kinds"), Path(__file__).parent]
    for path in [folder / FILE for folder in folders if folder]:
        if (near := path.with_suffix(".yml")).exists():
            raise KindError(f"{near} is not looked into: call it {FILE}")
        if path.exists():
            try:
                text = read_file(path, SMALL)
            except OSError as error:
                raise KindError(f"{path}: {error}") from None
            found = read(text, str(path)) | found
    return found


def read(text: bytes | str, where: str) -> dict[str, Combination]:
    """What a file says.

    Raises:
        KindError: it is no YAML, or says what cannot be.
    """
    try:
        found = msgspec.convert(document(text), _File).combinations
    except ValueError as error:
        raise KindError(f"{where}: {error}") from None
    metrics = {metric for feed in all_feeds().values() for metric in feed.metrics}
    for name, one in found.items():
        if fault := _fault(name, one, metrics):
            raise KindError(f"{where}: {name}: {fault}")
    return found


@cache
def kinds() -> frozenset[str]:
    """All that stand in the table, under every name that they had."""
    named = {sign.kind for one in combinations().values() for sign in one.of}
    return frozenset(name for one in named for name in (find(one).id, *find(one).formerly))


def parts_of(kind: str, metrics: Iterable[str]) -> tuple[Part, ...]:
    """Of which combinations an incident of that kind, whose evidence shows these metrics, may be a
    part, in the order of the table."""
    if kind not in kinds():
        return ()
    kind, metrics = present(kind), frozenset(metrics)
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
    if len(set(one.of)) < len(one.of):
        return "of: the same is asked for twice"
    if not 0 < one.within_minutes <= LONGEST_MINUTES:
        return f"within_minutes: give a number above 0, up to {LONGEST_MINUTES:g}"
    if not 0 <= one.within_m <= FARTHEST_M:
        return f"within_m: give 0 (one source) to {FARTHEST_M:g}"
    for sign in one.of:
        try:
            find(sign.kind)
        except UnknownKindError as error:
            return str(error)
        if sign.metric and sign.metric not in metrics:
            return f"no feed has a metric {sign.metric!r}"
    return None
