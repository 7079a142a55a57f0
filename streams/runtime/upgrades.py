"""What a stage stored under an earlier version, as this one stores it.

A stage's stored form has a version: 1, and one more for each upgrade that is listed here. A field
that is appended with a default needs no upgrade; one that moves, or means something else, does.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""States by key, as plain data (what msgpack says, without types), to those of the next version.

It may change what it is given.
"""

UPGRADES: dict[tuple[str, int], Upgrade] = {}
"""(stage, version) to what makes the next version of it. None is ever taken out."""


class NewerVersionError(Exception):
    """It was stored by a later release; says of which stage and version."""


def version(stage: str) -> int:
    """Of what the stage stores now."""
    found = 1
    while (stage, found) in UPGRADES:
        found += 1
    return found


def upgraded(
    stage: str, stored: int, states: Mapping[str, msgspec.Raw]
) -> Mapping[str, msgspec.Raw]:
    """States that were stored under the version ``stored``, in the present one.

    Raises:
        NewerVersionError: this release knows no version so high.
        msgspec.DecodeError: it is no msgpack.
    """
    known = version(stage)
    if not 1 <= stored <= known:
        raise NewerVersionError(
            f"what {stage} stored has version {stored}, and this release reads up to {known}:"
            " run the release that stored it, or a later one"
        )
    if stored == known:
        return states
    plain = {key: msgspec.msgpack.decode(raw) for key, raw in states.items()}
    for number in range(stored, known):
        plain = UPGRADES[stage, number](plain)
    return {key: msgspec.Raw(msgspec.msgpack.encode(state)) for key, state in plain.items()}
