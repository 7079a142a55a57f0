"""JPEGs that an address answers with: one picture, or one after the other without an end.

Cameras send the latter in many ways: as multipart with headers that the library does not take, or
one picture right behind the other (``video/x-motion-jpeg``). What it is shows in what comes.
"""

import time
from collections.abc import Iterator
from typing import Any

import av

from services.gateway.decoder.body import Body
from services.gateway.decoder.damage import Damage
from services.gateway.decoder.jpegs import Jpegs
from services.gateway.decoder.source import (
    LIMITS,
    MAX_SOURCE_PIXELS,
    Blank,
    Shot,
    SourceError,
    network_options,
    why,
)
from services.gateway.decoder.timing import StreamClock
from services.gateway.decoder.wire import Opened, Place

AT_ONCE = 1.5
"""Seconds from the first picture on in which an answer of few pictures has come, if it ends."""
FEW = 3
"""Pictures that one may be: some cameras put smaller ones behind it (MPO)."""
LEADING_BYTES = 2**20
"""Before the first picture: more is something else."""
_CHUNK = 2**16


class Pictures:
    """An open address of JPEGs. Must be closed."""

    def __init__(self, place: Place, told: Opened, polled: bool = False) -> None:
        """
        Args:
            told: what the library takes it for.
            polled: it is known to be one picture, so nobody waits for a second.

        Raises:
            SourceError: no picture comes.
        """
        self._jpegs, self._ready, self._over = Jpegs(), list[bytes](), False
        self._decoder: Any = av.CodecContext.create("mjpeg", "r")
        self._decoder.thread_count = 1
        self._decoder.options = {"max_pixels": str(MAX_SOURCE_PIXELS)}
        self.is_film = False
        """Whether there are many pictures, and an end: a recording, of which the library knows
        more."""
        try:
            self._body = Body(place.address, network_options(place), LIMITS)
        except av.FFmpegError as error:
            raise SourceError(f"it cannot be opened: {why(error)}") from None
        try:
            still = self._is_still(polled, parts=told.container == "mpjpeg")
        except BaseException:
            self.close()
            raise
        nature, form = ("still", "jpeg_pipe") if still else ("stream", "mjpeg")
        self.opened = told._replace(
            nature=nature, container=form, codec="mjpeg", rate=0.0, seconds=0.0
        )

    comes_early = False
    """See ``SourceFile``."""

    def close(self) -> None:
        self._body.close()

    def shots(self) -> Iterator[Shot | Blank]:
        """As ``SourceFile.shots``, without what came before the newest while it was opened."""
        clock, damage = StreamClock(), Damage("mjpeg")
        while True:
            for jpeg in self._ready:
                shown = damage.decode(av.Packet(jpeg), self._decoder.decode)
                for frame, damaged in shown:
                    yield Shot(frame, clock.time(None, time.monotonic()), damaged)
                if not shown:
                    yield Blank(damage.is_lost)
            if self._over:
                return
            try:
                self._read()
            except av.FFmpegError as error:
                raise SourceError(f"it broke off: {why(error)}") from None

    def _is_still(self, polled: bool, parts: bool) -> bool:
        """Reads until that shows; what is to be shown first is ready then.

        ``parts``: it is multipart, which goes on.
        """
        came: list[bytes] = []
        began, size = 0.0, 0
        while not self._over:
            try:
                size += self._read()
            except av.FFmpegError as error:
                if came:  # it does not hang up: as good as over
                    break
                raise SourceError(f"it cannot be opened: {why(error)}") from None
            came += self._ready
            began = began if began or not came else time.monotonic()
            if polled and came:
                break
            lasts = time.monotonic() - began > AT_ONCE and len(came) > 1
            if lasts or len(came) > FEW or (parts and came):
                self.is_film = self._body.has_length and not parts
                self._ready = came[-1:]
                return False
            if not came and size > LEADING_BYTES:
                break
        if not came:
            raise SourceError("it has no pictures")
        self._ready, self._over = came[:1], True
        return True

    def _read(self) -> int:
        """Waits for more; what it completes is ready then. Returns how many bytes came.

        Raises:
            av.FFmpegError: nothing came in time.
        """
        data = self._body.read(_CHUNK)
        self._ready, self._over = self._jpegs.feed(data), not data
        if self._over and (rest := self._jpegs.rest()):
            self._ready.append(rest)
        return len(data)
