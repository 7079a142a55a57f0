"""From when on hours are counted that somebody asks for by their end."""

from datetime import UTC, datetime

import pytest

from services.api.times import first_of_hours

FIRST = datetime.min.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("end", "hours", "begin"),
    [
        ("2026-11-30T10:30:00Z", 1, "2026-11-30T10:00:00Z"),
        ("2026-11-30T10:30:00Z", 24, "2026-11-29T11:00:00Z"),
        ("2026-11-30T10:00:00Z", 1, "2026-11-30T09:00:00Z"),
        ("2026-11-30T00:00:00Z", 24, "2026-11-29T00:00:00Z"),
        ("2026-11-30T00:00:00.000001Z", 24, "2026-11-29T01:00:00Z"),
    ],
)
def test_an_end_on_the_hour_has_the_hour_before_it(end: str, hours: int, begin: str) -> None:
    assert first_of_hours(datetime.fromisoformat(end), hours) == datetime.fromisoformat(begin)


@pytest.mark.parametrize("hours", [1, 744])
def test_before_the_first_moment_there_is_nothing(hours: int) -> None:
    assert first_of_hours(FIRST, hours) == FIRST
