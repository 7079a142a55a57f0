"""What the system sees in a video: its pictures as a camera's, the boxes in them, the tracks.

The decoder, the pictures that it gives at a rate, their form as they are published, the detector
and the tracker are those of a camera; only nothing waits for a clock.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.commandline import film
from services.commandline.film import EVERY
from services.commandline.motchallenge import Follower, Row
from services.gateway.capture import to_jpeg
from services.gateway.decoder.timing import Slots
from streams.cameras.pictures import decode
from streams.events import SECOND

if TYPE_CHECKING:
    from models.detector import Detector


class Picture(NamedTuple):
    """One that was looked at."""

    number: int
    """Of the video's pictures, from 1."""
    time: float
    """Seconds since the first."""
    tenths: NDArray[np.int32]
    """[n, 4]."""
    classes: NDArray[np.uint8]
    thousandths: NDArray[np.uint16]


class Looked(NamedTuple):
    pictures: list[Picture]
    tracks: list[Row]
    """With classes; ``frame`` is the picture's number."""
    damaged: int
    """Pictures that the decoder called damaged: nobody looks at them, and they have no number."""
    spacing: float
    """Median seconds from one of the video's pictures to the next; 0 where there is one."""


def look(
    video: Path, detector: "Detector", fps: float | None, told: Callable[[float, float], None]
) -> Looked:
    """The whole video.

    Args:
        fps: pictures a second that are looked at, as a camera's; None: all.
        told: called with seconds of the video that are done, and in all (0: unknown).

    Raises:
        FilmError: it cannot be decoded.
    """
    slots, follower = Slots(fps or EVERY), Follower(1.0, tracked=True, named=True)
    seen: list[Picture] = []
    times: list[float] = []
    with film.opened(video) as source:
        for picture in source.pictures(told):
            times.append(source.time)
            if slots.due(source.time):
                slots.take(source.time)
                found = _found(detector, picture)
                seen.append(Picture(len(times), source.time, *found))
                follower.take(len(times), *found, time=round(source.time * SECOND) + 1)
    gaps = np.diff(times)
    spacing = float(np.median(gaps)) if len(gaps) else 0.0
    return Looked(seen, follower.rows, source.damaged, spacing)


def _found(
    detector: "Detector", picture: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint16]]:
    """Boxes (in the picture as it was decoded), classes, scores of the picture as published."""
    image = decode(to_jpeg(picture))
    found = detector.detect(image)
    boxes = found.tenths()
    if image.shape != picture.shape:
        (height, width), (high, wide) = picture.shape[:2], image.shape[:2]
        scale = np.array([width / wide, height / high] * 2)
        boxes = np.rint(boxes * scale).astype(np.int32)
    return boxes, found.classes, found.thousandths()
