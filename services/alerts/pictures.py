"""The evidence as people see it: the frame, masked, with its boxes and zone, and what it is. Pure.

Nothing covers the picture but thin lines and the boxes' small labels; what it is, when, and which
model saw it stand on a strip below.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.alerts.canvas import AMBER, BADGE, CYAN, FAINT, INK, PAPER, Canvas, Image, blank
from services.alerts.exhibits import Exhibit, Outline
from services.alerts.words import Language, decimal, local_time, word
from services.privacy.masker import Masked
from streams.cameras.lines import is_line
from streams.events import Micros

SHOWN_WIDTH = 960
"""Smaller pictures are enlarged, so that lines and letters can be thin."""
MAX_ENLARGED = 3
QUALITY = 92
_JPEG = [
    cv2.IMWRITE_JPEG_QUALITY, QUALITY,
    # Thin coloured lines would be washed out by the usual subsampling of colour.
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
]  # fmt: skip
ZONE_ALPHA = 0.10
STRIP = 52
"""Height of the strip below, in units of the canvas."""


class Caption(NamedTuple):
    title: str
    badge: str
    """Says so where the source is not live; empty: it is."""
    time: Micros
    model: str
    language: Language


def render(masked: Masked, exhibit: Exhibit, caption: Caption, *, below: bool = True) -> bytes:
    """The picture with everything drawn, as JPEG; the caption stands below it, or is left out."""
    factor = min(MAX_ENLARGED, -(-SHOWN_WIDTH // masked.picture.shape[1]))
    picture = _enlarged(masked.picture, factor)
    canvas = Canvas(picture)
    size = np.array([canvas.width, canvas.height])
    if exhibit.zone:
        points = (np.array(exhibit.zone) * (size - 1)).round().astype(np.int32)
        if is_line(exhibit.zone):
            canvas.stroke(points, CYAN)
        else:
            canvas.polygon(points, CYAN, ZONE_ALPHA)
    for box in exhibit.boxes:
        _box(canvas, box, factor, caption.language)
    if masked.whole:
        _note(canvas, word(masked.whole, caption.language))
    if below:
        picture = np.vstack([picture, strip(canvas.width, caption)])
    return encode(picture, ".jpg")


def strip(width: int, caption: Caption) -> Image:
    """What it is, when, and which model saw it; [height, width, 3]."""
    scale = Canvas(blank(width, 1)).scale
    canvas = Canvas(blank(width, round(STRIP * scale)))
    px, margin = canvas.px, canvas.px(12)
    large, small = px(18), px(14)
    right = width - margin
    if caption.badge:
        left = right - canvas.text_width(caption.badge, small) - px(12)
        canvas.fill((left, px(6)), (right, px(26)), BADGE)
        canvas.text(caption.badge, (left + px(6), px(21)), small, INK)
        right = left - margin
    title = canvas.fit(caption.title, large, right - margin)
    canvas.text(title, (margin, px(22)), large, INK)
    canvas.text(local_time(caption.time, caption.language), (margin, px(43)), small, FAINT)
    model = canvas.fit(caption.model, small, width // 2)
    canvas.text(model, (width - margin - canvas.text_width(model, small), px(43)), small, FAINT)
    return canvas.image


def encode(image: Image, extension: str) -> bytes:
    _, data = cv2.imencode(extension, image, _JPEG if extension == ".jpg" else [])
    return bytes(data.tobytes())


def _enlarged(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    if factor <= 1:
        return image.copy()
    enlarged: NDArray[np.uint8] = cv2.resize(
        image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC
    )
    return enlarged


def _note(canvas: Canvas, text: str) -> None:
    """Why nothing can be seen, in the middle."""
    px = canvas.px
    text = canvas.fit(text, px(18), canvas.width - px(16))
    width, top = canvas.text_width(text, px(18)) + px(16), canvas.height // 2
    left = (canvas.width - width) // 2
    canvas.fill((left, top - px(20)), (left + width, top + px(10)), PAPER)
    canvas.text(text, (left + px(8), top), px(18), INK)


def _box(canvas: Canvas, box: Outline, factor: int, language: Language) -> None:
    px = canvas.px
    x0, y0, x1, y1 = (round(edge * factor) for edge in (box.x0, box.y0, box.x1, box.y1))
    canvas.rectangle((x0, y0), (x1, y1), AMBER)
    label = f"{word(box.label, language)} {decimal(f'{box.score:.2f}', language)}"
    size = px(18)
    width, height = canvas.text_width(label, size) + px(8), px(24)
    left = max(0, min(x0, canvas.width - width))
    # Above the box, inside it where there is no room above.
    top = y0 - height if y0 >= height else min(y0, canvas.height - height)
    canvas.fill((left, top), (left + width, top + height), AMBER)
    canvas.text(label, (left + px(4), top + px(18)), size, PAPER)
