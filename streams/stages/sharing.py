"""What feeds share of a pack: a gateway may send readings of several at once."""

import msgspec
import numpy as np

from models.measured import measured
from streams.events import Readings
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.sensors.rosters import Listed


def split(pack: Readings, listed: Listed) -> list[tuple[Feed, Readings]]:
    """The pack's rows by the feed of their sources, in order of feed ids; at least one share.

    Rows of sources that are not known, or that send no readings, are in the first share.

    Args:
        listed: the pack's sources.
    """
    found, feeds = listed.by_id, listed.feeds
    if len(found) < 2:
        return [(next(iter(found.values()), _any_feed()), pack)]
    index, times, values = pack.arrays()
    first = min(found)
    of_source = np.array([sorted(found).index(feed.id if feed else first) for feed in feeds])
    shares = []
    for place, name in enumerate(sorted(found)):
        rows = of_source[index] == place
        own = values[rows]
        columns = [
            column
            for column, metric in enumerate(pack.metrics)
            if metric in found[name].metrics or measured(own[:, column]).any()
        ]
        share = msgspec.structs.replace(
            pack,
            metrics=tuple(pack.metrics[column] for column in columns) or pack.metrics[:1],
            source=index[rows].astype("<u2").tobytes(),
            times=times[rows].astype("<i8").tobytes(),
            values=np.ascontiguousarray(own[:, columns or [0]]).tobytes(),
        )
        shares.append((found[name], share))
    return shares


def _any_feed() -> Feed:
    """One that refuses what is of no known source."""
    return next(feed for feed in all_feeds().values() if feed.carries == "readings")
