"""Dead letters of what came from outside where nobody is there to be told, within quotas."""

from collections import Counter
from collections.abc import Sequence

from services.receiver.rows import Refused
from streams.configuration.configured import Configured
from streams.events import DeadLetter, Micros
from streams.quotas import NOT_KEPT, UNKNOWN, Quotas, keep

KEPT_DETAIL = 500
"""Characters."""


class Letters:
    """Of one part; counts in ``counts`` what is not kept.

    Args:
        part: it stands in the place of a topic of Kafka's, too.
    """

    def __init__(self, part: str, counts: Counter[str]) -> None:
        self._part, self._counts = part, counts
        self._quotas: Quotas = {}

    def of(
        self,
        refused: Sequence[Refused],
        known: Configured,
        now: Micros,
        whence: tuple[str, str],
        value: bytes,
    ) -> DeadLetter | None:
        """One for all that is refused of a message, as its first says; None: nothing is kept.

        Args:
            refused: index -1: the whole.
            whence: a header that says where it came from.
        """
        if not refused:
            return None
        first, *others = sorted(refused)
        where = f"row {first.at}: " if first.at >= 0 else ""
        more = f" (and {len(others)} more)" if others else ""
        detail = f"{where}{first.detail}"[: KEPT_DETAIL - len(more)] + more
        whose = first.source if first.source in known.sources else UNKNOWN
        letter = DeadLetter(
            first.reason,
            detail,
            self._part,
            0,
            -1,
            now,
            ((whence[0], whence[1].encode()),),
            value,
            sources=(whose,) if whose else (),
            account=self._part,
        )
        self._counts["dead_lettered"] += 1
        self._quotas, kept = keep(self._quotas, whose, letter, now)
        if kept is None:
            self._counts[f"{NOT_KEPT}{first.reason}"] += 1
        return kept
