"""The newest value of each source, asked of the database no further back than it can answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from services.api import latest
from services.api.latest import FIRST, LEAST, Latest
from streams.events import HOUR, SECOND, Micros, from_datetime

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


def test_nobody_has_asked_for_a_night_and_the_list_is_there_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latest, "ASKED_SECONDS", 0.0)
    base, found = Base(FIRST), Latest()
    pool: ConnectionPool = base  # type: ignore[assignment]
    for hours in (0, 10):
        base.now = START + hours * HOUR
        assert found.of(pool, ["tide-1"], base.now)["tide-1"]["level"].time == base.now
    assert base.asked == [FIRST, FIRST]


def test_what_is_too_much_at_once_is_less_and_never_an_error_for_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latest, "ASKED_SECONDS", 0.0)
    base, found = Base(LEAST), Latest()
    pool: ConnectionPool = base  # type: ignore[assignment]
    for hours in (0, 1):
        base.now = START + hours * HOUR
        assert found.of(pool, ["tide-1"], base.now)["tide-1"]["level"].time == base.now
    assert base.asked == [FIRST, LEAST, *base.asked[2:3], LEAST]
