"""Drawing on pictures: text in any language, thin lines that show on light and on dark."""

import unicodedata

import cv2
import numpy as np
from numpy.typing import NDArray

from streams.visible import line

Image = NDArray[np.uint8]
"""BGR, [height, width, 3]."""
Colour = tuple[int, int, int]
"""BGR."""
Point = tuple[int, int]
"""Pixels from the left, from the top."""

INK: Colour = (236, 236, 236)
FAINT: Colour = (160, 160, 160)
PAPER: Colour = (34, 32, 30)
GRID: Colour = (62, 58, 54)
AMBER: Colour = (40, 176, 255)
CYAN: Colour = (220, 196, 96)
BADGE: Colour = (70, 66, 62)
_SHADOW: Colour = (16, 16, 16)

REFERENCE_WIDTH = 960
"""Where one unit of length is one pixel."""
_MISDRAWN = str.maketrans({"\u1edd": "\u01a1\u0300", "\u1ee1": "\u01a1\u0303"})
"""The font's own glyphs of these two (ơ with grave, ơ with tilde) show other letters; composed
of letter and mark they are right."""


class Canvas:
    """An image that is drawn on; letters and lines grow with its width."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.scale = self.width / REFERENCE_WIDTH
        self._line = max(1, round(1.5 * self.scale))
        self._font = cv2.FontFace("uni")  # of OpenCV's own the one that has all of Vietnamese

    def px(self, length: float) -> int:
        """A length at the reference width, in pixels of this image."""
        return round(length * self.scale)

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    def text_width(self, text: str, size: int) -> int:
        """In pixels; ``size`` as in ``text``."""
        _, _, width, _ = cv2.getTextSize((1, 1), _drawn(text), (0, 0), self._font, size)
        return int(width)

    def text(self, text: str, at: Point, size: int, colour: Colour) -> None:
        """``at``: left end of the baseline; ``size`` in pixels."""
        cv2.putText(self.image, _drawn(text), at, colour, self._font, size)

    def fit(self, text: str, size: int, width: int) -> str:
        """The text, cut with an ellipsis where it is wider than ``width`` pixels."""
        if self.text_width(text, size) <= width:
            return text
        while text and self.text_width(text + "…", size) > width:
            text = text[:-1]
        return text.rstrip() + "…"

    def rectangle(self, first: Point, last: Point, colour: Colour) -> None:
        """An outline with a dark edge on both sides."""
        for tone, thickness in ((_SHADOW, 2 + self._line), (colour, self._line)):
            cv2.rectangle(self.image, first, last, tone, thickness, cv2.LINE_8)

    def fill(self, first: Point, end: Point, colour: Colour) -> None:
        """From ``first`` up to, not including, ``end``."""
        (x0, y0), (x1, y1) = first, end
        self.image[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = colour

    def polygon(self, points: NDArray[np.int32], colour: Colour, alpha: float) -> None:
        """A closed outline over a faint filling; points [n, 2]."""
        tinted = self.image.copy()
        cv2.fillPoly(tinted, [points], colour, cv2.LINE_AA)
        cv2.addWeighted(tinted, alpha, self.image, 1 - alpha, 0, self.image)
        self.stroke(points, colour, closed=True)

    def stroke(self, points: NDArray[np.int32], colour: Colour, *, closed: bool = False) -> None:
        """A line through points [n, 2] with a dark edge on both sides."""
        self.line(points, _SHADOW, 2 + self._line, closed=closed)
        self.line(points, colour, self._line, closed=closed)

    def line(
        self, points: NDArray[np.int32], colour: Colour, thickness: int, *, closed: bool = False
    ) -> None:
        """A line through points [n, 2]."""
        cv2.polylines(self.image, [points], closed, colour, thickness, cv2.LINE_AA)


def blank(width: int, height: int, colour: Colour = PAPER) -> Image:
    return np.full((height, width, 3), colour, np.uint8)


def _drawn(text: str) -> str:
    return unicodedata.normalize("NFC", line(text)).translate(_MISDRAWN)
