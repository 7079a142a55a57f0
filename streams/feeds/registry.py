"""All feeds: those of this package, and those of an installation's own folder.

``CITYOPS_EXTENSIONS`` names a folder whose ``feeds/*/feed.yaml`` are read as these are.
"""

from functools import cache
from pathlib import Path

from streams import settings
from streams.events import Micros
from streams.feeds.feed import Feed, FeedError, Metric, read
from streams.words import Words


@cache
def all_feeds() -> dict[str, Feed]:
    """By id, in sorted order.

    Raises:
        FeedError: a file cannot be used, or an id or an asset type is taken twice.
    """
    folders = [Path(__file__).parent]
    extensions = settings.load().extensions
    if extensions:
        folders.append(Path(extensions) / "feeds")
    feeds: dict[str, Feed] = {}
    types: set[str] = set()
    units: dict[str, Words] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*/feed.yaml"))):
        feed = read(path.read_text(encoding="utf-8"), str(path))
        if feed.id in feeds or feed.id != path.parent.name:
            raise FeedError(f"{path}: its id {feed.id!r} is taken, or not its folder's name")
        own = set(_names(feed))
        if twice := types & own:
            raise FeedError(f"{path}: asset type {min(twice)!r} is another feed's")
        types |= own
        for name, metric in feed.metrics.items():
            # A chart, a table and an analyst know a metric by its name alone.
            if units.setdefault(name, metric.unit) != metric.unit:
                raise FeedError(f"{path}: metric {name!r} has another unit in another feed")
        feeds[feed.id] = feed
    return {name: feeds[name] for name in sorted(feeds)}


@cache
def of_asset_type(name: str) -> Feed | None:
    """The feed that declares the asset type, or once did; None where none does."""
    return next((feed for feed in all_feeds().values() if name in _names(feed)), None)


def asset_type(name: str) -> str:
    """The id that the asset type has now; the name itself where no feed declares it."""
    feed = of_asset_type(name)
    return _names(feed)[name] if feed else name


def _names(feed: Feed) -> dict[str, str]:
    """Every present and former id of its asset types, to the present one."""
    return {
        name: present
        for present, described in feed.asset_types.items()
        for name in (present, *described.formerly)
    }


def carries_frames(asset_type: str) -> bool:
    """Whether things of this type send pictures."""
    feed = of_asset_type(asset_type)
    return feed is not None and feed.carries == "frames"


def carries_readings(asset_type: str) -> bool:
    """Whether things of this type send readings."""
    feed = of_asset_type(asset_type)
    return feed is not None and feed.carries == "readings"


@cache
def metrics() -> dict[str, Metric]:
    """Every metric of every feed, by name; of one that several have, the first feed's words."""
    found: dict[str, Metric] = {}
    for feed in all_feeds().values():
        for name, metric in feed.metrics.items():
            found.setdefault(name, metric)
    return found


@cache
def frame_lateness() -> Micros:
    """A frame whose time is before the last tick less this is late: stored, never interpreted."""
    return max((f.lateness for f in all_feeds().values() if f.carries == "frames"), default=0)


@cache
def longest_lateness() -> Micros:
    """Of all feeds that carry readings: nothing earlier than a tick less this is to come."""
    return max((f.lateness for f in all_feeds().values() if f.carries == "readings"), default=0)
