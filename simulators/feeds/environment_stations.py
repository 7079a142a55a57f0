"""Water, rain and air. Loggers live on batteries and the sun; only air stations need the mains."""

import numpy as np

from models.measured import NOT_MEASURED, nothing
from simulators.feeds.simulated import Measured, Simulated
from simulators.world import calendar
from simulators.world.chance import drift, noise, now_and_then, trait, uniform
from simulators.world.rhythm import TRAFFIC
from simulators.world.state import Rows, World
from streams.events import DAY, HOUR, MINUTE

RAIN_EVERY = 10 * MINUTE
UP_RIVER_H = 2.5
"""What the tide takes to the river stations, the farthest."""


def measure(world: World, rows: Rows) -> Measured:
    found = {name: nothing(len(rows.asset)) for name in METRICS}
    for kinds, measured in _MEASURED.items():
        mine = world.is_of(rows, *kinds)
        if mine.any():
            some = rows.take(mine)
            for name, values in measured(world, some).items():
                found[name][mine] = values
    return found


def _water(world: World, rows: Rows) -> Measured:
    river = world.is_of(rows, "river_station")
    later = (UP_RIVER_H * HOUR * trait(rows.keys, "up river")).astype(np.int64)
    tide = world.weather.tide(rows.time - np.where(river, later, 0))
    level = np.where(river, 0.55 * tide + 0.3 * drift(rows.keys, rows.time, DAY, "flow"), tide)
    return {"water_level": np.round(level + 0.01 * noise(rows.keys, rows.number, "waves"), 2)}


def _flood(world: World, rows: Rows) -> Measured:
    depth = world.depth(rows) + 0.4 * uniform(rows.keys, rows.number, "ripples")
    under = now_and_then(rows.keys, rows.number, 1 / 800, "debris")
    depth += np.where(under, 20.0 + 60.0 * uniform(rows.keys, rows.number, "how much"), 0.0)
    return {"flood_depth": np.round(depth, 1)}


def _rain(world: World, rows: Rows) -> Measured:
    # Of the time since the reading before, by what it was in the middle of that.
    rain = world.rain(rows._replace(time=rows.time - RAIN_EVERY // 2))
    fell = rain * (RAIN_EVERY / HOUR) * (1.0 + 0.05 * noise(rows.keys, rows.number, "tips"))
    return {"rainfall": np.round(np.maximum(fell, 0.0) / 0.2) * 0.2}


def _air(world: World, rows: Rows) -> Measured:
    hour = calendar.hour(rows.time)
    winter = (1.0 + np.cos(2 * np.pi * (rows.time % (365 * DAY)) / (365 * DAY))) / 2
    still = 1.0 + 0.25 * drift(rows.keys, rows.time, DAY, "wind")
    dust = (14.0 + 16.0 * winter + 12.0 * TRAFFIC.at(rows.time)) * still
    dust *= 1.0 + 0.08 * noise(rows.keys, rows.number, "dust")
    dust += np.where(now_and_then(rows.keys, rows.number, 1 / 500, "smoke"), 160.0, 0.0)
    sun = np.clip(np.sin(np.pi * (hour - 6.0) / 12.0), 0.0, 1.0)
    found = {
        "pm25": dust,
        "pm10": 1.6 * dust,
        "no2": (10.0 + 30.0 * TRAFFIC.at(rows.time)) * still,
        "ozone": 25.0 + 60.0 * sun,
    }
    gone = world.gone.hold(rows.asset, rows.time)
    return {name: np.where(gone, NOT_MEASURED, np.round(value, 1)) for name, value in found.items()}


METRICS = ("water_level", "flood_depth", "rainfall", "pm25", "pm10", "no2", "ozone")
_MEASURED = {
    ("tide_station", "river_station"): _water,
    ("flood_gauge",): _flood,
    ("rain_gauge",): _rain,
    ("air_station",): _air,
}


def silent(world: World, rows: Rows) -> np.ndarray:
    return world.is_of(rows, "air_station") & world.gone.hold(rows.asset, rows.time)


SIMULATED = Simulated(measure, silent)
