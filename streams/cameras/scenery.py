"""What of a camera's picture is scenery: it never moved and never came in.

A sign is a person to a detector, and a burnt-in caption a bus, in every picture. Such a thing has
been where it is since its track began, it comes back in the same place as often as frames miss it,
and it has never been anywhere else. What is seen like that in one place for ``LEARNING`` is scenery
there. Who has walked in is none, however long they stand: their track has moved.

A place is a cell: a box, and a person or anything else in it. All of it is integers; of a camera
there are at most ``MOST_CELLS``. docs/decisions/0038-scenery-never-moved.md says why.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from models.labels import CLASSES
from streams.cameras.tracking import BOX, CONFIRMED, HITS, ID, LABEL, SEEN, SINCE, SPARSEST, View
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Detections,
    Micros,
    Origin,
    SceneryGroup,
    SceneryVerdict,
)
from streams.events import Scenery as Told

LEARNING: Micros = 3 * MINUTE
"""For so long in all something must have been seen in a place: a person who came before the camera
began, and has not moved by half a width in so long, is the rarer mistake …"""
MOST_SEEN: Micros = 2 * LEARNING
FORGOTTEN: Micros = LEARNING // 2
"""… and what has been unseen until no more than this is left of that is scenery no more."""
FADING = 4
"""Unseen time counts this much less than seen time: what is seen in over a fifth of it stays."""
LEFT: Micros = 10 * SECOND
"""What is left of it where its object has been seen to go: as much as fades in this. What a
passer-by took the track of, or the box for a moment, is seen there again before."""
CAME: Micros = 10 * MINUTE
"""After somebody has come and stood there nothing is learned for so long: a new track may be
theirs. A track that came and has stood for so long where there is scenery is the scenery's."""
STOOD: Micros = 2 * SECOND
"""Who has come stands after so long."""
GONE: Micros = MINUTE
"""A cell in which nothing was learned is given up after so long."""
SAID_AGAIN: Micros = HOUR
"""What is known is said so often, for those who do not remember what was said before."""
EVERY: Micros = SECOND
MOST_CELLS = 64
TREMBLES = 30
"""Tenths of a pixel: with half its size how far the middle of what stands still moves."""

OBJECT, LEARNED, CONFIRMED_BY_HAND = range(3)
"""What a track is."""

Corners = tuple[int, int, int, int]
"""x0, y0, x1, y1 in tenths of a pixel."""

_PERSON = CLASSES.index("person")


class Spot(NamedTuple):
    """What an engineer says of a place, on pictures of one size."""

    person: bool
    box: Corners
    confirmed: bool


