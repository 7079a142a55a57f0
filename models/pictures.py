"""Pictures with their truth, for training and measuring detectors: one .npz file a recording."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Picture(NamedTuple):
    """One picture and what is in it."""

    jpeg: bytes
    boxes: NDArray[np.float32]
    """[n, 4]: x0, y0, x1, y1 in pixels, clipped to the picture."""
    classes: NDArray[np.uint8]
    """[n]: index into ``models.labels.CLASSES``."""
    visible: NDArray[np.float32]
    """[n]: share of the thing that nothing hides, 0 to 1."""

    def image(self) -> NDArray[np.uint8]:
        """BGR uint8 [height, width, 3]; raises ValueError where it is no picture."""
        image = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError("not a picture")
        return np.asarray(image, np.uint8)


def save(path: Path, pictures: Iterable[Picture]) -> int:
    """Writes the pictures to ``path``; how many they were."""
    some = list(pictures)
    np.savez(
        path,
        jpegs=np.frombuffer(b"".join(picture.jpeg for picture in some), np.uint8),
        ends=np.cumsum([len(picture.jpeg) for picture in some]),
        counts=np.array([len(picture.classes) for picture in some]),
        boxes=np.concatenate([picture.boxes for picture in some]).astype(np.float32),
        classes=np.concatenate([picture.classes for picture in some]).astype(np.uint8),
        visible=np.concatenate([picture.visible for picture in some]).astype(np.float32),
    )
    return len(some)


def load(folder: Path) -> list[Picture]:
    """Every picture of every .npz file in the folder, by file name; raises OSError or KeyError."""
    pictures = []
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as file:
            data = {name: file[name] for name in file.files}
        jpegs = np.split(data["jpegs"], data["ends"][:-1])
        last = np.cumsum(data["counts"])
        for jpeg, count, end in zip(jpegs, data["counts"], last, strict=True):
            rows = slice(end - count, end)
            pictures.append(
                Picture(
                    jpeg.tobytes(),
                    data["boxes"][rows],
                    data["classes"][rows],
                    data["visible"][rows],
                )
            )
    return pictures
