"""A film of what a detector saw: each picture with its boxes, their class and score."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from services.privacy.masker import WHY_WHOLE, Masker

CODECS = {".avi": "MJPG", ".mp4": "mp4v"}
"""By the file's name: what every OpenCV can write."""
COLOURS = ((80, 220, 80), (60, 80, 250), (250, 160, 40), (40, 200, 250), (250, 80, 200))
"""BGR, by class index, again from the start where there are more."""


class DrawnError(Exception):
    """The film cannot be written; the message says why."""


class Drawn:
    """
    Args:
        path: ends in one of ``CODECS``.
        fps: of the film.
        masker: of people and plates; None: nobody is masked.

    Raises:
        DrawnError: at once where the name has another end, at the first picture where OpenCV cannot
            write the file.
    """

    def __init__(self, path: Path, fps: float, masker: Masker | None) -> None:
        if path.suffix.lower() not in CODECS:
            raise DrawnError(f"{path}: give a name that ends in {' or '.join(CODECS)}")
        self._path, self._fps, self._masker = path, fps, masker
        self.whole: set[str] = set()
        """Why pictures were masked whole."""
        self._writer: Any = None

    def take(
        self,
        picture: NDArray[np.uint8],
        tenths: NDArray[np.int32],
        labels: list[str],
        classes: NDArray[np.uint8],
        thousandths: NDArray[np.uint16],
    ) -> None:
        """Args: picture: BGR [height, width, 3], not changed; tenths: [n, 4]; the rest [n]."""
        shown = picture.copy() if self._masker is None else self._masked(picture)
        for box, label, index, score in zip(tenths, labels, classes, thousandths, strict=True):
            colour = COLOURS[index % len(COLOURS)]
            x0, y0, x1, y1 = (int(edge) // 10 for edge in box)
            cv2.rectangle(shown, (x0, y0), (x1, y1), colour, 2)
            text = f"{label} {score / 1000:.2f}"
            place = (x0, max(10, y0 - 4))
            cv2.putText(shown, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
        if self._writer is None:
            codec = cv2.VideoWriter.fourcc(*CODECS[self._path.suffix.lower()])
            self._shape = picture.shape
            height, width = picture.shape[:2]
            self._writer = cv2.VideoWriter(str(self._path), codec, self._fps, (width, height))
            if not self._writer.isOpened():
                raise DrawnError(f"OpenCV cannot write {self._path}")
        self._writer.write(shown if shown.shape == self._shape else self._fitted(shown))

    def _fitted(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """As large as it can be in the first one's size, on black: OpenCV leaves out all others."""
        fitted = np.zeros(self._shape, np.uint8)
        scale = min(self._shape[0] / picture.shape[0], self._shape[1] / picture.shape[1])
        height, width = (max(1, int(side * scale)) for side in picture.shape[:2])
        fitted[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        return fitted

    def _masked(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        assert self._masker is not None
        masked = self._masker.cover(picture, "recorded")
        if masked.whole:
            self.whole.add(WHY_WHOLE[masked.whole])
        return masked.picture

    def close(self) -> None:
        """The film is whole after this; without a picture there is none."""
        if self._writer is not None:
            self._writer.release()
