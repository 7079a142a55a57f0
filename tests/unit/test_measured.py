"""What counts as measured."""

from math import inf, isnan, nan

import numpy as np

from models.measured import decoded, measured, nothing, or_none, rows, unusable


def test_a_code_for_nothing_is_as_if_nothing_had_come() -> None:
    values = np.array([[1.0, -999.0], [-99.0, 0.0]])
    assert measured(decoded(values, (-999.0, -99.0))).tolist() == [[True, False], [False, True]]
    assert measured(decoded(values, ())).all()


def test_a_reading_is_unusable_by_one_value_that_cannot_be_but_not_by_one_that_is_missing() -> None:
    values = np.array([[nan, 5.0], [nan, nan], [inf, 5.0], [-1.0, 5.0], [10.0, nan], [11.0, 5.0]])
    bad = [False, True, True, True, False, True]
    assert unusable(values, [(0.0, 10.0), None]).tolist() == bad
    assert unusable(values, [None, None]).tolist() == [False, True, True, False, False, False]


def test_people_and_tables_are_told_of_no_number() -> None:
    assert [or_none(value) for value in (1.5, nan, inf)] == [1.5, None, None]
    assert rows(np.array([[1.5, nan]])) == [[1.5, None]]
    assert all(isnan(value) for value in nothing(3))
