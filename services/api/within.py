"""What is configured, as somebody may see it who is limited to an area. Pure."""

from collections.abc import Collection

from msgspec.structs import replace

from services.alerts.area import Area
from streams.configuration.configured import Configured
from streams.events import Rule, Source
from streams.wards import spelled


def within(known: Configured, area: Area) -> Configured:
    """Sources in the area, and of zones, masks, scenery and rules what is about them.

    A rule that is in force wherever its kind applies is everybody's; of one that names sources or
    zones only those inside are named, and one that names none of them is left out.
    """
    if area is None:
        return known
    inside = {name for name, source in known.sources.items() if spelled(source.ward) in area}
    zones = {name: zone for name, zone in known.zones.items() if zone.source in inside}
    rules = ((name, _rule(rule, inside, zones)) for name, rule in known.rules.items())
    return replace(
        known,
        sources={name: _source(known.sources[name], inside) for name in sorted(inside)},
        zones=zones,
        rules={name: rule for name, rule in rules if rule is not None},
        masks={name: mask for name, mask in known.masks.items() if mask.source in inside},
        scenery={name: said for name, said in known.scenery.items() if said.source in inside},
    )


def _source(source: Source, inside: Collection[str]) -> Source:
    return replace(source, parents=tuple(one for one in source.parents if one in inside))


def _rule(rule: Rule, inside: Collection[str], zones: Collection[str]) -> Rule | None:
    sources = tuple(one for one in rule.sources if one in inside)
    drawn = tuple(one for one in rule.zones if one in zones)
    # Empty means "everywhere": a rule must not seem wider to who sees less of it.
    named = rule.sources and not rule.types
    if (named and not sources) or (rule.zones and not drawn):
        return None
    return replace(rule, sources=sources, zones=drawn)
