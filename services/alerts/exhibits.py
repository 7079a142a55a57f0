"""What an alert shows as its proof: the exact frame with its boxes, or a sensor's readings."""

import msgspec
import numpy as np

from models.labels import CLASSES
from models.measured import or_none
from models.scorer import NOT_SCORED
from services.privacy.keys import Place
from services.privacy.masks import Seen
from streams.events import Evidence, FrameRef, Micros


class Outline(msgspec.Struct, frozen=True):
    """A box of the picture, in pixels of the original frame; ``score`` 0–1."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: str
    score: float


class Sample(msgspec.Struct, frozen=True):
    """One reading and its anomaly score, 0–1; None: not measured, not scored."""

    time: Micros
    value: float | None
    score: float | None


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence as an alert keeps it; ``missing`` says why there is no picture of a frame."""

    source: str
    time: Micros
    model: str
    """``name@version``."""
    frame: FrameRef | None = None
    boxes: tuple[Outline, ...] = ()
    zone: tuple[tuple[float, float], ...] = ()
    """A polygon, or a line where it has two corners, in fractions of the picture's size."""
    metric: str = ""
    series: tuple[Sample, ...] = ()
    between: tuple[float, float] | None = None
    """The values between which the last reading was expected; None: nobody knows."""
    missing: str = ""
    """Empty: the frame's original bytes are kept under its sha256."""

    @property
    def model_name(self) -> str:
        return self.model.partition("@")[0]

    @property
    def model_version(self) -> str:
        return self.model.partition("@")[2]


def exhibit(evidence: Evidence, missing: str = "") -> Exhibit:
    """Stored units (tenths of a pixel, thousandths) become pixels and fractions."""
    return Exhibit(
        source=evidence.source,
        time=evidence.time,
        model=evidence.model,
        frame=evidence.frame,
        boxes=tuple(
            Outline(b.x0 / 10, b.y0 / 10, b.x1 / 10, b.y1 / 10, b.label, b.score / 1000)
            for b in evidence.boxes
        ),
        zone=evidence.zone,
        metric=evidence.metric,
        series=tuple(
            Sample(
                time,
                or_none(value),
                None if score == NOT_SCORED else score / 1000,
            )
            for time, value, score in evidence.series
        ),
        between=evidence.between,
        missing=missing,
    )


def place_of(shown: Exhibit) -> Place | None:
    """Where its picture is kept; None: there is none."""
    frame = shown.frame
    return None if frame is None else Place(shown.source, shown.time, frame.sha256)


def seen_in(shown: Exhibit) -> Seen:
    """What the evidence names, to be covered; what is of no class here as a person is."""
    boxes = np.array([[b.x0, b.y0, b.x1, b.y1] for b in shown.boxes], np.float64).reshape(-1, 4)
    names = [b.label if b.label in CLASSES else CLASSES[0] for b in shown.boxes]
    return Seen(boxes, np.array([CLASSES.index(name) for name in names], np.uint8))
