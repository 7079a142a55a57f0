"""Which rules watch which zones of a camera, and what their parameters mean.

``stopped_vehicle``, ``crowd`` and ``intrusion`` watch zones: those the rule names or, where it
names none, every zone on the rule's sources (every camera, where it names no source). ``silence``
watches cameras: those it names, or all. A rule for which no zone is left watches nothing.
"""

from math import isfinite
from typing import NamedTuple

from models.labels import CLASSES, VEHICLES
from streams.control import Control, in_order
from streams.events import SECOND, Micros, Rule, RuleKind, Zone

DEFAULTS: dict[RuleKind, dict[str, float]] = {
    "stopped_vehicle": {"dwell_seconds": 20, "clear_seconds": 10},
    "crowd": {"count": 5, "hold_seconds": 3, "clear_part": 0.75, "clear_seconds": 10},
    "intrusion": {"dwell_seconds": 3, "clear_seconds": 10},
    "silence": {"silence_seconds": 60},
}
"""Every parameter of the camera rules.

``dwell_seconds``: how long a vehicle stands, or an intruder stays, before it counts.
``count``: persons that make a crowd; ``hold_seconds``: for how long they must be that many;
``clear_part``: the crowd lasts while at least this part of ``count`` is there.
``clear_seconds``: an incident ends when its condition has not held for so long.
``silence_seconds``: the least time without a frame (or five periods, if longer). A minute, so that
a source that is started again wakes nobody; a screen shows sooner which sources are not heard of.
"""

ZONED: dict[RuleKind, frozenset[str]] = {
    "stopped_vehicle": VEHICLES,
    "crowd": frozenset({"person"}),
    "intrusion": frozenset({"person"}),
}
"""Kinds that watch zones, and whom they mean where the rule names no classes."""


class Watched(NamedTuple):
    """One rule in one zone."""

    key: str
    rule: Rule
    zone: Zone
    row: int
    """Of the zone among the camera's zones."""
    means: bytes
    """bool [classes]: whether the rule means objects of this class."""
    numbers: dict[str, float]
    """Every parameter of the rule's kind …"""
    spans: dict[str, Micros]
    """… and as Micros those that are seconds: both are asked for with every frame."""


class Plan(NamedTuple):
    """Everything that is watched for on one camera."""

    zones: tuple[Zone, ...]
    watched: tuple[Watched, ...]
    """In the order of rule and zone ids."""
    silence: tuple[Rule, ...]


def watch_key(rule: str, zone: str) -> str:
    return f"{rule}\x1f{zone}"


def split_key(key: str) -> tuple[str, str]:
    """(rule id, zone id); the zone is empty for a rule that watches no zone."""
    rule, zone = key.split("\x1f")
    return rule, zone


def plan(control: Control, camera: str) -> Plan:
    """What is watched for on ``camera`` under ``control``."""
    zones = tuple(zone for zone in in_order(control.zones) if zone.source == camera)
    rules = [rule for rule in in_order(control.rules) if not rule.sources or camera in rule.sources]
    watched = tuple(
        Watched(watch_key(rule.id, zone.id), rule, zone, row, _means(rule), *_parameters(rule))
        for rule in rules
        if rule.kind in ZONED
        for row, zone in enumerate(zones)
        if not rule.zones or zone.id in rule.zones
    )
    return Plan(zones, watched, tuple(rule for rule in rules if rule.kind == "silence"))


def parameter(rule: Rule, name: str) -> float:
    """The rule's own value, or the default where it has none that is a number."""
    default = DEFAULTS[rule.kind][name]
    value = rule.parameters.get(name, default)
    return value if isfinite(value) else default


def span(rule: Rule, name: str) -> Micros:
    """A parameter in seconds as Micros."""
    return round(parameter(rule, name) * SECOND)


def _parameters(rule: Rule) -> tuple[dict[str, float], dict[str, Micros]]:
    names = DEFAULTS[rule.kind]
    return (
        {name: parameter(rule, name) for name in names},
        {name: span(rule, name) for name in names if name.endswith("_seconds")},
    )


def _means(rule: Rule) -> bytes:
    names = rule.classes or ZONED[rule.kind]
    return bytes(name in names for name in CLASSES)
