"""How well anomaly scores find labelled windows: the Numenta Anomaly Benchmark's standard profile.

Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark",
2015 (https://arxiv.org/abs/1510.03336), section II, as its scorer 1.1 computes it:

- A row whose score reaches the threshold is an alarm. Rows of the probationary period, the first
  15 % of a series and 750 at most, are neither right nor wrong.
- Of the alarms in a window the one that is worth most counts, which is the first: 1 in the window's
  first row, 0.86 in its middle, next to nothing in its last. A window without one costs 1.
- An alarm outside of all windows costs 0.11, and less right behind a window.
- One threshold for all series: the one that is worth most to them together.
- No alarm at all makes 0, one alarm in each window's first row and no other makes 100.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FALSE_ALARM = 0.11
"""What one costs; what is found or missed counts 1."""
PROBATION = 0.15
LONGEST_PROBATION = 750
STEEPNESS = 5.0
FAR = 3.0
"""Widths of a window behind it, from where on an alarm has nothing to do with it."""
NEVER = 2.0
"""A threshold that no score reaches."""


class Labelled(NamedTuple):
    """Scores of a series, and where its anomalies are."""

    scores: Floats
    """[rows], 0 to 1."""
    windows: Sequence[tuple[int, int]]
    """First and last row of each, in order, apart from each other."""


class Outcome(NamedTuple):
    """Of one series, or of several together, at a threshold."""

    windows: int
    """Those with rows behind the probationary period."""
    found: int
    false_alarms: int
    total: float
    """What all alarms are worth."""

    @property
    def score(self) -> float | None:
        """100 is perfect, and below 0 false alarms cost more than is found; None: no windows."""
        return 100.0 * (self.total + self.windows) / (2.0 * self.windows) if self.windows else None


class _Rows(NamedTuple):
    """Those that count, of one or several series."""

    score: Floats
    worth: Floats
    """What an alarm there is worth where there is no better one in the same window."""
    window: NDArray[np.int64]
    """Number of the window that it is in; -1: none."""


def probation(rows: int) -> int:
    """So many rows at the beginning do not count."""
    return min(math.floor(PROBATION * rows), LONGEST_PROBATION)


def worth(series: Labelled) -> Floats:
    """[rows]: what an alarm there is worth, were it the only one.

    Raises:
        ValueError: windows overlap, or reach beyond the series.
    """
    rows, before = len(series.scores), -1
    worth = np.full(rows, -FALSE_ALARM)
    for number, (first, last) in enumerate(series.windows, 1):
        if not before < first <= last < rows:
            raise ValueError(f"window {number} does not lie behind the one before it")
        width, before = last - first + 1, last
        inside = np.arange(first, last + 1)
        worth[first : last + 1] = _sigmoid((inside - last - 1) / width) / _sigmoid(np.array(-1.0))
        behind = np.arange(1, rows - last)
        worth[last + 1 :] = FALSE_ALARM * _sigmoid(behind / max(width - 1, 1))
    return worth


def _sigmoid(position: Floats) -> Floats:
    """From 1 far before the end of a window through 0 to -1 far behind it; position in widths."""
    near = 2.0 / (1.0 + np.exp(STEEPNESS * np.minimum(position, FAR))) - 1.0
    return np.where(position >= FAR, -1.0, near)


def _counting(corpus: Sequence[Labelled]) -> _Rows:
    scores, worths, windows, many = [np.empty(0)], [np.empty(0)], [np.empty(0, np.int64)], 0
    for series in corpus:
        window = np.full(len(series.scores), -1, np.int64)
        for number, (first, last) in enumerate(series.windows, many):
            window[first : last + 1] = number
        many += len(series.windows)
        counts = slice(probation(len(series.scores)), None)
        scores.append(series.scores[counts])
        worths.append(worth(series)[counts])
        windows.append(window[counts])
    return _Rows(np.concatenate(scores), np.concatenate(worths), np.concatenate(windows))


def outcome(corpus: Sequence[Labelled], threshold: float) -> Outcome:
    """Of all series together."""
    rows = _counting(corpus)
    numbers, place = np.unique(rows.window, return_inverse=True)
    real, alarm = numbers >= 0, rows.score >= threshold
    best = np.full(len(numbers), -1.0)
    np.maximum.at(best, place[alarm], rows.worth[alarm])
    false = alarm & (rows.window < 0)
    found = np.zeros(len(numbers), np.bool_)
    found[place[alarm]] = True
    total = float(best[real].sum() + rows.worth[false].sum())
    return Outcome(int(real.sum()), int((found & real).sum()), int(false.sum()), total)


def best_threshold(corpus: Sequence[Labelled]) -> float:
    """The highest of those that are worth most to all series together."""
    rows = _counting(corpus)
    order = np.argsort(-rows.score, kind="stable")
    score, worth, window = (array[order] for array in rows)
    gained = np.where(window < 0, worth, 0.0)
    best: dict[int, float] = {}
    for row in np.flatnonzero(window >= 0).tolist():
        number, new = int(window[row]), float(worth[row])
        gained[row] = max(new - best.get(number, -1.0), 0.0)
        best[number] = max(new, best.get(number, -1.0))
    last = np.ones(len(score), np.bool_)
    last[:-1] = score[1:] != score[:-1]
    totals = np.concatenate(([0.0], np.cumsum(gained)[last]))
    return float(np.concatenate(([NEVER], score[last]))[np.argmax(totals)])
