"""An evening that is ended early lets its sources rest, however it is ended."""

import os
import signal
import threading

import pytest

from services.commandline.evenings import ENDING, interrupted


@pytest.mark.parametrize("number", ENDING)
def test_what_ends_a_command_ends_its_evening_first(number: signal.Signals) -> None:
    before, stopping = signal.getsignal(number), threading.Event()
    with interrupted(stopping):
        os.kill(os.getpid(), number)
        assert stopping.wait(5)
        assert signal.getsignal(number) is before, "a second one is as always"
    assert signal.getsignal(number) is before


def test_what_runs_on_without_a_terminal_does() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping = threading.Event()
    try:
        with interrupted(stopping):
            os.kill(os.getpid(), signal.SIGHUP)
        assert not stopping.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)
