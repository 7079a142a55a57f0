"""What a wall of cameras is sent: one connection, a part for each picture that is newer.

A part is the length of its head (4 bytes, the most significant first), the head (JSON, ``Head``)
and then as many bytes of a picture as the head says.
"""

from contextlib import suppress

import msgspec
import numpy as np

from services.api import small
from services.api.live_masks import LiveMasks
from services.api.newest import NewestDetections, NewestFrames
from services.api.paths import Paths
from streams.events import BadMessage, Detections, Frame, Micros, to_rfc3339

MOST = 16
"""Cameras of a wall."""
PATIENCE = 4
"""So often a camera is looked at before it is said that nothing comes of it: it is followed only
since somebody asked."""
ROOM = 800
"""Bytes that the head of a small picture may have; where it needs more, the picture has fewer."""
POINTS, POINTS_OF_SMALL = 600, 48
"""Of the paths in one picture, at most."""


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What a model saw; an array, as there may be many in each of sixteen pictures a second."""

    box: tuple[int, int, int, int]
    """Corners in thousandths of the picture's width and height: x0, y0, x1, y1."""
    label: str
    score: int
    """Thousandths."""


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
    paths: list[list[int]] | None = None
    """Of each that moves the way it came, as ``Paths.drawn`` says; None as with ``seen``."""


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
        self._paths = Paths()

    def look(
        self, frames: NewestFrames, masks: LiveMasks, detections: NewestDetections | None
    ) -> bytes:
        """The next part; empty: there is nothing newer.

        Where boxes are asked for a picture is sent a round later: a model has looked at it by then.
        """
        try:
            frame = frames.newest(self.camera, 0.0)
            known: dict[Micros, Detections] = {}
            if detections is not None:
                known = {one.time: one for one in detections.recent(self.camera)}
                self._held, frame = frame, self._held or frame
            self._looks += 1
            if frame is None and self._looks < PATIENCE:
                return b""
            if frame is None:
                return self._say("none", Head(camera=self.camera, none=True))
            tag = f"{frame.sha256}-{frame.time}"
            if tag == self._sent:
                return b""
            seen, paths = self._drawn(frame.time, known)
            shown = masks.shown(frame)
            head = Head(
                camera=self.camera,
                type="image/jpeg" if self._width is None else small.MEDIA_TYPE,
                time=to_rfc3339(frame.time),
                origin=frame.origin,
                masked=shown.said,
                seen=seen,
                paths=paths,
            )
            picture = shown.jpeg
            if self._width is not None:
                over = max(0, len(msgspec.json.encode(head)) - ROOM)
                picture = small.small(shown.jpeg, self._width, over)
        except BadMessage:
            return self._say("none", Head(camera=self.camera, none=True))
        return self._say(tag, head, picture)

    def _drawn(
        self, time: Micros, known: dict[Micros, Detections]
    ) -> tuple[list[Seen] | None, list[list[int]] | None]:
        """What was seen in the camera's picture of that time, or in the one that it is as, and how
        it came there; None: not known (yet)."""
        for one in known.values():
            if one.time <= time:
                with suppress(BadMessage):  # what nothing can be drawn of is left out
                    self._paths.follow(one)
        found = known.get(time)
        if found is not None and found.as_of:
            found = known.get(found.as_of)
        if found is None:
            return None, None
        most = POINTS if self._width is None else POINTS_OF_SMALL
        # Else they are another picture's: this one is late, no good, or of a clock that went back.
        followed = self._paths.time == time
        return seen_in(found), self._paths.drawn(most) if followed else []

    def _say(self, tag: str, head: Head, picture: bytes = b"") -> bytes:
        if tag == self._sent:
            return b""
        self._sent = tag
        return part(head, picture)


def seen_in(found: Detections) -> list[Seen]:
    """Raises BadMessage."""
    from models.labels import CLASSES

    boxes, classes, scores = found.arrays()
    corners = boxes * 100.0 / np.tile((max(found.width, 1), max(found.height, 1)), 2)
    return [
        Seen((x0, y0, x1, y1), CLASSES[kind] if kind < len(CLASSES) else "", score)
        for (x0, y0, x1, y1), kind, score in zip(
            corners.round().astype(int).tolist(), classes.tolist(), scores.tolist(), strict=True
        )
    ]
