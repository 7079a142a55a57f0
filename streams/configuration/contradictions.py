"""Rules whose parameters contradict each other, as an earlier release has accepted them.

None is accepted now (``check_parameters``). They are judged all the same, since nobody would know
of what a rule that is passed over no longer finds, and safely: what proves an incident does not end
it (``streams/rules/watching.py``). The readers of the configuration say so.
"""

from collections.abc import Iterable

from streams.events import Rule
from streams.kinds.registry import UnknownKindError, find


def contradictory_rules(rules: Iterable[Rule]) -> list[tuple[Rule, str]]:
    """Each with the reason, in order of ids; none of a kind that is not here is among them."""
    found = ((rule, _reason(rule)) for rule in sorted(rules, key=lambda rule: rule.id))
    return [(rule, reason) for rule, reason in found if reason]


def of_contradiction(id: str, reason: str) -> str:
    """A line for logs and terminals."""
    return f"rule {id}: {reason}: set it again; meanwhile what proves it does not end it"


def _reason(rule: Rule) -> str | None:
    try:
        kind = find(rule.kind)
    except UnknownKindError:
        return None
    return kind.contradicts(kind.values(rule))
