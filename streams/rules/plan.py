"""Which rules watch what of a camera.

A rule of a kind that watches zones, or lines, watches those it names or, where it names none,
every one on the cameras that it reaches. One of a kind that watches the whole picture, or whether a
source is heard of, watches every camera that it reaches, the latter none that rests. A rule for
which no zone or line is left watches nothing.
"""

from typing import NamedTuple

from models.labels import CLASSES
from streams.cameras.lines import is_line
from streams.cameras.watched import Watched
from streams.control import Control, KnownSource, KnownZone
from streams.events import Rule
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import UnknownKindError, find
from streams.rules.reach import reaches


class Plan(NamedTuple):
    """Everything that is watched for on one camera."""

    zones: tuple[KnownZone, ...]
    """Those that are no lines."""
    watched: tuple[Watched, ...]
    """In the order of rule and zone ids."""
    kinds: tuple[Kind, ...]
    """Of each of ``watched``."""
    heard: tuple[Rule, ...]
    """Those that watch whether it sends anything at all."""


def watch_key(rule: str, zone: str) -> str:
    return f"{rule}\x1f{zone}"


def split_key(key: str) -> tuple[str, str]:
    """(rule id, zone id); the zone is empty for a rule that watches neither zone nor line."""
    rule, zone = key.split("\x1f")
    return rule, zone


def of_kind(control: Control, *watches: Watches) -> list[tuple[Rule, Kind]]:
    """Rules, in order of their ids, of kinds that watch any of these; what is of no known kind is
    not."""
    found = []
    for rule in control.all_rules():
        try:
            kind = find(rule.kind)
        except UnknownKindError:
            continue
        if kind.watches in watches:
            found.append((rule, kind))
    return found


def plan(control: Control, camera: KnownSource) -> Plan:
    """What is watched for on ``camera`` under ``control``."""
    drawn = control.zones_of(camera.id)
    zones = tuple(zone for zone in drawn if not is_line(zone.polygon))
    picture = KnownZone("", camera.id, ())
    places = {
        Watches.ZONE: list(enumerate(zones)),
        Watches.LINE: [(len(zones), zone) for zone in drawn if is_line(zone.polygon)],
        Watches.PICTURE: [(len(zones), picture)],
    }
    found = [
        (
            Watched(
                watch_key(rule.id, zone.id),
                rule,
                camera,
                zone,
                row,
                _means(kind, rule),
                kind.values(rule),
                kind.spans(rule),
                kind.alive,
            ),
            kind,
        )
        for rule, kind in of_kind(control, *places)
        if reaches(rule, camera.id, camera.kind)
        for row, zone in places[kind.watches]
        if not rule.zones or zone.id in rule.zones
    ]
    heard = tuple(
        rule
        for rule, _ in of_kind(control, Watches.SOURCE)
        if reaches(rule, camera.id, camera.kind) and not camera.rests
    )
    return Plan(
        zones, tuple(watched for watched, _ in found), tuple(kind for _, kind in found), heard
    )


def _means(kind: Kind, rule: Rule) -> bytes:
    names = rule.classes or kind.classes
    return bytes(name in names for name in CLASSES)
