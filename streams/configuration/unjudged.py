"""What is configured and yet does nothing: its kind or feed is not in this installation, or a
camera's pictures are too far apart for it.

A folder of extensions was taken away, or a later release has written it. The stages pass it over;
the readers of the configuration say so.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

from streams.configuration.configured import Configured
from streams.events import Micros, Rule, Source
from streams.feeds.registry import carries_frames, of_asset_type
from streams.kinds.kind import Watches
from streams.kinds.registry import UnknownKindError, find
from streams.rules.reach import reaches


class Named(Protocol):
    """A rule or a source, as it is configured or as a stage knows it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Sparse(NamedTuple):
    """A rule and a camera whose pictures it cannot judge."""

    rule: Rule
    source: Source
    needs: Micros
    """How far apart its pictures may be."""


Thing = TypeVar("Thing", bound=Named)


def unjudged_rules(rules: Iterable[Thing]) -> list[Thing]:
    """Those of kinds that are not here, in order of ids."""
    return sorted((rule for rule in rules if not _is_kind(rule.kind)), key=_id)


def unread_sources(sources: Iterable[Thing]) -> list[Thing]:
    """Those of types that no feed here declares, in order of ids."""
    return sorted((source for source in sources if not of_asset_type(source.kind)), key=_id)


def too_sparse(known: Configured) -> list[Sparse]:
    """In order of the ids of rules, and of cameras."""
    found = []
    cameras = [one for one in sorted(known.sources.values(), key=_id) if carries_frames(one.kind)]
    for rule in sorted(known.rules.values(), key=_id):
        if not _is_kind(rule.kind):
            continue
        kind = find(rule.kind)
        drawn = kind.watches in {Watches.ZONE, Watches.LINE}
        meant = [zone for zone in known.zones.values() if zone.id in rule.zones or not rule.zones]
        places = {zone.source for zone in meant}
        found += [
            Sparse(rule, camera, kind.sparsest)
            for camera in cameras
            if kind.watches.in_pictures
            and camera.period > kind.sparsest
            and reaches(rule, camera.id, camera.kind)
            and (camera.id in places or not drawn)
        ]
    return found


def of_pair(rule: str, source: str, apart: float, needs: float) -> str:
    """A line for logs and terminals; seconds."""
    return (
        f"rule {rule}: {source} sends a picture in {apart:g} s, and it needs one in {needs:g} s,"
        " not judged there"
    )


def of_rule(id: str, kind: str) -> str:
    """A line for logs and terminals."""
    return f"rule {id}: no kind {kind!r} here, not judged"


def of_source(id: str, type: str) -> str:
    """A line for logs and terminals."""
    return f"source {id}: no feed declares {type!r} here, not read"


def _id(thing: Named) -> str:
    return thing.id


def _is_kind(name: str) -> bool:
    try:
        find(name)
    except UnknownKindError:
        return False
    return True
