"""Ground truth: what was staged in the city's systems, and on what else it tells."""

from collections.abc import Iterator
from typing import Literal

import msgspec
import numpy as np

from simulators.world.script import Failure, Occurrence
from simulators.world.state import Rows, World
from streams.events import MINUTE, Micros

FLOODED_CM = {"flood_gauge": 30.0, "travel_segment": 10.0, "reported_place": 20.0}
"""More than this: the city's own indicator counts places with 30 cm; traffic is slow in less, and
people call."""
LOOK: Micros = 5 * MINUTE
"""Water is looked at so often."""


class Felt(msgspec.Struct, frozen=True):
    """What it does to another asset."""

    source: str
    how: Literal["dark", "gone", "flooded"]
    """dark: it has no mains, and lives. gone: it has no power, or is not reached."""
    start: Micros
    end: Micros


class Staged(msgspec.Struct, frozen=True):
    """One scripted incident."""

    kind: Failure
    source: str
    """The asset at which it begins."""
    start: Micros
    end: Micros
    felt: tuple[Felt, ...] = ()
    """By others, in the order of the assets."""


def truth(world: World) -> tuple[Staged, ...]:
    """Of all that happens there, each with what follows of it alone."""
    return tuple(
        Staged(one.kind, one.source, one.start, one.end, tuple(_felt(world, one)))
        for one in world.happens
    )


def _felt(world: World, one: Occurrence) -> Iterator[Felt]:
    alone = World(world.seed, world.assets, (one,), without=world.without)
    for number, asset in enumerate(alone.assets):
        if asset.id != one.source:
            for start, end in alone.lost[number]:
                yield Felt(asset.id, "gone", start, end)
            for start, end in alone.unlit[number]:
                if (start, end) not in alone.lost[number]:
                    yield Felt(asset.id, "dark", start, end)
    if one.kind == "flood":
        yield from _flooded(alone, one)


def _flooded(world: World, one: Occurrence) -> Iterator[Felt]:
    places = np.flatnonzero(np.isin(world.kinds, [*FLOODED_CM]))
    times = np.arange(one.start, one.end + 8 * 12 * LOOK, LOOK, dtype=np.int64)
    for place in places.tolist():
        asset = np.full(len(times), place)
        depth = world.depth(Rows(asset, times, times, world.keys[asset]))
        wet = times[depth > FLOODED_CM[world.assets[place].kind]]
        if len(wet) and world.assets[place].id != one.source:
            yield Felt(world.assets[place].id, "flooded", int(wet[0]), int(wet[-1]) + LOOK)
