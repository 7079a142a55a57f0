"""What the commands that list alerts and incidents share."""

import json

import pytest

from services.commandline import listing


@pytest.mark.parametrize(
    ("limit", "as_json", "expected"),
    [(None, False, listing.SHOWN), (None, True, 0), (7, True, 7), (0, False, 0)],
)
def test_people_are_shown_the_latest_and_programs_all(
    limit: int | None, as_json: bool, expected: int
) -> None:
    assert listing.number(limit, as_json=as_json) == expected


@pytest.mark.parametrize(("number", "expected"), [(0, 5), (3, 3), (9, 5)])
def test_the_first_of_them(number: int, expected: int) -> None:
    assert len(list(listing.first(({"id": n} for n in range(5)), number))) == expected


def test_a_row_is_an_object_a_line_or_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    row, cells = {"id": "0123456789", "more": [1]}, {"id": listing.short("0123456789")}
    listing.say(row, cells, ("id",), as_json=True)
    assert json.loads(capsys.readouterr().out) == row
    listing.say(row, cells, ("id",), as_json=False)
    assert capsys.readouterr().out == "01234567\n"
