"""Sign-in is slowed down fairly, and the command line understands what it is told."""

from datetime import UTC, datetime

import pytest
import typer

from services.alerts.kinds import plain
from services.api import signin
from services.api.client import Event, parse
from services.api.signin import LONGEST_WAIT_SECONDS
from services.commandline.since import age, parse_since

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINE = (True, True, False)


def wait_seconds(failures: list[tuple[bool, bool, bool, float]], *, known: bool = False) -> float:
    return signin.wait_seconds(failures, known=known)


def test_five_tries_are_free_then_each_wait_doubles() -> None:
    assert wait_seconds([(*MINE, 0.0)] * 4) == 0
    assert wait_seconds([(*MINE, 0.0)] * 5) == 1
    assert wait_seconds([(*MINE, 0.0)] * 8) == 8
    assert wait_seconds([(*MINE, 0.0)] * 40) == LONGEST_WAIT_SECONDS


def test_waiting_is_measured_from_the_last_failure() -> None:
    assert wait_seconds([(*MINE, 100.0)] * 6 + [(*MINE, 1.0)]) == 3


def test_guesses_from_elsewhere_do_not_lock_a_user_out() -> None:
    elsewhere = [(True, False, False, 0.0)] * 40
    assert wait_seconds(elsewhere) == 0
    assert wait_seconds(elsewhere + elsewhere) > 0


def test_one_address_that_tries_many_names_is_slowed_down() -> None:
    assert wait_seconds([(False, True, False, 0.0)] * 19) == 0
    assert wait_seconds([(False, True, False, 0.0)] * 25) > 0


def test_nobody_elsewhere_keeps_a_browser_waiting_in_which_somebody_has_signed_in() -> None:
    others = [(*MINE, 0.0)] * 500 + [(True, False, False, 0.0)] * 500
    assert wait_seconds(others) > 0, "control: another browser waits"
    assert wait_seconds(others, known=True) == 0
    assert wait_seconds([*others, *[(True, True, True, 0.0)] * 6], known=True) == 2


def test_server_sent_events_are_read_whole() -> None:
    text = "retry: 1000\nid: 7\nevent: alert\ndata: {\ndata: }\n\n: alive\n\ndata: x\n\n"
    lines = text.splitlines()
    assert list(parse(iter(lines))) == [Event("7", "alert", "{\n}"), Event("", "message", "x")]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", ""),
        ("90m", "2026-11-22T10:30:00Z"),
        ("2d", "2026-11-20T12:00:00Z"),
        ("2026-11-22T18:00:00+07:00", "2026-11-22T11:00:00Z"),
    ],
)
def test_since_is_a_time_or_how_long_ago(text: str, meant: str) -> None:
    assert parse_since(text, NOW) == meant


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T18:00:00", "5 m", "999999d9"])
def test_a_since_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(typer.Exit):
        parse_since(text, NOW)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-22T11:59:50Z", "10s"),
        ("2026-11-22T11:45:00Z", "15m"),
        ("2026-11-20T12:00:00Z", "2d"),
    ],
)
def test_an_age_is_short(moment: str, shown: str) -> None:
    assert age(moment, NOW) == shown


def test_a_search_needs_no_diacritics() -> None:
    assert plain("Xe dừng — ĐƯỜNG Cầu Rào") == "xe dung — duong cau rao"
