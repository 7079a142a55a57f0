"""What is logged is one line for each record, whatever it quotes."""

import io
import logging
import sys

import pytest

from streams.logs import FORM, OneLine

HOSTILE = "cam\n2026-11-29 WARNING nobody: all is well\x1b[2J\u202e\u2028\x9b\x00"


def logged(formatter: logging.Formatter, message: str) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    try:
        raise ValueError(message)
    except ValueError:
        exc_info = sys.exc_info()
    record = logging.LogRecord("gateway", logging.WARNING, "", 1, "lost %s", (message,), exc_info)
    handler.emit(record)
    return out.getvalue()


def test_a_record_is_one_line_and_its_traceback_obeyed_by_nobody() -> None:
    first, second, *_ = (said := logged(OneLine(FORM), HOSTILE)).split("\n")
    assert "lost cam␊2026-11-29 WARNING nobody: all is well␛[2J\\u202e\\u2028\\x9b␀" in first
    assert second == "Traceback (most recent call last):"
    assert said.replace("\n", "").isprintable()


def test_control_without_it_a_name_makes_a_record_of_its_own() -> None:
    said = logged(logging.Formatter(FORM), HOSTILE)
    assert "\n2026-11-29 WARNING nobody: all is well" in said
    assert not said.replace("\n", "").isprintable()


def test_the_parts_log_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from streams import logs

    root = logging.RootLogger(logging.WARNING)
    monkeypatch.setattr(logging, "root", root)
    logs.configure()
    (handler,) = root.handlers
    assert isinstance(handler.formatter, OneLine)
