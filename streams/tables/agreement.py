"""Whether as much is stored of a stage as it says it has sent on. Pure.

A stage's accounts follow, in the same partition, everything that they are of. So when they come,
whoever stores it has taken just that, whatever was sent again or read again meanwhile.
"""

from typing import Any, NamedTuple

import msgspec

from streams.events import Accounts, Micros


class Agreement(msgspec.Struct, frozen=True):
    """With one stage, in one partition."""

    rows: int = 0
    """What its events have left in tables since its accounts came last."""
    sent: int | None = None
    """What it had sent on in all, as they said; None: none came yet."""
    astray: int = 0
    """By how much they did not add up in themselves."""
    time: Micros = 0

    def took(self, rows: int) -> "Agreement":
        return msgspec.structs.replace(self, rows=self.rows + rows)


class Difference(NamedTuple):
    """What does not add up."""

    number: int
    """Values that are missing; negative: that are too many."""
    where: str
    """``stored`` or, in the stage itself, ``received``."""
    since: Micros
    """When it still agreed."""


def compared(before: Agreement, event: Accounts) -> tuple[Agreement, Difference | None]:
    """A difference is told once: what follows is compared with what follows.

    The first accounts that come say nothing of what went before, nor do those of a stage that has
    begun to count anew.
    """
    astray = event.received - event.known - event.waiting
    after = Agreement(0, event.sent, astray, event.time)
    if before.sent is None or event.sent < before.sent:
        return after, None
    if missing := event.sent - before.sent - before.rows:
        # What is astray in the stage is told the next time.
        after = msgspec.structs.replace(after, astray=before.astray)
        return after, Difference(missing, "stored", before.time)
    if missing := astray - before.astray:
        return after, Difference(missing, "received", before.time)
    return after, None


def restored(kept: Any) -> dict[str, Agreement]:
    """As the database keeps them, by stage."""
    return msgspec.convert(kept, dict[str, Agreement])
