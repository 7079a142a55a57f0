"""Parts of a picture cover it; what an edge has cut is dropped where more of it is seen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.tiles import Part, Tiles, cut, whole


@given(
    st.integers(1, 4000),
    st.integers(1, 4000),
    st.integers(1, 5),
    st.integers(1, 5),
    st.floats(0, 0.5),
)
def test_parts_cover_the_picture_and_none_is_empty(
    width: int, height: int, columns: int, rows: int, overlap: float
) -> None:
    parts = Tiles(columns, rows, overlap).parts(width, height)
    assert len(parts) == columns * rows
    for size, edges in (
        (width, {(part.x0, part.x1) for part in parts}),
        (height, {(part.y0, part.y1) for part in parts}),
    ):
        reached = 0
        for start, end in sorted(edges):
            assert 0 <= start < end <= size
            assert start <= reached
            reached = max(reached, end)
        assert reached == size


def test_only_an_edge_inside_the_picture_cuts() -> None:
    boxes = np.array([[0, 10, 20, 30], [70, 10, 99, 30], [40, 50, 60, 80], [40, 50, 60, 78.5]])
    assert cut(boxes, Part(0, 0, 100, 80), 200, 80).tolist() == [False, True, False, False]
    assert cut(boxes, Part(0, 0, 100, 80), 100, 160).tolist() == [False, False, True, True]


def test_a_cut_box_goes_where_another_shows_more_of_the_same() -> None:
    boxes = np.array([[0, 0, 100, 100], [0, 0, 50, 100], [0, 0, 50, 90], [300, 0, 340, 40]])
    groups = np.array([2, 2, 3, 2])
    every = np.array([False, True, True, True])
    assert whole(boxes, groups, every).tolist() == [0, 2, 3]
    assert whole(boxes, groups, np.zeros(4, bool)).tolist() == [0, 1, 2, 3]
    assert whole(boxes[1:], groups[1:] * 0, every[1:]).tolist() == [0, 2], (
        "the larger cut one stays"
    )
