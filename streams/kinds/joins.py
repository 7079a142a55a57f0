"""Which kinds of incidents tell of one event, how near and how soon: a table, ``joins.yaml``.

An installation's own ``kinds/joins.yaml`` is read before it: of two events that an incident may be
part of the earlier one has it.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from models.files import SMALL, read_file
from streams import extensions
from streams.events import MINUTE, Incident, Micros, Place
from streams.feeds.file import Wrong, document
from streams.feeds.registry import all_feeds
from streams.ids import id_fault
from streams.kinds.kind import always
from streams.kinds.registry import KindError, UnknownKindError, find, present, spellings
from streams.words import Name

OURS = Path(__file__).with_name("joins.yaml")
FARTHEST_M = 100_000.0
LONGEST_MINUTES = 1440.0


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What tells of an event."""

    kind: str
    within_m: float
    """From what extends the event; of two that do the smaller figure holds."""
    before_minutes: float
    """So much earlier than that it may have begun."""
    metric: str = ""
    """That the incident's evidence shows; empty: any."""
    extends: bool = False
    """Whether it is the event itself in a further place, so that others join it there."""

    @property
    def before(self) -> Micros:
        return round(self.before_minutes * MINUTE)


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Its signs are in the order in which they lead."""

    name: Name
    reach_m: float
    """How far it may extend from what leads it."""
    signs: tuple[Sign, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    events: dict[str, Event]


class Part(NamedTuple):
    """What an incident is of an event."""

    event: str
    rank: int
    """Place among the signs: the least leads."""
    sign: Sign


@cache
def events() -> dict[str, Event]:
    """By id, those of the installation first.

    Raises:
        SettingError: a file cannot be used.
    """
    found: dict[str, Event] = {}
    for path in extensions.tables("kinds", OURS):
        found |= {name: one for name, one in _read(path).items() if name not in found}
    return found


@cache
def kinds() -> frozenset[str]:
    """All that stand in the table, under every name that they had."""
    named = {sign.kind for event in events().values() for sign in event.signs}
    return frozenset(name for one in named for name in spellings(one))


def parts(incident: Incident) -> tuple[Part, ...]:
    """Of which events it may tell, in the order of the table; none of one without a place."""
    return parts_of(incident.kind, (proof.metric for proof in incident.evidence), incident.place)


def parts_of(kind: str, metrics: Iterable[str], place: Place | None) -> tuple[Part, ...]:
    """The same of an incident of that kind, whose evidence shows these metrics."""
    if kind not in kinds() or place is None or place.point is None:
        return ()
    return _parts(present(kind), frozenset(metrics))


@cache
def _parts(kind: str, metrics: frozenset[str]) -> tuple[Part, ...]:
    """The best that it is of each event."""
    found = []
    for name, event in events().items():
        for rank, sign in enumerate(event.signs):
            if present(sign.kind) == kind and (not sign.metric or sign.metric in metrics):
                found.append(Part(name, rank, sign))
                break
    return tuple(found)


def _read(path: Path) -> dict[str, Event]:
    try:
        text = read_file(path, SMALL).decode("utf-8")
        found = msgspec.convert(document(text), _File).events
    except (OSError, ValueError, Wrong) as error:
        raise KindError(f"{path}: {error}") from None
    metrics = {metric for feed in all_feeds().values() for metric in feed.metrics}
    for name, event in found.items():
        if fault := _of_event(name, event):
            raise KindError(f"{path}: {name}: {fault}")
        for sign in event.signs:
            if fault := _fault(event, sign, metrics):
                raise KindError(f"{path}: {name}: {sign.kind}: {fault}")
    return found


def _of_event(name: str, event: Event) -> str | None:
    if fault := id_fault(name):
        return f"id {fault}"
    if not all((event.name.vi.strip(), event.name.en.strip())):
        return "name: give a text in each language"
    if not any(sign.extends for sign in event.signs):
        return "signs: say of one that it extends the event: the others join where it is"
    return None


def _fault(event: Event, sign: Sign, metrics: set[str]) -> str | None:
    try:
        kind = find(sign.kind)
    except UnknownKindError as error:
        return str(error)
    if always in (kind.down, kind.explained):
        return "what it depends on explains it, so it joins nothing"
    if sign.metric and sign.metric not in metrics:
        return f"no feed has a metric {sign.metric!r}"
    if not 0 < sign.within_m <= FARTHEST_M or not 0 < event.reach_m <= FARTHEST_M:
        return f"give within_m and reach_m above 0, up to {FARTHEST_M:g}"
    if not 0 <= sign.before_minutes <= LONGEST_MINUTES:
        return f"give before_minutes from 0 to {LONGEST_MINUTES:g}"
    return None
