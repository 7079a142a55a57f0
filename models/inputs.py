"""How a picture, or a part of one, becomes what a network takes, and its pixels are found again."""

from typing import Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.tiles import WHOLE, Tiles

LARGEST = 1e6
"""What a network's input is moved or divided by at most: colours are 0 to 255."""


class _Colours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channels: Literal["BGR", "RGB"]
    """Order of the colours in the network's input."""
    subtract: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Of each channel in that order, from its 0 to 255, …"""
    divide: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """… before it is divided by this."""
    tiles: Tiles = WHOLE

    def __post_init__(self) -> None:
        if not all(self.divide):
            raise ValueError("divide: no channel can be divided by 0")
        for name, by in (("divide", self.divide), ("subtract", self.subtract)):
            if not all(abs(value) <= LARGEST for value in by):
                raise ValueError(f"{name}: give numbers of at most {LARGEST:g}")
        if any(abs(value) < 1 / LARGEST for value in self.divide):
            raise ValueError(f"divide: give numbers of at least {1 / LARGEST:g}")

    def _paint(self, planes: NDArray[np.float32], image: NDArray[np.uint8]) -> None:
        """Writes an image of that size, BGR uint8, to the planes [3, height, width]."""
        channels = cv2.split(image)
        if self.channels == "RGB":
            channels = channels[::-1]
        # Plane by plane: several times faster than turning interleaved bytes into floats.
        for plane, channel in zip(planes, channels, strict=True):
            plane[:] = channel
        if any(self.subtract):
            planes -= np.array(self.subtract, np.float32)[:, None, None]
        if any(by != 1 for by in self.divide):
            planes /= np.array(self.divide, np.float32)[:, None, None]


class Letterbox(_Colours, frozen=True, tag="letterbox", tag_field="kind"):
    """The picture is scaled to fit, placed at the top left, and the rest filled."""

    fill: int
    """Grey level, 0 to 255, as are the picture's."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.fill <= 255:
            raise ValueError(f"fill {self.fill} is no grey level: give 0 to 255")

    def fit(self, image: NDArray[np.uint8], blob: NDArray[np.float32]) -> None:
        """Writes the image, BGR uint8 [height, width, 3], to the blob [3, height, width]."""
        height, width = image.shape[:2]
        scale = self._scale(width, height, blob.shape[2], blob.shape[1])
        fitted = (max(1, int(width * scale)), max(1, int(height * scale)))
        resized = cv2.resize(image, fitted, interpolation=cv2.INTER_LINEAR)
        if any(self.subtract) or any(by != 1 for by in self.divide):
            self._paint(blob, np.full((*blob.shape[1:], 3), self.fill, np.uint8))
        else:
            blob[:] = self.fill
        self._paint(blob[:, : fitted[1], : fitted[0]], np.asarray(resized, np.uint8))

    def back(
        self, corners: NDArray[np.float64], size: tuple[int, int], network: tuple[int, int]
    ) -> NDArray[np.float64]:
        """Corners [n, 4] in pixels of an image of that size (width, height)."""
        found: NDArray[np.float64] = corners / self._scale(*size, *network)
        return found

    @staticmethod
    def _scale(width: int, height: int, wide: int, high: int) -> float:
        return min(high / height, wide / width)


class Stretch(_Colours, frozen=True, tag="stretch", tag_field="kind"):
    """The picture fills the input, whatever that does to its proportions."""

    def fit(self, image: NDArray[np.uint8], blob: NDArray[np.float32]) -> None:
        """See ``Letterbox.fit``."""
        size = (blob.shape[2], blob.shape[1])
        resized = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        self._paint(blob, np.asarray(resized, np.uint8))

    def back(
        self, corners: NDArray[np.float64], size: tuple[int, int], network: tuple[int, int]
    ) -> NDArray[np.float64]:
        """See ``Letterbox.back``."""
        found: NDArray[np.float64] = corners * (np.array(size * 2) / np.array(network * 2))
        return found


Input = Letterbox | Stretch
