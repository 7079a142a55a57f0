"""Whether an hour of a feed was as its owner promises: complete, valid, clean and live."""

from streams.events import Delivered
from streams.feeds.feed import Feed


def shares(told: Delivered) -> dict[str, int | None]:
    """Of each axis how much is kept, in thousandths, rounded down; None: nobody knows."""
    came = told.readings
    return {
        "complete": _share(told.arrived, told.expected),
        "valid": _share(came - told.refused, came),
        "clean": _share(came - min(told.unclean, came), came),
        "live": _share(came - told.late, came),
    }


def broken(feed: Feed, told: Delivered) -> list[tuple[str, int]]:
    """Axes on which the promise is not kept, with what is, in thousandths."""
    found = shares(told)
    return [
        (axis, share)
        for axis, share in found.items()
        if share is not None and share < round(10 * getattr(feed.promise, axis))
    ]


def _share(part: int, of: int) -> int | None:
    return 1000 * part // of if of else None
