"""Which channels there are: every folder of ``channels`` is one, by its name."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

import msgspec

from services.notifier import channels
from services.notifier.channel import BadConfigurationError, Channel, Way
from services.notifier.stored import StoredChannel


@cache
def all_channels() -> dict[str, Channel]:
    """Raises AttributeError where a folder has no module ``channel``."""
    names = sorted(found.name for found in iter_modules(channels.__path__) if found.ispkg)
    return {
        name: cast(Channel, import_module(f"{channels.__name__}.{name}.channel")) for name in names
    }


def find(type: str) -> Channel:
    """Raises BadConfigurationError."""
    found = all_channels().get(type)
    if found is None:
        listed = ", ".join(all_channels())
        raise BadConfigurationError(f"type: there is no {type!r}; there are {listed}")
    return found


def stationed(type: str) -> Callable[[Way], None] | None:
    """How a station of such a channel is asked whether it is there; None: it has none.

    Raises BadConfigurationError.
    """
    probe: Callable[[Way], None] | None = getattr(find(type), "probe", None)
    return probe


def turned_on(type: str) -> bool:
    """Whether people turn such a channel on in each browser of theirs, rather than have an address;
    raises BadConfigurationError."""
    return bool(getattr(find(type), "DEVICES", False))


def checked(type: str, configuration: dict[str, Any], secrets: dict[str, str]) -> tuple[Any, Any]:
    """What somebody sets a channel to, as it is stored; raises BadConfigurationError."""
    channel = find(type)
    try:
        asked = msgspec.convert(configuration, channel.Configuration, strict=False)
        kept = msgspec.convert(secrets, channel.Secrets)
    except msgspec.ValidationError as error:
        raise BadConfigurationError(f"{type}: {error}") from None
    return channel.check(asked, kept)


def kept_by(before: StoredChannel, type: str, configuration: dict[str, Any]) -> bool:
    """Whether its secrets may stay where it is set to that; raises BadConfigurationError."""
    if before.type != type:
        return False
    channel = find(type)
    try:
        was = msgspec.convert(before.configuration, channel.Configuration, strict=False)
        asked = msgspec.convert(configuration, channel.Configuration, strict=False)
    except msgspec.ValidationError as error:
        raise BadConfigurationError(f"{type}: {error}") from None
    return channel.keeps(was, asked)
