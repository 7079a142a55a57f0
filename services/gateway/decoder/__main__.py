"""The program that decodes one source: ``python -m services.gateway.decoder ROOM [FILM]``.

Started by ``start``; ROOM and FILM are descriptors. The address comes over standard input, so that
it is in no list of processes; nothing is written to standard error, where FFmpeg would name it.
"""

import json
import mmap
import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av

from services.gateway.decoder import wire
from services.gateway.decoder.confine import allow_processor, confine
from services.gateway.decoder.door import Door, DoorError, guard
from services.gateway.decoder.opening import Source, again, open_source
from services.gateway.decoder.source import (
    OPEN_SECONDS,
    READ_SECONDS,
    Blank,
    Shot,
    SourceError,
)
from services.gateway.decoder.timing import Slots
from services.gateway.decoder.upright import Upright, in_shape

ORDERS, MESSAGES = 0, 1
"""File descriptors."""
BUSY_SECONDS = 1.0
"""Longer in one step of decoding is a hang."""
WAIT_SECONDS = OPEN_SECONDS + READ_SECONDS + 1
"""Longer in opening or in one step of reading is one, too; the library gives up before."""
BLIND_SECONDS = 60.0
"""A stream of which nothing can be decoded for so long has failed: some begin with a picture that
needs no other every half a minute only."""
LOST_SECONDS = 5.0
"""After it has been seen, all that comes may be damaged beyond decoding for so long: then it has
changed to another codec."""


class GatewayGoneError(Exception):
    """Nobody listens any more."""


class Over:
    """Instead of a picture: none follows."""


class Line:
    """To the gateway; beats from a thread of its own while the other does not hang."""

    def __init__(self) -> None:
        self.damaged = 0
        self._upright = Upright()
        self._lock = threading.Lock()
        self._until = float("inf")
        """When what the decoder does now will be a hang."""
        threading.Thread(target=self._beat, daemon=True).start()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = float("inf")

    def send(self, kind: bytes, body: bytes) -> None:
        allow_processor()
        rest = wire.HEAD.pack(kind, len(body)) + body
        with self._lock:
            while rest:
                rest = rest[os.write(MESSAGES, rest) :]

    def enter(self, room: int) -> None:
        self._room = mmap.mmap(room, wire.ROOM_BYTES)
        os.close(room)

    def show(self, shot: Shot, at: float, wait: bool) -> None:
        """Makes it small enough and hands it over: once it is asked for, where that is to wait."""
        frame = shot.frame
        width, height = in_shape(frame.width, frame.height, shot.aspect)
        scale = min((wire.MAX_PIXELS / (width * height)) ** 0.5, wire.MAX_SIDE / max(width, height))
        if scale < 1:
            width, height = max(1, int(width * scale)), max(1, int(height * scale))
        mirrored, turn = self._upright.of(frame)
        with self.within(BUSY_SECONDS):
            rows = frame.reformat(width, height, "bgr24").planes[0]
        if wait:
            self.asked(wait=True)
        self._room[: rows.buffer_size] = memoryview(rows)
        head = wire.PICTURE_HEAD.pack(at, width, height, mirrored, turn, rows.line_size)
        self.send(wire.PICTURE, head)

    def asked(self, wait: bool) -> bool:
        """Whether a picture is asked for, which is then answered with one."""
        if not wait and not select.select([ORDERS], [], [], 0)[0]:
            return False
        if os.read(ORDERS, 1) != wire.NEXT:
            raise GatewayGoneError
        return True

    def order(self) -> dict[str, Any]:
        text = bytearray()
        while not text.endswith(b"\n"):
            byte = os.read(ORDERS, 1)
            if not byte:
                raise GatewayGoneError
            text += byte
        found: dict[str, Any] = json.loads(text)
        return found

    def _beat(self) -> None:
        while True:
            if time.monotonic() < self._until:
                try:
                    self.send(wire.BEAT, wire.DAMAGED.pack(self.damaged))
                except OSError:
                    os._exit(0)
            time.sleep(wire.BEAT_SECONDS)


