"""Labelled series: a file's scores, and the windows of its anomalies."""

from pathlib import Path, PurePath

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import novelty
from models.files import read_file
from models.measured import measured
from services.commandline.nab import Labelled, worth
from services.commandline.series import SCORE, VALUE, SeriesError, micros, parts

MOST_BYTES = 2**24
"""Of the windows; those of NAB's 58 series take 20 kB."""
Windows = dict[str, list[tuple[str, str]]]


def read_windows(path: Path) -> Windows:
    """First and last time of each anomaly, by file; raises SeriesError."""
    try:
        return msgspec.json.decode(read_file(path, MOST_BYTES), type=Windows)
    except OSError as error:
        raise SeriesError(f"{path}: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SeriesError(f'{path}: it is not {{"name.csv": [[first, last]]}}: {error}') from None


def read(path: Path, known: Windows, *, scored: bool = False) -> Labelled:
    """Args: scored: its own column ``anomaly_score`` counts. Raises SeriesError."""
    spans = [
        spans
        for name, spans in known.items()
        if path.parts[-len(PurePath(name).parts) :] == PurePath(name).parts
    ]
    if len(spans) != 1:
        has = "no windows of it" if not spans else "more than one list of windows for it"
        raise SeriesError(f"{path}: there are {has} (an empty list says that it has none)")
    state, times, scores = novelty.NEW, [np.empty(0, np.int64)], [np.empty(0)]
    for part in parts(path, column=SCORE if scored else VALUE):
        times.append(part.times)
        if scored:
            scores.append(_as_scores(path, part.values))
        else:
            state, found = novelty.follow(state, part.times, part.values)
            scores.append(found / novelty.UNITS)
    time, windows = np.concatenate(times), []
    try:
        for first, last in sorted(spans[0]):
            rows = np.flatnonzero((time >= micros(first)) & (time <= micros(last)))
            if not len(rows):
                raise ValueError(f"no row of it lies from {first} to {last}")
            windows.append((int(rows[0]), int(rows[-1])))
        labelled = Labelled(np.concatenate(scores), windows)
        worth(labelled)
    except ValueError as error:
        raise SeriesError(f"{path}: {error}") from None
    return labelled


def _as_scores(path: Path, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A row without a score says nothing, which is no alarm; raises SeriesError."""
    scores = np.where(measured(values), values, 0.0)
    if wrong := scores[(scores < 0) | (scores > 1)].tolist():
        raise SeriesError(f"{path}: a score is from 0 to 1, and one is {wrong[0]:g}")
    return scores
