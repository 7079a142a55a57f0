"""What the city's systems share: who has power, who is reached, rain and water; by seed and time.

A pure function of (seed, assets, what happens, time): nothing is carried from one to the next.
"""

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.city.maker import KM_PER_LATITUDE, KM_PER_LONGITUDE
from simulators.world.calendar import Times
from simulators.world.chance import Keys, Numbers, key, trait
from simulators.world.script import Failure, Occurrence
from simulators.world.spans import Span, Spans, union
from simulators.world.weather import Floats, Storm, Weather
from streams.events import HOUR, MINUTE, Micros, Source

Bools = NDArray[np.bool_]
Coupling = Literal["power", "battery", "backhaul", "tide", "flood"]
"""power: who hangs on a feeder has none where that is off. battery: a base station lives on its own
until that is empty. backhaul: who hangs on what is down is not reached. tide: it holds back what
drains. flood: water slows the traffic."""

POWERS = frozenset({"substation", "power_feeder", "transformer"})
"""To hang on one of these is to be powered by it; on anything else, to be reached through it."""
BATTERY: dict[str, tuple[Micros, Micros]] = {
    "base_station": (5 * MINUTE, 5 * HOUR),
    "network_node": (8 * HOUR, 8 * HOUR),
    "hospital": (24 * HOUR, 24 * HOUR),
}
"""How long each lives without mains, the oldest and the newest; what is not listed not at all.
Assumed: in the storm Yagi over half of the base stations went dark within hours."""
POWER_OFF: tuple[Failure, ...] = ("feeder_failure",)
BREAKS: tuple[Failure, ...] = ("station_outage", "backhaul_cut")
"""The asset itself works no more."""


class Rows(NamedTuple):
    """What is to be measured: n readings."""

    asset: NDArray[np.intp]
    """[n]: which of the world's assets."""
    time: Times
    number: Numbers
    """[n]: the how-manieth of the asset's readings since 1970."""
    keys: Keys
    """[n]: of the asset, for chance."""

    def take(self, which: Bools) -> "Rows":
        """Some of them."""
        return Rows(self.asset[which], self.time[which], self.number[which], self.keys[which])

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """All of them, in order."""
        return cls(
            np.concatenate([part.asset for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.number for part in parts]),
            np.concatenate([part.keys for part in parts]),
        )


