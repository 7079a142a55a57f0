"""What a model saw in one frame."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from streams.events.bad_message import BadMessage
from streams.events.frames import FrameRef
from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

PIXEL_QUANTUM = 0.1
"""Boxes are stored in tenths of a pixel, quantised before the first threshold."""


SCORE_QUANTUM = 0.001


Verdict = Literal["good", "damaged", "frozen", "dark", "covered", "blinded", "moved"]
"""What a picture is worth. Nothing but a good one is looked at by a model, or judged. damaged: part
of it is missing. frozen: the same as the ones before it, to the last bit. dark: without any light.
covered: something is right before the lens. blinded: the sun or a lamp shines into it. moved: of
another view than the one that zones are drawn on."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


class Moved(Wire, frozen=True, array_like=True):
    """Where in a picture lies what the camera showed before it was moved."""

    right: int
    down: int
    """Thousandths of the picture's width and height by which it lies elsewhere."""
    zoom: int
    """Thousandths of the size that it had; 0: it is not to be found in the picture."""
    time: Micros = 0
    frame: FrameRef | None = None
    """The newest picture that showed it where it was."""


class Detections(Wire, frozen=True, array_like=True):
    """What a model saw in one frame; boxes quantised to 0.1 pixel, scores to 0.001."""

    camera: str
    time: Micros
    sequence: int
    origin: Origin
    frame: FrameRef
    width: int
    height: int
    """Of the picture, pixels."""
    model: str
    boxes: bytes
    """int32 [n, 4]: x0, y0, x1, y1 in tenths of a pixel."""
    classes: bytes
    """uint8 [n]: index into models.labels.CLASSES."""
    scores: bytes
    """uint16 [n]: thousandths."""
    late: bool = False
    """Behind the allowed lateness: stored, never interpreted."""
    verdict: Verdict = "good"
    """Of the picture; there are no boxes where it is not good."""
    as_of: Micros = 0
    """Time of the camera's picture that this one is as: that one a model looked at, this one none.
    There are no boxes here; what that one shows is still there. 0: this one was looked at."""
    moved: Moved | None = None
    """Of a picture that is ``moved``, once that is proven; until then it is doubted."""
    view: int = 0
    """Of a camera that tours: how often it has turned; nothing is followed from one to the next."""

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint16]]:
        """(boxes [n, 4], classes [n], scores [n]); raises BadMessage where sizes disagree."""
        n = len(self.classes)
        if len(self.boxes) != 16 * n or len(self.scores) != 2 * n:
            raise BadMessage("wrong_type", "boxes, classes and scores differ in length")
        boxes = np.frombuffer(self.boxes, "<i4").reshape(n, 4)
        return boxes, np.frombuffer(self.classes, "u1"), np.frombuffer(self.scores, "<u2")
