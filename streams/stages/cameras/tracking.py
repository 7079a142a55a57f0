"""Multi-object tracking whose whole state is a few hundred bytes, equal on every machine.

After SORT (Bewley et al. 2016), ByteTrack (Zhang et al. 2022: weak detections may continue a
track, never begin one) and C-BIoU (Yang et al. 2023: boxes are enlarged before they are compared,
so that a small fast two-wheeler at 5 frames/s still meets its prediction). Motion is an
alpha-beta filter whose gains are those of a growing memory (Brookner 1998, table 1.2), with a
floor. Why an own tracker: docs/decisions/0002-own-tracker.md.

Arithmetic is elementwise IEEE float32 and integers only, so every machine computes the same bits.
Boxes are in tenths of a pixel, velocities in tenths of a pixel per second.
"""

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.labels import CLASSES
from streams.events import SECOND, Micros

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

STRONG = 500
"""Thousandths: a weaker detection continues a track, it never begins one."""
CONFIRMED = 3
"""Detections that make a track an object."""
BUFFER = np.float32(0.3)
"""Each side of a box is moved out by this part of its size before boxes are compared …"""
MARGIN = np.float32(20)
"""… and by this many tenths of a pixel."""
ALIKE = 0.15
"""The least overlap of two enlarged boxes (intersection over union) of one object."""
SAME = 0.6
"""Overlap at which an unexplained detection is a second box on a tracked object."""
STILL = np.float32(0.25)
"""An object stands while its centre is within this part of its size from its anchor …"""
JITTER = np.float32(15)
"""… plus this many tenths of a pixel."""
STANDING: Micros = SECOND
"""An object that has stood this long has no velocity."""
KEEP_TENTATIVE: Micros = SECOND // 2
KEEP: Micros = 2 * SECOND
KEEP_STANDING: Micros = 30 * SECOND
"""An unseen object that had stood for ``SETTLED`` is waited for as long as this."""
SETTLED: Micros = 5 * SECOND
MOST_VOTES = 20_000
"""Thousandths; bounds how long a wrong class is believed."""

ALPHA = np.array([1, 1, 1, 5 / 6, 0.7, 0.6], np.float32)
BETA = np.array([0, 0, 1, 1 / 2, 0.3, 0.2], np.float32)
"""Gains of the k-th detection: (4k - 2) / (k² + k) and 6 / (k² + k), up to the sixth."""
_GROUP = np.array([name != "person" for name in CLASSES])
"""A car may be taken for a truck between two frames, a person is never taken for a vehicle."""

# Rows of the state's matrices; a column is one track.
BOX, VELOCITY, ANCHOR = slice(0, 4), slice(4, 6), slice(6, 10)
ID, LABEL, VOTES, HITS, TALLIED = range(5)
SINCE, SEEN = range(2)
"""Since when it stands at its anchor; when it was last detected."""


class Tracks(msgspec.Struct, frozen=True, array_like=True):
    """All objects of one camera after one frame."""

    time: Micros = 0
    next_id: int = 1
    motion: bytes = b""
    """float32 [10, n]: box, velocity of the centre, anchor box."""
    facts: bytes = b""
    """int32 [5, n]: id, index of the class, votes for it, detections, zones tallied in (bits)."""
    times: bytes = b""
    """int64 [2, n]: standing since, last seen."""


EMPTY = Tracks()


class Sight(NamedTuple):
    """What a frame shows, ready for arithmetic."""

    time: Micros
    corners: Floats
    """[2, 2, m]: low and high corners, x and y."""
    classes: NDArray[np.uint8]
    scores: NDArray[np.uint16]


