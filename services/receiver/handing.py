"""Handing to Kafka what nobody would send again: waited with while the broker is away, and kept as
a dead letter where it will never be taken, as one message must not hold up all that come after it.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Literal

from services.receiver.outlet import KafkaAwayError, Outlet, RefusedError, UnreadError
from streams.events import DeadLetter, Readings

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0
"""Between two tries."""
MOST_REFUSALS = 3
"""What goes with others may be refused for their sake."""

UNPUBLISHABLE = "unpublishable"
"""Reason of the dead letter."""

log = logging.getLogger(__name__)


async def hand_over(
    outlet: Outlet,
    published: Sequence[Readings],
    letter: DeadLetter | None,
    spoilt: Callable[[str], DeadLetter | None],
    *,
    patient: bool = True,
) -> Literal["taken", "spoilt", "away"]:
    """What became of it; ``away``: only where it does not wait.

    Args:
        letter: of what cannot be published.
        spoilt: that of all of it, by why Kafka does not take it; None: it is not kept.
        patient: waits for Kafka as long as that takes.
    """
    wait, refusals = FIRST_SECONDS, 0
    found: Literal["taken", "spoilt"] = "taken"
    while True:
        try:
            if published:
                await outlet.deliver(published)
                published = ()
            if letter is not None:
                await outlet.keep(letter, letter.sources[0] if letter.sources else "")
            return found
        except (KafkaAwayError, UnreadError):
            if not patient:
                return "away"
        except RefusedError as error:
            refusals += 1
            if refusals == MOST_REFUSALS:
                log.error("Kafka will never take it: %s", error)
                if not published:  # nor its letter
                    return "spoilt"
                published, letter, refusals = (), spoilt(str(error)), 0
                found = "spoilt"
                continue
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_SECONDS)
