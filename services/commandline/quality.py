"""How well boxes and tracks agree with the truth: AP50, MOTA, IDF1, HOTA.

Tracks are measured by ``motrics`` (decision 0039): MOTA (Bernardin and Stiefelhagen 2008), IDF1
(Ristani et al. 2016), at an overlap of a half, and HOTA (Luiten et al. 2021), the mean over
overlaps of 0.05 to 0.95. What overlaps something ignored is neither found nor false, as in
MOTChallenge's own evaluation: everything in a frame is matched first, and what is matched to
something ignored is left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import motrics
import msgspec
import numpy as np
from numpy.typing import NDArray

from services.commandline.truth import IGNORED, Thing

OVERLAP = 0.5
"""Least intersection over union of a box and the thing that it shows."""
Floats = NDArray[np.float64]


class Seen(NamedTuple):
    """What was found in one frame, of one group."""

    boxes: Floats
    """[n, 4]: x0, y0, x1, y1, pixels."""
    scores: NDArray[np.int64]
    """[n]: thousandths; of tracks it is not asked for."""
    ids: NDArray[np.int64]
    """[n]: of tracks; of boxes it is not asked for."""


class Quality(msgspec.Struct, frozen=True):
    """Of one group over all frames; None where it has no meaning: no such thing is there, or the
    truth has no ids."""

    group: str
    frames: int
    true: int
    """Boxes of the truth."""
    objects: int | None
    """Ids of the truth."""
    found: int
    """Boxes of tracks."""
    tracks: int
    ap50: float | None
    mota: float | None = None
    idf1: float | None = None
    hota: float | None = None
    deta: float | None = None
    assa: float | None = None
    recall: float | None = None
    precision: float | None = None
    missed: int | None = None
    false: int | None = None
    switches: int | None = None


def measure(
    group: str, truth: Sequence[Sequence[Thing]], boxes: Sequence[Seen], tracks: Sequence[Seen]
) -> Quality:
    """Args: truth, boxes, tracks: of the same frames, in order; each frame's truth is whole, what
    is of other groups and ignored included."""
    real = [[thing for thing in things if thing.group == group] for things in truth]
    boxed = list(map(_boxes, real))
    left = [_without(things, seen, group) for things, seen in zip(truth, boxes, strict=True)]
    followed = [_without(things, seen, group) for things, seen in zip(truth, tracks, strict=True)]
    count = sum(map(len, real))
    ids = {thing.id for things in real for thing in things}
    tracked = bool(count) and min(ids) >= 0
    quality = Quality(
        group=group,
        frames=len(truth),
        true=count,
        objects=len(ids) if tracked else None,
        found=sum(len(seen.ids) for seen in followed),
        tracks=len({int(track) for seen in followed for track in seen.ids}),
        ap50=average_precision(boxed, left),
    )
    if not tracked:
        return quality
    said = motrics.evaluate(
        motrics.Frames([[each.id for each in things] for things in real], boxed),
        motrics.Frames([seen.ids.tolist() for seen in followed], [seen.boxes for seen in followed]),
        iou_threshold=OVERLAP,
    )
    clear = said.clear
    return msgspec.structs.replace(
        quality,
        mota=clear.mota,
        idf1=said.identity.idf1,
        hota=said.hota.hota,
        deta=said.hota.deta,
        assa=said.hota.assa,
        recall=clear.clr_re,
        precision=clear.clr_pr,
        missed=clear.num_misses,
        false=clear.num_false_positives,
        switches=clear.num_switches,
    )


def average_precision(truth: Sequence[Floats], found: Sequence[Seen]) -> float | None:
    """The area under precision over recall, as PASCAL VOC has it since 2010.

    Boxes of all frames in the order of their scores, each taken by the thing that it overlaps most
    if no better box has it; precision is made to fall (Everingham et al., *The PASCAL visual object
    classes challenge: a retrospective*, 2015, section 2.2, and ``VOCevaldet.m`` of its kit).
    Of equal scores, what is in an earlier frame comes first.

    Args:
        truth: [things, 4] of each frame.
    """
    count = sum(map(len, truth))
    if not count:
        return None
    ranked = sorted(
        (-int(score), frame, number)
        for frame, seen in enumerate(found)
        for number, score in enumerate(seen.scores)
    )
    taken = [np.zeros(len(things), bool) for things in truth]
    right = np.zeros(len(ranked))
    for rank, (_, frame, number) in enumerate(ranked):
        shared = overlaps(found[frame].boxes[number : number + 1], truth[frame])[0]
        best = int(shared.argmax()) if len(shared) else -1
        if best >= 0 and shared[best] >= OVERLAP and not taken[frame][best]:
            taken[frame][best], right[rank] = True, 1
    hits = right.cumsum()
    precision = hits / np.arange(1, len(ranked) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float((falling * right).sum() / count)


def overlaps(a: Floats, b: Floats) -> Floats:
    """[n, m]: intersection over union of boxes [n, 4] and [m, 4]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    area = [(each[:, 2:] - each[:, :2]).prod(axis=1) for each in (a, b)]
    shared: Floats = both / (area[0][:, None] + area[1][None, :] - both)
    return shared


def _without(things: Sequence[Thing], seen: Seen, group: str) -> Seen:
    """What was found, less what shows something ignored."""
    meant = [thing for thing in things if thing.group in (group, IGNORED)]
    if not len(seen.boxes) or all(thing.group == group for thing in meant):
        return seen
    pairs = motrics.match_boxes(_boxes(meant), seen.boxes, OVERLAP, "hungarian").matches
    gone = [number for at, number in pairs if meant[at].group == IGNORED]
    stays = np.ones(len(seen.ids), bool)
    stays[gone] = False
    return Seen(seen.boxes[stays], seen.scores[stays], seen.ids[stays])


def _boxes(things: Sequence[Thing]) -> Floats:
    """[n, 4]."""
    return np.array([thing.box for thing in things], np.float64).reshape(-1, 4)
