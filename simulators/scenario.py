"""Scripted incidents: what a scenario file says, and when, where and to whom it happens."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple
from zlib import crc32

import msgspec
import numpy as np

from models.documents import document
from models.files import SMALL, read_file
from simulators.city.assets import Camera, Loop, read
from simulators.city.streets import street_of

StagedKind = Literal["stopped_vehicle", "intrusion", "crowd", "congestion"]
"""Kinds of incidents that the simulated city can stage."""
INTRUDED: StagedKind = "intrusion"
THRONGED: StagedKind = "crowd"
"""What people on a median are: any, and enough of them."""
JAMMED: StagedKind = "congestion"
"""What a queue over a loop is."""
STOPS, QUIET = "stopped_vehicle", "quiet"
"""Scenarios of this folder: a vehicle stops, and the same streets while nothing happens."""
Range = tuple[float, float]
TYPES = ("sedan", "suv", "van", "city-bus", "light-truck", "container")

FOLLOWERS = ("scooter", "motorbike", "sedan", "suv", "light-truck")


class ScenarioError(ValueError):
    """A scenario file cannot be used; the message says why."""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vehicle that stops on the carriageway, once or again and again."""

    kind: Literal["stopped_vehicle"]
    after_s: Range
    """When it stands for the first time, seconds from the start."""
    lasts_s: float
    ahead_m: Range
    """Where: metres ahead of a camera's pole, among the traffic that comes towards it."""
    types: tuple[str, ...]
    followers: int = 0
    """How many drivers behind it keep to its lane, and so queue up."""
    every_s: Range | None = None
    """From one to the next; none: once."""
    cameras: tuple[str, ...] = ()
    """Whose views it may be in; empty: any."""


class Gather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """People who come to stand on a street's median, and leave again; once."""

    people: int
    after_s: Range
    """When the first stands, seconds from the start."""
    lasts_s: float
    """From then until the first leaves."""
    ahead_m: Range
    """Where: metres ahead of a camera's pole."""
    cameras: tuple[str, ...] = ()
    """In whose views it may be; empty: any."""


class Queue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vehicle that breaks down at or beyond a loop, and drivers who queue behind it; once."""

    after_s: Range
    """When it stands, seconds from the start."""
    lasts_s: float
    beyond_m: Range
    """Where: metres of its front beyond the loop."""
    types: tuple[str, ...]
    followers: int
    """How many drivers behind it keep to its lane."""
    sites: tuple[str, ...] = ()
    """Loops at which it may be; empty: any."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    description: str
    incidents: tuple[Script, ...] = ()
    people: tuple[Gather, ...] = ()
    queues: tuple[Queue, ...] = ()
    traffic: float = 1.0
    """Part of what drives at that hour."""
    hour: float | None = None
    """Of the day, local time, 0 to 24, for an evaluation; none: nine in the morning."""
    harmless: bool = False
    """What is to happen is no incident, so an evaluation that finds none has not missed it."""

    @property
    def stages(self) -> bool:
        """Whether anything is to happen."""
        return bool(self.incidents or self.people or self.queues)

    @property
    def is_wrong(self) -> bool:
        """Whether an incident is to happen."""
        return self.stages and not self.harmless

    @property
    def is_seen(self) -> bool:
        """Whether pictures are needed to find what happens, or that nothing does."""
        return bool(self.incidents or self.people) or not self.queues


class Stop(NamedTuple):
    """One occurrence."""

    kind: Literal["stopped_vehicle"]
    id: str
    """Of the vehicle."""
    type: str
    camera: Camera
    lane: int
    """SUMO's: 0 is at the kerb."""
    ahead_m: float
    at_s: float
    """When it should stand; traffic moves that by a few seconds either way."""
    lasts_s: float
    followers: tuple[tuple[float, str], ...]
    """Seconds by which each joins after it, and their types."""


class Breakdown(NamedTuple):
    """Where and when a queue begins."""

    id: str
    """Of the first vehicle."""
    type: str
    site: Loop
    lane: int
    beyond_m: float
    at_s: float
    lasts_s: float
    followers: tuple[tuple[float, str], ...]
    """As of a ``Stop``."""


