"""All kinds of incidents: those of this package, and those of an installation's own folder.

``CITYOPS_EXTENSIONS`` names a folder whose ``kinds/*.py`` each hold one ``KIND``, as here. A file
that begins with ``_`` is no kind: it is for what several share, ``from ._shared import …``.
"""

import importlib
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import msgspec

from streams import extensions, settings
from streams.control import KnownSource
from streams.events import Delivered, Incident, Micros, Origin, Severity, Verdict
from streams.kinds.kind import Kind, Watches
from streams.kinds.validity import faults, unmeasured

__all__ = [
    "KindError",
    "UnknownKindError",
    "all_kinds",
    "clock_wrong",
    "fault_of",
    "find",
    "is_down",
    "is_watching",
    "lost",
    "may_be_explained",
    "present",
    "proof_of",
    "renamed",
    "spellings",
]

_NOT_KINDS = frozenset(
    {"combination", "combinations", "joins", "kind", "registry", "scenario", "validity"}
)
_OWN = "cityops_kinds"
"""The package that an installation's own kinds are in."""


class UnknownKindError(LookupError):
    """No kind has that id, now or formerly."""


class KindError(settings.SettingError):
    """A kind cannot be used; the message names the file and says what is to be done."""


@cache
def all_kinds() -> dict[str, Kind]:
    """By id, in sorted order.

    Raises:
        SettingError: a module holds no kind or one that cannot be, or an id is taken twice.
    """
    kinds: dict[str, Kind] = {}
    taken: dict[str, Path] = {}
    for path, package in _modules():
        kind = _kind(path, package)
        for name in (kind.id, *kind.formerly):
            if name in taken:
                raise KindError(f"two kinds are called {name!r}, in {taken[name]} and in {path}")
            taken[name] = path
        kinds[kind.id] = kind
    for kind in kinds.values():
        for fault in unmeasured(kind):
            raise KindError(f"{taken[kind.id]}: {fault}")
    return {name: kinds[name] for name in sorted(kinds)}


def find(name: str) -> Kind:
    """The kind of that id, or that once had it; raises UnknownKindError."""
    kinds = all_kinds()
    found = kinds.get(name)
    if found is None:
        found = kinds.get(_former().get(name, ""))
    if found is None:
        raise UnknownKindError(f"no kind {name!r}; kinds are {', '.join(kinds)}")
    return found


def present(name: str) -> str:
    """The id that the kind of that name has now; the name itself where there is none."""
    return _former().get(name, name)


def spellings(name: str) -> tuple[str, ...]:
    """Every id that the kind of that name has or had, so that what is stored under any is found."""
    try:
        kind = find(name)
    except UnknownKindError:
        return (name,)
    return (kind.id, *kind.formerly)


def renamed(incident: Incident) -> Incident:
    """Under the id that its kind has now; the same object where it has not changed."""
    now = present(incident.kind)
    return incident if now == incident.kind else msgspec.structs.replace(incident, kind=now)


def lost(source: str, first: int, last: int, time: Micros, consumer: str = "") -> Incident:
    """See ``streams.kinds.data_loss``, which is loaded as a kind first: a fault is said as any."""
    all_kinds()
    from streams.kinds import data_loss

    return data_loss.lost(source, first, last, time, consumer)


def differ(place: str, subject: str, start: Micros, time: Micros, who: str) -> Incident:
    """See ``streams.kinds.accounts_differ``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import accounts_differ

    return accounts_differ.differ(place, subject, start, time, who)


def wrong_clocks(
    sources: tuple[KnownSource, ...], off: Micros, since: Micros, time: Micros
) -> Incident:
    """See ``streams.kinds.clock_error``, which is loaded as a kind first."""
    all_kinds()
    from streams.kinds import clock_error

    return clock_error.wrong(sources, off, since, time)


def suspect(asset: str, down: Sequence[Incident], of: int, time: Micros) -> Incident:
    """See ``streams.kinds.suspected_outage``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import suspected_outage

    return suspected_outage.suspect(asset, down, of, time)


def all_there(name: str, parts: Sequence[Incident], severity: Severity, time: Micros) -> Incident:
    """See ``streams.kinds.signs_together``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import signs_together

    return signs_together.all_there(name, parts, severity, time)


def missed(
    name: str, value: int, start: Micros, time: Micros, origin: Origin, *, apart: str = ""
) -> Incident:
    """See ``streams.kinds.off_target``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import off_target

    return off_target.missed(name, value, start, time, origin, apart=apart)


