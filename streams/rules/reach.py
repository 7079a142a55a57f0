"""Which sources a rule reaches.

A rule that names neither sources nor asset types reaches every source; else those that it names,
and every source of the types that it names, those that are added later too. Whether its kind can
judge them is another question.
"""

from collections.abc import Collection, Iterable

from streams.events import Rule
from streams.feeds.registry import asset_type


def reaches(rule: Rule, source: str, type: str) -> bool:
    """Whether the rule reaches the source, which is of that asset type."""
    return _reaches(rule, rule.sources, source, type)


def reached(rule: Rule, sources: Iterable[tuple[str, str]]) -> list[bool]:
    """As ``reaches`` of many, given as (source, asset type)."""
    named = frozenset(rule.sources)
    return [_reaches(rule, named, name, asset) for name, asset in sources]


def _reaches(rule: Rule, named: Collection[str], source: str, type: str) -> bool:
    if not rule.sources and not rule.types:
        return True
    return source in named or asset_type(type) in map(asset_type, rule.types)
