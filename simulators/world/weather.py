"""Rain, tide, and the water that stays in the streets: by seed and time. Figures are assumed,
but for the heights of the tide: at Hòn Dấu 3.9–4.2 m in storms, with a surge of 0.5–0.8 m.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.city.maker import KM_PER_LATITUDE, KM_PER_LONGITUDE
from simulators.world.calendar import Times
from simulators.world.chance import drift, key
from streams.events import HOUR, MINUTE, Micros

Floats = NDArray[np.float64]

SHOWER_MM_H = 8.0
"""No usual shower is heavier, which drains always carry: no street is flooded by one."""
CLOUD: Micros = 2 * HOUR
CELL_DEGREES = 0.08
STORM_MM_H = 110.0
STORM_KM = 7.0
"""From its middle to where it does not rain."""
SURGE_M = 0.7
TIDE_M, DIURNAL, SEMIDIURNAL = 1.9, ((0.85, 25.819), (0.75, 23.934)), (0.08, 12.421)
"""Mean level; O1 and K1, and M2: amplitude (m) and period (h). The tide here is diurnal."""
DRAIN_MM_H = 45.0
OUTFALLS_M = (2.4, 3.8)
"""Above the first the tide holds the drains' outfalls back, at the second by three quarters."""
LEAST_DRAINED = 0.25
REMEMBERED: Micros = 8 * HOUR
"""Water of earlier rain has drained away."""
STEP: Micros = 10 * MINUTE
RAMP = 0.25
"""Part of a storm in which it grows, and in which it ceases."""


class Storm(NamedTuple):
    """A scripted one: heavy rain around a place, and a surge of the tide."""

    latitude: float
    longitude: float
    start: Micros
    end: Micros
    strength: float

    def force(self, times: Times) -> Floats:
        """0 to ``strength``."""
        part = (times - self.start) / max(self.end - self.start, 1)
        return np.clip(np.minimum(part, 1.0 - part) / RAMP, 0.0, 1.0) * self.strength

    def shelter(self, latitude: Floats, longitude: Floats) -> Floats:
        """1 in its middle, 0 where it does not reach."""
        north = (latitude - self.latitude) * KM_PER_LATITUDE
        east = (longitude - self.longitude) * KM_PER_LONGITUDE
        return np.clip(1.5 * (1.0 - np.hypot(north, east) / STORM_KM), 0.0, 1.0)


class Weather:
    """The same seed and storms give the same weather."""

    def __init__(self, seed: int, storms: Sequence[Storm], *, with_tide: bool = True) -> None:
        """``with_tide``: whether the tide holds back what drains."""
        self._key, self._storms, self._with_tide = key(seed, "weather"), storms, with_tide

    def rain(self, latitude: Floats, longitude: Floats, times: Times) -> Floats:
        """mm/h, [n]."""
        cells = np.floor(latitude / CELL_DEGREES) * 4096 + np.floor(longitude / CELL_DEGREES)
        with np.errstate(over="ignore"):
            keys = np.uint64(self._key) + cells.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        found = np.clip((drift(keys, times, CLOUD, "shower") - 1.3) * 10.0, 0.0, SHOWER_MM_H)
        return found + STORM_MM_H * self._storm(latitude, longitude, times)

    def storming(self, times: Times) -> NDArray[np.bool_]:
        """Whether a storm is there, or its water may be."""
        there = np.zeros(len(times), np.bool_)
        for storm in self._storms:
            there |= (storm.start <= times) & (times < storm.end + REMEMBERED)
        return there

    def tide(self, times: Times) -> Floats:
        """Level at Hòn Dấu in m, [n]."""
        hours = times / HOUR
        found = np.full(times.shape, TIDE_M)
        for amplitude, period in (*DIURNAL, SEMIDIURNAL):
            found += amplitude * np.cos(2 * np.pi * hours / period)
        for storm in self._storms:
            found += SURGE_M * storm.force(times)
        return found

    def drained(self, times: Times) -> Floats:
        """mm/h, [n]."""
        low, high = OUTFALLS_M
        held = (self.tide(times) - low) / (high - low) if self._with_tide else np.zeros(times.shape)
        return DRAIN_MM_H * (1.0 - (1.0 - LEAST_DRAINED) * np.clip(held, 0.0, 1.0))

    def depth(self, latitude: Floats, longitude: Floats, lows: Floats, times: Times) -> Floats:
        """Water in the street in cm, [n].

        Args:
            lows: how many times more than what falls on it runs together at each place.
        """
        found = np.zeros(len(times))
        wet = self.storming(times)
        if not wet.any():
            return found
        latitude, longitude, lows = latitude[wet], longitude[wet], lows[wet]
        steps = times[wet] // STEP
        stays = np.zeros(len(steps))
        for back in range(REMEMBERED // STEP, -1, -1):
            at = (steps - back) * STEP
            gained = self.rain(latitude, longitude, at) - self.drained(at)
            stays = np.maximum(stays + gained * (STEP / HOUR), 0.0)
        found[wet] = stays * lows / 10.0
        return found

    def _storm(self, latitude: Floats, longitude: Floats, times: Times) -> Floats:
        found = np.zeros(times.shape)
        for storm in self._storms:
            found += storm.shelter(latitude, longitude) * storm.force(times)
        return found
