"""``python -m tests.support.dying_notifier FILE``: the notifier as ``cityops run`` starts it, that
is killed at each point of a message's way once: FILE lives longer, and has a byte for each death.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from services.notifier.main import run
from services.notifier.sending import Group, Outcome, Sender
from services.notifier.templates import Line
from services.oncall.law import Verdict
from streams.events import Micros
from streams.settings import load

POINTS = ("adopted", "claimed", "sending", "delivered", "settled")
"""In the outbox, and seen; written down to go; on its way; there, and not noted; noted."""
FILE = Path(sys.argv[-1])
_TURN = threading.Lock()


def die(point: str) -> None:
    """SIGKILL, where it is this point's turn. Messages go side by side: no other thread takes the
    next turn before this one has ended all of them."""
    with _TURN:
        died = FILE.stat().st_size if FILE.exists() else 0
        if died < len(POINTS) and POINTS[died] == point:
            with FILE.open("ab") as file:
                file.write(b"x")
            os.kill(os.getpid(), signal.SIGKILL)


class Dying(Sender):
    def _line(self, row, route, book) -> Line:  # type: ignore[no-untyped-def]
        die("adopted")
        return super()._line(row, route, book)

    def _claim(self, group: Group) -> None:
        super()._claim(group)
        die("claimed")

    def _send(self, group: Group, lines: Sequence[Line], now: Micros) -> Verdict:
        die("sending")
        found = super()._send(group, lines, now)
        die("delivered")
        return found

    def _settle(self, group: Group, book, outcome: Outcome) -> None:  # type: ignore[no-untyped-def]
        super()._settle(group, book, outcome)
        die("settled")


if __name__ == "__main__":
    run(load(), Dying)
