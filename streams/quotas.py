"""How many dead letters are kept of whom: of each source so many, and the rest is counted.

A camera that sends garbage would fill the topic within a minute, and push out what is known of all
others. So each source has a quota that fills up by event time. Nothing here is lost without a word:
what is not kept is counted by its reason, and the next letter of the source says how many.
"""

import msgspec

from streams.events import MINUTE, DeadLetter, Micros
from streams.events.dead_letter import KEPT_HEADER_BYTES, KEPT_VALUE_BYTES, shortened

LETTERS = 30
"""Of a source at once; after that one a minute."""
BYTES = 2**20
"""As above: before that is spent any letter is kept whole, after it the first of a reason only …"""
BYTES_A_MINUTE = 2**14
FIRST_BYTES = 2**16
"""… and of that so much: 23 MiB a day of a source that sends nothing but garbage."""
MOST_REASONS = 32
NOT_KEPT = "not kept "
"""Counts of this name and a reason: letters beyond the quotas. ``dead_lettered`` counts all."""
UNKNOWN = ""
"""Of no source that is known: all such letters share one quota, as names can be made up."""


class Spent(msgspec.Struct, frozen=True, array_like=True):
    """What has been kept lately of one source."""

    letters: Micros
    """When its quota of letters will be whole again."""
    bytes: Micros
    """When that of bytes will be."""
    reasons: tuple[str, ...] = ()
    """Of the letters since both were whole."""
    left_out: dict[str, int] = {}
    """By reason: letters that were not kept since the last that was."""

    def owes(self, now: Micros) -> bool:
        return max(self.letters, self.bytes) > now


Quotas = dict[str, Spent]
"""By whose they are: no more than sources and gateways are known. Who owes nothing is left out."""


def keep(
    quotas: Quotas, whose: str, letter: DeadLetter, now: Micros
) -> tuple[Quotas, DeadLetter | None]:
    """(what is spent then; the letter as it is kept, None: it is not).

    Args:
        whose: a known source, a gateway of one, or UNKNOWN.
        now: event time, the partition's last tick; 0 before the first: then nothing fills up.
    """
    left = {name: one for name, one in quotas.items() if one.owes(now) or one.left_out}
    before = left.get(whose, Spent(now, now))
    if not before.owes(now):
        before = Spent(now, now, (), before.left_out)
    # The least is for event time that is set back: what was spent then is not owed for ever.
    letters = min(max(before.letters, now), now + _MOST_LETTERS)
    size = min(max(before.bytes, now), now + _MOST_BYTES)
    first = letter.reason not in before.reasons and len(before.reasons) < MOST_REASONS
    within = letters < now + LETTERS * MINUTE and size < now + _cost(BYTES)
    if not within:
        if not first:
            number = before.left_out.get(letter.reason, 0) + 1
            counted = {**before.left_out, letter.reason: number}
            left[whose] = Spent(letters, size, before.reasons, counted)
            return left, None
        letter = shortened(letter, FIRST_BYTES)
    reasons = (*before.reasons, letter.reason) if first else before.reasons
    size += _cost(len(letter.value) + sum(len(n) + len(data) for n, data in letter.headers))
    left[whose] = Spent(letters + MINUTE, size, reasons)
    return left, msgspec.structs.replace(letter, left_out=before.left_out)


def _cost(size: int) -> Micros:
    """For how long a quota of bytes fills up, to hold so many."""
    return size * MINUTE // BYTES_A_MINUTE


_MOST_LETTERS = (LETTERS + MOST_REASONS) * MINUTE
_MOST_BYTES = _cost(BYTES + KEPT_VALUE_BYTES + KEPT_HEADER_BYTES + MOST_REASONS * FIRST_BYTES)
"""More is never owed."""
