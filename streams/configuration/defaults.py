"""A feed's default rules, on those of its sources that nothing watches for the same yet. Pure."""

import msgspec

from streams.configuration.check import InvalidChangeError, never_missed
from streams.configuration.configured import Configured
from streams.events import Rule
from streams.feeds.feed import Feed
from streams.feeds.registry import asset_type
from streams.kinds.kind import Kind
from streams.kinds.registry import find


def missing_rules(known: Configured, feed: Feed) -> list[Rule]:
    """Rules to add, or to widen, until each source of the feed is watched as its defaults ask.

    A rule is called ``FEED.KIND`` and names its sources: one without any would reach those of
    other feeds. What it was changed to stays, but for where it watches. A source whose period is
    not known is left out of a rule on missing data, which could never miss it.

    Raises:
        UnknownKindError: a default rule asks for a kind that is not there.
        InvalidChangeError: a rule of another kind has the name, or no source is of the feed.
    """
    sources = {one.id for one in known.sources.values() if asset_type(one.kind) in feed.asset_types}
    if not sources:
        types = ", ".join(sorted(feed.asset_types))
        raise InvalidChangeError(f"there is no source of feed {feed.id} yet ({types})")
    found = []
    for default in feed.default_rules:
        kind = find(default.kind)
        judged = {one for one in sources if not never_missed(kind, known.sources[one])}
        bare = judged - _watched(known, kind)
        if not bare:
            continue
        name = f"{feed.id}.{kind.id}"
        fresh = Rule(name, kind.id, default.severity, parameters=dict(default.parameters))
        own = known.rules.get(name, fresh)
        if not _asks_for(own, kind):
            raise InvalidChangeError(f"rule {name} is of kind {own.kind}: remove it first")
        named = tuple(sorted(bare.union(own.sources)))
        found.append(msgspec.structs.replace(own, sources=named, zones=()))
    return found


def _watched(known: Configured, kind: Kind) -> set[str]:
    """Sources to which, or to a zone of which, a rule of the kind applies."""
    found: set[str] = set()
    for rule in known.rules.values():
        if not _asks_for(rule, kind):
            continue
        applies = set(rule.sources or known.sources)
        if rule.zones:
            zones = (known.zones.get(zone) for zone in rule.zones)
            applies &= {zone.source for zone in zones if zone}
        found |= applies
    return found


def _asks_for(rule: Rule, kind: Kind) -> bool:
    return rule.kind in (kind.id, *kind.formerly)
