"""What is replayed says so: events, configuration and states carry the origin ``replayed``.

Consumers look at the origin, and nothing but ``live`` leaves the building.
"""

from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from streams.sensors.reordering import ORIGINS

ORIGIN = "replayed"


def replayed(value: Any) -> Any:
    """An event or a state with every ``origin`` in it replaced; itself where there is none."""
    if isinstance(value, msgspec.Struct):
        changes = {}
        for name in _places(type(value)):
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


@cache
def _places(kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """Fields that are an origin, or may hold one: most events have one, and nothing below it."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return tuple(field.name for field in info.fields if _may_hold(field))


def _may_hold(field: inspect.Field) -> bool:
    return field.name == "origin" or _holds(field.type)


def _holds(info: inspect.Type) -> bool:
    match info:
        case inspect.StructType(fields=fields):
            return any(_may_hold(field) for field in fields)
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            return any(_holds(each) for each in types)
        case inspect.DictType(value_type=item):
            return _holds(item)
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
            return _holds(item)
    return isinstance(info, inspect.AnyType | inspect.CustomType)


def _origin(before: Any) -> Any:
    """In states of sensors it is a byte for each reading that waits."""
    return bytes([ORIGINS.index(ORIGIN)]) * len(before) if isinstance(before, bytes) else ORIGIN
