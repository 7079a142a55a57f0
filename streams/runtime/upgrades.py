"""What a stage stored under an earlier version, as this one stores it.

A stage's stored form has a version: 1, and one more for each upgrade that is listed here. A field
that is appended with a default needs no upgrade; one that moves, or means something else, does.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from streams.control import KEY, Control, change
from streams.events import ControlChange, Incident, Source, Zone
from streams.feeds.shares import Share
from streams.incidents.watch import Watch
from streams.rules.sensors import Sensors

DECIDED_AT = 9
"""Place of ``decided_at`` in a stored incident."""

TIMES = 4
"""Place of ``times`` in stored tracks."""

Upgrade = Callable[[dict[str, Any], Share], dict[str, Any]]
"""States by key, as plain data (what msgpack says, without types), to those of the next version.

It may change what it is given.
"""


def _lean(states: dict[str, Any], keep: Callable[[Source], Source | None]) -> dict[str, Any]:
    """Until then a stage knew every source and zone of the city, with all that is known of them."""
    before = states.get(KEY)
    if before is None:
        return states
    control = Control()
    for table in (before["sources"], before["zones"]):
        for name in sorted(table):
            thing = msgspec.convert(table[name], Source | Zone)
            control = change(control, ControlChange(control.sequence + 1, 0, thing), keep)
    lean = msgspec.to_builtins(control)
    states[KEY] = {**before, **{name: lean[name] for name in ("sources", "zones", "alike")}}
    return states


def _watched(states: dict[str, Any]) -> dict[str, Any]:
    """Until then sensors had alarms, and cameras watches."""
    for key in [key for key in states if key.startswith("alarms/")]:
        before = states.pop(key)
        watches: dict[str, dict[str, Watch]] = {}
        for rule, own in before.get("floors", {}).items():
            for source, least in own.items():
                watches.setdefault(rule, {})[source] = Watch(not_before=least)
        for rule, own in before["by_rule"].items():
            for source, (since, readings, last, incident) in own.items():
                held = watches.get(rule, {}).get(source, Watch())
                watches.setdefault(rule, {})[source] = msgspec.structs.replace(
                    held,
                    since=since,
                    readings=readings,
                    last=last,
                    incident=msgspec.convert(incident, Incident | None),
                )
        states["watches/" + key.removeprefix("alarms/")] = msgspec.to_builtins(Sensors(watches))
    return states


def _indexed(states: dict[str, Any], _: Share) -> dict[str, Any]:
    """Until then every segment was looked at to find those on which something waits."""
    waiting = {
        key: min(incident[DECIDED_AT] for incident in segment["waiting"])
        for key, segment in states.items()
        if key.startswith("segment/") and segment["waiting"]
    }
    states[KEY] = {**states.get(KEY, {"type": "upstreams"}), "waiting": waiting}
    return states


def _placed(states: dict[str, Any], _: Share) -> dict[str, Any]:
    """Until then an object that frames missed stood on meanwhile, wherever it was seen again."""
    for state in states.values():
        if tracks := state.get("tracks"):
            times = tracks[TIMES] if len(tracks) > TIMES else b""
            tracks[TIMES:] = [times + times[: len(times) // 2]]
    return states


UPGRADES: dict[tuple[str, int], Upgrade] = {
    ("detect", 1): lambda states, share: _lean(states, share.decoding),
    ("interpret", 1): lambda states, share: _lean(states, share.pictures),
    ("interpret", 2): _placed,
    ("score", 1): lambda states, share: _watched(_lean(states, share.readings)),
    ("correlate", 1): _indexed,
}
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
    stage: str, stored: int, states: Mapping[str, msgspec.Raw], share: Share
) -> Mapping[str, msgspec.Raw]:
    """States that were stored under the version ``stored``, in the present one.

    Args:
        share: the partition's.

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
        plain = UPGRADES[stage, number](plain, share)
    return {key: msgspec.Raw(msgspec.msgpack.encode(state)) for key, state in plain.items()}
