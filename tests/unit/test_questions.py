"""What is asked on the command line is answered by a bounded line, or not at all."""

import io
import sys
from pathlib import Path

import click
import pytest
import typer
from typer.testing import Result

from services.commandline import questions
from services.commandline.output import notes
from services.commandline.questions import MOST, TRIES
from tests.support.commandline import cityops

PATIENCE_BYTES = 2**20


class Unbounded(Exception):
    """Somebody goes on reading."""


class Endless(io.RawIOBase):
    """Standard input that never ends; whoever reads on and on is found out."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern, self._given = pattern, 0

    def readable(self) -> bool:
        return True

    def readinto(self, room: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._given > PATIENCE_BYTES:
            raise Unbounded
        times = len(room) // len(self._pattern) + 1
        room[:] = (self._pattern * times)[: len(room)]
        self._given += len(room)
        return len(room)


@pytest.fixture(params=[b"\0", b"y", b"y\0"], ids=["zeros", "yes without lines", "mixed"])
def endless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless(request.param))))


@pytest.mark.usefixtures("endless")
@pytest.mark.parametrize("ask", ["confirmed", "answer", "password"])
def test_a_line_without_an_end_is_one_error(ask: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        getattr(questions, ask)("Really?")
    assert f"more than {MOST} characters" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.usefixtures("endless")
def test_control_what_else_asks_reads_it_without_a_bound() -> None:
    with pytest.raises(Unbounded):
        click.confirm("Really?", err=True)


def test_lines_without_an_end_are_asked_for_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = io.TextIOWrapper(io.BufferedReader(Endless(b"perhaps\n")))
    monkeypatch.setattr(sys, "stdin", lines)
    asked = []
    monkeypatch.setattr(notes, "print", lambda *text, **_: asked.extend(text))
    assert not questions.confirmed("Really?")
    assert len(asked) == TRIES


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kafka").mkdir()
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "nothing was deleted"),
        ("\n", "nothing was deleted"),
        ("no\n", "nothing was deleted"),
        ("perhaps\n" * 9, "nothing was deleted"),
        ("y" * 10_000, "more than"),
        (b"\xff\xfe\n", "no text"),
    ],
)
def test_what_says_no_yes_deletes_nothing(state: Path, typed: str, said: str) -> None:
    result: Result = cityops("reset", typed=typed)
    assert result.exit_code == 1
    assert said in result.stderr.splitlines()[-1]
    assert result.stderr.splitlines()[-1].startswith("error: ")
    assert (state / "kafka").exists()


def test_who_has_no_standard_input_at_all_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert not questions.confirmed("Really?")
    assert questions.answer("Which?", "the best") is None


def test_an_answer_may_be_left_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\nother\r\nY"))
    assert questions.answer("Which?", "the best") == "the best"
    assert questions.answer("Which?", "the best") == "other"
    assert questions.confirmed("Really?"), "the last line may lack its end"


def test_a_line_may_be_as_long_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("p" * MOST + "\r\nnext\n"))
    assert questions.password("password") == "p" * MOST
    assert questions.password("password") == "next"
