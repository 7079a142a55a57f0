"""What is in an answer: rows, as from any other way in. Pure."""

import csv
from io import StringIO
from typing import Any

from services.poller.mapping import PLACE, Address
from services.receiver.formats import simple, table
from services.receiver.formats.document import document, malformed
from services.receiver.rows import Refused, Row, RowError, Rows, said, with_offset
from services.web.guard import text_of
from services.web.problems import ProblemError

MOST_ROWS = 10_000
_FIELDS = {"rfc3339": "time", "s": "time_s", "ms": "time_ms"}


def rows_of(address: Address, body: bytes) -> Rows:
    """Raises ProblemError where it cannot be read."""
    text = text_of(body)
    if address.form == "csv":
        found = _of_table(address, text) if address.source else table.read(text)
    else:
        value = _at(document(text), address.rows) if address.rows else document(text)
        listed = value if isinstance(value, list) else [value]
        found = [_row(address, index, one) for index, one in enumerate(listed)]
    if len(found) > MOST_ROWS:
        raise ProblemError(413, "too_many_rows", f"it has more than {MOST_ROWS} readings")
    return found


def _row(address: Address, index: int, one: Any) -> Row | Refused:
    if not address.source:
        return simple.row(index, one)
    try:
        row: dict[str, Any] = {"source": _named(address.source, one)}
        values = {metric: _get(one, field) for metric, field in address.values.items()}
        row["values"] = {metric: value for metric, value in values.items() if value is not None}
        units = {metric: unit for metric, unit in address.units.items() if metric in row["values"]}
        if units:
            row["units"] = units
        if address.time:
            time = _get(one, address.time)
            row[_FIELDS[address.time_in]] = (
                with_offset(time, address.offset) if isinstance(time, str) else time
            )
    except RowError as error:
        return Refused(index, error.reason, error.detail)
    return simple.row(index, row)


def _named(pattern: str, one: Any) -> str:
    """Raises RowError."""

    def of(place: str) -> str:
        found = _get(one, place)
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise RowError("wrong_type", f"{place}: give text, not {said(found)}")
        return str(found)

    return PLACE.sub(lambda place: of(place[1]), pattern)


def _get(one: Any, path: str) -> Any:
    """What stands there; None: nothing."""
    for name in path.split("."):
        if isinstance(one, dict):
            one = one.get(name)
        elif isinstance(one, list) and name.isdecimal() and int(name) < len(one):
            one = one[int(name)]
        else:
            return None
    return one


def _at(value: Any, path: str) -> Any:
    """Raises ProblemError."""
    found = _get(value, path)
    if not isinstance(found, list | dict):
        raise malformed(f"there are no rows at {path}")
    return found


def _of_table(address: Address, text: str) -> Rows:
    """Raises ProblemError."""
    return [_of_line(address, row) for row in table.read(_table(address, text))]


def _of_line(address: Address, row: Row | Refused) -> Row | Refused:
    """In its units; it says a time where the mapping says in which column, as in JSON."""
    if isinstance(row, Refused):
        return row
    if address.time and row.time is None:
        return Refused(row.at, "wrong_time", f"{address.time}: it is empty", row.source)
    values = (each._replace(unit=address.units.get(each.metric, "")) for each in row.values)
    return row._replace(values=tuple(values))


def _table(address: Address, text: str) -> str:
    """With the columns that the receiver takes; raises ProblemError."""
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    out = StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    time = [_FIELDS[address.time_in]] if address.time else []
    try:
        header = next(lines, [])
        for field in (*address.values.values(), *([address.time] if address.time else [])):
            if header.count(field) != 1:
                raise malformed(f"header: there is not one column {said(field)}")
        write([*time, "source", *address.values])
        for cells in filter(None, lines):
            if len(cells) != len(header):
                write([""] * (len(time) + len(address.values) + 2))  # it is refused for that
                continue
            one: dict[str, Any] = dict(zip(header, cells, strict=True))
            try:
                source = _named(address.source, one)
            except RowError:
                source = ""  # which is refused as any empty one
            told = [with_offset(one.get(address.time, ""), address.offset)] if address.time else []
            write([*told, source, *(one.get(field, "") for field in address.values.values())])
    except csv.Error as error:
        raise malformed(f"line {lines.line_num}: {error}") from None
    return out.getvalue()
