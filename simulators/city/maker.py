"""Makes the default city's assets, each near what it belongs to; by a seed."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

import msgspec

from simulators.city.figures import Unit, listed, shared
from streams.events import Change, Place, Shape, Source

KM_PER_LATITUDE, KM_PER_LONGITUDE = 110.7, 104.0
"""Here; figures, not formulas, so that no machine rounds them otherwise."""
REACH_KM = {3: 0.9, 2: 1.8, 1: 2.4}
"""From a unit's point to its farthest assets in each direction, by its weight."""


class Maker:
    """Makes one asset after the other; what an asset is like depends on the seed and its id alone,
    so that another figure moves nothing else.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.made: dict[str, Source] = {}
        self._ids: dict[tuple[str, str], list[str]] = {}
        """By type and ward; by type alone where the ward is empty."""

    def chance(self, name: str) -> Random:
        return Random(f"{self._seed}/{name}")

    def add(
        self,
        kind: str,
        name: str,
        names: tuple[str, str],
        place: tuple[float, float],
        *,
        ward: str = "",
        owner: str = "",
        parents: Iterable[str] = (),
        shape: Shape | None = None,
        segment: str = "",
    ) -> Source:
        asset = Source(
            name,
            kind,
            *names,
            "simulated",
            Place(*place, segment),
            shape=shape,
            ward=ward,
            owner=owner,
            parents=tuple(parents),
            # Of a camera nothing comes until somebody reads it.
            rests="off" if kind == "camera" else "",
        )
        self.take(asset)
        return asset

    def take(self, asset: Source) -> None:
        """It is there; what was there of its id, of the same type and ward, no longer is."""
        if asset.id not in self.made:
            for ward in {asset.ward, ""}:
                self._ids.setdefault((asset.kind, ward), []).append(asset.id)
        self.made[asset.id] = asset

    def near(self, name: str, at: Unit | Source, reach_km: float = 0.0) -> tuple[float, float]:
        """A point for the asset of that id, within a square around a unit or another asset."""
        random = self.chance(name)
        if isinstance(at, Unit):
            latitude, longitude, reach_km = at.latitude, at.longitude, REACH_KM[at.weight]
        else:
            latitude, longitude = at.place.point or (0.0, 0.0)
        north, east = (reach_km * (2 * random.random() - 1) for _ in range(2))
        return (
            round(latitude + north / KM_PER_LATITUDE, 6),
            round(longitude + east / KM_PER_LONGITUDE, 6),
        )

    def of(self, kind: str, ward: str = "") -> list[Source]:
        return [self.made[name] for name in self._ids.get((kind, ward), ())]

    def next_to(self, kind: str, place: tuple[float, float], ward: str = "") -> str:
        """The nearest of a type; in that ward, where there is any."""
        among = self.of(kind, ward) or self.of(kind)
        return min(among, key=lambda asset: (far(asset, place), asset.id)).id

    def pole(self, place: tuple[float, float], ward: str) -> str:
        return self.next_to("transformer", place, ward)

    def node(self, place: tuple[float, float]) -> str:
        return self.next_to("network_node", place)

    def connected(self, change: Change) -> Change:
        """A simulated source with what it depends on; any other change as it is."""
        if not isinstance(change, Source) or change.place.point is None:
            return change
        point = change.place.point
        parents = (self.node(point), self.pole(point, change.ward))
        return msgspec.structs.replace(change, parents=parents)

    def each(
        self, kind: str, prefix: str, among: Sequence[Unit]
    ) -> Iterator[tuple[str, int, Unit, tuple[float, float]]]:
        """As many of a type as the figures say, shared out: id, number, unit and place of each."""
        count = listed().figures[kind].count
        width = len(str(count))
        for number, unit in enumerate(shared(count, among), 1):
            name = f"{prefix}-{number:0{width}}"
            yield name, number, unit, self.near(name, unit)


def far(asset: Source, place: tuple[float, float]) -> float:
    """Square of the distance in km."""
    latitude, longitude = asset.place.point or (0.0, 0.0)
    north = (latitude - place[0]) * KM_PER_LATITUDE
    east = (longitude - place[1]) * KM_PER_LONGITUDE
    return north * north + east * east
