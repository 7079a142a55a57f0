"""What announces the simulated city: its assets, cameras, loops, and the systems that report.

``simulators.city.registry`` says what there is; here those that have a simulator are connected to
its gateways, and the default rules of their feeds put in force.
"""

import msgspec

from simulators.city import registry
from simulators.feeds.packs import feeds, gateway_of
from streams.configuration.configured import NOTHING, Configured, copied, take
from streams.configuration.defaults import missing_rules
from streams.events import SECOND, Change, Source
from streams.feeds.registry import asset_type, of_asset_type
from streams.settings import City


def connected(asset: Source) -> Source:
    """With its gateway and period, where it has a simulator."""
    gateway, feed = gateway_of(asset), of_asset_type(asset.kind)
    if not gateway or feed is None:
        return asset
    period = round(feed.asset_types[asset_type(asset.kind)].period_seconds * SECOND)
    return msgspec.structs.replace(asset, gateway=gateway, period=period)


def changes(city: City, seed: int, known: Configured = NOTHING) -> list[Change]:
    """All of it, after what is known; rules that watch some of it already count."""
    found = [
        connected(change) if isinstance(change, Source) else change
        for change in registry.changes(city, seed)
    ]
    draft = copied(known)
    for change in found:
        take(draft, change)
    reporting = {one.kind for one in found if isinstance(one, Source) and gateway_of(one)}
    for feed in feeds().values():
        if reporting & feed.asset_types.keys():
            found += missing_rules(draft, feed)
    return found


def assets(city: City, seed: int) -> list[Source]:
    """The sources among them."""
    return [one for one in changes(city, seed) if isinstance(one, Source)]
