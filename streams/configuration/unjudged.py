"""What is configured and yet does nothing, as its kind or feed is not in this installation.

A folder of extensions was taken away, or a later release has written it. The stages pass it over;
whoever reads the configuration says so.
"""

from typing import NamedTuple

from streams.control import Control, in_order
from streams.events import Rule, Source
from streams.feeds.registry import of_asset_type
from streams.kinds.registry import UnknownKindError, find


class Unjudged(NamedTuple):
    rules: tuple[Rule, ...]
    """Of kinds that are not here, in order of ids."""
    sources: tuple[Source, ...]
    """Of types that no feed here declares, in order of ids."""


def unjudged(control: Control) -> Unjudged:
    return Unjudged(
        tuple(rule for rule in in_order(control.rules) if not _is_kind(rule.kind)),
        tuple(source for source in in_order(control.sources) if not of_asset_type(source.kind)),
    )


def of_rule(id: str, kind: str) -> str:
    """A line for logs and terminals."""
    return f"rule {id}: no kind {kind!r} here, not judged"


def of_source(id: str, type: str) -> str:
    """A line for logs and terminals."""
    return f"source {id}: no feed declares {type!r} here, not read"


def _is_kind(name: str) -> bool:
    try:
        find(name)
    except UnknownKindError:
        return False
    return True
