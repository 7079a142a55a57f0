"""Halting a replay: at steps of event time, or when the engineer presses Enter."""

import os
import select
import sys

from services.commandline.output import notes
from services.commandline.questions import entered, typed
from streams.events import SECOND, Micros, to_rfc3339


class Halting:
    """Stands still until Enter, at each step and, on a terminal, wherever Enter was pressed.

    Args:
        after: event time at which the replay begins.
        step: seconds of event time from halt to halt; None: only Enter halts.
    """

    def __init__(self, after: Micros, step: float | None) -> None:
        self._step = round(step * SECOND) if step else None
        self._due = after + self._step if self._step else None
        # Of anything else than a terminal, a line is an answer to a halt and never asks for one.
        self._keys = typed()

    def __call__(self, tick: Micros) -> None:
        """Returns at once or, halted, when a line was read or none can come any more."""
        stepped = self._due is not None and tick >= self._due
        if not stepped and not self._pressed():
            return
        if self._step:
            self._due = tick + self._step
        notes.print(f"{to_rfc3339(tick)}  halted; press Enter to go on", highlight=False)
        entered()

    def _pressed(self) -> bool:
        if not self._keys or not _in_foreground():
            return False
        if not select.select([sys.stdin], [], [], 0)[0]:
            return False
        self._keys = entered() is not None
        return self._keys


def _in_foreground() -> bool:
    """In the background, what is typed belongs to another; reading it would stop this process."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except OSError:  # the terminal controls other processes than this one, as after setsid
        return False
