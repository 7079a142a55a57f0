"""Chance without a sequence: what is drawn depends on the seed, whose it is, which, and what for.

So a reading is the same whatever was asked before it, in whatever order, and however often.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
"""[n]: whose each draw is; ``key`` makes one of an id."""
Numbers = NDArray[np.int64]
"""[n]: which of the owner's draws."""
Shares = NDArray[np.float64]
"""[n]: from 0, and below 1."""

_STEP, _FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
    np.uint64(0x94D049BB133111EB),
)
"""Of SplitMix64 (Steele, Lea and Flood, 2014)."""


def key(seed: int, name: str) -> int:
    """Of one owner, 64 bits."""
    high = crc32(f"{seed}/{name}".encode())
    return (high << 32) | crc32(f"{name}/{seed}".encode())


def uniform(keys: Keys, numbers: Numbers, purpose: str) -> Shares:
    """A share for each."""
    salt = np.uint64(crc32(purpose.encode()))
    with np.errstate(over="ignore"):
        mixed = keys ^ (numbers.astype(np.uint64) * _STEP + salt * _SECOND)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        mixed ^= mixed >> np.uint64(31)
    shares: Shares = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return shares


def trait(keys: Keys, purpose: str) -> Shares:
    """A share for each that stays what it is."""
    return uniform(keys, np.zeros(len(keys), np.int64), purpose)


def noise(keys: Keys, numbers: Numbers, purpose: str) -> NDArray[np.float64]:
    """Mean 0, deviation 1, never beyond 3.5: the sum of four shares, which is nearly normal."""
    total = np.zeros(len(keys))
    for part in range(4):
        total += uniform(keys, numbers, f"{purpose}/{part}")
    normal: NDArray[np.float64] = (total - 2.0) * 3.0**0.5
    return normal


def now_and_then(keys: Keys, numbers: Numbers, rate: float, purpose: str) -> NDArray[np.bool_]:
    """At this rate, and never of two in a row: what a sensor says once, and is nothing."""
    found: NDArray[np.bool_] = (numbers % 2 == 0) & (uniform(keys, numbers, purpose) < 2 * rate)
    return found


def drift(keys: Keys, times: Numbers, span: int, purpose: str) -> NDArray[np.float64]:
    """Like noise, but slow: drawn every ``span``, and on a straight line between."""
    before = times // span
    part = (times % span) / span
    first, then = noise(keys, before, purpose), noise(keys, before + 1, purpose)
    drifted: NDArray[np.float64] = first * (1.0 - part) + then * part
    return drifted


def whole(rates: NDArray[np.float64], keys: Keys, numbers: Numbers, purpose: str) -> Shares:
    """How many of what happens at these rates: whole numbers, as spread as a Poisson's."""
    spread = np.sqrt(np.maximum(rates, 0.0)) * noise(keys, numbers, purpose)
    part = uniform(keys, numbers, f"{purpose}/rounded")
    return np.maximum(np.floor(rates + spread * (rates >= 1.0) + part), 0.0)
