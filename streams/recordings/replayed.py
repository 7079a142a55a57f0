"""What is replayed says so: events, configuration and states carry the origin ``replayed``.

Consumers look at the origin, and nothing but ``live`` leaves the building.
"""

from typing import Any

import msgspec

from streams.stages.loops.reordering import ORIGINS

ORIGIN = "replayed"


def replayed(value: Any) -> Any:
    """An event or a state with every ``origin`` in it replaced; itself where there is none."""
    if isinstance(value, msgspec.Struct):
        changes = {}
        for name in value.__struct_fields__:
            before = getattr(value, name)
            after = _origin(before) if name == "origin" else replayed(before)
            if after is not before:
                changes[name] = after
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, dict):
        found = {key: replayed(item) for key, item in value.items()}
        return found if any(found[key] is not item for key, item in value.items()) else value
    if isinstance(value, list | tuple):
        items = [replayed(item) for item in value]
        same = all(after is before for after, before in zip(items, value, strict=True))
        return value if same else type(value)(items)
    return value


def _origin(before: Any) -> Any:
    """In states of sensors it is a byte for each reading that waits."""
    return bytes([ORIGINS.index(ORIGIN)]) * len(before) if isinstance(before, bytes) else ORIGIN
