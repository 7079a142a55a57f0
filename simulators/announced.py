"""What announces the simulated city: its assets, cameras, loops, and the systems that report.

``simulators.city.registry`` says what there is; here those that have a simulator are connected to
its gateways, and the default rules of their feeds put in force.
"""

import msgspec

from simulators.city import registry
from simulators.feeds.packs import feeds, gateway_of
from streams.configuration.configured import NOTHING, Configured, copied, take
from streams.configuration.defaults import missing_rules
from streams.events import SECOND, Change, Rule, Source
from streams.feeds.registry import asset_type, of_asset_type
from streams.feeds.reporting import reports
from streams.settings import City


def connected(asset: Source) -> Source:
    """With its gateway and period, where it has a simulator."""
    gateway, feed = gateway_of(asset), of_asset_type(asset.kind)
    if not gateway or feed is None:
        return asset
    period = round(feed.asset_types[asset_type(asset.kind)].period_seconds * SECOND)
    return msgspec.structs.replace(asset, gateway=gateway, period=period)


def changes(city: City, seed: int, known: Configured = NOTHING) -> list[Change]:
    """All of it, but for the rules that are known already: an operator may have changed them, so of
    default rules those watch no more than they did, and what is new."""
    found = [
        connected(change) if isinstance(change, Source) else change
        for change in registry.changes(city, seed)
        if not (isinstance(change, Rule) and change.id in known.rules)
    ]
    draft = copied(known)
    for change in found:
        take(draft, change)
    reporting = {one.kind for one in found if isinstance(one, Source) and gateway_of(one)}
    for feed in feeds().values():
        if reporting & feed.asset_types.keys():
            new = [
                one.id
                for one in found
                if isinstance(one, Source)
                and one.id not in known.sources
                and asset_type(one.kind) in feed.asset_types
                and reports(one)
            ]
            for rule in missing_rules(draft, feed):
                if (own := known.rules.get(rule.id)) is None:
                    found.append(rule)
                elif new:
                    watched = tuple(sorted({*own.sources, *new}))
                    found.append(msgspec.structs.replace(own, sources=watched))
    return found


def assets(city: City, seed: int) -> list[Source]:
    """The sources among them."""
    return [one for one in changes(city, seed) if isinstance(one, Source)]
