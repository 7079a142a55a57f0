"""What is taken for a video's truth, and what is refused, with its line."""

from pathlib import Path

import pytest

from services.commandline.truth import IGNORED, Thing, TruthError, read


def truth(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "gt.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lines_in_any_order_and_form_are_read(tmp_path: Path) -> None:
    text = (
        "\ufeffframe,id,left,top,width,height,conf,class,visibility\r\n"
        "# drawn by hand\r\n"
        "3,1,12.5,20,10,30.5,1,1,0.8\r\n"
        "\r\n"
        "1.0, 1, -4, 20, 10, 30, 1, 1, 1\r\n"
        "1,2,50,20,10,30,1,3,1,\r\n"
        "3,7,0,0,5,5,0,1,0.1\r\n"
    )
    found = read(truth(tmp_path, text))
    assert found.frames == {
        3: [Thing(1, (12.5, 20, 22.5, 50.5), "person"), Thing(7, (0, 0, 5, 5), IGNORED)],
        1: [Thing(1, (-4, 20, 6, 50), "person"), Thing(2, (50, 20, 60, 50), "vehicle")],
    }
    assert found.groups == ("person", "vehicle")
    assert found.tracked


@pytest.mark.parametrize(
    ("line", "group"),
    [
        ("1,1,0,0,9,9", "person"),
        ("1,1,0,0,9,9,1,-1,-1,-1", "person"),
        ("1,1,0,0,9,9,0.73,-1,-1,-1", "person"),
        ("1,1,0,0,9,9,1,8,1", IGNORED),
        ("1,1,0,0,9,9,1,5,1", "two-wheeler"),
        ("1,1,0,0,9,9,1,truck,1", "vehicle"),
        ("1,1,0,0,9,9,1,two-wheeler,1", "two-wheeler"),
        ("1,1,0,0,9,9,1,40,1", "vehicle"),
    ],
)
def test_a_class_is_a_number_or_a_name(tmp_path: Path, line: str, group: str) -> None:
    ((thing,),) = read(truth(tmp_path, line), {"40": "vehicle"}).frames.values()
    assert thing == Thing(1, (0, 0, 9, 9), group)


def test_boxes_without_ids_may_be_many_in_a_frame(tmp_path: Path) -> None:
    found = read(truth(tmp_path, "1,-1,0,0,9,9\n1,-1,50,0,9,9\n"))
    assert len(found.frames[1]) == 2
    assert not found.tracked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no line of it is frame,id,left"),
        ("frame,id,left,top,width,height\n", "no line of it"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "it is no text"),
        ("1,1,0,0,9,9\nx,1,0,0,9,9\n", "line 2: frame 'x' is no whole number"),
        ("1,1,0,0,9,9\n1,1,5,5,9,9\n", "line 2: id 1 is in frame 1 already, on line 1"),
        ("1,1,0,0,9,9\n2,1,5,5,9\n", "line 2: 5 columns"),
        ("1,1,0,0,9,9,1,1,1,1,1\n", "line 1: 11 columns"),
        ("0,1,0,0,9,9\n", "frame 0: they count from 1"),
        ("1.5,1,0,0,9,9\n", "frame '1.5' is no whole number"),
        ("1,-2,0,0,9,9\n", "id -2"),
        ("1,1,0,0,0,9\n", "a box of 0 × 9 pixels"),
        ("1,1,0,0,-3,9\n", "a box of -3 × 9 pixels"),
        ("1,1,nan,0,9,9\n", "left 'nan' is no number"),
        ("1,1,0,inf,9,9\n", "top 'inf' is no number"),
        ("1,1,0,0,9,9,1,99,1\n", "class '99' is not known: say what it is, as --name 99=car"),
        ("1;1;0;0;9;9\n", "no line of it"),
    ],
)
def test_what_is_no_truth_is_refused_with_its_line(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(TruthError, match=r"gt\.txt") as refused:
        read(truth(tmp_path, text))
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="No such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(TruthError, match="it is a folder"):
        read(tmp_path)
