"""What a module of this package says of its feed: how its readings come about."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.feeds import faults
from simulators.feeds.faults import Rates
from simulators.world.state import Rows, World
from streams.events import Source

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


class Simulated(NamedTuple):
    """Each module is called as its feed, and has one ``SIMULATED``."""

    measure: Callable[[World, Rows], Measured]
    """Pure."""
    silent: Callable[[World, Rows], NDArray[np.bool_]] = speaks_always
    """[n]: of which nothing comes."""
    gateway: Callable[[Source], str] = one_gateway
    """Which of the feed's gateways carries a source, a word for its name."""
    rates: Rates = faults.USUAL