class Cell(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One place where something stands that was not seen to come, or stood that was."""

    person: bool
    box: Corners
    since: Micros
    """When it began."""
    last: Micros
    """When anything was seen in it last."""
    seen: Micros = 0
    """For how long what never moved was seen in it, less what has faded."""
    came: Micros = 0
    """When somebody who had come was seen to stand in it last; 0: nobody was."""
    learned: bool = False


class Still(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A track that has not moved since it began."""

    person: bool
    box: Corners
    """Where it began."""
    cell: int = 0
    """0: none yet."""
    left: Micros = 0
    """When it was first seen elsewhere; for ``LEFT`` it may come back. 0: it is where it began."""


class Scenery(msgspec.Struct, frozen=True, array_like=True):
    """Of one camera, of pictures of one size and one model."""

    model: str = ""
    looked: Micros = 0
    """When the cells were looked at last."""
    told: Micros = 0
    """When all of it was said last."""
    next_id: int = 0
    """Tracks below it were looked at."""
    next_cell: int = 1
    still: dict[int, Still] = {}
    cells: dict[int, Cell] = {}
    hidden: dict[int, int] = {}
    """Track to LEARNED or CONFIRMED_BY_HAND."""


BARE = Scenery()


class Look(NamedTuple):
    scenery: Scenery
    what: bytes
    """uint8 [n]: what each of the frame's tracks is; empty: all are objects."""
    told: tuple[Told, ...] = ()


def spots(verdicts: Iterable[SceneryVerdict], width: int, height: int) -> tuple[Spot, ...]:
    """What engineers say, on pictures of ``width`` x ``height`` pixels."""
    found = []
    for said in verdicts:
        x0, y0, x1, y1 = (
            round(part * 10 * side)
            for part, side in zip(said.box, (width, height, width, height), strict=True)
        )
        found.append(Spot(said.group == "person", (x0, y0, x1, y1), said.confirmed))
    return tuple(found)


def look(
    before: Scenery, view: View, event: Detections, said: tuple[Spot, ...], *, anew: bool
) -> Look:
    """The scenery after a frame, and which of its tracks are that.

    Args:
        said: by engineers.
        anew: whether pictures were of another size, or view, before.
    """
    told: tuple[Told, ...] = ()
    if before.model != event.model or anew:
        if any(cell.learned for cell in before.cells.values()):
            told = (forgets(event.camera, event.origin, event.time),)
        before = Scenery(event.model, event.time, event.time, next_cell=before.next_cell)
    tracks = view.tracks
    if event.time - before.looked < EVERY:
        if tracks.next_id == before.next_id:
            return Look(before, _what(before.hidden, view), told)
        found = _Looking(before, view, event, said).born()
    elif before.cells or before.still or view.found:
        found = _Looking(before, view, event, said).all()
    else:
        found = Look(msgspec.structs.replace(before, looked=event.time), b"")
    return found._replace(told=told + found.told) if told else found


def forgets(camera: str, origin: Origin, time: Micros) -> Told:
    """That all is forgotten that was learned before."""
    return Told(camera, time, origin, "", learned=False)


def _what(hidden: dict[int, int], view: View) -> bytes:
    if not hidden:
        return b""
    what = bytes(hidden.get(track, OBJECT) for track in view.facts[ID].tolist())
    return what if any(what) else b""


class _Looking:
    """One look at one frame."""

    def __init__(
        self, before: Scenery, view: View, event: Detections, said: tuple[Spot, ...]
    ) -> None:
        self._before, self._view, self._event, self._said = before, view, event, said
        self._time = event.time
        self._since = min(event.time - before.looked, SPARSEST)
        self._cells = dict(before.cells)
        self._next_cell = before.next_cell
        self._shown: set[int] = set()
        self._told: list[Told] = []

    def born(self) -> Look:
        """The tracks that have begun since the last look; nothing else has changed."""
        before = self._before
        ids = self._view.facts[ID].tolist()
        still, hidden = dict(before.still), dict(before.hidden)
        for column in range(bisect_left(ids, before.next_id), len(ids)):
            one = self._begun(column)
            still[ids[column]] = one
            if what := self._is(one):
                hidden[ids[column]] = what
        after = msgspec.structs.replace(
            before, next_id=self._view.tracks.next_id, still=still, hidden=hidden
        )
        return Look(after, _what(hidden, self._view))

    def all(self) -> Look:
        """Every track and every cell."""
        view, before, time = self._view, self._before, self._time
        still: dict[int, Still] = {}
        hidden: dict[int, int] = {}
        ids, labels = view.facts[ID].tolist(), view.facts[LABEL].tolist()
        confirmed = (view.facts[HITS] >= CONFIRMED) & (view.times[SEEN] > before.looked)
        since = view.times[SINCE].tolist()
        boxes = np.rint(view.motion[BOX].T).astype(np.int64).tolist()
        # Ids grow with the columns, so that no order but theirs decides.
        for column, (track, shown) in enumerate(zip(ids, confirmed.tolist(), strict=True)):
            one = before.still.get(track)
            if one is None and track >= before.next_id:
                one = self._begun(column)
            if shown:
                if one is not None:
                    box = boxes[column]
                    one = self._stay(one) if alike(one.box, box) else self._leave(one)
                elif time - since[column] >= STOOD:
                    x0, y0, x1, y1 = boxes[column]
                    person = labels[column] == _PERSON
                    one = self._came(person, (x0, y0, x1, y1), since[column])
            if one is None:
                continue
            still[track] = one
            if what := self._is(one):
                hidden[track] = what
        self._fade()
        again = before.told
        if time - again >= SAID_AGAIN:
            again = time
            known = [cell for cell in self._cells.values() if cell.learned]
            self._told += [self._say(cell, learned=True) for cell in known]
        after = Scenery(
            before.model, time, again, view.tracks.next_id, self._next_cell, still, self._cells,
            hidden,
        )  # fmt: skip
        return Look(after, _what(hidden, view), tuple(self._told))

    def _begun(self, column: int) -> Still:
        view = self._view
        person = int(view.facts[LABEL, column]) == _PERSON
        x0, y0, x1, y1 = np.rint(view.motion[BOX, column]).astype(np.int64).tolist()
        box = x0, y0, x1, y1
        return Still(person, box, self._cell_at(person, box))

    def _is(self, one: Still) -> int:
        if one.left:
            return OBJECT
        if self._said:
            for spot in self._spots_at(one.person, one.box):
                return CONFIRMED_BY_HAND if spot.confirmed else OBJECT
        cell = self._cells.get(one.cell)
        return LEARNED if cell and cell.learned else OBJECT

    def _stay(self, one: Still) -> Still:
        """Seen again where it began."""
        if self._said and any(not spot.confirmed for spot in self._spots_at(one.person, one.box)):
            if cell := self._cells.pop(one.cell, None):
                self._unlearn(cell)
            return Still(one.person, one.box)
        number = one.cell
        if number not in self._cells:
            number = self._cell_at(one.person, one.box) or self._open(one.person, one.box)
        cell = self._cells[number]
        if number not in self._shown and not (cell.came and self._time - cell.came <= CAME):
            seen = min(cell.seen + self._since, MOST_SEEN)
            learned = cell.learned or seen >= LEARNING
            self._cells[number] = Cell(
                cell.person, cell.box, cell.since, self._time, seen, cell.came, learned
            )
            if learned and not cell.learned:
                self._told.append(self._say(cell, learned=True))
        elif cell.last != self._time:
            self._cells[number] = msgspec.structs.replace(cell, last=self._time)
        self._shown.add(number)
        return one if one.cell == number and not one.left else Still(one.person, one.box, number)

    def _came(self, person: bool, box: Corners, since: Micros) -> Still | None:
        """One that has moved is seen here; as a track that is still, if that is what it is."""
        number = self._cell_at(person, box) or self._open(person, box)
        cell = self._cells[number]
        if not cell.learned:
            self._cells[number] = msgspec.structs.replace(cell, came=self._time, last=self._time)
            self._shown.add(number)
        elif self._time - since >= CAME:
            return self._stay(Still(person, cell.box, number))
        return None

    def _leave(self, one: Still) -> Still | None:
        """It is elsewhere; None: it has moved."""
        if one.left:
            return one if self._time - one.left <= LEFT else None
        if cell := self._cells.get(one.cell):
            rest = FORGOTTEN + LEFT // FADING if cell.learned else cell.seen // 2
            self._cells[one.cell] = msgspec.structs.replace(cell, seen=min(cell.seen, rest))
        return Still(one.person, one.box, one.cell, self._time)

    def _fade(self) -> None:
        for number, cell in [*self._cells.items()]:
            if number in self._shown:
                continue
            seen = max(0, cell.seen - self._since // FADING)
            if cell.learned and seen < FORGOTTEN:
                self._unlearn(cell)
                del self._cells[number]
            elif not cell.learned and not seen and self._time - cell.last > GONE:
                del self._cells[number]
            elif seen != cell.seen:
                self._cells[number] = msgspec.structs.replace(cell, seen=seen)

    def _open(self, person: bool, box: Corners) -> int:
        """A new cell; where there are too many, the one that rests on least goes."""
        if len(self._cells) >= MOST_CELLS:
            least = min(
                self._cells,
                key=lambda number: (
                    self._cells[number].learned,
                    self._cells[number].seen,
                    self._cells[number].last,
                    number,
                ),
            )
            self._unlearn(self._cells.pop(least))
        number = self._next_cell
        self._next_cell += 1
        self._cells[number] = Cell(person, box, self._time, self._time)
        return number

    def _unlearn(self, cell: Cell) -> None:
        if cell.learned:
            self._told.append(self._say(cell, learned=False))

    def _say(self, cell: Cell, *, learned: bool) -> Told:
        event = self._event
        group: SceneryGroup = "person" if cell.person else "vehicle"
        return Told(
            event.camera,
            event.time,
            event.origin,
            _id(event.camera, group, cell),
            learned,
            group,
            cell.box,
            event.width,
            event.height,
            cell.since,
            event.model,
        )

    def _cell_at(self, person: bool, box: Corners) -> int:
        """0: there is none."""
        for number, cell in self._cells.items():
            if cell.person == person and alike(cell.box, box):
                return number
        return 0

    def _spots_at(self, person: bool, box: Corners) -> Iterator[Spot]:
        return (spot for spot in self._said if spot.person == person and alike(spot.box, box))


def _id(camera: str, group: str, cell: Cell) -> str:
    """The same for the same place, learned from the same frames."""
    named = "\x1f".join((camera, group, *map(str, cell.box), str(cell.since)))
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def alike(a: Sequence[int], b: Sequence[int]) -> bool:
    """Whether something in box ``b`` stands where it stood in ``a``: its middle is within half of
    a's size, and neither side is twice as long as the other's, but for ``TREMBLES``."""
    return _is_alike(a[0], a[2], b[0], b[2]) and _is_alike(a[1], a[3], b[1], b[3])


def _is_alike(a0: int, a1: int, b0: int, b1: int) -> bool:
    """Of one side."""
    size, other = a1 - a0, b1 - b0
    if abs(b0 + b1 - a0 - a1) > size + 2 * TREMBLES:
        return False
    return size <= 2 * other + TREMBLES and other <= 2 * size + TREMBLES
