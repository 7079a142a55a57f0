"""What is configured and yet does nothing, as its kind or feed is not in this installation.

A folder of extensions was taken away, or a later release has written it. The stages pass it over;
the readers of the configuration say so.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streams.feeds.registry import of_asset_type
from streams.kinds.registry import UnknownKindError, find


class Named(Protocol):
    """A rule or a source, as it is configured or as a stage knows it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)


def unjudged_rules(rules: Iterable[Thing]) -> list[Thing]:
    """Those of kinds that are not here, in order of ids."""
    return sorted((rule for rule in rules if not _is_kind(rule.kind)), key=_id)


def unread_sources(sources: Iterable[Thing]) -> list[Thing]:
    """Those of types that no feed here declares, in order of ids."""
    return sorted((source for source in sources if not of_asset_type(source.kind)), key=_id)


def of_rule(id: str, kind: str) -> str:
    """A line for logs and terminals."""
    return f"rule {id}: no kind {kind!r} here, not judged"


def of_source(id: str, type: str) -> str:
    """A line for logs and terminals."""
    return f"source {id}: no feed declares {type!r} here, not read"


def _id(thing: Named) -> str:
    return thing.id


def _is_kind(name: str) -> bool:
    try:
        find(name)
    except UnknownKindError:
        return False
    return True
