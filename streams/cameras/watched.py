"""One rule in one zone of a camera, as its judge sees it."""

from typing import NamedTuple

from streams.control import KnownZone
from streams.events import Micros, Rule


class Watched(NamedTuple):
    key: str
    rule: Rule
    zone: KnownZone
    row: int
    """Of the zone among the camera's zones."""
    means: bytes
    """bool [classes]: whether the rule means objects of this class."""
    numbers: dict[str, float]
    """Every parameter of the rule's kind …"""
    spans: dict[str, Micros]
    """… and as Micros those that are seconds: both are asked for with every frame."""
