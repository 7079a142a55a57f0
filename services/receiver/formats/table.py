"""``text/csv``: a header, then a reading in each line (RFC 4180, UTF-8, commas).

``time,source,metric,value`` with a ``unit`` where it is not the feed's; or a column for each
metric, ``time,source,temperature,humidity``, where an empty cell is nothing measured. The column of
the time may be called ``time_s``, ``time_ms`` or ``time_us``, as in JSON, or be left out.
"""

import csv
import re
from io import StringIO

from services.receiver.formats.document import malformed
from services.receiver.rows import (
    CASE,
    PARTS,
    Refused,
    Row,
    RowError,
    Rows,
    Value,
    moment,
    number,
    said,
    since_1970,
    value_of,
)
from streams.events import Micros
from streams.feeds.feed import MOST_CASE
from streams.ids import METRIC

TYPE = "text/csv"
MOST_COLUMNS = 100
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_EXACT = re.compile(r"(0|[1-9][0-9]{0,15})(\.0)?")
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_OTHERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What spreadsheets write instead of a comma where that stands in numbers, and how it is called."""
_LONG = ("metric", "value", "unit")


def read(text: str) -> Rows:
    if not text.strip():
        raise malformed("it is empty")
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        times = _checked(header)
        return [
            _row(index, header, cells, times) for index, cells in enumerate(filter(None, lines))
        ]
    except csv.Error as error:
        raise malformed(f"line {lines.line_num}: {error}") from None


def _checked(header: list[str]) -> list[str]:
    """Which columns say the time; raises ProblemError."""
    for mark, name in _OTHERS.items():
        if any(mark in column for column in header):
            raise malformed(
                f"header: its columns are separated by {name}; separate them by commas, and write"
                " numbers with a point, as 21.5"
            )
    if len(set(header)) < len(header) or len(header) > MOST_COLUMNS:
        raise malformed(f"header: give at most {MOST_COLUMNS} columns, each once")
    times = [column for column in header if column in ("time", *PARTS)]
    if "source" not in header or len(times) > 1:
        raise malformed("header: give source, and at most one of time, time_s, time_ms, time_us")
    others = [column for column in header if column not in ("source", *times)]
    if "value" in others:
        if strange := [column for column in others if column not in _LONG]:
            raise malformed(f"header: there is no column {said(strange[0])} beside value")
    elif not others:
        raise malformed("header: give metric and value, or a column for each metric")
    elif strange := [column for column in others if not METRIC.fullmatch(column)]:
        raise malformed(f"header: {said(strange[0])} is no metric")
    return times


def _row(index: int, header: list[str], cells: list[str], times: list[str]) -> Row | Refused:
    source = ""
    try:
        if len(cells) != len(header):
            raise RowError("wrong_type", f"it has {len(cells)} cells, and the header {len(header)}")
        one = dict(zip(header, cells, strict=True))
        source = one["source"]
        if not source:
            raise RowError("wrong_type", "source: it is empty")
        time = _time(times[0], one[times[0]]) if times and one[times[0]] else None
        return Row(index, source, _values(one, times), time)
    except RowError as error:
        return Refused(index, error.reason, error.detail, source)


def _values(one: dict[str, str], times: list[str]) -> tuple[Value, ...]:
    if "value" in one:
        value = _number(one["value"], "value")
        return (Value(one.get("metric", ""), value, one.get("unit", "")),)
    found = tuple(
        Value(metric, _cell(cell, metric))
        for metric, cell in one.items()
        if cell and metric not in ("source", *times)
    )
    if not found:
        raise RowError("no_value", "all its cells are empty")
    return found


def _cell(cell: str, metric: str) -> float:
    return _case(cell) if metric == CASE else _number(cell, metric)


def _case(cell: str) -> float:
    """Digits are a number where they are exact as one, all else is a text: ``0012`` is another case
    than ``12``; ``12E5`` is what somebody calls one, and not 1200000. What has
    a point or a sign a spreadsheet has written: of ``2.03E+19`` there may be many.
    """
    if _EXACT.fullmatch(cell) and float(cell) <= MOST_CASE:
        return float(cell)
    if _NUMBER.fullmatch(cell) and not cell.isalnum():
        how = "give all its digits, or a text"
        raise RowError("out_of_range", f"{CASE}: {said(cell)} is no case's number: {how}")
    return value_of(CASE, cell, CASE)


def _number(cell: str, column: str) -> float:
    if not _NUMBER.fullmatch(cell):
        raise RowError("not_a_number", f"{column}: give a number, as 21.5, not {said(cell)}")
    return number(float(cell), column)


def _time(column: str, cell: str) -> Micros:
    if column == "time":
        return moment(cell)
    if _WHOLE.fullmatch(cell):
        return since_1970(int(cell), column)
    return since_1970(_number(cell, column), column)
