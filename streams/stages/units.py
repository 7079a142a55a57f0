"""What the stage for sensors keeps a state of: what one gateway delivers of one feed."""

from typing import NamedTuple

from streams.feeds.feed import KEY_SEPARATOR, Feed
from streams.feeds.registry import all_feeds

INTAKE, WINDOWS, WATCHES, DELIVERED = "intake/", "windows/", "watches/", "delivery/"
"""Keys of the state: one of each for a ``Unit``."""
REGISTER = "register/"
"""And one where the feed counts events."""
ADDED = "added"
"""Key of what the partition has to say of indicators."""


class Unit(NamedTuple):
    """What one gateway delivers of one feed."""

    gateway: str
    feed: Feed

    @property
    def key(self) -> str:
        return self.gateway + self.feed.key

    @classmethod
    def of(cls, key: str) -> "Unit | None":
        """None where it is of a feed that this installation no longer has."""
        gateway = key.partition(KEY_SEPARATOR)[0]
        for feed in all_feeds().values():
            if feed.carries == "readings" and cls(gateway, feed).key == key:
                return cls(gateway, feed)
        return None
