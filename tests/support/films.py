"""Small videos, and a clock that goes by when somebody waits."""

from fractions import Fraction
from pathlib import Path

import av
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


def joined(path: Path, *sizes: tuple[int, int], pictures: int = 10, fps: int = 5) -> Path:
    """Videos of these sizes one after the other in one MPEG transport stream, as a camera sends
    that is set to another size; each of so many pictures, the middle of which is bright."""
    with path.open("wb") as out:
        for number, (width, height) in enumerate(sizes):
            part = path.with_suffix(f".{number}.ts")
            _encode(part, width, height, pictures, fps, number * pictures)
            out.write(part.read_bytes())
            part.unlink()
    return path


def _encode(path: Path, width: int, height: int, pictures: int, fps: int, first: int) -> None:
    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"bf": "0", "g": "5", "preset": "ultrafast"}
        for number in range(pictures):
            image = np.full((height, width, 3), 60, np.uint8)
            image[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 200
            image[:4, : 4 + 4 * number] = 255
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = first + number, Fraction(1, fps)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
