"""Halting a replay by steps and by Enter on a terminal, and going on at its pace."""

import os
import pty
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from services.commandline.halting import Halting
from streams.events import SECOND
from streams.recordings.pace import Pace

A = 1_700_000_000 * SECOND


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """File descriptor of who sits at the terminal that is standard input."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        # A pseudo-terminal that is not the controlling one has no foreground group to ask for.
        monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
        yield ours
    os.close(ours)


def piped(monkeypatch: pytest.MonkeyPatch, lines: bytes) -> TextIO:
    read, write = os.pipe()
    os.write(write, lines)
    os.close(write)
    stdin = os.fdopen(read, "r")
    monkeypatch.setattr(sys, "stdin", stdin)
    return stdin


def halts(text: str) -> int:
    return text.count("press Enter to go on")


def test_a_step_halts_each_time_its_seconds_have_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with piped(monkeypatch, b"\n\n\n\n"):
        halt = Halting(A, 2.5)
        seen = []
        for second in range(1, 10):
            halt(A + second * SECOND)
            seen.append(halts(capsys.readouterr().err))
    assert seen == [0, 0, 1, 0, 0, 1, 0, 0, 1]


def test_lines_of_a_pipe_halt_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with piped(monkeypatch, b"\n\n\n"):
        halt = Halting(A, None)
        for second in range(1, 10):
            halt(A + second * SECOND)
    assert halts(capsys.readouterr().err) == 0


def test_steps_go_on_by_themselves_once_the_input_has_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with piped(monkeypatch, b""):
        halt = Halting(A, 1)
        for second in range(1, 4):
            halt(A + second * SECOND)
    assert halts(capsys.readouterr().err) == 3


def test_enter_on_a_terminal_halts_until_enter(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    halt = Halting(A, None)
    halt(A + SECOND)
    assert halts(capsys.readouterr().err) == 0
    os.write(terminal, b"\n\n")
    halt(A + 2 * SECOND)
    said = capsys.readouterr().err
    assert halts(said) == 1
    assert "22:13:22" in said
    halt(A + 3 * SECOND)
    assert halts(capsys.readouterr().err) == 0


def test_what_is_typed_while_in_the_background_is_left_alone(
    terminal: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + 1)
    os.write(terminal, b"\n")
    Halting(A, None)(A + SECOND)
    assert halts(capsys.readouterr().err) == 0


def test_a_terminal_that_does_not_control_the_process_halts_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = pty.openpty()  # nobody's controlling terminal: asking for its group fails
    with os.fdopen(theirs, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(ours, b"\n")
        Halting(A, None)(A + SECOND)
    os.close(ours)
    assert halts(capsys.readouterr().err) == 0


class Clock:
    """Seconds that pass only where they are waited for or spent."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


def paced(clock: Clock, speed: float) -> Pace:
    return Pace(A, speed, now=clock.read, sleep=clock.spend)


def test_ticks_are_due_at_the_speed_asked_for() -> None:
    clock = Clock()
    pace = paced(clock, 20)
    times = []
    for second in (0, 20, 40, 60):
        pace.wait(A + second * SECOND)
        times.append(clock.now)
    assert times == pytest.approx([100, 101, 102, 103])


def test_a_little_delay_is_made_up_for() -> None:
    clock = Clock()
    pace = paced(clock, 1)
    pace.wait(A)
    clock.spend(2.5)
    pace.wait(A + 1 * SECOND)
    pace.wait(A + 3 * SECOND)
    assert clock.now == pytest.approx(103)


def test_after_a_halt_it_goes_on_at_its_pace() -> None:
    clock = Clock()
    pace = paced(clock, 1)
    pace.wait(A)
    clock.spend(600)
    times = []
    for second in (1, 2, 3):
        pace.wait(A + second * SECOND)
        times.append(clock.now - 700)
    assert times == pytest.approx([0, 1, 2])
