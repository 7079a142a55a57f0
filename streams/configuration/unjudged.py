"""What is configured and yet judges nothing, wholly or in places.

Its kind or feed is not in this installation: a folder of extensions was taken away, or a later
release has written it. The stages pass it over; the readers of the configuration say so. Or a
source tells a rule too little: its pictures are too far apart for it, or show nothing, or nothing
usable comes, or it is masked. What is not judged is never said to be well.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, Protocol, TypeVar

import shapely

from streams.cameras.lines import is_line
from streams.cameras.sight import near_enough
from streams.configuration.configured import Configured
from streams.events import Blindness, Fate, Micros, Rule, Source
from streams.feeds.registry import carries_frames, of_asset_type
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import UnknownKindError, find
from streams.rules.duties import can_judge
from streams.rules.reach import reaches

LEAST_MASKED = 0.01
"""Percent: what only touches a mask is not masked."""


class Named(Protocol):
    """A rule or a source, as it is configured or as a stage knows it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...


Reason = Blindness | Fate | Literal["unheard", "behind", "lagging"]
"""Why a source tells too little. Of pictures as in ``Sight``; of what came, its fate; unheard: it
says nothing; behind: it does, and the workers have not come so far; lagging: what it says takes so
long that of its peers nothing of that time is known any more, so it is compared with none."""


class Doubt(NamedTuple):
    """A source that tells some rule too little."""

    reason: Reason
    since: Micros | None
    """None: since it was configured so, or nobody knows."""
    apart: Micros = 0
    """How far apart its good pictures are; 0: none come, or it sends readings."""
    detail: str = ""
    """What accounts, or the part that says so, call it."""


class Unjudged(NamedTuple):
    """A rule, and a source by which it is not judged now."""

    rule: Rule
    source: Source
    doubt: Doubt
    needs: Micros
    """How far apart pictures may be; 0: it is no camera."""


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


def configured_apart(source: Source) -> Doubt | None:
    """What is known of a camera before anything has come of it: how far apart its pictures are to
    be."""
    if not carries_frames(source.kind) or not source.period:
        return None
    return Doubt("sparse", None, source.period)


def unjudged(known: Configured, doubts: Mapping[str, Doubt]) -> list[Unjudged]:
    """In order of the ids of rules, and of sources.

    A rule on whether a source is heard is judged all the same, and one on what is no source.

    Args:
        doubts: by source id; a source that has none is judged by.
    """
    sources = [known.sources[name] for name in sorted(doubts) if name in known.sources]
    if not sources:
        return []
    drawn_on = {zone.source for zone in known.zones.values()}
    found = []
    for rule in sorted(known.rules.values(), key=_id):
        if not _is_kind(rule.kind):
            continue
        kind = find(rule.kind)
        named = {known.zones[zone].source for zone in rule.zones if zone in known.zones}
        places = named if rule.zones else drawn_on
        needs = kind.sparsest if kind.watches.in_pictures else 0
        found += [
            Unjudged(rule, source, doubts[source.id], needs)
            for source in sources
            if _doubts(kind, source, doubts[source.id], places)
            and reaches(rule, source.id, source.kind)
        ]
    return found


def _doubts(kind: Kind, source: Source, doubt: Doubt, places: set[str]) -> bool:
    """Whether a rule of that kind, which watches in those places, would be judged but for it."""
    feed = of_asset_type(source.kind)
    if feed is None or kind.watches is Watches.SOURCE:
        return False
    if doubt.reason == "lagging" and kind.compares is None:
        return False
    if feed.carries == "readings":
        return can_judge(kind, feed)
    if not kind.watches.in_pictures or near_enough(doubt.apart, kind.sparsest):
        return False
    return source.id in places or kind.watches is Watches.PICTURE


_SAID = {
    "sparse": "its pictures are too far apart",
    "missing": "fewer pictures come than it is to send",
    "shed": "what it sent was shed",
    "refused": "what it sent was refused",
    "late": "what it sent came too late",
    "not_judged": "what it sent came too late",
    "unheard": "nothing is heard of it",
    "behind": "the workers have not come so far",
    "lagging": "what it says comes too long after what its peers say",
    "damaged": "its pictures are damaged",
    "frozen": "its pictures are frozen",
    "dark": "its pictures are dark",
    "covered": "its lens is covered",
    "blinded": "its pictures are blinded",
    "moved": "it was moved, and its zones do not fit",
}


def of_place(
    rule: str, source: str, why: tuple[str, str], *, since: str = "", apart: float | None = None
) -> str:
    """A line for logs and terminals.

    Args:
        why: reason, and its detail, which may be empty.
        since: a time as people read it.
        apart: of pictures, seconds.
    """
    reason, detail = why
    told = _SAID.get(reason, reason) + (f" ({detail})" if detail else "")
    often = f", a picture in {apart:g} s" if apart else ""
    began = f" since {since}" if since else ""
    return f"rule {rule}: not judged by {source}{began}: {told}{often}"


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


def of_tour(id: str) -> str:
    """A line for logs and terminals."""
    return f"camera {id}: it tours, whether it was moved is not judged"


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
