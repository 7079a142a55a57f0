"""A series in a file: lines of ``timestamp,value``, as spreadsheets and benchmarks write them.

Times are ISO 8601 (without an offset: UTC) or seconds, milliseconds, microseconds or nanoseconds
since 1970, which their size tells. Rows count in the order of the file. A cell that is empty, or
says ``nan``, ``null`` or ``na``, has no value. Further columns are passed over.
"""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.files import read_file
from models.measured import NOT_MEASURED

TIMESTAMP, VALUE, SCORE = "timestamp", "value", "anomaly_score"
MOST_BYTES = 2**29
"""Some twelve million rows."""
CHUNK = 20_000
"""Rows that are handed on together."""
NOTHING = frozenset({"", "nan", "null", "none", "na", "n/a"})
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive times are UTC here
EPOCH_UTC = EPOCH.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
UNITS = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0))
"""(a number below that, microseconds of its unit): seconds, milliseconds, microseconds; above those
it is nanoseconds."""
LATEST = (datetime.max - EPOCH) // MICROSECOND  # noqa: DTZ901 - as EPOCH


class SeriesError(ValueError):
    """The file is no series; says where and why."""


class Part(NamedTuple):
    """Some rows of a series, in the order of the file."""

    cells: list[tuple[str, str]]
    """Of each row the time and the value, as they are written."""
    times: NDArray[np.int64]
    """Micros."""
    values: NDArray[np.float64]
    """NOT_MEASURED where there is none."""


def parts(
    path: Path, said: Callable[[int, int], None] = lambda _done, _all: None, *, column: str = VALUE
) -> Iterator[Part]:
    """The rows of a file, some at a time; none where it has a heading only.

    Args:
        column: the one that has the values.
        said: is told how many bytes of how many have been read.

    Raises:
        SeriesError: it cannot be read or is no series; names the line.
    """
    try:
        content = read_file(path, MOST_BYTES)
    except OSError as error:
        raise SeriesError(f"{path}: {error.strerror}") from None
    raw = BytesIO(content)
    reader = csv.reader(TextIOWrapper(raw, "utf-8-sig", newline=""), strict=True)
    try:
        time, value, width = _columns(next(reader, []), column)
        cells: list[tuple[str, str]] = []
        times: list[int] = []
        values: list[float] = []
        for row in reader:
            if len(row) != width:
                if not row:
                    continue
                raise ValueError(f"it has {len(row)} cells, and the first line names {width}")
            said_time, said_value = row[time], row[value]
            times.append(micros(said_time))
            values.append(number(said_value))
            cells.append((said_time, said_value))
            if len(cells) == CHUNK:
                yield Part(cells, np.array(times, np.int64), np.array(values))
                said(raw.tell(), len(content))
                cells, times, values = [], [], []
    except UnicodeDecodeError:
        raise SeriesError(f"{path}, from line {reader.line_num + 1} on: it is no text") from None
    except (ValueError, csv.Error) as error:
        raise SeriesError(f"{path}, line {max(reader.line_num, 1)}: {error}") from None
    if cells:
        yield Part(cells, np.array(times, np.int64), np.array(values))
    said(len(content), len(content))


def _columns(heading: list[str], column: str) -> tuple[int, int, int]:
    """Where time and value stand, and how many columns there are."""
    names = [name.strip().lower() for name in heading]
    for name in (TIMESTAMP, column):
        if names.count(name) != 1:
            has = "no column" if name not in names else "more than one column"
            raise ValueError(f"{has} {name!r}: it names the columns, as in {TIMESTAMP},{column}")
    return names.index(TIMESTAMP), names.index(column), len(names)


def number(text: str) -> float:
    """Raises ValueError: it is none."""
    text = text.strip()
    try:
        if "_" not in text:
            return float(text)
    except ValueError:
        pass
    if text.lower() in NOTHING:
        return NOT_MEASURED
    raise ValueError(f"{_short(text)} is no number")


def micros(text: str) -> int:
    """Microseconds since 1970; raises ValueError: it is no time."""
    text = text.strip()
    try:
        if text.isascii() and re.fullmatch(r"-?\d+(\.\d*)?", text):
            return _counted(text)
        if text[4:5] == "/":
            text = text.replace("/", "-", 2)
        time = datetime.fromisoformat(text.removesuffix("UTC").rstrip())
        return (time - (EPOCH_UTC if time.tzinfo else EPOCH)) // MICROSECOND
    except (ValueError, OverflowError):
        raise ValueError(
            f"{_short(text)} is no time: write it as 2026-11-29 07:30:00, or as seconds since 1970"
        ) from None


def _counted(text: str) -> int:
    count = float(text)
    unit = next((unit for below, unit in UNITS if abs(count) < below), 1e-3)
    # Whole numbers of large units are exact.
    exact = int(text) * round(unit) if unit >= 1 and text.lstrip("-").isdigit() else count * unit
    if abs(exact) > LATEST:
        raise ValueError
    return round(exact)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
