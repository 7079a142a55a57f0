"""Small videos, and a clock that goes by when somebody waits."""

from pathlib import Path

import cv2
import numpy as np


def film(path: Path, pictures: int, fps: float) -> Path:
    """Picture n is a grey of 10 n."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for number in range(pictures):
        writer.write(np.full((48, 64, 3), 10 * number, np.uint8))
    writer.release()
    return path


class Clock:
    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        return 1000.0 + self.passed

    def wait(self, seconds: float) -> bool:
        self.passed += seconds
        return False
