"""What a worker says in its log of what it was configured with: once each, not per event."""

import logging

from streams.configuration.contradictions import contradictory_rules, of_contradiction
from streams.configuration.unjudged import of_rule, of_source, unjudged_rules, unread_sources
from streams.control import KEY, Control
from streams.runtime.partition import Partition

log = logging.getLogger(__name__)


class Remarks:
    """Of one process. Its partitions all know the same rules, and each its own sources."""

    def __init__(self) -> None:
        self._sequences: dict[tuple[str, int], int] = {}
        self._lines: dict[tuple[str, int], set[str]] = {}

    def look(self, part: Partition) -> None:
        """Says which rules and sources a partition does not take at their word, unless it has."""
        control, of = part.states.get(KEY), (part.stage.name, part.number)
        if not isinstance(control, Control) or control.sequence <= self._sequences.get(of, -1):
            return
        self._sequences[of] = control.sequence
        lines = [of_rule(rule.id, rule.kind) for rule in unjudged_rules(control.rules.values())]
        contradictory = contradictory_rules(control.rules.values())
        lines += [of_contradiction(rule.id, reason) for rule, reason in contradictory]
        sources = unread_sources(control.all_sources())
        lines += [of_source(source.id, source.kind) for source in sources]
        said = set[str]().union(*self._lines.values())
        self._lines[of] = set(lines)
        for line in lines:
            if line not in said:
                log.warning(line)
