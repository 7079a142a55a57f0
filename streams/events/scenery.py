"""What a camera has learned of its picture: what stands there and is no object."""

from typing import Literal

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

SceneryGroup = Literal["person", "vehicle"]
"""What it is taken for: a person, or anything else."""


class Scenery(Wire, frozen=True, array_like=True):
    """One place of a camera's picture was learned as scenery, is so still, or is so no more."""

    camera: str
    time: Micros
    origin: Origin
    id: str
    """Of the place, the same in every replay; empty: of all that was learned before."""
    learned: bool
    """Whether it is scenery from now on."""
    group: SceneryGroup = "person"
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Tenths of a pixel, of a picture of ``width`` x ``height`` pixels."""
    width: int = 0
    height: int = 0
    since: Micros = 0
    """When it was seen there first."""
    model: str = ""
    """That sees it."""
