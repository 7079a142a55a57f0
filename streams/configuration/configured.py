"""What is configured, whole: sources, zones and rules with their names, and active models.

Stages know less of it (``streams.control``): only what decides.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from streams.events import (
    ActiveModel,
    Change,
    ControlChange,
    Mask,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Topology,
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
    switches: dict[str, bool] = {}
    """``topology``: whether what depends on an asset that is down is explained by it; ``grouping``:
    whether what tells of one event is one incident. Without it nobody has said."""


NOTHING = Configured()


def folded(changes: Iterable[ControlChange], known: Configured = NOTHING) -> Configured:
    """The same object where all changes are already known. What was known is copied once, however
    many changes there are.
    """
    after, sequence = None, known.sequence
    for event in changes:
        if event.sequence > sequence:
            after = after or copied(known)
            take(after, event.change)
            sequence = event.sequence
    return msgspec.structs.replace(after, sequence=sequence) if after else known


def copied(known: Configured) -> Configured:
    """The same, for its caller alone to change by ``take``."""
    return Configured(
        known.sequence,
        dict(known.sources),
        dict(known.zones),
        dict(known.rules),
        dict(known.models),
        dict(known.masks),
        dict(known.scenery),
        dict(known.switches),
    )


def take(known: Configured, change: Change) -> None:
    """Changes what is ``known``, a copy that nobody else has; its sequence stays."""
    sources, zones, rules = known.sources, known.zones, known.rules
    models, masks, scenery = known.models, known.masks, known.scenery
    match change:
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
        case Topology(on, groups):
            known.switches.update(topology=on, grouping=groups)
        case Removed(kind, id):
            things: dict[str, dict[str, Any]] = {
                "source": sources,
                "zone": zones,
                "rule": rules,
                "mask": masks,
                "scenery": scenery,
            }
            things[kind].pop(id, None)


def in_order(things: dict[str, Thing]) -> list[Thing]:
    """By id, as people expect a list."""
    return [things[key] for key in sorted(things)]
