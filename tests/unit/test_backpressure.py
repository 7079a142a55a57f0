"""At how many bytes a worker waits for those who read what it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import DAY
from streams.kafka.outage import FULL, everywhere
from streams.kafka.partition_logs import Log
from streams.kafka.unread import unread
from streams.runtime.backpressure import until

KEPT = 1000
PLACE = "scored", 3


def logs(end: int) -> dict[tuple[str, int], Log]:
    """Of messages of one byte."""
    return {PLACE: Log(0, end, end, None, KEPT, DAY)}


def waits_at(end: int, read: dict[str, int | None], sent: int, full: frozenset[str]) -> int:
    known = {(reader, PLACE): at for reader, at in read.items() if at is not None}
    found = list(everywhere(logs(end), known, dict.fromkeys(read, ("scored",))))
    now = unread(frozenset((reader, PLACE) for reader in full), found)
    return until(found, now, logs(end), {PLACE: sent})[PLACE]


@given(st.integers(0, KEPT), st.integers(0, KEPT), st.integers(0, KEPT), st.integers(0, 10**9))
def test_no_more_is_sent_than_the_slowest_reader_leaves_room_for(
    end: int, one: int, other: int, sent: int
) -> None:
    read = {"one": min(one, end), "other": min(other, end)}
    may = waits_at(end, read, sent, frozenset()) - sent
    assert may >= 0
    assert end + may - min(read.values()) <= max(end - min(read.values()), FULL * KEPT)


def test_a_reader_of_which_nothing_is_known_may_have_read_nothing() -> None:
    assert waits_at(950, {"one": 950, "other": None}, 7, frozenset()) == 7
    assert waits_at(950, {"one": 950}, 7, frozenset()) == pytest.approx(907, abs=1)


def test_once_it_waits_much_has_to_be_read_first() -> None:
    assert waits_at(950, {"one": 150}, 0, frozenset({"one"})) == 0
    assert waits_at(950, {"one": 150}, 0, frozenset()) == pytest.approx(100, abs=1)
    assert waits_at(950, {"one": 201}, 0, frozenset({"one"})) == pytest.approx(151, abs=1)
