"""By which tables incidents of a recording are joined and combined: what of them could hold there.

An installation may have its own, so that a replay with others would give another result.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

import msgspec

from streams.kinds import combination, combinations, joins
from streams.kinds.kind import Watches
from streams.kinds.registry import find


def digest(kinds: Iterable[str]) -> str:
    """sha256, in hex, of what joins or combines incidents of these kinds, and of those that no rule
    asks for: the same for tables that differ in other kinds, or in names for people.

    Args:
        kinds: each by any name that it has or had, which is what stands for it in the digest.
    """
    called = {find(name).id: name for name in kinds}
    joined = [
        [name, event.reach_m, signs]
        for name, event in joins.events().items()
        if (signs := _there(event.signs, called))
    ]
    combined = [
        [name, one.severity, one.within_minutes, one.within_m, signs]
        for name, one in combinations.combinations().items()
        if len(signs := _there(one.of, called)) == len(one.of)
    ]
    return sha256(msgspec.json.encode([joined, combined])).hexdigest()


def _there(
    signs: Sequence[joins.Sign] | Sequence[combination.Sign], called: Mapping[str, str]
) -> list[joins.Sign | combination.Sign]:
    """Those of kinds that are there, under the names by which these are called."""
    kinds = [(sign, find(sign.kind)) for sign in signs]
    return [
        msgspec.structs.replace(sign, kind=called.get(kind.id, kind.id))
        for sign, kind in kinds
        if kind.id in called or kind.watches is Watches.SYSTEM
    ]
