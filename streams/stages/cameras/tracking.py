"""Multi-object tracking whose whole state is a few hundred bytes, equal on every machine.

After SORT (Bewley et al. 2016), ByteTrack (Zhang et al. 2022: weak detections may continue a
track, never begin one) and C-BIoU (Yang et al. 2023: boxes are enlarged before they are compared,
so that a small fast two-wheeler at 5 frames/s still meets its prediction). Motion is an
alpha-beta filter whose gains are those of a growing memory (Brookner 1998, table 1.2), with a
floor. Why an own tracker: docs/decisions/0002-own-tracker.md.

Arithmetic is elementwise IEEE float32 and integers only, so every machine computes the same bits.
Boxes are in tenths of a pixel, velocities in tenths of a pixel per second.

A frame of twenty objects is so little arithmetic that the calls cost more than what they compute:
hence arrays of no dimension as constants (half the cost of a number, which numpy converts at each
call), casts before the arithmetic instead of in it, and no work for what nobody changed.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from models.labels import CLASSES
from streams.events import SECOND, Micros
from streams.stages.cameras.masks import every, some

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

STRONG = np.array(500, np.uint16)
"""Thousandths: a weaker detection continues a track, it never begins one."""
CONFIRMED = np.array(3, np.int32)
"""Detections that make a track an object."""
BUFFER = np.array(0.3, np.float32)
"""Each side of a box is moved out by this part of its size before boxes are compared …"""
MARGIN = np.array(20, np.float32)
"""… and by this many tenths of a pixel."""
ALIKE = np.array(0.15, np.float32)
"""The least overlap of two enlarged boxes (intersection over union) of one object."""
SAME = 0.6
"""Overlap at which an unexplained detection is a second box on a tracked object."""
STILL = np.array(0.25, np.float32)
"""An object stands while its centre is within this part of its size from its anchor …"""
JITTER = np.array(15, np.float32)
"""… plus this many tenths of a pixel."""
STANDING: Micros = SECOND
"""An object that has stood this long has no velocity."""
KEEP_TENTATIVE: Micros = SECOND // 2
KEEP: Micros = 2 * SECOND
KEEP_STANDING: Micros = 30 * SECOND
"""An unseen object that had stood for ``SETTLED`` is waited for as long as this."""
SETTLED: Micros = 5 * SECOND
MOST_VOTES = np.array(20_000, np.int32)
"""Thousandths; bounds how long a wrong class is believed."""

ALPHA = np.array([1, 1, 1, 5 / 6, 0.7, 0.6], np.float32)
BETA = np.array([0, 0, 1, 1 / 2, 0.3, 0.2], np.float32)
"""Gains of the k-th detection: (4k - 2) / (k² + k) and 6 / (k² + k), up to the sixth."""
_LAST_GAIN = np.array(len(ALPHA) - 1, np.int32)
_NOTHING = np.array(0, np.float32)
_SIZES, _MARGINS = np.array(2 * STILL), np.array(2 * JITTER)
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
    steady = _all_seen(tracks)
    if facts.shape[1] and (time - tracks.time > KEEP_TENTATIVE or not steady):
        kept = _kept(facts, times, time)
        if not every(kept):
            motion, facts, times = motion[:, kept], facts[:, kept], times[:, kept]
    n = facts.shape[1]
    # Predicted and detected boxes lie side by side, so that they are enlarged together.
    corners = np.empty((2, 2, n + len(classes)), np.float32)
    predicted, detected = corners[:, :, :n], corners[:, :, n:]
    drift = motion[VELOCITY] * np.float32((time - tracks.time) / SECOND)
    np.add(motion[BOX].reshape(2, 2, n), drift, out=predicted)
    detected[:] = boxes.T.reshape(2, 2, -1)
    likeness = _likeness(corners, facts[LABEL], classes)
    match = _assign(likeness, scores >= STRONG)
    if n:
        sight = Sight(time, detected, classes, scores)
        elapsed = time - tracks.time if steady else None
        motion, facts, times = _update((motion, facts, times), predicted, sight, match, elapsed)
    else:
        facts = facts.copy()
    next_id = tracks.next_id
    new = _unexplained(match, detected, scores)
    if new.size:
        ids = np.arange(next_id, next_id + new.size, dtype=np.int32)
        next_id += int(new.size)
        fresh = detected[:, :, new].reshape(4, -1)
        rest = np.zeros((2, new.size), np.float32)
        motion = np.hstack([motion, np.vstack([fresh, rest, fresh])])
        born = np.zeros((5, new.size), np.int32)
        born[ID], born[LABEL], born[VOTES], born[HITS] = ids, classes[new], scores[new], 1
        facts = np.hstack([facts, born])
        times = np.hstack([times, np.full((2, new.size), time, np.int64)])
        match = np.concatenate([match, new])
    return View(time, next_id, motion, facts, times, match)


def _all_seen(tracks: Tracks) -> bool:
    """Whether the last frame showed every track; compared as stored."""
    seen = tracks.times[len(tracks.times) // 2 :]
    return not seen or seen == tracks.time.to_bytes(8, "little") * (len(seen) // 8)


def _kept(facts: Ints, times: Longs, time: Micros) -> NDArray[np.bool_]:
    """Tracks still waited for: the longer an object stood, the longer."""
    since, seen = times
    patience = np.where(facts[HITS] >= CONFIRMED, KEEP, KEEP_TENTATIVE)
    patience = np.where(seen - since >= SETTLED, KEEP_STANDING, patience)
    kept: NDArray[np.bool_] = time - seen <= patience
    return kept


def _likeness(corners: Floats, labels: Ints, classes: Any) -> Floats:
    """[n, m] overlap of enlarged boxes; 0 between a person and a vehicle.

    Args:
        corners: [2, 2, n + m], of the n tracks and then of the m detections.
    """
    low, high = corners
    step = high - low
    step *= BUFFER
    step += MARGIN
    low, high = low - step, high + step
    size = high - low
    area = size[0] * size[1]
    n = len(labels)
    inner = np.minimum(high[:, :n, None], high[:, None, n:])
    inner -= np.maximum(low[:, :n, None], low[:, None, n:])
    np.maximum(inner, _NOTHING, out=inner)
    both = inner[0]
    both *= inner[1]
    either = area[:n, None] + area[n:]
    either -= both
    both /= either
    alike = _GROUP[labels][:, None] == _GROUP[classes]
    both *= alike.astype(np.float32)
    likeness: Floats = both
    return likeness


def _assign(likeness: Floats, strong: NDArray[np.bool_]) -> NDArray[np.intp]:
    """[n]: the detection of each track; strong ones first, the rest for what is left."""
    n = len(likeness)
    if not likeness.size:
        return np.full(n, -1, np.intp)
    whole = every(strong)
    if whole:
        rows, columns = linear_sum_assignment(likeness, maximize=True)
        good = likeness[rows, columns] >= ALIKE
        if len(rows) == n and every(good):  # rows are sorted: each track has its detection
            match: NDArray[np.intp] = columns
            return match
    match = np.full(n, -1, np.intp)
    if whole:
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
    before: tuple[Floats, Ints, Longs],
    corners: Floats,
    sight: Sight,
    match: NDArray[np.intp],
    elapsed: Micros | None,
) -> tuple[Floats, Ints, Longs]:
    """Seen tracks move towards their detection, unseen ones as predicted.

    Args:
        corners: [2, 2, n], as predicted.
        elapsed: since each track was seen; None: they differ.
    """
    time, detected, classes, scores = sight
    motion, facts, times = before[0].copy(), before[1].copy(), before[2].copy()
    velocity = motion[VELOCITY]
    hit = match >= 0
    whole = every(hit)
    if detected.size:
        hits = facts[HITS]
        hits += hit.astype(np.int32)
        order = np.minimum(hits, _LAST_GAIN)
        alpha = ALPHA[order]
        if elapsed is None:
            beta = BETA[order]
            beta /= (time - times[SEEN]) * np.float32(2 / SECOND)
        else:
            beta = _betas(elapsed)[order]
        if not whole:
            seen = hit.astype(np.float32)
            alpha *= seen
            beta *= seen
        away = detected.take(match, axis=2)
        away -= corners
        velocity += (away[0] + away[1]) * beta
        away *= alpha
        away += corners
        corners = away
        _vote(facts, hit, whole, classes[match], scores[match])
        times[SEEN] = time if whole else np.where(hit, time, times[SEEN])
    motion[BOX] = corners.reshape(4, -1)
    low, high = motion[ANCHOR].reshape(2, 2, -1)
    shift = corners[0] + corners[1]
    shift -= low
    shift -= high
    np.abs(shift, out=shift)
    bound = high - low
    bound *= _SIZES
    bound += _MARGINS
    far = shift > bound
    if some(far):
        moved = far.any(axis=0)
        motion[ANCHOR] = np.where(moved, motion[BOX], motion[ANCHOR])
        times[SINCE][moved] = time
    moves = times[SINCE] > time - STANDING
    if not every(moves):
        velocity *= moves.astype(np.float32)
    return motion, facts, times


@lru_cache(maxsize=64)
def _betas(elapsed: Micros) -> Floats:
    """BETA for tracks last seen so long ago; cameras are regular, so that most ask for the same."""
    betas: Floats = BETA.copy()
    betas /= np.full(1, elapsed) * np.float32(2 / SECOND)
    betas.flags.writeable = False
    return betas


def _vote(facts: Ints, hit: NDArray[np.bool_], whole: bool, classes: Any, scores: Any) -> None:
    """Majority vote weighted by score (Boyer and Moore 1991), in place."""
    weight = scores.astype(np.int32)
    if not whole:
        weight *= hit
    classes = classes.astype(np.int32)
    labels, votes = facts[LABEL], facts[VOTES]
    agrees = labels == classes
    if every(agrees):
        votes += weight
    else:
        balance = votes + np.where(agrees, weight, -weight)
        np.copyto(labels, classes, where=balance < 0)
        np.abs(balance, out=votes)
    np.minimum(votes, MOST_VOTES, out=votes)


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
