"""What of an alert somebody may be told, by what they may see. Pure.

It is asked twice: when it is decided who is told, and when a message is sent, which may be hours
later; meanwhile people are disabled, change their role or move to another ward (decision 0110).
"""

from collections.abc import Mapping
from typing import NamedTuple


class Sight(NamedTuple):
    partial: bool
    """The alert's first source is outside their area, and only another one inside: of that source
    they are told nothing."""
    wards: frozenset[str] | None = None
    """Of which they may hear; None: of all."""


Area = tuple[str, ...] | None
"""Wards; None: everywhere."""


def sight(source: str, wards: Mapping[str, str], area: Area) -> Sight | None:
    """None: they may see nothing of it.

    Args:
        source: the alert's first.
        wards: each of its sources, to the ward that it is in.
    """
    if area is None:
        return Sight(False)
    inside = {one for one, ward in wards.items() if ward in area}
    return Sight(source not in inside, frozenset(area)) if inside else None
