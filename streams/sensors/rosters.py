"""What the control events say of a gateway's sources, as arrays over its slots."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.control import Control, KnownSource
from streams.events import DAY, Micros
from streams.feeds.feed import Feed
from streams.feeds.registry import of_asset_type

LONGEST_PERIOD: Micros = DAY


@dataclass(frozen=True, slots=True)
class Listing:
    """What a pack's list of sources means at its gateway; arrays are [sources of the list]."""

    sources: tuple[str, ...]
    known: NDArray[np.bool_]
    """Whether readings of the source may come through this gateway."""
    slot: NDArray[np.uint16]
    """0 where the source has none."""
    complete: bool
    """Every known source has a slot."""
    twice: bool
    """A source is listed twice."""
    names: tuple[str, ...]
    """Those that are known; empty in the place of others, which anybody could make up."""


@dataclass(frozen=True, slots=True)
class Roster:
    """One gateway's sources of one feed; arrays are [slots]."""

    sources: tuple[str, ...]
    slots: dict[str, int]
    rank: NDArray[np.intp]
    """Place of each source's id in sorted order, which does not depend on who came first."""
    period: NDArray[np.int64]
    present: tuple[bool, ...]
    """Whether the source is still one of the gateway's."""
    types: tuple[str, ...]
    """Of each source, its asset type; empty where it is not present."""
    known: dict[str, KnownSource]
    """Those that are present, by id."""
    feed: Feed


class Listed(NamedTuple):
    """The feeds of a pack's list of sources."""

    feeds: tuple[Feed | None, ...]
    """Of each source; None where it sends no readings."""
    by_id: dict[str, Feed]


class Rosters:
    """Keeps what it made for as long as what it was made from is the same: a step stays pure."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[tuple[object, ...], Roster]] = {}
        self._lists: dict[tuple[str, str], tuple[Roster, Listing]] = {}
        self._feeds: dict[str, tuple[object, tuple[str, ...], Listed]] = {}

    def of(self, gateway: str, feed: Feed, sources: tuple[str, ...], control: Control) -> Roster:
        origin = (sources, control.sources)
        made = self._made.get((gateway, feed.id))
        if made and all(a is b for a, b in zip(made[0], origin, strict=True)):
            return made[1]
        roster = _make(gateway, feed, sources, control)
        self._made[gateway, feed.id] = (origin, roster)
        return roster

    def feeds(self, gateway: str, sources: tuple[str, ...], control: Control) -> Listed:
        """The feeds of the sources that a pack lists."""
        made = self._feeds.get(gateway)
        if made and made[0] is control.sources and made[1] == sources:
            return made[2]
        found = (of_asset_type(control.kind(source)) for source in sources)
        feeds = tuple(feed if feed and feed.carries == "readings" else None for feed in found)
        listed = Listed(feeds, {feed.id: feed for feed in feeds if feed})
        self._feeds[gateway] = (control.sources, sources, listed)
        return listed

    def listing(
        self, gateway: str, roster: Roster, sources: tuple[str, ...], control: Control
    ) -> Listing:
        """A gateway's packs list the same sources again and again."""
        made = self._lists.get((gateway, roster.feed.id))
        if made and made[0] is roster and made[1].sources == sources:
            return made[1]
        listing = list_of(gateway, roster, sources, control)
        self._lists[gateway, roster.feed.id] = (roster, listing)
        return listing


def belonging(control: Control, source: str, gateway: str, feed: Feed) -> KnownSource | None:
    """The source, where its readings may come through that gateway as ones of that feed."""
    found = control.source(source)
    if found is None or of_asset_type(found.kind) != feed:
        return None
    return found if found.gateway in ("", gateway) else None


def list_of(gateway: str, roster: Roster, sources: tuple[str, ...], control: Control) -> Listing:
    known = [belonging(control, source, gateway, roster.feed) is not None for source in sources]
    return Listing(
        sources,
        np.array(known, np.bool_),
        np.array([roster.slots.get(source, 0) for source in sources], "<u2"),
        all(source in roster.slots for source, yes in zip(sources, known, strict=True) if yes),
        len(set(sources)) != len(sources),
        tuple(source if yes else "" for source, yes in zip(sources, known, strict=True)),
    )


def _make(gateway: str, feed: Feed, sources: tuple[str, ...], control: Control) -> Roster:
    order = sorted(range(len(sources)), key=sources.__getitem__)
    rank = np.empty(len(sources), np.intp)
    rank[order] = np.arange(len(sources))
    present = [belonging(control, source, gateway, feed) for source in sources]
    period = [min(max(found.period, 0), LONGEST_PERIOD) if found else 0 for found in present]
    return Roster(
        sources,
        {source: slot for slot, source in enumerate(sources)},
        rank,
        np.array(period, np.int64),
        tuple(found is not None for found in present),
        tuple(found.kind if found else "" for found in present),
        {found.id: found for found in present if found},
        feed,
    )
