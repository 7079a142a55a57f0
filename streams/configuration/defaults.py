"""A feed's default rules, on those of its sources that nothing watches for the same yet. Pure."""

from itertools import compress

import msgspec

from streams.configuration.check import InvalidChangeError, never_missed
from streams.configuration.configured import Configured
from streams.events import Rule
from streams.feeds.feed import Feed
from streams.feeds.registry import asset_type
from streams.feeds.reporting import reports
from streams.kinds.kind import METRIC, Kind
from streams.kinds.registry import find
from streams.rules.reach import reached


def missing_rules(known: Configured, feed: Feed) -> list[Rule]:
    """Rules to add, or to widen, until each source of the feed is watched as its defaults ask.

    A rule is called ``FEED.KIND``, with its metric behind where the default says one, and names the
    feed's asset types, so that it also watches sources that are added later. Where another rule of
    the kind watches some already, it names the others one by one, and nothing is alarmed twice.
    What it was changed to stays, but for where it watches.

    Raises:
        UnknownKindError: a default rule asks for a kind that is not there.
        InvalidChangeError: a rule of another kind has the name, or one that was narrowed to
            zones; or no source is of the feed.
    """
    sources = {
        one.id
        for one in known.sources.values()
        if asset_type(one.kind) in feed.asset_types and reports(one)
    }
    types = tuple(sorted(feed.asset_types))
    if not sources:
        raise InvalidChangeError(f"there is no source of feed {feed.id} yet ({', '.join(types)})")
    found = []
    for default in feed.default_rules:
        kind = find(default.kind)
        parameters = feed.parameters(default)
        name = ".".join(part for part in (feed.id, kind.id, default.metric) if part)
        fresh = Rule(name, kind.id, default.severity, parameters=parameters)
        own = known.rules.get(name)
        if own and not _asks_for(own, kind):
            raise InvalidChangeError(f"rule {name} is of kind {own.kind}: remove it first")
        others = _watched(known, kind, fresh, but=name)
        judged = {one for one in sources if not never_missed(kind, known.sources[one])}
        bare = judged - others - _watched(known, kind, fresh)
        if not bare:
            continue
        if own and own.zones:
            raise InvalidChangeError(
                f"rule {name} holds in zones only ({', '.join(own.zones)}), and none of them is on"
                f" {', '.join(sorted(bare))}: draw one there and name both in the rule, or give"
                " those sources a rule of their own"
            )
        if sources & others:
            named = judged - others
            named |= set(own.sources) if own else set()
            wide = msgspec.structs.replace(own or fresh, sources=tuple(sorted(named)))
        else:
            wide = msgspec.structs.replace(own or fresh, sources=(), types=types)
        found.append(wide)
    return found


def _watched(known: Configured, kind: Kind, like: Rule, but: str = "") -> set[str]:
    """Sources to which, or to a zone of which, a rule of the kind applies, that watches the same
    metric as ``like`` where the kind can be told which; ``but`` is left out."""
    found: set[str] = set()
    for rule in known.rules.values():
        if rule.id == but or not _asks_for(rule, kind):
            continue
        if METRIC in kind.parameters and kind.value(rule, METRIC) != kind.value(like, METRIC):
            continue
        whether = reached(rule, ((one.id, one.kind) for one in known.sources.values()))
        applies = set(compress(known.sources, whether))
        if rule.zones:
            zones = (known.zones.get(zone) for zone in rule.zones)
            applies &= {zone.source for zone in zones if zone}
        found |= applies
    return found


def _asks_for(rule: Rule, kind: Kind) -> bool:
    return rule.kind in (kind.id, *kind.formerly)