def will_miss(
    name: str, value: int, start: Micros, time: Micros, origin: Origin, *, apart: str = ""
) -> Incident:
    """See ``streams.kinds.likely_off_target``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import likely_off_target

    return likely_off_target.foreseen(name, value, start, time, origin, apart=apart)


def falls_short(told: Delivered, time: Micros, apart: str = "") -> Incident | None:
    """See ``streams.kinds.below_promise``; None where the feed keeps its promise, or is gone."""
    all_kinds()
    from streams.feeds.promises import broken
    from streams.feeds.registry import all_feeds
    from streams.kinds import below_promise

    feed = all_feeds().get(told.feed)
    return below_promise.fallen(feed, told, time, apart) if feed and broken(feed, told) else None


def clock_wrong(source: str, ahead: Micros, time: Micros) -> Incident:
    """See ``streams.kinds.system_clock``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import system_clock

    return system_clock.wrong(source, ahead, time)


def time_undone(source: str, since: Micros, until: Micros) -> Incident:
    """See ``streams.kinds.system_clock``; loaded as ``lost`` is."""
    all_kinds()
    from streams.kinds import system_clock

    return system_clock.undone(source, since, until)


def fault_of(verdict: Verdict) -> Kind:
    """The fault of a camera whose pictures are worth that; raises KeyError for good ones."""
    return _faults()[verdict]


def proof_of(name: str) -> Literal["seen", "felt", ""]:
    """What incidents of that kind are to others on their road segment; empty: nothing."""
    try:
        return find(name).proof
    except UnknownKindError:
        return ""


def is_down(incident: Incident) -> bool:
    """Whether it says that its source is down; False where there is no such kind any more."""
    try:
        return find(incident.kind).down(incident)
    except UnknownKindError:
        return False


def may_be_explained(incident: Incident) -> bool:
    """Whether it may be a consequence; False where there is no such kind any more."""
    try:
        return find(incident.kind).explained(incident)
    except UnknownKindError:
        return False


def is_watching(name: str, *watches: Watches) -> bool:
    """Whether it is the name of a kind that watches one of these; False where there is none."""
    try:
        return find(name).watches in watches
    except UnknownKindError:
        return False


@cache
def _faults() -> dict[str, Kind]:
    return {verdict: kind for kind in all_kinds().values() for verdict in kind.verdicts}


@cache
def _former() -> dict[str, str]:
    return {old: kind.id for kind in all_kinds().values() for old in kind.formerly}


def _modules() -> list[tuple[Path, str]]:
    """The file of every kind with the package it is in; the product's own come first."""
    here, own = Path(__file__).parent, extensions.own("kinds")
    found = [(path, __package__) for path in _files(here) if path.stem not in _NOT_KINDS]
    if own:
        # A package of that name, so that kinds can import what is beside them.
        package = ModuleType(_OWN)
        package.__path__ = [str(own)]
        sys.modules[_OWN] = package
        found += [(path, _OWN) for path in _files(own)]
    return found


def _files(folder: Path) -> list[Path]:
    found = extensions.entries(folder)
    for entry in found:
        if entry.is_dir():
            raise KindError(f"{entry} is not looked into: give each kind one file, kinds/ID.py")
    return [entry for entry in found if entry.suffix == ".py"]


def _kind(path: Path, package: str) -> Kind:
    try:
        module = importlib.import_module(f"{package}.{path.stem}")
    except (Exception, SystemExit) as error:
        raise KindError(f"{path} cannot be loaded: {_said(error, path)}") from error
    if not hasattr(module, "KIND"):
        raise KindError(f"{path} holds no KIND; if it is no kind, call it _{path.name}")
    kind = module.KIND
    if not isinstance(kind, Kind):
        raise KindError(f"{path}: KIND is a {type(kind).__name__}: give a Kind")
    for fault in faults(kind):
        raise KindError(f"{path}: {fault}")
    return kind


def _said(error: BaseException, path: Path) -> str:
    """The error in one line, with the line of the file that it comes from."""
    file = str(path.absolute())
    lines = [at.lineno for at in traceback.extract_tb(error.__traceback__) if at.filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines.append(error.lineno)
    place = f"line {lines[-1]}: " if lines else ""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{place}{type(error).__name__}: {' '.join(said.split())}".removesuffix(": ")
