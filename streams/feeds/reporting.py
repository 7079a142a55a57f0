"""Which assets report: those are sources. Of the others nothing comes, so nobody misses it."""

from streams.events import Source
from streams.feeds.registry import asset_type, of_asset_type


def reports(source: Source) -> bool:
    """Whether events come of it, or will once it is switched on.

    Not so of an asset whose type never does, of a sensor that no gateway carries, and of a camera
    that nobody reads (decision 0071). Of a type that no feed declares nobody knows: it does.
    """
    feed = of_asset_type(source.kind)
    if feed is None:
        return True
    if not feed.asset_types[asset_type(source.kind)].reports:
        return False
    if feed.carries == "frames":
        return source.rests != "off" or bool(source.address or source.period)
    # Releases before this one let a sensor be without a gateway, with a period.
    return bool(source.gateway or source.period)
