"""Pictures out of any source that OpenCV reads, at the pace of the real world."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from numpy import uint8
from numpy.typing import NDArray

from streams.events import MAX_PICTURE_PIXELS, Origin

# ffmpeg's own messages may contain addresses with their passwords.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
import cv2

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

Picture = NDArray[uint8]
"""[height, width, 3], BGR."""

TIMEOUT_MS = 5000
"""How long a network source may take to open, and to deliver a picture."""
JPEG_QUALITY = 90
FALLBACK_FPS = 25.0
"""Of a video that does not say how many frames it has a second."""
BEHIND_SECONDS = 1.0
"""A file that fell behind by more goes on from now instead of hurrying after."""


class CaptureError(Exception):
    """The source cannot be opened, or gives no more pictures; the message names no address."""


class Address(NamedTuple):
    """What an address means to OpenCV."""

    text: str

    @property
    def is_network(self) -> bool:
        return "://" in self.text

    @property
    def scheme(self) -> str:
        return self.text.partition("://")[0].lower() if self.is_network else ""

    @property
    def is_device(self) -> bool:
        return self.text.isdigit() or self.text.startswith("/dev/video")

    @property
    def is_file(self) -> bool:
        return not (self.is_network or self.is_device)

    @property
    def origin(self) -> Origin:
        """A file was recorded; a network address or a device is live."""
        return "recorded" if self.is_file else "live"


def frames_per_second(video: cv2.VideoCapture) -> float:
    """As the video says, where it says what can be."""
    said: float = video.get(cv2.CAP_PROP_FPS)
    return said if 0 < said <= 1000 else FALLBACK_FPS


class Capture:
    """An open source. Must be closed."""

    def __init__(self, address: str) -> None:
        """Raises CaptureError where OpenCV cannot open it."""
        self._address = Address(address)
        if self._address.is_file and not Path(address).is_file():
            raise CaptureError("there is no such file")
        self._video = _open(self._address)
        if not self._video.isOpened():
            self._video.release()
            raise CaptureError("OpenCV cannot open it")

    def close(self) -> None:
        self._video.release()

    def pictures(self, fps: float, wait: Callable[[float], bool]) -> Iterator[Picture]:
        """About ``fps`` pictures per second of media, at the speed of the real world, to its end.

        A file gives every k-th of its pictures, always the same ones, each when its time has
        come; a live source gives the newest when one is due. ``wait(seconds)`` says that it is
        time to stop.

        Raises:
            CaptureError: a live source fell silent.
        """
        if self._video.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
            yield from self._recorded(fps, wait)
        else:
            yield from self._live(fps, wait)
            raise CaptureError("no more pictures came")

    def _recorded(self, fps: float, wait: Callable[[float], bool]) -> Iterator[Picture]:
        media_fps = frames_per_second(self._video)
        every = max(1, round(media_fps / fps))
        due = time.monotonic()
        number = 0
        while self._video.grab():
            if number % every == 0:
                late = time.monotonic() - due
                if late > BEHIND_SECONDS:
                    due += late
                if wait(max(0.0, -late)):
                    return
                found, picture = self._video.retrieve()
                if found:
                    yield picture
                due += every / media_fps
            number += 1
        wait(max(0.0, due - time.monotonic()))

    def _live(self, fps: float, wait: Callable[[float], bool]) -> Iterator[Picture]:
        due = time.monotonic()
        while self._video.grab():
            if wait(0):
                return
            now = time.monotonic()
            if now < due:
                continue
            due = max(due + 1 / fps, now)
            found, picture = self._video.retrieve()
            if found:
                yield picture


def _open(address: Address) -> Any:
    if address.is_device:
        device = int(address.text) if address.text.isdigit() else address.text
        return cv2.VideoCapture(device)
    limits = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
        TIMEOUT_MS,
        cv2.CAP_PROP_READ_TIMEOUT_MSEC,
        TIMEOUT_MS,
    ]
    video = cv2.VideoCapture(address.text, cv2.CAP_FFMPEG, limits)
    if video.isOpened() or address.is_network:
        return video
    video.release()
    return cv2.VideoCapture(address.text)


def to_jpeg(picture: Picture) -> bytes:
    """Raises CaptureError where OpenCV cannot encode the picture.

    A picture of more pixels than the detector accepts is made smaller first.
    """
    height, width = picture.shape[:2]
    if height * width > MAX_PICTURE_PIXELS:
        scale = (MAX_PICTURE_PIXELS / (height * width)) ** 0.5
        size = int(width * scale), int(height * scale)
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise CaptureError("its picture cannot be encoded")
    return bytes(data)
