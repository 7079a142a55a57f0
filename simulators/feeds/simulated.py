"""What a module of this package says of its feed: how its readings come about."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.feeds import faults
from simulators.feeds.faults import Rates
from simulators.world.chance import Keys
from simulators.world.state import Rows, World
from streams.events import Micros, Source

Measured = Mapping[str, NDArray[np.float64]]
"""Metric to [n] values, NaN: nothing measured; a metric that is left out is not measured."""


def speaks_always(world: World, rows: Rows) -> NDArray[np.bool_]:  # noqa: ARG001
    return np.zeros(len(rows.asset), np.bool_)


def silent_when_gone(world: World, rows: Rows) -> NDArray[np.bool_]:
    """Nobody is there to say anything, and nobody else says it."""
    return world.gone.hold(rows.asset, rows.time)


def one_gateway(source: Source) -> str:  # noqa: ARG001
    """The whole feed comes by one system."""
    return ""


def measures_nothing(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    return {}


class Events(NamedTuple):
    """n events of cases that are told of one by one."""

    source: NDArray[np.intp]
    """[n]: which of the gateway's."""
    time: NDArray[np.int64]
    values: NDArray[np.float64]
    """[n, EVENT_FIELDS]"""

    def take(self, which: NDArray[np.bool_]) -> "Events":
        return Events(self.source[which], self.time[which], self.values[which])

    @classmethod
    def joined(cls, parts: Sequence["Events"]) -> "Events":
        """All of them, in order."""
        return cls(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def unharmed(world: World, rows: Rows, told: Events) -> Events:  # noqa: ARG001
    return told


class Tells(NamedTuple):
    """How a feed tells of cases. Pure; the keys are those of the gateway's sources."""

    between: Callable[[Keys, Micros, Micros], Events]
    """What happened after the one and up to the other."""
    standing: Callable[[Keys, Micros], Events]
    """What a system that is started has to say."""
    struck: Callable[[World, Rows, Events], Events] = unharmed
    """What these events, one for each of the rows, are instead where something fails."""


class Simulated(NamedTuple):
    """Each module is called as its feed, and has one ``SIMULATED``."""

    measure: Callable[[World, Rows], Measured]
    """Pure."""
    silent: Callable[[World, Rows], NDArray[np.bool_]] = speaks_always
    """[n]: of which nothing comes."""
    gateway: Callable[[Source], str] = one_gateway
    """Which of the feed's gateways carries a source, a word for its name."""
    rates: Rates = faults.USUAL
    tells: Tells | None = None
    """Its feed takes events; it measures besides, or ``measures_nothing``."""
