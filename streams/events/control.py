"""Control events: in every input partition, effective at their offset."""

from typing import Literal

from streams.events.scenery import SceneryGroup
from streams.events.time import Micros
from streams.events.vocabulary import Origin, Severity
from streams.events.wire import Wire


class Tick(Wire, frozen=True, array_like=True):
    """Event time has come this far. One not later than the last is ignored."""

    time: Micros
    resumes: bool = False
    """The publisher was away before this, or its clock was set, and it means it: where it ever
    said so in a partition, a step ahead without it is refused there."""
    wrong_since: Micros = 0
    """Event time goes back to ``time``: from here to ``wrong_until`` it was wrong; 0: it does not.
    Always later than ``time``: nothing has been stamped with what comes now."""
    wrong_until: Micros = 0


class Place(Wire, frozen=True, array_like=True):
    """A point on the map (degrees, WGS 84), or None where nobody has said where."""

    latitude: float | None
    longitude: float | None
    segment: str = ""
    """Road segment: what a camera and a loop on the same road have in common."""

    @property
    def point(self) -> tuple[float, float] | None:
        """(latitude, longitude). The first releases wrote an unknown one as 0, 0, in the sea."""
        if self.latitude is None or self.longitude is None:
            return None
        if self.latitude == 0 and self.longitude == 0:
            return None
        return self.latitude, self.longitude


NOWHERE = Place(None, None)


class Shape(Wire, frozen=True, array_like=True):
    """The shape of anything but a point: a road, a pipe, a district."""

    form: Literal["line", "area"]
    points: tuple[tuple[float, float], ...]
    """(latitude, longitude) in degrees, in order; an area is closed by itself."""


Rests = Literal["", "off", "ended"]


class Source(Wire, frozen=True, array_like=True, tag="source"):
    """A camera or sensor that is known; anything from another is dead-lettered."""

    id: str
    kind: str
    """An asset type that a feed declares, see ``streams.feeds``."""
    name_vi: str
    name_en: str
    origin: Origin
    place: Place
    gateway: str = ""
    """Sensors: whose packs carry it."""
    model: str = ""
    """Cameras: ``name@version``; empty: the active detector."""
    period: Micros = 0
    """Time between its events when all is well; 0: unknown, its absence is not judged."""
    address: str = ""
    """Cameras that the gateway reads: file or URL, credentials removed."""
    shape: Shape | None = None
    """Of a line or an area; ``place`` is then a point of it."""
    ward: str = ""
    """Ward, commune or special zone; empty: not known."""
    owner: str = ""
    """Who runs it; empty: not known."""
    parents: tuple[str, ...] = ()
    """Sources that it depends on: what feeds, powers or carries it."""
    gated: bool = True
    """Cameras: whether a picture in which nothing has changed may go without a model's look."""
    view: int = 0
    """Cameras: raised by one where what it sees is another view from now on, on which its zones are
    right: somebody has looked."""
    tours: bool = False
    """Cameras: it turns by itself from one view to the next, so none is right and none is moved."""
    rests: Rests = ""
    """Why nothing is to come of it now: it is switched ``off``, or its recording has ``ended``.
    Nobody misses it, and what was open of it is over."""


class Zone(Wire, frozen=True, array_like=True, tag="zone"):
    """A polygon drawn on a camera's picture, or a line where it has two corners.

    In fractions of the picture's width and height.
    """

    id: str
    source: str
    name_vi: str
    name_en: str
    polygon: tuple[tuple[float, float], ...]


class Rule(Wire, frozen=True, array_like=True, tag="rule"):
    """What to watch for. ``sources``, ``types`` and ``zones`` empty: wherever the kind applies.

    What the kinds mean, and their parameters with defaults: ``streams.kinds``.
    """

    id: str
    kind: str
    severity: Severity
    sources: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    parameters: dict[str, float] = {}
    version: int = 0
    """Of its kind when it was accepted, with every parameter written out; 0: from before that."""
    types: tuple[str, ...] = ()
    """Asset types: every source of these, those that are added later too, beside ``sources``."""


class ActiveModel(Wire, frozen=True, array_like=True, tag="model"):
    """The model (``name@version``) in force for a task (``detection``, ``loop-anomaly``)."""

    task: str
    model: str


class Mask(Wire, frozen=True, array_like=True, tag="mask"):
    """A polygon on a camera's picture in which nothing that a model sees counts.

    In fractions of the picture's width and height.
    """

    id: str
    source: str
    polygon: tuple[tuple[float, float], ...]


class SceneryVerdict(Wire, frozen=True, array_like=True, tag="scenery"):
    """What an engineer says of one place: that what never moves there is scenery, or is none."""

    id: str
    """Of the place, as in ``Scenery``."""
    source: str
    group: SceneryGroup
    box: tuple[float, float, float, float]
    """Left, top, right and bottom in fractions of the picture's width and height."""
    confirmed: bool
    """True: it is scenery, to every kind. False: it is never scenery."""


class Topology(Wire, frozen=True, array_like=True, tag="topology"):
    """Whether what depends on an asset that is down is explained by it (decision 0073)."""

    on: bool
    groups: bool = False
    """Whether what tells of one event, as a flood or a jam, is one incident (decision 0086)."""


Configurable = Literal["source", "zone", "rule", "mask", "scenery"]


class Removed(Wire, frozen=True, array_like=True, tag="removed"):
    kind: Configurable
    id: str


Change = Source | Zone | Rule | ActiveModel | Removed | Mask | SceneryVerdict | Topology


class ControlChange(Wire, frozen=True, array_like=True):
    """A change of what is configured; one not above the last ``sequence`` is ignored."""

    sequence: int
    time: Micros
    change: Change
