"""What truly is in a video: MOTChallenge's ground truth, as anybody's tool writes it.

One line a box: ``frame,id,left,top,width,height`` and then, where they are there, ``considered``
(0: a box that is neither to be found nor to be called false), the class and how much of it is seen
(https://motchallenge.net/instructions/). Frames count from 1; lines may be in any order.
"""

import math
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from models.files import read_file
from models.labels import CLASSES, VEHICLES

UNTRACKED = -1
IGNORED = ""
"""What is neither to be found nor to be called false."""
OTHER = "(other)"
"""What is none of ours."""
PERSON, TWO_WHEELER, VEHICLE = "person", "two-wheeler", "vehicle"
GROUPS = (PERSON, TWO_WHEELER, VEHICLE)
"""What is compared: models differ in whether they tell a car from a bus or truck."""
NUMBERS: dict[str, str] = {
    "-1": PERSON, "1": PERSON, "2": IGNORED, "3": VEHICLE, "4": TWO_WHEELER, "5": TWO_WHEELER,
    "6": IGNORED, "7": IGNORED, "8": IGNORED, "9": OTHER, "10": OTHER, "11": OTHER, "12": IGNORED,
    "13": IGNORED,
}  # fmt: skip
"""Those of MOT16 to MOT20 (Milan et al. 2016, table 3); what only looks like a pedestrian (on a
vehicle, standing there for ever, a reflection) is ignored, as its benchmark does. A file without
classes (-1) is of people, as those of MOTChallenge are."""
MOST_COLUMNS = 10
MOST_BYTES = 2**26
MOST_LINES = 2_000_000
"""Thrice those of the largest of MOT20."""
LONGEST_LINE = 1000
"""Characters."""
FURTHEST = 1e6
"""Pixels: no picture is larger."""


class TruthError(ValueError):
    """The file is no truth; says where and why."""


class Thing(NamedTuple):
    """One box of one frame."""

    id: int
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1, pixels."""
    group: str
    """One of ``GROUPS``, ``IGNORED`` or ``OTHER``."""


class Truth(NamedTuple):
    frames: dict[int, list[Thing]]
    """By number; those with a line."""

    @property
    def groups(self) -> tuple[str, ...]:
        """What it has, in the order of ``GROUPS``."""
        there = {thing.group for things in self.frames.values() for thing in things}
        return tuple(group for group in GROUPS if group in there)

    @property
    def tracked(self) -> bool:
        """Whether everything that is to be found has an id."""
        things = (thing for things in self.frames.values() for thing in things)
        return all(thing.id != UNTRACKED for thing in things if thing.group in GROUPS)


def group_of(label: str) -> str:
    """Of a class of ``models.labels``."""
    return VEHICLE if label in VEHICLES - {TWO_WHEELER} else label


def read(path: Path, names: Mapping[str, str] | None = None) -> Truth:
    """The truth in a file.

    Args:
        names: of its classes, to ours, besides or instead of ``NUMBERS``; ``IGNORED``, ``OTHER``.

    Raises:
        TruthError: it cannot be read or used; names the line.
    """
    known = NUMBERS | {label: group_of(label) for label in CLASSES} | dict(names or {})
    try:
        content = read_file(path, MOST_BYTES)
        content.decode("utf-8-sig")
    except OSError as error:
        raise TruthError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TruthError(f"{path}: it is no text, so no truth") from None
    frames: dict[int, list[Thing]] = {}
    seen: dict[tuple[int, int], int] = {}
    for number, line in enumerate(_lines(content), 1):
        if number > MOST_LINES or len(line) > LONGEST_LINE:
            most = f"{LONGEST_LINE} characters" if number <= MOST_LINES else f"{MOST_LINES} lines"
            raise TruthError(f"{path}, line {number}: a truth has at most {most}")
        cells = [cell.strip() for cell in line.split(",")]
        if not any(cells) or line.lstrip().startswith("#"):
            continue
        if not frames and all(_number(cell) is None for cell in cells):
            continue  # a heading
        try:
            frame, thing = _row(cells, known)
            before = seen.setdefault((frame, thing.id), number)
            if before != number and thing.id != UNTRACKED:
                raise ValueError(f"id {thing.id} is in frame {frame} already, on line {before}")
        except ValueError as error:
            raise TruthError(f"{path}, line {number}: {error}") from None
        frames.setdefault(frame, []).append(thing)
    if not frames:
        raise TruthError(f"{path}: no line of it is frame,id,left,top,width,height,…")
    return Truth(frames)


def _lines(content: bytes) -> Iterator[str]:
    """One at a time, however many there are, and no more of each than is looked at."""
    ended = BytesIO(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    while line := ended.readline():
        yield line[: 4 * LONGEST_LINE + 4].decode("utf-8-sig", "ignore").rstrip("\n")


def _row(cells: list[str], known: Mapping[str, str]) -> tuple[int, Thing]:
    while len(cells) > MOST_COLUMNS and not cells[-1]:
        cells = cells[:-1]
    if not 6 <= len(cells) <= MOST_COLUMNS:
        raise ValueError(f"{len(cells)} columns, where a box has 6 to {MOST_COLUMNS}")
    frame, track = _whole("frame", cells[0]), _whole("id", cells[1])
    if frame < 1:
        raise ValueError(f"frame {frame}: they count from 1")
    if track < UNTRACKED:
        raise ValueError(f"id {track}: 0 or more, or -1 where nothing is tracked")
    left, top, width, height = (
        _measure(name, cell)
        for name, cell in zip(("left", "top", "width", "height"), cells[2:6], strict=True)
    )
    if width <= 0 or height <= 0:
        raise ValueError(f"a box of {width:g} × {height:g} pixels")
    considered = len(cells) < 7 or not cells[6] or _measure("considered", cells[6]) != 0
    named = cells[7] if len(cells) > 7 and cells[7] else str(UNTRACKED)
    value = _number(named)
    name = named if value is None else f"{value:g}"
    if name not in known:
        raise ValueError(f"class {named!r} is not known: say what it is, as --name {named}=car")
    group = known[name] if considered or known[name] == OTHER else IGNORED
    return frame, Thing(track, (left, top, left + width, top + height), group)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _measure(name: str, text: str) -> float:
    value = _number(text)
    if value is None or abs(value) > FURTHEST:
        raise ValueError(f"{name} {text!r} is no number of a picture")
    return value


def _whole(name: str, text: str) -> int:
    value = _number(text)
    if value is None or value != int(value):
        raise ValueError(f"{name} {text!r} is no whole number")
    return int(value)
