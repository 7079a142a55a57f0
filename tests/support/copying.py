"""``python -m tests.support.copying waits|runs``: a worker that sends on all that it reads.

The broker's limits are as small as they can be. ``runs`` waits for nobody, which the product's
workers do not: for the control.
"""

import sys
from collections.abc import Mapping
from typing import Any

from streams import settings
from streams.control import Control
from streams.events import Readings
from streams.kafka import partition_logs, unread
from streams.kafka.broker import Limits, limits
from streams.pipeline import Step
from streams.runtime.faust import worker
from streams.settings import Settings
from streams.stage import SAME_PARTITION, Output, Position, Result
from streams.topics import READINGS, SCORED

READER = "writer"


def least(settings: Settings) -> Mapping[str, Limits]:
    """As if the broker kept no more than it must of any topic."""
    return {topic: limit._replace(total_bytes=2**20) for topic, limit in limits(settings).items()}


class Copying:
    """See ``streams.stage.Stage``. What it sends is what it read."""

    name = "copying"
    reads = READINGS
    state_type = Control
    blocking = False
    prepare = None
    accounts_to, stores = "", False

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        if not isinstance(event, Readings):
            return Result()
        return Result(outputs=(Output(SCORED, event, partition=SAME_PARTITION),))

    def waiting(self, _: Mapping[str, Any]) -> int:
        return 0


STEPS = (Step("copying", READINGS, (SCORED,), "copying", lambda _: Copying()),)

if __name__ == "__main__":
    partition_logs.limits = least  # type: ignore[assignment]
    unread.EVERY_SECONDS = 0.2
    reads = {READER: (SCORED,)} if sys.argv[1] == "waits" else {}
    worker.run(settings.load(), "copying", "copying-1", STEPS, reads=reads)
