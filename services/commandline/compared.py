"""What was seen in a video beside its truth: which picture is which frame, and how well they agree.

A picture that no frame of the truth is about says nothing, neither for nor against.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from models.labels import CLASSES
from services.commandline.looked import Looked
from services.commandline.quality import Quality, Seen, measure
from services.commandline.truth import GROUPS, Thing, Truth, TruthError, group_of

_ROUNDED = 0.001
"""Seconds: containers round timestamps."""


class Pair(NamedTuple):
    picture: int
    """Index of the picture that was looked at."""
    frame: int
    """Number of the truth's frame."""


def groups(truth: Truth, wanted: Sequence[str]) -> tuple[str, ...]:
    """What is compared: the truth's groups, or those of them that are wanted.

    Raises:
        TruthError: there is nothing to compare.
    """
    if unknown := sorted({group_of(name) for name in wanted} - set(GROUPS)):
        raise TruthError(f"no {unknown[0]!r} is compared; there are {', '.join(GROUPS)}")
    there = truth.groups
    chosen = {group_of(name) for name in wanted} or set(there)
    if not there or (wanted and not chosen & set(there)):
        raise TruthError(
            f"the truth has no {' or '.join(sorted(chosen) or GROUPS)} that is to be found"
        )
    return tuple(group for group in GROUPS if group in chosen)


def pairs(
    truth: Truth,
    seen: Looked,
    fps: float | None,
    covered: tuple[int, int] | None,
    labelled: bool,
) -> list[Pair]:
    """By number, or by time if the truth counts so many frames a second (the first is at 0).

    By time, a frame goes with the picture nearest to it, if no picture of the video was nearer.

    Args:
        covered: first and last number that the truth covers; None: those of its lines.
        labelled: whether frames without a line are not covered.

    Raises:
        TruthError: no picture that was looked at is covered.
    """
    first, last = covered or (min(truth.frames), max(truth.frames))
    if fps is None:
        found: Iterable[Pair] = (Pair(at, each.number) for at, each in enumerate(seen.pictures))
    else:
        found = _by_time(seen, fps)
    chosen = [
        pair
        for pair in found
        if first <= pair.frame <= last and (pair.frame in truth.frames or not labelled)
    ]
    if not chosen:
        raise TruthError(
            f"none of the {len(seen.pictures)} pictures looked at is a frame that the truth covers"
            f" ({first}-{last}): see --fps, --truth-fps, --frames"
        )
    return chosen


def quality(group: str, truth: Truth, seen: Looked, pairs: Sequence[Pair]) -> Quality:
    """Of one group, over these frames."""
    meant = np.array([group_of(name) == group for name in CLASSES])
    tracks: dict[int, list[tuple[int, tuple[float, ...], int]]] = {}
    for row in seen.tracks:
        if meant[row.kind]:
            box = tuple(edge / 10 for edge in (row.x0, row.y0, row.x1, row.y1))
            tracks.setdefault(row.frame, []).append((row.id, box, row.score))
    real: list[Sequence[Thing]] = []
    boxes, followed = [], []
    for at, frame in pairs:
        picture = seen.pictures[at]
        real.append(truth.frames.get(frame, ()))
        chosen = meant[picture.classes]
        scores = picture.thousandths[chosen].astype(np.int64)
        boxes.append(Seen(picture.tenths[chosen] / 10, scores, np.full(len(scores), -1)))
        there = tracks.get(picture.number, [])
        followed.append(
            Seen(
                np.array([box for _, box, _ in there], np.float64).reshape(-1, 4),
                np.array([score for *_, score in there], np.int64),
                np.array([track for track, *_ in there], np.int64),
            )
        )
    return measure(group, real, boxes, followed)


def _by_time(seen: Looked, fps: float) -> list[Pair]:
    near = seen.spacing / 2 + _ROUNDED
    best: dict[int, tuple[float, int]] = {}
    for at, picture in enumerate(seen.pictures):
        frame = round(picture.time * fps) + 1
        apart = abs(picture.time - (frame - 1) / fps)
        if apart <= near:
            best[frame] = min(best.get(frame, (apart, at)), (apart, at))
    return [Pair(at, frame) for frame, (_, at) in sorted(best.items())]
