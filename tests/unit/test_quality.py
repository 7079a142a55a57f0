"""AP50, MOTA, IDF1 and HOTA: by hand, and as the measures' own authors compute them."""

import numpy as np
import pytest

from services.commandline.quality import Quality, Seen, average_precision, measure, overlaps
from services.commandline.truth import IGNORED, OTHER, Thing

Row = tuple[int, float]
"""(id, x) of a box of 10 × 10 pixels."""


def box(x: float) -> tuple[float, float, float, float]:
    return (x, 0.0, x + 10, 10.0)


def things(*rows: Row, group: str = "person") -> list[Thing]:
    return [Thing(track, box(x), group) for track, x in rows]


def seen(*rows: Row, scores: tuple[int, ...] | None = None) -> Seen:
    return Seen(
        np.array([box(x) for _, x in rows], np.float64).reshape(-1, 4),
        np.array(scores or [900] * len(rows), np.int64),
        np.array([track for track, _ in rows], np.int64),
    )


def judged(truth: list[list[Thing]], found: list[Seen]) -> Quality:
    return measure("person", truth, found, found)


def test_whoever_finds_all_and_nothing_else_has_one_of_everything() -> None:
    frames = [((1, 0.0), (2, 40.0)), ((1, 3.0), (2, 43.0)), ((1, 6.0), (2, 46.0))]
    found = judged([things(*rows) for rows in frames], [seen(*rows) for rows in frames])
    assert (found.ap50, found.mota, found.idf1, found.hota) == (1, 1, 1, 1)
    assert (found.true, found.objects, found.found, found.tracks) == (6, 2, 6, 2)


def test_whoever_finds_nothing_has_nothing() -> None:
    found = judged([things((1, 0.0))], [seen()])
    assert (found.ap50, found.mota, found.idf1, found.hota) == (0, 0, 0, 0)
    assert (found.missed, found.false) == (1, 0)


def test_by_hand() -> None:
    """Ten true boxes of two: one missed, one false, and the second changes its id once."""
    truth = [things((1, 0.0), (2, 40.0)) for _ in range(5)]
    found = [
        seen((7, 0.0), (8, 40.0)),
        seen((7, 0.0), (8, 40.0)),
        seen((7, 0.0), (8, 40.0), (9, 80.0)),
        seen((7, 0.0)),
        seen((7, 0.0), (9, 40.0)),
    ]
    said = judged(truth, found)
    assert (said.missed, said.false, said.switches) == (1, 1, 1)
    assert said.mota == pytest.approx(1 - 3 / 10)
    # 7 is the first (5 boxes), 8 the second (3): of 10 true and 10 found boxes.
    assert said.idf1 == pytest.approx(2 * 8 / (10 + 10))
    # Nine of eleven boxes agree. Over those, how well ids do: 7 always (5 of 5), 8 in 3 of 5, 9 in
    # 1 of 6 (two of its boxes, five of the second's, of which one is the same).
    assert said.deta == pytest.approx(9 / 11)
    assert said.assa == pytest.approx((5 * 1 + 3 * 3 / 5 + 1 * 1 / 6) / 9)
    assert said.hota == pytest.approx((9 / 11 * (5 + 9 / 5 + 1 / 6) / 9) ** 0.5)


def test_half_of_it_is_enough_and_less_is_not() -> None:
    near, far = [things((1, 0.0))], [things((1, 0.0))]
    assert judged(near, [seen((1, 3.3))]).mota == 1  # 6.7 of 13.3
    assert judged(far, [seen((1, 3.4))]).mota == -1  # 6.6 of 13.4


def test_what_is_ignored_is_neither_found_nor_false() -> None:
    truth = [things((1, 0.0)) + things((2, 40.0), group=IGNORED)]
    with_both = judged(truth, [seen((1, 0.0), (2, 40.0))])
    without = judged(truth, [seen((1, 0.0))])
    assert (with_both.mota, with_both.ap50, with_both.true) == (1, 1, 1)
    assert (without.mota, without.ap50) == (1, 1)
    # Whoever stands before it is found all the same: each box is for one thing.
    near = [things((1, 0.0)) + things((2, 1.0), group=IGNORED)]
    assert judged(near, [seen((1, 0.0))]).mota == 1


def test_what_is_of_another_group_excuses_nothing() -> None:
    truth = [things((1, 0.0)) + things((2, 40.0), group="vehicle") + things((3, 60.0), group=OTHER)]
    assert judged(truth, [seen((1, 0.0), (2, 40.0))]).false == 1
    assert judged(truth, [seen((1, 0.0), (2, 60.0))]).false == 1


def test_where_there_is_no_such_thing_there_is_no_share() -> None:
    said = judged([things((1, 0.0), group="vehicle")], [seen((1, 0.0))])
    assert (said.ap50, said.mota, said.true, said.found) == (None, None, 0, 1)


def test_without_ids_only_boxes_are_judged() -> None:
    said = judged([things((-1, 0.0), (-1, 40.0))], [seen((1, 0.0))])
    assert (said.ap50, said.mota, said.objects) == (0.5, None, None)


def test_precision_falls_with_the_score() -> None:
    truth = [np.array([box(0), box(40)]), np.array([box(0)])]
    # By score: right, wrong, right, the first once more; one is missed.
    found = [
        seen((0, 0.0), (0, 40.0), (0, 1.0), scores=(900, 500, 400)),
        seen((0, 90.0), scores=(700,)),
    ]
    assert average_precision(truth, found) == pytest.approx((1 + 2 / 3) / 3)
    better = [found[0], seen((0, 90.0), scores=(100,))]
    assert average_precision(truth, better) == pytest.approx(2 / 3)


def test_overlap_is_intersection_over_union() -> None:
    shared = overlaps(np.array([box(0), box(100)]), np.array([box(5), box(0), box(10)]))
    assert shared == pytest.approx(np.array([[1 / 3, 1, 0], [0, 0, 0]]))