class World:
    """See the module."""

    def __init__(
        self,
        seed: int,
        assets: Sequence[Source],
        happens: Sequence[Occurrence] = (),
        *,
        without: Collection[Coupling] = (),
    ) -> None:
        """``without``: couplings that are left out, for who wants to see what each does."""
        self.seed, self.assets, self.happens = seed, tuple(assets), tuple(happens)
        self.without = frozenset(without)
        self.place = {asset.id: number for number, asset in enumerate(self.assets)}
        self.keys = np.array([key(seed, asset.id) for asset in self.assets], np.uint64)
        self.kinds = np.array([asset.kind for asset in self.assets])
        points = [asset.place.point or (0.0, 0.0) for asset in self.assets]
        self.latitude, self.longitude = np.array(points, np.float64).reshape(-1, 2).T
        self.battery = self._batteries()
        states = self._states()
        self.dark = Spans.of([state.dark for state in states])
        """Without mains."""
        self.dead = Spans.of([state.dead for state in states])
        """Without any power."""
        self.gone = Spans.of([state.gone for state in states])
        """Dead, broken, or not reached."""
        self.lost, self.unlit = [one.gone for one in states], [one.dark for one in states]
        """Gone and dark, asset by asset."""
        storms = [self._storm(one) for one in self.happens if one.kind == "flood"]
        self.weather = Weather(seed, storms, with_tide="tide" not in self.without)

    def is_gone(self, asset: str, time: Micros) -> bool:
        """Of an asset that has no simulator here, as a camera; False where there is none."""
        number = self.place.get(asset)
        return number is not None and any(start <= time < end for start, end in self.lost[number])

    def happening(self, kind: Failure, rows: Rows) -> Floats:
        """[n]: how strongly that happens to the very asset at the time; 0: not at all."""
        found = np.zeros(len(rows.asset))
        for one in self.happens:
            if one.kind == kind:
                now = (one.start <= rows.time) & (rows.time < one.end)
                found += one.strength * (now & (rows.asset == self.place[one.source]))
        return found

    def near(self, kind: Failure, rows: Rows, km: float) -> Floats:
        """[n]: how strongly that happens no further away, at the time; 0: not at all."""
        found = np.zeros(len(rows.asset))
        for one in self.happens:
            if one.kind == kind:
                place = self.place[one.source]
                north = (self.latitude[rows.asset] - self.latitude[place]) * KM_PER_LATITUDE
                east = (self.longitude[rows.asset] - self.longitude[place]) * KM_PER_LONGITUDE
                now = (one.start <= rows.time) & (rows.time < one.end)
                found += one.strength * (now & (np.hypot(north, east) <= km))
        return found

    def progress(self, kind: Failure, rows: Rows) -> Floats:
        """[n]: 0 to its strength, growing evenly from its start to its end, then 0."""
        found = np.zeros(len(rows.asset))
        for one in self.happens:
            if one.kind == kind:
                now = (one.start <= rows.time) & (rows.time < one.end)
                part = (rows.time - one.start) / (one.end - one.start)
                found += one.strength * part * (now & (rows.asset == self.place[one.source]))
        return found

    def charge(self, rows: Rows) -> Floats:
        """Of each asset's battery, 0 to 1; it is full again as long after an outage as it lives."""
        start, end = self.dark.latest(rows.asset, rows.time)
        never = start > rows.time
        lasts = np.maximum(self.battery[rows.asset], 1)
        used = np.minimum((np.minimum(rows.time, end) - start) / lasts, 1.0)
        gained = np.maximum(rows.time - end, 0) / lasts
        return np.where(never, 1.0, np.clip(1.0 - used + gained, 0.0, 1.0))

    def rain(self, rows: Rows) -> Floats:
        """mm/h"""
        at = rows.asset
        return self.weather.rain(self.latitude[at], self.longitude[at], rows.time)

    def depth(self, rows: Rows) -> Floats:
        """Water in the street, cm; more runs together at lower places."""
        at = rows.asset
        lows = 9.0 + 7.0 * trait(self.keys[at], "low")
        return self.weather.depth(self.latitude[at], self.longitude[at], lows, rows.time)

    def is_of(self, rows: Rows, *kinds: str) -> Bools:
        """[n]: whether each is of one of these types."""
        return np.isin(self.kinds[rows.asset], kinds)

    def _batteries(self) -> NDArray[np.int64]:
        chance = trait(self.keys, "battery") ** 2
        bounds = [BATTERY.get(kind, (0, 0)) for kind in self.kinds.tolist()]
        least, most = np.array(bounds, np.int64).reshape(-1, 2).T
        if "battery" in self.without:
            least, most = np.zeros_like(least), np.zeros_like(most)
        return least + ((most - least) * chance).astype(np.int64)

    def _storm(self, one: Occurrence) -> Storm:
        at = self.place[one.source]
        where = float(self.latitude[at]), float(self.longitude[at])
        return Storm(*where, one.start, one.end, one.strength)

    def _states(self) -> list["_State"]:
        """Of every asset; those of its parents come first, whatever the order."""
        own: dict[str, list[Occurrence]] = {}
        for one in self.happens:
            own.setdefault(one.source, []).append(one)
        found: dict[int, _State] = {}
        for first in range(len(self.assets)):
            waiting = [first]
            while waiting:
                number = waiting[-1]
                parents = [self.place[p] for p in self.assets[number].parents if p in self.place]
                if missing := [parent for parent in parents if parent not in found]:
                    waiting += missing
                    continue
                waiting.pop()
                above = [(self.assets[parent].kind in POWERS, found[parent]) for parent in parents]
                happens = own.get(self.assets[number].id, ())
                found[number] = self._state(happens, above, int(self.battery[number]))
        return [found[number] for number in range(len(self.assets))]

    def _state(
        self,
        happens: Sequence[Occurrence],
        above: Sequence[tuple[bool, "_State"]],
        battery: Micros,
    ) -> "_State":
        dark = [(one.start, one.end) for one in happens if one.kind in POWER_OFF]
        gone = [(one.start, one.end) for one in happens if one.kind in BREAKS]
        for powers, parent in above:
            if powers and "power" not in self.without:
                dark += parent.dark
            elif not powers and "backhaul" not in self.without:
                gone += parent.gone
        without_mains = union(dark)
        dead = union((start + battery, end) for start, end in without_mains)
        return _State(without_mains, dead, union([*gone, *dead]))


class _State(NamedTuple):
    dark: tuple[Span, ...] = ()
    dead: tuple[Span, ...] = ()
    gone: tuple[Span, ...] = ()
