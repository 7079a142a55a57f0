"""Which rules apply to which of a gateway's sensors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.control import Control
from streams.events import Rule
from streams.feeds.feed import Feed
from streams.kinds.kind import Kind, Watches
from streams.rules.plan import of_kind
from streams.rules.reach import reached
from streams.sensors.rosters import Roster


class Duty(NamedTuple):
    """One rule over one gateway's sensors of one feed."""

    rule: Rule
    kind: Kind
    applies: NDArray[np.bool_]
    """[slots]"""


def can_judge(kind: Kind, feed: Feed) -> bool:
    """Whether the feed's sensors can be judged by the kind at all."""
    if kind.watches is Watches.SOURCE:
        return True
    if kind.watches is not Watches.READINGS or feed.carries != "readings":
        return False
    return all(metric in feed.metrics for metric in kind.needs) and (
        bool(feed.scored_by) or not kind.by_model
    )


class Duties:
    """By rule id; keeps what it made while what it was made from is the same: a step stays pure."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[Roster, dict[str, Rule], dict[str, Duty]]] = {}

    def of(self, gateway: str, roster: Roster, control: Control) -> dict[str, Duty]:
        """In order of rule ids; only those that apply to any: a city has many that name other
        feeds' sensors, and each would be asked about these at every tick."""
        key = gateway, roster.feed.id
        made = self._made.get(key)
        if made and made[0] is roster and made[1] is control.rules:
            return made[2]
        rules = of_kind(control, Watches.READINGS) + of_kind(control, Watches.SOURCE)
        duties = {
            rule.id: Duty(rule, kind, applies)
            for rule, kind in sorted(rules, key=lambda found: found[0].id)
            if can_judge(kind, roster.feed) and (applies := _applies(rule, roster)).any()
        }
        self._made[key] = roster, control.rules, duties
        return duties


def _applies(rule: Rule, roster: Roster) -> NDArray[np.bool_]:
    """To those that are here, and do not rest."""
    known = [roster.known.get(source) for source in roster.sources]
    found = reached(rule, ((one.id, one.kind) if one else ("", "") for one in known))
    judged = [one is not None and not one.rests for one in known]
    return np.array(found, np.bool_) & np.array(judged, np.bool_)
