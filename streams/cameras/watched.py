"""One rule in a zone, over a line or over the whole of a camera's picture, as its judge sees it."""

from typing import NamedTuple

from streams.control import KnownSource, KnownZone
from streams.events import Micros, Rule


class Watched(NamedTuple):
    key: str
    rule: Rule
    source: KnownSource
    zone: KnownZone
    """Without id and corners where it is the whole picture."""
    row: int
    """Of ``Scene.within``: the zone's; of a line or the whole picture, that of the picture."""
    means: bytes
    """bool [classes]: whether the rule means objects of this class."""
    numbers: dict[str, float]
    """Every parameter of the rule's kind …"""
    spans: dict[str, Micros]
    """… and as Micros those that are seconds: both are asked for with every frame."""
    alive: bool = False
    """Whether scenery is no object to it."""
