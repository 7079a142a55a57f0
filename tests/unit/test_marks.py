"""Marks: whatever is repeated is dropped, whatever is new is taken, across storing and loading."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Mark
from streams.runtime.marks import Marks


def mark(offset: int, index: int = 0, *, stage: str = "score", partition: int = 0) -> Mark:
    return Mark(stage, "readings", partition, offset, index)


def test_takes_each_mark_once_and_in_order() -> None:
    marks = Marks()
    assert marks.take(mark(3))
    assert not marks.take(mark(3))
    assert marks.take(mark(3, 1))
    assert not marks.take(mark(2, 9))
    assert marks.take(mark(7))


def test_each_upstream_has_a_height_of_its_own() -> None:
    marks = Marks()
    assert marks.take(mark(5))
    assert marks.take(mark(5, partition=1))
    assert marks.take(mark(5, stage="interpret"))
    assert not marks.take(mark(4, partition=1))


def test_a_copy_does_not_move_with_the_original() -> None:
    marks = Marks()
    marks.take(mark(1))
    snapshot = marks.copy()
    marks.take(mark(2))
    assert snapshot != marks
    assert snapshot.take(mark(2))


def test_refuses_what_is_no_marks() -> None:
    with pytest.raises(msgspec.ValidationError):
        Marks.from_json([["score", "readings", "one", 2, 3]])


positions = st.tuples(
    st.sampled_from(["detect", "score"]), st.integers(0, 2), st.integers(0, 20), st.integers(0, 3)
)


@given(
    log=st.lists(positions, unique=True, max_size=40),
    crashes=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5),
)
def test_repetition_after_crashes_changes_nothing(
    log: list[tuple[str, int, int, int]], crashes: list[tuple[int, int]]
) -> None:
    """A producer that falls back to an earlier place sends on from there, in order, no gaps."""
    ordered = sorted(log, key=lambda entry: entry[2:])
    sent, here = [], 0
    for ahead, back in [*crashes, (len(ordered), 0)]:
        sent += ordered[here : here + ahead]
        here = max(0, min(here + ahead, len(ordered)) - back)
    sent += ordered[here:]
    marks, taken = Marks(), []
    for stage, partition, offset, index in sent:
        if marks.take(Mark(stage, "topic", partition, offset, index)):
            taken.append((stage, partition, offset, index))
        marks = Marks.decode(marks.encode())
    assert taken == ordered
