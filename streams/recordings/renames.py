"""The one table of words that were others before: what a log of an earlier version is written in.

A kind keeps its former ids (``streams.kinds.kind.Kind.formerly``, the oldest first), and nothing
else of a log was ever renamed.
"""

from streams.kinds.registry import all_kinds


def words(version: int) -> dict[str, str]:
    """Id of a kind now to its id in a log of that version; those that differ."""
    if version > 1:
        return {}
    return {kind.id: kind.formerly[0] for kind in all_kinds().values() if kind.formerly}
