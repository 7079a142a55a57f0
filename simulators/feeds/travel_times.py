"""Travel times: slower where many drive, and much slower where water stands in the street."""

import numpy as np

from simulators.city.streets import line_of
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import TRAFFIC
from simulators.world.state import Rows, World
from streams.events import HOUR

FREE_KM_H = (32.0, 48.0)
SLOWED_CM, IMPASSABLE_CM = 5.0, 40.0
"""From the first depth on vehicles slow down; at the second they crawl."""
CRAWL = 0.12
BLOCKED = 0.15
"""What is left of the speed where vehicles have collided."""
LENGTH_M = 900.0
"""Of a segment that is no street of the simulated traffic."""


def measure(world: World, rows: Rows) -> Measured:
    low, high = FREE_KM_H
    free = low + (high - low) * trait(rows.keys, "free")
    busy = TRAFFIC.at(rows.time) * (1.0 + 0.08 * drift(rows.keys, rows.time, HOUR, "traffic"))
    speed = free * (1.0 - 0.4 * np.clip(busy, 0.0, 1.1) ** 2)
    speed *= 1.0 + 0.04 * noise(rows.keys, rows.number, "speed")
    speed *= np.where(now_and_then(rows.keys, rows.number, 1 / 800, "few"), 0.2, 1.0)
    if "flood" not in world.without:
        depth = world.depth(rows)
        wet = np.clip((depth - SLOWED_CM) / (IMPASSABLE_CM - SLOWED_CM), 0.0, 1.0)
        speed *= 1.0 - (1.0 - CRAWL) * wet
    speed *= np.where(world.happening("collision", rows) > 0, BLOCKED, 1.0)
    sampled = whole(2.0 + 40.0 * np.maximum(busy, 0.0), rows.keys, rows.number, "sampled")
    return {
        "travel_time": np.round(_length(world, rows) * 3.6 / speed, 1),
        "speed": np.round(speed, 1),
        "sampled_vehicles": sampled,
    }


def _length(world: World, rows: Rows) -> np.ndarray:
    found = {
        number: _metres(world.assets[number].place.segment) for number in set(rows.asset.tolist())
    }
    return np.array([found[number] for number in rows.asset.tolist()], np.float64)


def _metres(street: str) -> float:
    try:
        return line_of(f"{street}.out").length_m
    except KeyError:
        return LENGTH_M


SIMULATED = Simulated(measure)
