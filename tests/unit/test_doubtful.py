"""What rows come to that may be stored already: new, repeated, or a correction."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.tables.doubtful import Doubtful, Identity, Key, Settled, settle

NOW = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
READING, REFUSED = Identity(key=3, told=3), Identity(key=5)


def doubtful(minute: int, value: float, *, reason: str = "") -> Doubtful:
    row = (NOW + timedelta(minutes=minute), "loop-1", "flow", value, reason, True)
    return Doubtful(row, NOW, "live", "gw-1", True)


def key(minute: int) -> Key:
    return (NOW + timedelta(minutes=minute), "loop-1", "flow")


def test_a_row_that_is_nowhere_is_new() -> None:
    found = settle([doubtful(0, 5.0)], READING, {key(1): 5.0})
    assert found.outcomes == ["new"]
    assert found.new == {key(0): doubtful(0, 5.0).row}
    assert not found.changed
    assert not found.corrections


def test_the_same_value_again_is_a_repetition() -> None:
    found = settle([doubtful(0, 5.0), doubtful(0, 5.0)], READING, {key(0): 5.0})
    assert found == Settled(outcomes=["repeated", "repeated"])


def test_another_value_is_a_correction_of_what_came_before() -> None:
    rows = [doubtful(0, 6.0), doubtful(0, 6.0), doubtful(0, 7.0)]
    found = settle(rows, READING, {key(0): 5.0})
    assert found.outcomes == ["corrected", "repeated", "corrected"]
    assert [(each.before, each.now.row[3]) for each in found.corrections] == [
        (5.0, 6.0),
        (6.0, 7.0),
    ]
    assert found.changed == {key(0): rows[2].row}
    assert not found.new


def test_what_is_new_is_stored_as_it_was_corrected_last() -> None:
    rows = [doubtful(0, 6.0), doubtful(0, 7.0)]
    found = settle(rows, READING, {})
    assert found.outcomes == ["new", "corrected"]
    assert found.new == {key(0): rows[1].row}
    assert not found.changed


def test_a_refused_value_is_another_one_where_it_or_the_reason_differs() -> None:
    rows = [
        doubtful(0, 5.0, reason=reason)
        for reason in ("infinite", "out_of_range", "out_of_range", "infinite")
    ]
    found = settle([*rows, doubtful(0, 6.0, reason="infinite")], REFUSED, {rows[0].row[:5]: None})
    assert found.outcomes == ["repeated", "new", "repeated", "repeated", "new"]
    assert not found.corrections


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from((1.0, 2.0, 3.0))), max_size=30),
    st.lists(st.integers(0, 30), max_size=5),
    st.dictionaries(st.integers(0, 3), st.sampled_from((1.0, 2.0, 3.0))),
)
def test_how_rows_are_cut_into_batches_does_not_matter(
    sent: list[tuple[int, float]], cuts: list[int], before: dict[int, float]
) -> None:
    rows = [doubtful(minute, value) for minute, value in sent]
    stored: dict[Key, Any] = {key(minute): value for minute, value in before.items()}
    whole = settle(rows, READING, stored)
    edges, outcomes, corrections = (
        sorted({0, len(rows), *(min(c, len(rows)) for c in cuts)}),
        [],
        [],
    )
    for begin, end in itertools.pairwise(edges):
        part = settle(rows[begin:end], READING, stored)
        stored |= {at: row[3] for at, row in (part.new | part.changed).items()}
        outcomes += part.outcomes
        corrections += part.corrections
    assert (outcomes, corrections) == (whole.outcomes, whole.corrections)
    newest = {key(minute): value for minute, value in before.items()}
    newest |= {key(minute): value for minute, value in sent}
    assert stored == newest
