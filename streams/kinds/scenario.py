"""A short story that raises an incident of a kind, or that does not: data, told by the tests."""

from dataclasses import dataclass

CALM = (("flow", 900.0), ("occupancy", 12.0), ("speed", 45.0))
"""What a loop says by a street on which all is well."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Alike objects before a camera, in fractions of its picture, one beside the other."""

    label: str
    number: int = 1
    at: tuple[float, float] = (0.4, 0.5)
    """Where the first one's foot is when it comes."""
    moves: tuple[float, float] = (0.0, 0.0)
    """By how much a second."""
    since: float = 0.0
    until: float = 60.0
    """Seconds of the story."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sensor says until a moment of the story, by metric, in the metric's unit."""

    until: float
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``seconds`` of one camera, or of one sensor.

    On the camera's picture is what the kind watches: one zone in its middle, or one line up its
    middle, so that its right is the picture's right, or nothing.
    """

    seconds: float
    objects: tuple[Objects, ...] = ()
    measured: tuple[Measured, ...] = ()
    peers: int = 0
    """Sensors beside that one, of its type and with its rule."""
    peers_say: tuple[tuple[str, float], ...] = ()
    """What each of these says all the time."""
    heard_until: float = 1e9
    """The source sends nothing after this."""
    parameters: tuple[tuple[str, float], ...] = ()
    """Of the rule, where its defaults would make the story last for days."""
