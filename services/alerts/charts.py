"""A sensor's evidence as a chart: its readings, and how unusual the model found each. Pure.

In greys: colour belongs to alarms that nobody has acknowledged.
"""

import math
from collections.abc import Callable
from datetime import timedelta

import numpy as np

from services.alerts.canvas import FAINT, GRID, INK, Canvas, blank
from services.alerts.exhibits import Exhibit, Sample
from services.alerts.pictures import SHOWN_WIDTH, Caption, encode, strip
from services.alerts.words import CITY_TIME, Language, decimal, word
from streams.events import SECOND, Micros, to_datetime
from streams.feeds.registry import metrics

WIDTH, HEIGHT = SHOWN_WIDTH, 540
"""As wide and as high as most cameras' pictures."""
LEFT, RIGHT, TOP = 84, 20, 48
VALUES_END, SCORES_TOP, SCORES_END = 350, 410, 496
LARGE, SMALL = 22, 19
"""Letters; the chart is often shown at half its size."""
DASH = 12
DOT = 4
"""From the middle of what was measured once to its edges: it has to be seen at half the size."""
ALONE = 2 * SECOND
"""Before and after what was measured at one moment only."""
ALARMING = 0.5
"""Scores above are drawn bright; only a help for the eye, the rule has its own threshold."""
_STEPS = (1, 2, 5)
Along = Callable[[Micros], int]
"""Where a time lies, pixels from the left."""


def chart(
    exhibit: Exhibit, caption: Caption, *, limit: float | None = None, below: bool = True
) -> bytes:
    """The readings above, their anomaly scores under them, as PNG; ``below`` as in ``render``.

    The exhibit's moment is a line from top to bottom. The values that were expected then are two
    broken lines across, and a limit is one.

    Args:
        limit: of the rule, in the metric's unit.

    Raises:
        ValueError: there is no reading that was measured.
    """
    measured = [s for s in exhibit.series if s.value is not None]
    if not measured:
        raise ValueError("no readings to show")
    canvas = Canvas(blank(WIDTH, HEIGHT))
    first, last = exhibit.series[0].time, exhibit.series[-1].time
    if first == last:  # in the middle, where it is not taken for the axis
        first, last = first - ALONE, last + ALONE
    span = last - first

    def x(time: Micros) -> int:
        return LEFT + round((time - first) / span * (WIDTH - LEFT - RIGHT))

    language = caption.language
    values = [s.value for s in measured if s.value is not None]
    bounds = (exhibit.between or ()) if limit is None else (limit,)
    low, high, step = scale(min((*values, *bounds)), max((*values, *bounds)))
    for n in range(round((high - low) / step) + 1):
        y = _y(low + n * step, low, high)
        canvas.line(np.array([[LEFT, y], [WIDTH - RIGHT, y]], np.int32), GRID, 1)
        _label(canvas, decimal(f"{low + n * step:g}", language), y)
    metric = metrics().get(exhibit.metric)
    name = word(exhibit.metric or "value", language)
    if metric:
        name = f"{getattr(metric.name, language)} ({getattr(metric.unit, language)})"
    canvas.text(name, (LEFT, 28), LARGE, INK)
    for bound in bounds:
        _broken(canvas, _y(bound, low, high))
    if first <= exhibit.time <= last:
        moment = np.array([[x(exhibit.time), TOP], [x(exhibit.time), SCORES_END]], np.int32)
        canvas.line(moment, FAINT, 1)
    for piece in _pieces(exhibit.series):
        points = [[x(s.time), _y(s.value or 0.0, low, high)] for s in piece]
        canvas.line(np.array(points, np.int32), INK, 2)
        if len(points) == 1:
            (left, top) = points[0]
            canvas.fill((left - DOT, top - DOT), (left + DOT + 1, top + DOT + 1), INK)
    _scores(canvas, exhibit.series, x, language)
    _times(canvas, first, last, x)
    image = np.vstack([canvas.image, strip(WIDTH, caption)]) if below else canvas.image
    return encode(image, ".png")


def scale(low: float, high: float) -> tuple[float, float, float]:
    """Round bounds that hold both, and the step between at most seven lines."""
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((n * power for n in _STEPS if n * power >= raw), 10 * power)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _y(value: float, low: float, high: float) -> int:
    return round(VALUES_END - (value - low) / (high - low) * (VALUES_END - TOP))


def _label(canvas: Canvas, text: str, y: int) -> None:
    left = LEFT - 10 - canvas.text_width(text, SMALL)
    canvas.text(text, (left, y + 6), SMALL, FAINT)


def _broken(canvas: Canvas, y: int) -> None:
    for left in range(LEFT, WIDTH - RIGHT, 2 * DASH):
        right = min(left + DASH, WIDTH - RIGHT)
        canvas.line(np.array([[left, y], [right, y]], np.int32), FAINT, 2)


def _pieces(series: tuple[Sample, ...]) -> list[list[Sample]]:
    """The series, broken where nothing was measured."""
    pieces: list[list[Sample]] = [[]]
    for sample in series:
        if sample.value is None:
            pieces.append([])
        else:
            pieces[-1].append(sample)
    return [piece for piece in pieces if piece]


def _scores(canvas: Canvas, series: tuple[Sample, ...], x: Along, language: Language) -> None:
    width = max(2, (WIDTH - LEFT - RIGHT) // max(1, len(series)) - 2)
    canvas.text(f"{word('unusual', language)} 0–1", (LEFT, SCORES_TOP - 10), SMALL, FAINT)
    for score in (0, 1):
        y = SCORES_END - score * (SCORES_END - SCORES_TOP)
        canvas.line(np.array([[LEFT, y], [WIDTH - RIGHT, y]], np.int32), GRID, 1)
        _label(canvas, str(score), y)
    for sample in series:
        if sample.score is not None:
            top = SCORES_END - round(sample.score * (SCORES_END - SCORES_TOP))
            colour = INK if sample.score >= ALARMING else FAINT
            left = min(x(sample.time) - width // 2, WIDTH - RIGHT - width)
            canvas.fill((max(LEFT, left), top), (max(LEFT, left) + width, SCORES_END), colour)


def _times(canvas: Canvas, first: Micros, last: Micros, x: Along) -> None:
    for n in range(5):
        time = first + (last - first) * n // 4
        moment = to_datetime(time).astimezone(CITY_TIME) + timedelta(microseconds=SECOND // 2)
        text = f"{moment:%H:%M:%S}"
        width = canvas.text_width(text, SMALL)
        at = min(max(LEFT, x(time) - width // 2), WIDTH - RIGHT - width)
        canvas.text(text, (at, SCORES_END + 28), SMALL, FAINT)