def main() -> None:
    confine()  # before it hears anything: the gateway may be another user, and taken over
    line = Line()
    try:
        order = line.order()
        room, *film = map(int, sys.argv[1:])
        line.enter(room)
        place = wire.Place(*order["place"])._replace(fd=film[0] if film else None)
        guard(Door(**order["door"]))
        _decode(line, place)
    except SourceError as error:
        line.send(wire.FAILED, str(error).encode()[: wire.MAX_TEXT])
    except DoorError as error:
        line.send(wire.FAILED, str(error).encode())
    except MemoryError:
        line.send(wire.FAILED, b"it takes too much memory")
    except av.FFmpegError as error:
        line.send(wire.FAILED, f"it cannot be decoded: {error.strerror}".encode()[: wire.MAX_TEXT])
    except (GatewayGoneError, BrokenPipeError):
        raise
    except OSError:
        line.send(wire.FAILED, b"it cannot be opened")
    except Exception as error:  # the library has more of its own than it lists
        line.send(wire.FAILED, f"it cannot be decoded: {type(error).__name__}".encode())


def _decode(line: Line, place: wire.Place) -> None:
    source = open_source(place, lambda: line.within(WAIT_SECONDS))
    line.send(wire.OPENED, json.dumps(source.opened).encode())
    play = line.order()
    slots = Slots(play["fps"])
    if source.opened.nature == "still":
        _poll(line, source, place, play["fps"])
    else:
        limit = BUSY_SECONDS if place.fd is not None else WAIT_SECONDS
        _play(line, source, slots, play["after"], limit)


def _play(line: Line, source: Source, slots: Slots, after: float, limit: float) -> None:
    """
    Args:
        after: pictures up to that time were given before.
        limit: seconds that one step may take.
    """
    waits = source.opened.nature == "file"
    shots, last, given, over = source.shots(), 0.0, False, Over()
    seen, began = time.monotonic(), 0.0
    while True:
        with line.within(limit):
            shot = next(shots, over)
        if isinstance(shot, Over):
            break
        if isinstance(shot, Blank):
            line.damaged += shot.lost
            patience = LOST_SECONDS if given and shot.lost else BLIND_SECONDS
            if not waits and time.monotonic() - seen > patience:
                raise SourceError("nothing that comes can be decoded")
            continue
        last, seen = shot.time, time.monotonic()
        began = began or seen - last
        if not slots.due(last):
            continue
        if shot.damaged:
            line.damaged += 1
            continue
        if last <= after:
            slots.take(last)
            continue
        if source.comes_early:
            time.sleep(max(0.0, began + last - time.monotonic()))
        if waits or line.asked(wait=not given):
            given = True
            slots.take(last)
            line.show(shot, last, waits)
    line.send(wire.BEAT, wire.DAMAGED.pack(line.damaged))
    line.send(wire.ENDED, json.dumps(last + 1 / (source.opened.rate or 1.0)).encode())


def _poll(line: Line, source: Source, place: wire.Place, fps: float) -> None:
    began = due = time.monotonic()
    while True:
        with line.within(WAIT_SECONDS):
            shots = (each for each in source.shots() if isinstance(each, Shot) or each.lost)
            shot = next(shots, None)
        if shot is None:
            raise SourceError("it has no pictures")
        now = time.monotonic()
        if isinstance(shot, Blank) or shot.damaged:
            line.damaged += 1
        else:
            line.show(shot, now - began, wait=True)
        source.close()
        due = max(due + 1 / fps, now)
        time.sleep(max(0.0, due - time.monotonic()))
        with line.within(WAIT_SECONDS):
            source = again(source, place)


if __name__ == "__main__":
    try:
        main()
    except (GatewayGoneError, BrokenPipeError):
        os._exit(0)
    os._exit(0)
