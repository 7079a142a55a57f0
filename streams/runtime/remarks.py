"""What a worker says in its log of what it was configured with: once each, not per event."""

import logging
from collections.abc import Mapping
from typing import NamedTuple

from streams.configuration.contradictions import contradictory_rules, of_contradiction
from streams.configuration.unjudged import of_rule, of_source, unjudged_rules
from streams.control import KEY, Control
from streams.events import Rule
from streams.feeds.registry import of_asset_type
from streams.runtime.partition import Partition

log = logging.getLogger(__name__)


class _Looked(NamedTuple):
    """What was seen of a partition's control, and what there was to say of it."""

    sequence: int
    rules: Mapping[str, Rule]
    of_rules: list[str]
    of_sources: list[str]


class Remarks:
    """Of one process. Its partitions all know the same rules, and each its own sources."""

    def __init__(self) -> None:
        self._looked: dict[tuple[str, int], _Looked] = {}

    def look(self, part: Partition) -> None:
        """Says which rules and sources a partition does not take at their word, unless it has."""
        control, of = part.states.get(KEY), (part.stage.name, part.number)
        if not isinstance(control, Control):
            return
        before = self._looked.get(of)
        if before and control.sequence <= before.sequence:
            return
        # A change replaces what it changes and nothing else. A city announces its sources one by
        # one: rules are not read again for each.
        same = before is not None and before.rules is control.rules
        of_rules = before.of_rules if before and same else _of_rules(control)
        looked = _Looked(control.sequence, control.rules, of_rules, _of_sources(control))
        said = {line for each in self._looked.values() for line in each.of_rules + each.of_sources}
        self._looked[of] = looked
        for line in looked.of_rules + looked.of_sources:
            if line not in said:
                log.warning(line)


def _of_rules(control: Control) -> list[str]:
    rules = control.rules.values()
    lines = [of_rule(rule.id, rule.kind) for rule in unjudged_rules(rules)]
    return lines + [of_contradiction(rule.id, why) for rule, why in contradictory_rules(rules)]


def _of_sources(control: Control) -> list[str]:
    """Looks at the few that differ, and at each source only where a type among them is unread."""
    unread = {n: one.kind for n, one in control.alike.items() if not of_asset_type(one.kind)}
    if not unread:
        return []
    found = sorted((name, entry.alike) for name, entry in control.sources.items())
    return [of_source(name, unread[alike]) for name, alike in found if alike in unread]
