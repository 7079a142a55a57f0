"""Scores of one series from its beginning to its end, each resting on what came before it only."""

import numpy as np
from numpy.typing import NDArray

from models.baseline import Baseline, empty, follow
from models.measured import nothing
from models.scorer import NOT_SCORED, WARM_UP, WINDOW, Scorer, features


def windows_of(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """[steps, series, metrics] to [steps, series, WINDOW, metrics]: nothing before them."""
    before = nothing((WINDOW - 1, *values.shape[1:])).astype(np.float32)
    padded = np.concatenate((before, values))
    sliding = np.lib.stride_tricks.sliding_window_view(padded, WINDOW, axis=0)
    return np.moveaxis(sliding, -1, 2)


def usual_before(values: NDArray[np.float32]) -> Baseline:
    """What was usual before each reading; arrays are [steps, series, metrics]."""
    now = empty(*values.shape[1:])
    before = []
    for step in values.astype(np.float64):
        before.append(now)
        now = follow(now, step)
    return Baseline(*(np.stack(arrays) for arrays in zip(*before, strict=True)))


def score_series(scorer: Scorer, values: NDArray[np.float32]) -> NDArray[np.uint16]:
    """[steps, series, metrics], in the order of METRICS, to scores [steps, series].

    NOT_SCORED before a series has had WARM_UP readings. A reading of which nothing was measured
    is not expected here.
    """
    windows, usual = windows_of(values), usual_before(values)
    ripe = usual.seen.max(axis=2) >= WARM_UP
    scores = np.full(values.shape[:2], NOT_SCORED, np.uint16)
    scores[ripe] = scorer.score(features(windows[ripe], Baseline(*(a[ripe] for a in usual))))
    return scores