class View(NamedTuple):
    """The tracks after a frame; ``facts`` may still be written to."""

    time: Micros
    next_id: int
    motion: Floats
    facts: Ints
    times: Longs
    match: NDArray[np.intp]
    """[n]: index of the frame's detection that is this track; -1: unseen."""

    @property
    def confirmed(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.facts[HITS] >= CONFIRMED
        return found


def unpack(tracks: Tracks) -> tuple[Floats, Ints, Longs]:
    """(motion [10, n], facts [5, n], times [2, n]); read only."""
    motion = np.frombuffer(tracks.motion, np.float32).reshape(10, -1)
    facts = np.frombuffer(tracks.facts, np.int32).reshape(5, -1)
    return motion, facts, np.frombuffer(tracks.times, np.int64).reshape(2, -1)


def pack(view: View) -> Tracks:
    """The state that a view stands for."""
    time, next_id, motion, facts, times, _ = view
    return Tracks(time, next_id, motion.tobytes(), facts.tobytes(), times.tobytes())


def follow(
    tracks: Tracks,
    time: Micros,
    boxes: NDArray[np.int32],
    classes: NDArray[np.uint8],
    scores: NDArray[np.uint16],
) -> View:
    """The tracks after a frame at ``time``, which is later than the last.

    Args:
        boxes: [m, 4], x0, y0, x1, y1 in tenths of a pixel, x0 < x1, y0 < y1.
        classes: [m], indexes into CLASSES.
        scores: [m], thousandths.
    """
    motion, facts, times = unpack(tracks)
    if facts.shape[1] and (time - tracks.time > KEEP_TENTATIVE or _any_unseen(tracks, times)):
        kept = _kept(facts, times, time)
        if not kept.all():
            motion, facts, times = motion[:, kept], facts[:, kept], times[:, kept]
    seconds = np.float32((time - tracks.time) / SECOND)
    corners = motion[BOX].reshape(2, 2, -1) + motion[VELOCITY] * seconds
    detected = boxes.T.astype(np.float32, order="C").reshape(2, 2, -1)
    sight = Sight(time, detected, classes, scores)
    likeness = _likeness(corners, detected, facts[LABEL], classes)
    match = _assign(likeness, scores >= STRONG)
    if match.size:
        motion, facts, times = _update((motion, facts, times), corners, sight, match)
    else:
        facts = facts.copy()
    next_id = tracks.next_id
    new = _unexplained(match, detected, scores)
    if new.size:
        ids = np.arange(next_id, next_id + new.size, dtype=np.int32)
        next_id += int(new.size)
        fresh = detected.reshape(4, -1)[:, new]
        rest = np.zeros((2, new.size), np.float32)
        motion = np.hstack([motion, np.vstack([fresh, rest, fresh])])
        born = np.zeros((5, new.size), np.int32)
        born[ID], born[LABEL], born[VOTES], born[HITS] = ids, classes[new], scores[new], 1
        facts = np.hstack([facts, born])
        times = np.hstack([times, np.full((2, new.size), time, np.int64)])
        match = np.concatenate([match, new])
    return View(time, next_id, motion, facts, times, match)


def _any_unseen(tracks: Tracks, times: Longs) -> bool:
    return bool((times[SEEN] != tracks.time).any())


def _kept(facts: Ints, times: Longs, time: Micros) -> NDArray[np.bool_]:
    """Tracks still waited for: the longer an object stood, the longer."""
    since, seen = times
    patience = np.where(facts[HITS] >= CONFIRMED, KEEP, KEEP_TENTATIVE)
    patience = np.where(seen - since >= SETTLED, KEEP_STANDING, patience)
    kept: NDArray[np.bool_] = time - seen <= patience
    return kept


def _likeness(corners: Floats, detected: Floats, labels: Ints, classes: Any) -> Floats:
    """[n, m] overlap of enlarged boxes; 0 between a person and a vehicle."""
    low, high, area = _enlarged(np.concatenate((corners, detected), axis=2))
    n = corners.shape[2]
    low, low_, high, high_ = low[:, :n], low[:, n:], high[:, :n], high[:, n:]
    inner = np.minimum(high[:, :, None], high_[:, None, :])
    inner -= np.maximum(low[:, :, None], low_[:, None, :])
    np.maximum(inner, 0, out=inner)
    both = inner[0] * inner[1]
    either = area[:n, None] + area[n:]
    either -= both
    both /= either
    both *= _GROUP[labels][:, None] == _GROUP[classes]
    likeness: Floats = both
    return likeness


def _enlarged(corners: Floats) -> tuple[Floats, Floats, Floats]:
    low, high = corners
    step = (high - low) * BUFFER + MARGIN
    low, high = low - step, high + step
    size = high - low
    return low, high, size[0] * size[1]


def _assign(likeness: Floats, strong: NDArray[np.bool_]) -> NDArray[np.intp]:
    """[n]: the detection of each track; strong ones first, the rest for what is left."""
    match = np.full(likeness.shape[0], -1, np.intp)
    if not likeness.size:
        return match
    if strong.all():
        rows, columns = linear_sum_assignment(likeness, maximize=True)
        good = likeness[rows, columns] >= ALIKE
        match[rows[good]] = columns[good]
        return match
    for chosen in (np.flatnonzero(strong), np.flatnonzero(~strong)):
        free = np.flatnonzero(match < 0)
        part = likeness[np.ix_(free, chosen)]
        rows, columns = linear_sum_assignment(part, maximize=True)
        good = part[rows, columns] >= ALIKE
        match[free[rows[good]]] = chosen[columns[good]]
    return match


def _update(
    before: tuple[Floats, Ints, Longs], corners: Floats, sight: Sight, match: NDArray[np.intp]
) -> tuple[Floats, Ints, Longs]:
    """Seen tracks move towards their detection, unseen ones as predicted."""
    time, detected, classes, scores = sight
    motion, facts, times = before[0].copy(), before[1].copy(), before[2].copy()
    hit = match >= 0
    whole = bool(hit.all())
    if detected.size:
        facts[HITS] += hit
        order = np.minimum(facts[HITS], 5)
        alpha, beta = ALPHA[order], BETA[order]
        if not whole:
            alpha *= hit
            beta *= hit
        away = detected[:, :, match]
        away -= corners
        beta /= (time - times[SEEN]) * np.float32(2 / SECOND)
        motion[VELOCITY] += (away[0] + away[1]) * beta
        away *= alpha
        corners = corners + away
        _vote(facts, hit, whole, classes[match], scores[match])
        times[SEEN] = time if whole else np.where(hit, time, times[SEEN])
    motion[BOX] = corners.reshape(4, -1)
    low, high = motion[ANCHOR].reshape(2, 2, -1)
    shift = np.abs(corners[0] + corners[1] - low - high)
    moved = (shift > (high - low) * (2 * STILL) + 2 * JITTER).any(axis=0)
    if moved.any():
        motion[ANCHOR] = np.where(moved, motion[BOX], motion[ANCHOR])
        times[SINCE][moved] = time
    motion[VELOCITY] *= times[SINCE] > time - STANDING
    return motion, facts, times


def _vote(facts: Ints, hit: NDArray[np.bool_], whole: bool, classes: Any, scores: Any) -> None:
    """Majority vote weighted by score (Boyer and Moore 1991), in place."""
    weight = scores if whole else np.where(hit, scores, 0)
    agrees = facts[LABEL] == classes
    if agrees.all():
        facts[VOTES] += weight
    else:
        votes = facts[VOTES] + np.where(agrees, weight, -weight.astype(np.int32))
        facts[LABEL] = np.where(votes < 0, classes, facts[LABEL])
        facts[VOTES] = np.abs(votes)
    np.minimum(facts[VOTES], MOST_VOTES, out=facts[VOTES])


def _unexplained(
    match: NDArray[np.intp], detected: Floats, scores: NDArray[np.uint16]
) -> NDArray[np.intp]:
    """Strong detections that are no track's, and no second box on what a track explains."""
    taken = match[match >= 0]
    if len(taken) == len(scores):
        return taken[:0]
    free = scores >= STRONG
    free[taken] = False
    new = np.flatnonzero(free)
    if not new.size or not taken.size:
        return new
    low, high = detected
    inner = np.minimum(high[:, new, None], high[:, None, taken])
    inner -= np.maximum(low[:, new, None], low[:, None, taken])
    np.maximum(inner, 0, out=inner)
    both = inner[0] * inner[1]
    size = high - low
    area = size[0] * size[1]
    second = both >= SAME * (area[new][:, None] + area[taken] - both)
    fresh: NDArray[np.intp] = new[~second.any(axis=1)]
    return fresh
