"""What counts as measured."""

from math import inf, isnan, nan

import numpy as np

from models.measured import coded, impossible, nothing, or_none, rows


def test_a_code_for_nothing_is_known() -> None:
    values = np.array([[1.0, -999.0], [-99.0, 0.0]])
    assert coded(values, (-999.0, -99.0)).tolist() == [[False, True], [True, False]]
    assert not coded(values, ()).any()


def test_a_value_that_cannot_be_says_nothing_of_its_neighbours() -> None:
    values = np.array([[nan, 5.0], [nan, -inf], [inf, 5.0], [-1.0, 5.0], [10.0, nan], [11.0, 5.0]])
    bad = impossible(values, [(0.0, 10.0), None]).tolist()
    assert [row[0] for row in bad] == [False, False, True, True, False, True]
    assert [row[1] for row in bad] == [False, True, False, False, False, False]
    free = impossible(values, [None, None])
    assert free.sum(axis=1).tolist() == [0, 1, 1, 0, 0, 0]


def test_people_and_tables_are_told_of_no_number() -> None:
    assert [or_none(value) for value in (1.5, nan, inf)] == [1.5, None, None]
    assert rows(np.array([[1.5, nan]])) == [[1.5, None]]
    assert all(isnan(value) for value in nothing(3))
