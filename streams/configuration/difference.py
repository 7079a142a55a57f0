"""Whether a change would change anything. Pure."""

from streams.configuration.check import InvalidChangeError, ids, spelled
from streams.configuration.configured import Configured
from streams.events import (
    ActiveModel,
    Change,
    Mask,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Topology,
    Zone,
)


def makes_difference(known: Configured, change: Change) -> bool:
    """Whether the configuration differs after the change."""
    match change:
        case Source():
            before = known.sources.get(change.id)
            return before is None or spelled(before) != spelled(change)
        case Zone():
            return known.zones.get(change.id) != change
        case Rule():
            return not _is_same(known.rules.get(change.id), change)
        case ActiveModel():
            return known.models.get(change.task) != change.model
        case Topology():
            switches = known.switches.get("topology"), known.switches.get("grouping")
            return switches != (change.on, change.groups)
        case Mask():
            return known.masks.get(change.id) != change
        case SceneryVerdict():
            return known.scenery.get(change.id) != change
        case Removed():
            return change.id in ids(known, change.kind)


def _is_same(stored: Rule | None, rule: Rule) -> bool:
    """Whether they say the same; a stored one of a kind that is gone says what no other does."""
    try:
        return stored is not None and spelled(stored) == spelled(rule)
    except InvalidChangeError:
        return False