def load(path: Path | str) -> Scenario:
    """A file, or the name of one that comes with the city, as ``names`` has them.

    Raises:
        ScenarioError: there is none, or it cannot be used.
    """
    own = files("simulators") / "scenarios" / f"{path}.yaml"
    try:
        text = own.read_bytes() if own.is_file() else read_file(Path(path), SMALL)
    except OSError as error:
        there = ", ".join(names())
        raise ScenarioError(
            f"cannot read scenario {str(path)!r}: {error.strerror}; with the city come {there}"
        ) from None
    try:
        scenario = msgspec.convert(document(text), Scenario)
    except ValueError as error:  # of the document, or of what is in it
        raise ScenarioError(f"scenario {str(path)!r}: {error}") from None
    cameras = {camera.id for camera in read().cameras}
    if scenario.hour is not None and not 0 <= scenario.hour <= 24:
        raise ScenarioError(f"scenario {str(path)!r}: hour {scenario.hour:g} is not 0 to 24")
    for gather in scenario.people:
        if unknown := sorted(set(gather.cameras) - cameras):
            raise ScenarioError(f"scenario {str(path)!r} names unknown {', '.join(unknown)}")
    sites = {site.id for site in read().loops}
    for queue in scenario.queues:
        unknown = sorted(set(queue.sites) - sites) + sorted(set(queue.types) - set(TYPES))
        if unknown:
            raise ScenarioError(f"scenario {str(path)!r} names unknown {', '.join(unknown)}")
    for script in scenario.incidents:
        unknown = sorted(set(script.cameras) - cameras) + sorted(set(script.types) - set(TYPES))
        if unknown:
            raise ScenarioError(f"scenario {str(path)!r} names unknown {', '.join(unknown)}")
    if not 0 <= scenario.traffic <= 1:
        raise ScenarioError(f"scenario {str(path)!r}: traffic {scenario.traffic:g} is not 0 to 1")
    return scenario


def names() -> list[str]:
    """Of the scenarios that come with the city."""
    folder = files("simulators") / "scenarios"
    return sorted(each.name.removesuffix(".yaml") for each in folder.iterdir())


def stops(script: Script, seed: int) -> Iterator[Stop]:
    """Every occurrence, in order; without end where the script repeats."""
    cameras = [c for c in read().cameras if not script.cameras or c.id in script.cameras]
    rng = np.random.default_rng((seed, crc32(script.kind.encode())))
    at_s, last, number = float(rng.uniform(*script.after_s)), "", 0
    while True:
        choice = [camera for camera in cameras if camera.id != last] or cameras
        camera = choice[int(rng.integers(len(choice)))]
        yield Stop(
            kind=script.kind,
            id=f"stop-{number}",
            type=script.types[int(rng.integers(len(script.types)))],
            camera=camera,
            lane=int(rng.integers(street_of(camera.edge).lanes)),
            ahead_m=round(float(rng.uniform(*script.ahead_m)), 1),
            at_s=at_s,
            lasts_s=script.lasts_s,
            followers=tuple(_followers(script.followers, rng)),
        )
        if script.every_s is None:
            return
        at_s += float(rng.uniform(*script.every_s))
        last, number = camera.id, number + 1


def breakdown(queue: Queue, seed: int, number: int) -> Breakdown:
    """The one occurrence of a scenario's how-manieth queue."""
    sites = [site for site in read().loops if not queue.sites or site.id in queue.sites]
    rng = np.random.default_rng((seed, crc32(JAMMED.encode()), number))
    site = sites[int(rng.integers(len(sites)))]
    return Breakdown(
        id=f"queue-{number}",
        type=queue.types[int(rng.integers(len(queue.types)))],
        site=site,
        lane=int(site.lane.rpartition("_")[2]),
        beyond_m=float(rng.uniform(*queue.beyond_m)),
        at_s=float(rng.uniform(*queue.after_s)),
        lasts_s=queue.lasts_s,
        followers=tuple(_followers(queue.followers, rng)),
    )


def _followers(count: int, rng: np.random.Generator) -> Iterator[tuple[float, str]]:
    after_s = 0.0
    for _ in range(count):
        after_s += float(rng.uniform(4.0, 8.0))
        yield after_s, FOLLOWERS[int(rng.integers(len(FOLLOWERS)))]
