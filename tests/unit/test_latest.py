"""The newest value of each source, asked of the database no further back than it can answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from services.api import latest
from services.api.latest import FIRST, LEAST, OFTEN, SELDOM, Latest
from streams.events import HOUR, MINUTE, SECOND, Micros, from_datetime
from streams.feeds.registry import all_feeds

START: Micros = 1_795_000_000 * SECOND


class Base:
    """A pool, its connection and its answer: one value, and none for what goes too far back."""

    def __init__(self, most: Micros) -> None:
        self.most, self.now, self.asked = most, START, list[Micros]()

    def connection(self) -> "Base":
        return self

    def __enter__(self) -> "Base":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, _query: str, wanted: dict[str, datetime]) -> "Base":
        back = self.now - from_datetime(wanted["since"])
        self.asked.append(back)
        if back > self.most:
            raise psycopg.errors.QueryCanceled
        return self

    def fetchall(self) -> Sequence[Any]:
        return [("tide-1", "level", [self.now / SECOND, 1.5])]


@pytest.mark.parametrize(
    ("most", "hours", "asked"),
    [
        pytest.param(FIRST, 10, [FIRST, FIRST], id="nobody has asked for a night"),
        pytest.param(
            LEAST,
            1,
            [FIRST, LEAST, FIRST, LEAST],
            id="what is too much at once is less",
        ),
    ],
)
def test_the_list_is_there_again_and_no_error_is_for_good(
    monkeypatch: pytest.MonkeyPatch, most: Micros, hours: int, asked: list[Micros]
) -> None:
    monkeypatch.setattr(latest, "ASKED_SECONDS", 0.0)
    base, found = Base(most), Latest()
    pool: ConnectionPool = base  # type: ignore[assignment]
    for after in (0, hours):
        base.now = START + after * HOUR
        assert found.of(pool, ["tide-1"], base.now)["tide-1"]["level"].time == base.now
    assert base.asked == asked


def test_one_feed_that_delivers_hours_late_does_not_have_hours_read_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slowest = max(all_feeds().values(), key=lambda feed: feed.lateness)
    assert slowest.lateness > FIRST, "the control: such a feed is there"
    monkeypatch.setattr(latest, "ASKED_SECONDS", 0.0)
    base, found = Base(FIRST), Latest()
    pool: ConnectionPool = base  # type: ignore[assignment]
    for _ in range(2 * SELDOM // (5 * SECOND)):
        base.now += 5 * SECOND
        found.of(pool, ["tide-1"], base.now)
    often = OFTEN + 5 * SECOND
    assert set(base.asked) == {FIRST, often}
    assert base.asked.count(FIRST) == 2, "but now and then, as what comes late is news, too"


@pytest.mark.parametrize("minutes", [5, 15, 60])
def test_where_event_time_goes_back_what_is_new_is_read(
    monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    monkeypatch.setattr(latest, "ASKED_SECONDS", 0.0)
    base, found = Base(FIRST), Latest()
    pool: ConnectionPool = base  # type: ignore[assignment]
    for step in (0, 9 * MINUTE, -minutes * MINUTE, 5 * SECOND):
        base.now += step
        found.of(pool, ["tide-1"], base.now)
    assert min(base.asked) >= OFTEN, "so far before the present one, each time"
