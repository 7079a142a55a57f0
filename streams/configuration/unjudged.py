"""What is configured and yet does nothing: its kind or feed is not in this installation, a
camera's pictures are too far apart for it, or it is masked.

A folder of extensions was taken away, or a later release has written it. The stages pass it over;
the readers of the configuration say so.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol, TypeVar

import shapely

from streams.cameras.lines import is_line
from streams.configuration.configured import Configured
from streams.events import Micros, Rule, Source
from streams.feeds.registry import carries_frames, of_asset_type
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import UnknownKindError, find
from streams.rules.reach import reaches

LEAST_MASKED = 0.01
"""Percent: what only touches a mask is not masked."""


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


class Masked(NamedTuple):
    """A rule, and a place that it watches of which masks hide something."""

    rule: Rule
    source: Source
    zone: str
    """Empty: the whole picture."""
    percent: int
    """Of the zone's area, or the line's length, that nothing is judged in; at least 1."""


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


def masked(known: Configured) -> list[Masked]:
    """In order of the ids of rules, cameras and zones."""
    found = []
    for rule in sorted(known.rules.values(), key=_id):
        if not _is_kind(rule.kind):
            continue
        kind = find(rule.kind)
        if not kind.watches.in_pictures:
            continue
        for camera in sorted(known.sources.values(), key=_id):
            masks = [one.polygon for one in known.masks.values() if one.source == camera.id]
            if not masks or not reaches(rule, camera.id, camera.kind):
                continue
            hidden = shapely.union_all([shapely.Polygon(corners) for corners in masks])
            for zone, place in _places(known, rule, kind, camera):
                whole = place.area or place.length
                left = place.difference(hidden)
                share = 100 - 100 * (left.area if place.area else left.length) / whole
                if share > LEAST_MASKED:
                    found.append(Masked(rule, camera, zone, max(1, round(share))))
    return found


def _places(
    known: Configured, rule: Rule, kind: Kind, camera: Source
) -> Iterator[tuple[str, shapely.Geometry]]:
    """What the rule watches of the camera's picture: zone ids with their shapes."""
    if kind.watches is Watches.PICTURE:
        yield "", shapely.box(0, 0, 1, 1)
        return
    for zone in sorted(known.zones.values(), key=lambda zone: zone.id):
        drawn_so = is_line(zone.polygon) == (kind.watches is Watches.LINE)
        if zone.source == camera.id and drawn_so and (zone.id in rule.zones or not rule.zones):
            shape = shapely.LineString if is_line(zone.polygon) else shapely.Polygon
            yield zone.id, shape(zone.polygon)


def of_mask(rule: str, source: str, zone: str, percent: int) -> str:
    """A line for logs and terminals."""
    where = f"zone {zone}" if zone else "the picture"
    return f"rule {rule}: {percent} % of {where} of {source} is masked, not judged there"


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
