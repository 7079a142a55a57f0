"""Who may sign what in the topics that several parts publish to (decision 0062).

A part signs with a key of its own, under the name of its account at the broker. What a key may not
sign is refused, however good the signature.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from streams.events import ControlChange, Frame, Origin, Readings, Tick, subject
from streams.kafka.access import CITY, COMMAND, GATEWAY, MQTT, POLLER, RECEIVER, SIGNERS
from streams.topics import REPLAYS

VERIFIERS: Mapping[str, tuple[str, ...]] = {
    "detect": (GATEWAY, CITY),
    "streams": (GATEWAY, CITY, RECEIVER, MQTT, POLLER),
    "alerts": (GATEWAY, CITY),
    COMMAND: SIGNERS,
}
"""Accounts of those who read these topics, and whose keys each holds."""


class Grant(NamedTuple):
    """What one part may sign."""

    kinds: tuple[type, ...]
    origins: frozenset[Origin]
    """Of events that have one."""

    def covers(self, event: Any) -> bool:
        origin = subject(event)[2]
        return isinstance(event, self.kinds) and (origin is None or origin in self.origins)


_EVERYTHING = (Frame, Readings, Tick, ControlChange)
_LIVE: Mapping[str, Grant] = {
    GATEWAY: Grant(_EVERYTHING, frozenset[Origin](("live", "recorded"))),
    CITY: Grant((Frame, Readings), frozenset[Origin](("simulated",))),
    RECEIVER: Grant((Readings,), frozenset[Origin](("live",))),
    MQTT: Grant((Readings,), frozenset[Origin](("live",))),
    POLLER: Grant((Readings,), frozenset[Origin](("live",))),
}
_REPLAYED: Mapping[str, Grant] = {COMMAND: Grant(_EVERYTHING, frozenset[Origin](("replayed",)))}


def grants(namespace: str) -> Mapping[str, Grant]:
    """By signer. Whoever plays a recording signs in a replay's namespace, and nowhere else."""
    return _REPLAYED if namespace.startswith(REPLAYS) else _LIVE
