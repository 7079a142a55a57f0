"""Synthetic traffic with ground truth, and how well a tracker followed it."""

from collections import Counter, defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from streams.cameras import tracking
from streams.cameras.tracking import CONFIRMED, HITS, ID
from streams.events import SECOND


class Seen(NamedTuple):
    """One frame as a detector gives it, and whose each true box is."""

    boxes: NDArray[np.int32]
    classes: NDArray[np.uint8]
    scores: NDArray[np.uint16]
    truth: dict[int, NDArray[np.float64]]
    """Id to box, tenths of a pixel."""


class Quality(NamedTuple):
    mota: float
    """Bernardin and Stiefelhagen 2008."""
    idf1: float
    """Ristani et al. 2016."""
    switches: int


def street(seed: int, frames: int = 300, lanes: int = 6, missed: float = 0.05) -> list[Seen]:
    """Objects of several sizes and speeds, some faster than their own width a frame, crossing.

    A part is missed, boxes jitter by 3 % of their size, false boxes come at random.
    """
    rng = np.random.default_rng(seed)
    paths = []
    for who in range(lanes * frames // 40):
        width = rng.uniform(80, 600)
        size = np.array([width, width * rng.uniform(0.6, 1.8)])
        begin = int(rng.integers(0, frames - 20))
        leftwards = rng.random() < 0.5
        start = np.array([6400.0 if leftwards else 0.0, rng.uniform(600, 3500)])
        speed = rng.uniform(0.1, 1.2) * width * (-1 if leftwards else 1)
        velocity = np.array([speed, rng.uniform(-0.1, 0.1) * width])
        paths.append((who, begin, start, velocity, size, int(rng.integers(0, 5))))
    sequence = []
    for frame in range(frames):
        truth, boxes, classes, scores = {}, [], [], []
        for who, begin, start, velocity, size, label in paths:
            centre = start + velocity * (frame - begin)
            if frame < begin or not 0 <= centre[0] <= 6400:
                continue
            box = np.concatenate([centre - size / 2, centre + size / 2])
            truth[who] = box
            if rng.random() < missed:
                continue
            boxes.append(box + rng.normal(0, 0.03, 4) * np.tile(size, 2))
            classes.append(label)
            scores.append(rng.integers(420, 990))
        for _ in range(rng.poisson(0.1)):
            centre, half = rng.uniform(500, 3000, 2), rng.uniform(50, 200, 2)
            boxes.append(np.concatenate([centre - half, centre + half]))
            classes.append(int(rng.integers(0, 5)))
            scores.append(rng.integers(420, 650))
        order = rng.permutation(len(boxes))
        sequence.append(
            Seen(
                np.rint(np.array(boxes).reshape(-1, 4)[order]).astype(np.int32),
                np.array(classes, np.uint8)[order],
                np.array(scores, np.uint16)[order],
                truth,
            )
        )
    return sequence


def follow_all(
    sequence: list[Seen], period: int = SECOND // 5
) -> list[dict[int, NDArray[np.int32]]]:
    """Per frame, id to the detected box of every confirmed track."""
    tracks, result = tracking.EMPTY, []
    for number, seen in enumerate(sequence, 1):
        arrays = (each.tobytes() for each in (seen.boxes, seen.classes, seen.scores))
        view = tracking.follow(tracks, number * period, *arrays)
        tracks = view.tracks
        shown = (view.match >= 0) & (view.facts[HITS] >= CONFIRMED)
        ids, found = view.facts[ID][shown].tolist(), view.match[shown]
        result.append(dict(zip(ids, seen.boxes[found], strict=True)))
    return result


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, m] intersection over union."""
    inner = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    both = np.prod(np.maximum(inner, 0), axis=2)
    areas = [np.prod(c[:, 2:] - c[:, :2], axis=1) for c in (a, b)]
    return both / (areas[0][:, None] + areas[1] - both)


def quality(sequence: list[Seen], followed: list[dict[int, NDArray[np.int32]]]) -> Quality:
    last: dict[int, int] = {}
    together: Counter[tuple[int, int]] = Counter()
    true = false = missed = switches = 0
    for seen, tracks in zip(sequence, followed, strict=True):
        true += len(seen.truth)
        whom, ids = list(seen.truth), list(tracks)
        pairs: list[tuple[int, int]] = []
        if whom and ids:
            boxes = np.array(list(tracks.values()), np.float64)
            alike = overlap(np.array(list(seen.truth.values())), boxes)
            kept = np.array([[last.get(who) == track for track in ids] for who in whom])
            rows, columns = linear_sum_assignment(alike + kept, maximize=True)
            pairs = [
                (whom[r], ids[c]) for r, c in zip(rows, columns, strict=True) if alike[r, c] >= 0.5
            ]
        for who, track in pairs:
            switches += last.get(who, track) != track
            last[who] = track
            together[who, track] += 1
        missed += len(whom) - len(pairs)
        false += len(ids) - len(pairs)
    found = true - missed + false
    return Quality(
        1 - (missed + false + switches) / true, 2 * _best(together) / (true + found), switches
    )


def _best(together: Counter[tuple[int, int]]) -> int:
    whom = sorted({who for who, _ in together})
    ids = sorted({track for _, track in together})
    table: dict[tuple[int, int], int] = defaultdict(int, together)
    matrix = np.array([[table[who, track] for track in ids] for who in whom])
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return int(matrix[rows, columns].sum())
