"""What servers ask for who want to be left alone, and what strangers write there instead."""

from datetime import UTC, datetime

import pytest

from services.web.waiting import MOST_SECONDS, asked

NOW = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("Mon, 30 Nov 2026 12:02:00 GMT", 120),
        ("Monday, 30-Nov-26 12:02:00 GMT", 120),
        ("Mon Nov 30 12:02:00 2026", 120),
        ("Mon, 30 Nov 2026 19:02:00 +0700", 120),
        ("Mon, 30 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MOST_SECONDS),
        ("Fri, 31 Dec 9999 23:59:59 -2359", MOST_SECONDS),
        ("9" * 40, MOST_SECONDS),
    ],
)
def test_seconds_and_dates_are_read(said: str, seconds: float) -> None:
    assert asked(said, NOW) == seconds


@pytest.mark.parametrize(
    "said",
    [
        None, "", "-1", "+1", "1.5", "1e9", "inf", "nan", "0x10", "1 2", "120, 60", "12_0",
        "\u00b2", "\u0663", "soon", "Mon, 30 Nov 99999 12:02:00 GMT",
        "Mon, 99 Nov 2026 12:02:00 GMT",
        "Mon, 30 Nov 2026 99:02:00 GMT", "Mon, 30 Nov 2026 12:02:00 +9999999", ",,,,", "Mon,",
        "9" * 41, "1" * 60_000,
    ],
)  # fmt: skip
def test_what_is_neither_asks_for_nothing(said: str | None) -> None:
    assert asked(said, NOW) == 0
