"""All simulated feeds: the modules of this package that are called as a feed."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from simulators.feeds.simulated import Simulated
from streams.feeds.registry import all_feeds

ELSEWHERE = {
    "cameras": "pictures are drawn: simulators/cameras.py",
    "induction_loops": "SUMO counts its vehicles: simulators/traffic.py",
}
"""Feeds without a module here, and why."""


@cache
def all_simulated() -> dict[str, Simulated]:
    """By the feed's id, in sorted order."""
    found: dict[str, Simulated] = {}
    for feed in all_feeds():
        name = f"{__package__}.{feed}"
        if feed not in ELSEWHERE and find_spec(name):
            # A feed of somebody's own may be called as a module that is no simulator.
            simulated = getattr(import_module(name), "SIMULATED", None)
            if isinstance(simulated, Simulated):
                found[feed] = simulated
    return found
