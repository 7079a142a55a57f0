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
