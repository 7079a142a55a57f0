"""Pictures for small tiles: many of them once a second must not fill a line."""

import cv2
import numpy as np
from numpy.typing import NDArray

from streams.cameras.pictures import decode

MEDIA_TYPE = "image/webp"
NARROWEST, WIDEST = 80, 640
BYTES_AT: tuple[tuple[int, int], ...] = (
    (240, 2_200), (320, 4_000), (480, 8_000), (WIDEST, 16_000)
)  # fmt: skip
"""(to which width, at most so many bytes): 16 of 240 pixels once a second are 2.1 MB a minute."""
QUALITIES = (40, 20, 6, 1)
"""Each that is tried costs some milliseconds."""


def small(jpeg: bytes, width: int, spared: int = 0) -> bytes:
    """The picture as WebP, no wider than ``width`` (pixels), in the best quality that fits.

    Args:
        spared: so many bytes fewer than a picture of that width may have.

    Raises:
        BadMessage: it is no picture.
    """
    picture: NDArray[np.uint8] = decode(jpeg)
    height = max(1, round(picture.shape[0] * min(1.0, width / picture.shape[1])))
    size = (min(width, picture.shape[1]), height)
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    most = next(most for widest, most in BYTES_AT if width <= widest) - spared
    data = b""
    for quality in QUALITIES:
        _, encoded = cv2.imencode(".webp", scaled, [cv2.IMWRITE_WEBP_QUALITY, quality])
        data = encoded.tobytes()
        if len(data) <= most:
            break
    return data
