"""What a wall of cameras is sent: one connection, a part for each picture that is newer.

A part is the length of its head (4 bytes, the most significant first), the head (JSON, ``Head``)
and then as many bytes of a picture as the head says.
"""

import msgspec

from services.api import small
from services.api.live_masks import LiveMasks
from services.api.newest import NewestDetections, NewestFrames
from streams.events import BadMessage, Detections, Frame, to_rfc3339

MOST = 16
"""Cameras of a wall."""
PATIENCE = 4
"""So often a camera is looked at before it is said that nothing comes of it: it is followed only
since somebody asked."""


class Seen(msgspec.Struct, frozen=True):
    """What a model saw: corners in fractions of the picture."""

    box: tuple[float, float, float, float]
    label: str
    score: float


class Head(msgspec.Struct, frozen=True, kw_only=True):
    camera: str = ""
    """Empty: nothing is new, the line is alive."""
    bytes: int = 0
    """Of the picture, which follows; 0: there is none."""
    none: bool = False
    """The camera has sent none lately."""
    type: str = ""
    time: str = ""
    """RFC 3339: when it was taken."""
    origin: str = ""
    masked: str = ""
    """``parts``, or why the whole picture is."""
    seen: list[Seen] | None = None
    """None: not asked for, or not known of this picture."""


ALIVE = Head()


def part(head: Head, picture: bytes = b"") -> bytes:
    said = msgspec.json.encode(msgspec.structs.replace(head, bytes=len(picture)))
    return len(said).to_bytes(4, "big") + said + picture


class Tile:
    """One camera on somebody's wall; ``look`` is called about once a second."""

    def __init__(self, camera: str, width: int | None) -> None:
        """``width``: of small pictures, in pixels; None: as the camera sends them."""
        self.camera, self._width = camera, width
        self._sent = ""
        """What was sent last: which picture, or ``none``."""
        self._looks = 0
        self._held: Frame | None = None
        """A picture that waits for what was seen in it."""

    def look(
        self, frames: NewestFrames, masks: LiveMasks, detections: NewestDetections | None
    ) -> bytes:
        """The next part; empty: there is nothing newer.

        Where boxes are asked for a picture is sent a round later: a model has looked at it by then.
        """
        try:
            frame = frames.newest(self.camera, 0.0)
            found: Detections | None = None
            if detections is not None:
                detections.of(self.camera, 0)  # it is followed from now on
                self._held, frame = frame, self._held or frame
                found = detections.of(self.camera, frame.time) if frame else None
            self._looks += 1
            if frame is None and self._looks < PATIENCE:
                return b""
            if frame is None:
                return self._say("none", Head(camera=self.camera, none=True))
            tag = f"{frame.sha256}-{frame.time}"
            if tag == self._sent:
                return b""
            shown = masks.shown(frame)
            picture, kind = shown.jpeg, "image/jpeg"
            if self._width is not None:
                picture, kind = small.small(shown.jpeg, self._width), small.MEDIA_TYPE
            seen = seen_in(found) if found is not None else None
        except BadMessage:
            return self._say("none", Head(camera=self.camera, none=True))
        head = Head(
            camera=self.camera,
            type=kind,
            time=to_rfc3339(frame.time),
            origin=frame.origin,
            masked=shown.said,
            seen=seen,
        )
        return self._say(tag, head, picture)

    def _say(self, tag: str, head: Head, picture: bytes = b"") -> bytes:
        if tag == self._sent:
            return b""
        self._sent = tag
        return part(head, picture)


def seen_in(found: Detections) -> list[Seen]:
    """Raises BadMessage."""
    from models.labels import CLASSES

    boxes, classes, scores = found.arrays()
    wide, high = 10.0 * max(found.width, 1), 10.0 * max(found.height, 1)
    return [
        Seen(
            (
                round(x0 / wide, 4),
                round(y0 / high, 4),
                round(x1 / wide, 4),
                round(y1 / high, 4),
            ),
            CLASSES[kind] if kind < len(CLASSES) else "",
            score / 1000,
        )
        for (x0, y0, x1, y1), kind, score in zip(
            boxes.tolist(), classes.tolist(), scores.tolist(), strict=True
        )
    ]
