"""What is configured, whole: sources, zones and rules with their names, and active models.

Stages know less of it (``streams.control``): only what decides.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from streams.events import (
    ActiveModel,
    ControlChange,
    Mask,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Zone,
)

Thing = TypeVar("Thing", Zone, Rule, Source, Mask, SceneryVerdict)


class Configured(msgspec.Struct, frozen=True):
    """As of the change numbered ``sequence``; 0: nothing yet."""

    sequence: int = 0
    sources: dict[str, Source] = {}
    zones: dict[str, Zone] = {}
    rules: dict[str, Rule] = {}
    models: dict[str, str] = {}
    masks: dict[str, Mask] = {}
    scenery: dict[str, SceneryVerdict] = {}
    """What engineers say of it, by the id of the place."""


NOTHING = Configured()


def fold(known: Configured, event: ControlChange) -> Configured:
    """The same object where the change is already known."""
    if event.sequence <= known.sequence:
        return known
    sources, zones, rules = dict(known.sources), dict(known.zones), dict(known.rules)
    models, masks, scenery = dict(known.models), dict(known.masks), dict(known.scenery)
    match event.change:
        case Source() as source:
            sources[source.id] = source
        case Zone() as zone:
            zones[zone.id] = zone
        case Rule() as rule:
            rules[rule.id] = rule
        case ActiveModel(task, model):
            models[task] = model
        case Mask() as mask:
            masks[mask.id] = mask
        case SceneryVerdict() as said:
            scenery[said.id] = said
        case Removed(kind, id):
            things: dict[str, dict[str, Any]] = {
                "source": sources,
                "zone": zones,
                "rule": rules,
                "mask": masks,
                "scenery": scenery,
            }
            things[kind].pop(id, None)
    return Configured(event.sequence, sources, zones, rules, models, masks, scenery)


def folded(changes: Iterable[ControlChange], known: Configured = NOTHING) -> Configured:
    for event in changes:
        known = fold(known, event)
    return known


def in_order(things: dict[str, Thing]) -> list[Thing]:
    """By id, as people expect a list."""
    return [things[key] for key in sorted(things)]
