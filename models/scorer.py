"""How unusual a reading is: windows of readings to anomaly scores through an ONNX model.

The model sees a reading and the ``WINDOW - 1`` before it, each as a deviation from what is usual
for its own source (``models.baseline``), so one model serves every loop. Its input is rounded to
1/64 of a spread; ``models/loop_anomaly`` keeps every sum inside the model exact in float32, so its
scores are the same to the bit on any processor and in any batch.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.baseline import Baseline
from models.manifest import ModelError
from models.measured import measured
from models.registry import Model

TASK = "loop-anomaly"
METRICS = ("flow", "occupancy", "speed")
"""vehicles/h, %, km/h; a metric that a source does not measure is NOT_MEASURED."""
LEAST_SPREAD = np.array([100.0, 1.0, 2.0])
"""Of each metric, in its unit: what a loop's own coarseness explains."""
WINDOW = 24
"""Readings the model sees, the newest last."""
CALL_ROWS = 64
"""Rows of one model call, always: other sizes may take another path through the arithmetic."""
WARM_UP = 36
"""Readings of a source before its first score."""
FURTHEST = 8.0
"""Spreads beyond which a deviation is not told apart."""
QUANTUM = 64.0
"""Steps of the input for one spread."""
FEATURES = WINDOW * len(METRICS) * 2 + len(METRICS)
NOT_SCORED = 65535


class Scorer(Protocol):
    """What turns features into scores; a test passes a plain function of them."""

    id: str
    """``name@version``, as events carry it."""

    def score(self, features: NDArray[np.float32]) -> NDArray[np.uint16]:
        """[n, FEATURES] to anomaly scores [n] in thousandths."""
        ...


def features(windows: NDArray[np.float32], usual: Baseline) -> NDArray[np.float32]:
    """What the model sees of n readings.

    Args:
        windows: [n, WINDOW, metrics], oldest first.
        usual: of each reading's source before that reading, [n, metrics].

    Returns:
        [n, FEATURES]: deviations in spreads (0 where missing), 1 where there is a value, and
        how many spreads the level lies above zero, which tells sparse traffic from dense.
    """
    spread = np.maximum(usual.spread, LEAST_SPREAD)
    there = measured(windows)
    deviation = windows.astype(np.float64)
    deviation -= usual.level[:, None]
    deviation /= spread[:, None]
    deviation[~there] = 0.0
    n = len(windows)
    width = windows.shape[1] * windows.shape[2]
    seen = np.empty((n, 2 * width + windows.shape[2]), np.float32)
    seen[:, :width] = _quantised(deviation).reshape(n, width)
    seen[:, width : 2 * width] = there.reshape(n, width)
    seen[:, 2 * width :] = _quantised(usual.level / spread)
    return seen


def _quantised(spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """In place."""
    np.clip(spreads, -FURTHEST, FURTHEST, out=spreads)
    spreads *= QUANTUM
    np.rint(spreads, out=spreads)
    spreads /= QUANTUM
    return spreads


class OnnxScorer:
    """Runs a model of task ``loop-anomaly``; safe to share between threads.

    Raises:
        ModelError: the model does not take what ``features`` makes.
    """

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        if manifest.task != TASK or manifest.input.shape != (CALL_ROWS, FEATURES):
            wanted = f"task {TASK} with input {[CALL_ROWS, FEATURES]}"
            raise ModelError(f"{manifest.id}: wants {wanted}, has {list(manifest.input.shape)}")
        self.id = manifest.id
        self._session: Any = model.session
        self._input, self._outputs = manifest.input.name, [manifest.outputs[0].name]

    def score(self, features: NDArray[np.float32]) -> NDArray[np.uint16]:
        """[n, FEATURES] to anomaly scores [n] in thousandths, CALL_ROWS rows a call."""
        n = len(features)
        padded = np.zeros((-(-n // CALL_ROWS) * CALL_ROWS, FEATURES), np.float32)
        padded[:n] = features
        scores = np.empty(len(padded), np.uint16)
        for start in range(0, len(padded), CALL_ROWS):
            rows = slice(start, start + CALL_ROWS)
            (found,) = self._session.run(self._outputs, {self._input: padded[rows]})
            exact = np.clip(found.reshape(-1).astype(np.float64), 0.0, 1.0)
            scores[rows] = np.rint(exact * 1000.0).astype(np.uint16)
        return scores[:n]
