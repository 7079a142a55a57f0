"""All feeds: those of this package, and those of an installation's own folder.

``CITYOPS_EXTENSIONS`` names a folder whose ``feeds/*/feed.yaml`` are read as these are. What begins
with ``_`` or ``.`` is passed over.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from streams import extensions
from streams.events import Micros
from streams.feeds.feed import Feed, FeedError, Metric
from streams.feeds.file import read_feed
from streams.words import Words


@cache
def all_feeds() -> dict[str, Feed]:
    """By id, in sorted order.

    Raises:
        SettingError: a file cannot be used, or what one feed alone may have is taken twice.
    """
    feeds: dict[str, Feed] = {}
    for path, feed in (*_ours(), *_theirs()):
        if feed.id != path.parent.name:
            raise FeedError(f"{path}: id {feed.id!r} is not its folder's name: give both the same")
        if feed.id in feeds:
            raise FeedError(f"{path}: id {feed.id!r} is another feed's: take another name")
        for other in feeds.values():
            if fault := _clash(feed, other):
                raise FeedError(f"{path}: {fault}")
        feeds[feed.id] = feed
    return {name: feeds[name] for name in sorted(feeds)}


@cache
def _ours() -> list[tuple[Path, Feed]]:
    """Every feed of this package, with its file; the same whatever is installed beside them."""
    entries = extensions.entries(Path(__file__).parent)
    return _read(entry for entry in entries if entry.suffix != ".py")


def _theirs() -> list[tuple[Path, Feed]]:
    own = extensions.own("feeds")
    return _read(extensions.entries(own)) if own else []


def _read(entries: Iterable[Path]) -> list[tuple[Path, Feed]]:
    return [(file, read_feed(file)) for entry in entries if (file := _file(entry))]


def _file(entry: Path) -> Path | None:
    """The file of the feed in that folder; None for a file that is for people, as a README."""
    if not entry.is_dir():
        if entry.suffix in {".yaml", ".yml"}:
            right = entry.parent / entry.stem / "feed.yaml"
            raise FeedError(f"{entry} is not looked into: move it to {right}")
        return None
    file = entry / "feed.yaml"
    if not file.exists():
        near = entry / "feed.yml"
        raise FeedError(
            f"{near} is not looked into: call it feed.yaml"
            if near.exists()
            else f"{entry}: no feed.yaml is in it"
        )
    return file


def _clash(feed: Feed, other: Feed) -> str | None:
    """Why the two cannot be together."""
    if twice := sorted(feed.type_ids.keys() & other.type_ids.keys()):
        return f"asset type {twice[0]!r} is {other.id}'s: take another name"
    if feed.key == other.key:
        whose = f"state_key {feed.key!r} is {other.id}'s"
        return f"{whose}: leave the line out of the newer of the two"
    for name in sorted(feed.metrics.keys() & other.metrics.keys()):
        # A chart knows a metric by its name alone.
        unit, taken = feed.metrics[name].unit, other.metrics[name].unit
        if unit != taken:
            return (
                f"metric {name!r} has the unit {{vi: {taken.vi}, en: {taken.en}}} in {other.id}:"
                " give the same, or take another name"
            )
    spelled = {metric.unit.en: metric.unit for metric in other.metrics.values()}
    for name, metric in feed.metrics.items():
        unit, taken = metric.unit, spelled.get(metric.unit.en, metric.unit)
        if unit != taken:
            whose = f"{unit.en!r} is {taken.vi!r} in Vietnamese in {other.id}"
            return f"metric {name!r}: unit {whose}: give the same"
    return None


def misfit(feed: Feed) -> str | None:
    """Why it cannot stand beside the feeds that there are, or in the place of an own one; None: it
    can. Raises as ``all_feeds``.
    """
    own = extensions.own("feeds")
    for other in all_feeds().values():
        if other.id == feed.id:
            if own is None or not (own / feed.id).exists():
                return f"id {feed.id!r} is another feed's: take another name"
        elif fault := _clash(feed, other):
            return fault
    return None


@cache
def of_asset_type(name: str) -> Feed | None:
    """The feed that declares the asset type, or once did; None where none does."""
    return next((feed for feed in all_feeds().values() if name in feed.type_ids), None)


@cache
def asset_type(name: str) -> str:
    """The id that the asset type has now; the name itself where no feed declares it."""
    feed = of_asset_type(name)
    return feed.type_ids[name] if feed else name


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


def tells_service(metric: str) -> bool:
    """Whether it says if its source works, whichever feed has it; False where none does."""
    found = metrics().get(metric)
    return found is not None and found.service


def tells_supply(metric: str) -> bool:
    """Whether a metric is what a source gets from what it depends on; False: none has it."""
    found = metrics().get(metric)
    return found is not None and found.supply


def counts_up(metric: str) -> bool:
    """Whether it is a counter, which begins at 0 again now and then; False where none has it."""
    found = metrics().get(metric)
    return found is not None and found.counter


@cache
def units() -> dict[str, Words]:
    """In what is measured, by the English symbol: no feed spells one in two ways."""
    used = (metric.unit for feed in all_feeds().values() for metric in feed.metrics.values())
    return {unit.en: unit for unit in used}


@cache
def frame_lateness() -> Micros:
    """A frame whose time is before the last tick less this is late: stored, never interpreted."""
    return max((f.lateness for f in all_feeds().values() if f.carries == "frames"), default=0)


def city_lateness() -> Micros:
    """Nothing is decided earlier than a tick less this: so far what compares sources waits.

    It is that of pictures. Readings that are waited for longer, as their feed says so or their link
    is slow, delay only what they prove: that is decided at the tick which releases them.
    """
    return frame_lateness()
