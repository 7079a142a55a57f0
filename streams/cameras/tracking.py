"""Multi-object tracking whose whole state is a few hundred bytes, equal on every machine.

After SORT (Bewley et al. 2016), ByteTrack (Zhang et al. 2022: weak detections may continue a
track, never begin one) and C-BIoU (Yang et al. 2023: boxes are enlarged before they are compared,
so that a small fast two-wheeler at 5 frames/s still meets its prediction). Motion is an
alpha-beta filter whose gains are those of a growing memory (Brookner 1998, table 1.2), with a
floor. Why an own tracker: docs/decisions/0002-own-tracker.md; its arithmetic and its constants
are in ``_frame.pyx``, why compiled: docs/decisions/0013-compiled-frames.md.

Boxes are in tenths of a pixel, velocities in tenths of a pixel per second.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.cameras import _frame
from streams.events import Micros

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

# Rows of the state's matrices; a column is one track.
BOX, VELOCITY, ANCHOR = slice(0, 4), slice(4, 6), slice(6, 10)
ID, LABEL, VOTES, HITS, TALLIED = range(5)
SINCE, SEEN, PLACED = range(3)
"""Since when it stands at its anchor, less the time for which frames missed it there; when it was
last detected; when it came to its anchor."""

CONFIRMED = _frame.CONFIRMED
"""Detections that make a track an object."""
SPARSEST: Micros = _frame.SPARSEST
"""Frames further apart than this are no sequence: nothing is followed through them."""


class Tracks(msgspec.Struct, frozen=True, array_like=True):
    """All objects of one camera after one frame."""

    time: Micros = 0
    next_id: int = 1
    motion: bytes = b""
    """float32 [10, n]: box, velocity of the centre, anchor box."""
    facts: bytes = b""
    """int32 [5, n]: id, index of the class, votes for it, detections, zones tallied in (bits)."""
    times: bytes = b""
    """int64 [3, n]: standing since, last seen, at its anchor since."""
    gaps: bytes = b""
    """int64 [at most 5]: times between the last frames, the last one last."""


EMPTY = Tracks()


class View(NamedTuple):
    """The tracks after a frame, and which of its detections each is."""

    tracks: Tracks
    found: bytes
    """int32 [n]: index of the frame's detection that is this track; -1: unseen."""

    @property
    def motion(self) -> Floats:
        return np.frombuffer(self.tracks.motion, np.float32).reshape(10, -1)

    @property
    def facts(self) -> Ints:
        return np.frombuffer(self.tracks.facts, np.int32).reshape(5, -1)

    @property
    def times(self) -> Longs:
        return np.frombuffer(self.tracks.times, np.int64).reshape(3, -1)

    @property
    def match(self) -> Ints:
        return np.frombuffer(self.found, np.int32)


def standing_since(tracks: Tracks) -> Longs:
    """[n]: since when each stands where it stands."""
    row: Longs = np.frombuffer(tracks.times, np.int64).reshape(3, -1)[SINCE]
    return row


def spacing(tracks: Tracks) -> Micros:
    """How far apart frames come, at the median of the last few, at most ``SPARSEST``; 0: not known
    yet."""
    return _frame.step(tracks.gaps) * 2 // 5


def cleared(tracks: Tracks) -> Tracks:
    """Without any object, after the same frames."""
    return Tracks(tracks.time, tracks.next_id, gaps=tracks.gaps)


def load() -> None:
    """Loads now what the first contested detection asks for, which would hold up a stream."""
    import scipy.optimize  # noqa: F401


def follow(tracks: Tracks, time: Micros, boxes: bytes, classes: bytes, scores: bytes) -> View:
    """The tracks after a frame at ``time``, which is later than the last.

    Args:
        boxes: int32 [m, 4], x0, y0, x1, y1 in tenths of a pixel, x0 <= x1, y0 <= y1.
        classes: uint8 [m], indexes into CLASSES.
        scores: uint16 [m], thousandths.
    """
    before = tracks.motion, tracks.facts, tracks.times, tracks.gaps
    next_id, *after, found = _frame.follow(
        time, tracks.time, tracks.next_id, *before, boxes, classes, scores
    )
    return View(Tracks(time, next_id, *after), found)


def remain(tracks: Tracks, time: Micros, boxes: bytes, classes: bytes, scores: bytes) -> Tracks:
    """The tracks after a frame at ``time``, later than the last, that shows what was detected in
    an earlier one, as given.

    Who was seen then is seen now, and moves as if it had been looked at: what has come to a halt is
    where it stands. But that is no further detection of anybody, and nobody begins by it.
    """
    view = follow(tracks, time, boxes, classes, scores)
    before, facts = View(tracks, b"").facts, view.facts
    kept = facts[ID] < tracks.next_id
    facts = facts[:, kept].copy()
    # Tracks are in the order in which they began.
    same = before[:, np.searchsorted(before[ID], facts[ID])]
    facts[[LABEL, VOTES, HITS]] = same[[LABEL, VOTES, HITS]]
    return msgspec.structs.replace(
        view.tracks,
        next_id=tracks.next_id,
        motion=view.motion[:, kept].tobytes(),
        facts=facts.tobytes(),
        times=view.times[:, kept].tobytes(),
    )
