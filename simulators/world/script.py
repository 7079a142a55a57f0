"""Scripted incidents of the city's systems: what a scenario says, and when and where it happens."""

from collections.abc import Sequence
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Literal, get_args

import msgspec

from models.documents import document
from models.files import SMALL, read_file
from simulators.scenario import Range, ScenarioError
from simulators.world.chance import key
from streams.events import SECOND, Micros, Source

Failure = Literal[
    "feeder_failure",
    "station_outage",
    "backhaul_cut",
    "flood",
    "defacement",
    "attack",
    "gate_queue",
    "overdue",
    "refusing_bank",
    "collision",
]
UNPROVEN: Failure = "collision"
"""No rule finds it by itself: it takes a camera, or somebody who says so."""
FAILURES: tuple[Failure, ...] = tuple(one for one in get_args(Failure) if one != UNPROVEN)
"""What default rules are to find."""

STRIKES: dict[Failure, str] = {
    "feeder_failure": "power_feeder",
    "station_outage": "base_station",
    "backhaul_cut": "network_link",
    "flood": "flood_gauge",
    "defacement": "web_portal",
    "attack": "web_portal",
    "gate_queue": "port_gate",
    "overdue": "one_stop_office",
    "refusing_bank": "payment_gateway",
    "collision": "travel_segment",
}
"""The type of asset that each begins at."""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that fails, once."""

    kind: Failure
    after_s: Range
    """When it begins, seconds from the start."""
    lasts_s: float
    at: tuple[str, ...] = ()
    """Assets at which it may be; empty: any of its type."""
    strength: float = 1.0
    """1: as its module describes it."""


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of ``simulators/world/scenarios``."""

    name: str
    description: str
    incidents: tuple[Script, ...] = ()


QUIET = Scenario("quiet", "Nothing fails.")


class Occurrence(msgspec.Struct, frozen=True):
    """What a script comes to."""

    kind: Failure
    source: str
    """The asset at which it begins."""
    start: Micros
    end: Micros
    strength: float = 1.0


def load(path: Path | str) -> Scenario:
    """A file, or the name of one that comes with the city, as ``names`` has them.

    Raises:
        ScenarioError: there is none, or it cannot be used.
    """
    own = files("simulators") / "world" / "scenarios" / f"{path}.yaml"
    try:
        text = own.read_bytes() if own.is_file() else read_file(Path(path), SMALL)
        return msgspec.convert(document(text), Scenario)
    except OSError as error:
        there = ", ".join(names())
        raise ScenarioError(
            f"cannot read scenario {str(path)!r}: {error.strerror}; of its systems come {there}"
        ) from None
    except ValueError as error:  # of the document, or of what is in it
        raise ScenarioError(f"scenario {str(path)!r}: {error}") from None


def names() -> list[str]:
    """Of the scenarios that come with the city's systems."""
    folder = files("simulators") / "world" / "scenarios"
    return sorted(each.name.removesuffix(".yaml") for each in folder.iterdir())


def occurrences(
    scenario: Scenario, assets: Sequence[Source], seed: int, start: Micros
) -> tuple[Occurrence, ...]:
    """What happens in a city of these assets that begins at ``start``.

    Raises:
        ScenarioError: it names an asset that is not there or of another type, or nothing is of
            the type that it strikes.
    """
    found = []
    for number, script in enumerate(scenario.incidents):
        strikes = STRIKES[script.kind]
        there = {one.id for one in assets if one.kind == strikes}
        if unknown := sorted(set(script.at) - there):
            raise ScenarioError(f"scenario {scenario.name!r}: no {strikes} is {unknown[0]!r}")
        among = sorted(script.at or there)
        if not among:
            raise ScenarioError(f"scenario {scenario.name!r}: there is no {strikes}")
        first, last = script.after_s
        if not (
            0 <= first <= last < inf and 0 < script.lasts_s < inf and 0 < script.strength < inf
        ):
            raise ScenarioError(
                f"scenario {scenario.name!r}: {script.kind}: give after_s as two numbers,"
                " the smaller one first, and lasts_s and strength above 0"
            )
        drawn = key(seed, f"{scenario.name}/{number}/{script.kind}")
        after_s = first + (last - first) * ((drawn >> 32) / 2**32)
        begins = start + round(after_s * SECOND)
        ends = begins + round(script.lasts_s * SECOND)
        source = among[drawn % len(among)]
        found.append(Occurrence(script.kind, source, begins, ends, script.strength))
    return tuple(found)
