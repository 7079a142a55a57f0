"""What a worker says in its log of what it was configured with: once each, not per event."""

import logging
from collections.abc import Mapping
from typing import Any

from streams.configuration.unjudged import of_rule, of_source, unjudged
from streams.control import KEY, Control

log = logging.getLogger(__name__)


class Remarks:
    """Of one process, whose partitions all come to know the same configuration."""

    def __init__(self) -> None:
        self._sequence = -1
        self._said: set[str] = set()

    def look(self, states: Mapping[str, Any]) -> None:
        """Says what a partition's states make it pass over, unless it has been said."""
        control = states.get(KEY)
        if not isinstance(control, Control) or control.sequence <= self._sequence:
            return
        self._sequence = control.sequence
        found = unjudged(control)
        lines = [of_rule(rule.id, rule.kind) for rule in found.rules]
        lines += [of_source(source.id, source.kind) for source in found.sources]
        for line in lines:
            if line not in self._said:
                log.warning(line)
        self._said = set(lines)
