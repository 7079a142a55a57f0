"""The gateway's side of a decoder: begins it, believes little of what it says, ends it."""

import fcntl
import json
import mmap
import os
import select
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.gateway.decoder import wire
from services.gateway.decoder.leash import Begin, Child
from services.gateway.decoder.start import Given
from services.gateway.decoder.wire import Opened, Place

SILENT_SECONDS = 3.0
"""Without a beat it is taken for hung; beats come several times a second."""
START_SECONDS = 60.0
"""Until the first: a hundred of them may start at once on few cores. But one that has stood still
for ``SILENT_SECONDS`` hangs, however it began."""
MOST_BEATS = 10_000, 10
"""At once, and more a second: what lies in a pipe that nobody has read for long, and thrice what it
sends. Who floods takes the processor from all other cameras."""
LOOK_SECONDS = 0.25
"""How often it is asked, while nothing comes, whether to go on."""


class DecoderError(Exception):
    """It says that the source fails, in words that name no address."""


class DecoderLostError(Exception):
    """It died, hung or said what makes no sense."""


class Ended(NamedTuple):
    time: float
    """Seconds since the first picture, when the last was over."""


class Shown(NamedTuple):
    time: float
    pixels: NDArray[np.uint8]
    """[height, width, 3], BGR."""
    mirrored: bool
    """Whether its sides are to be exchanged first."""
    turn: int
    """Degrees clockwise that make it upright then: 0, 90, 180 or 270."""


class Decoder:
    """One process; must be closed. Not thread-safe."""

    def __init__(self, place: Place, door: dict[str, Any], begin: Begin = Child) -> None:
        """
        Args:
            place: what is to be decoded; its file is closed here.
            door: what of networks is open, as ``Door`` takes it.
            begin: starts the process.

        Raises:
            OSError: no process can be started.
            LauncherGoneError: whoever was to start it is gone.
        """
        self.damaged = 0
        """Due pictures that were left out as damaged."""
        with ExitStack() as theirs, ExitStack() as ours:
            film = place.fd
            if film is not None:
                theirs.callback(os.close, film)
            room = _room()
            theirs.callback(os.close, room)
            self._room = ours.enter_context(mmap.mmap(room, wire.ROOM_BYTES, prot=mmap.PROT_READ))
            orders, self._orders = os.pipe2(os.O_CLOEXEC)
            theirs.callback(os.close, orders)
            ours.callback(os.close, self._orders)
            self._messages, messages = os.pipe2(os.O_CLOEXEC)
            theirs.callback(os.close, messages)
            ours.callback(os.close, self._messages)
            device = int(place.address.removeprefix("/dev/video")) if place.device else None
            self._leash = begin(Given(orders, messages, room, film, device))
            ours.callback(self._leash.end)
            self._order({"place": place._replace(fd=None), "door": door})
            self._ours = ours.pop_all()
        self._heard = time.monotonic() + START_SECONDS
        self._asked = False
        self._began, self._beats = time.monotonic(), 0
        self._worked = 0, time.monotonic()
        """Its processor time, and since when it has had that."""

    @property
    def pid(self) -> int:
        return self._leash.pid

    def close(self) -> None:
        """Ends it at once, whatever it does. Raises LauncherGoneError where nobody can."""
        self._ours.close()

    def opened(self) -> Opened:
        """Raises DecoderError, DecoderLostError."""
        kind, body = self._message(lambda: False)
        if kind != wire.OPENED:
            raise DecoderLostError("its decoder makes no sense")
        try:
            nature, container, codec, width, height, rate, seconds = json.loads(body)
            found = Opened(
                str(nature), str(container)[:80], str(codec)[:40],
                int(width), int(height), float(rate), float(seconds),
            )  # fmt: skip
        except (ValueError, TypeError):
            raise DecoderLostError("its decoder makes no sense") from None
        return found

    def play(self, fps: float, after: float) -> None:
        """To be called once; pictures up to ``after`` (s) are left out."""
        self._order({"fps": fps, "after": after})

    def next(self, stopped: Callable[[], bool]) -> Shown | Ended | None:
        """What comes next; None: ``stopped`` said so first.

        Raises:
            DecoderError: the source failed.
            DecoderLostError: the decoder did.
        """
        if not self._asked:
            self._asked = True
            self._write(wire.NEXT)
        kind, body = self._message(stopped)
        if kind == wire.PICTURE:
            self._asked = False
            return self._shown(body)
        if kind == wire.ENDED:
            try:
                return Ended(float(json.loads(body)))
            except (ValueError, TypeError):
                raise DecoderLostError("its decoder makes no sense") from None
        if kind == b"":
            return None
        raise DecoderLostError("its decoder makes no sense")

    def _stands(self, now: float) -> bool:
        """Whether one that has not beaten yet does nothing any more."""
        waits, worked = _work(self.pid)
        if worked != self._worked[0] or not waits:
            self._worked = worked, now
        return now - self._worked[1] > SILENT_SECONDS

    def _shown(self, body: bytearray) -> Shown:
        """With pixels of their own: the next picture takes the place of those in the room."""
        if len(body) != wire.PICTURE_HEAD.size:
            raise DecoderLostError("its decoder makes no sense")
        at, width, height, mirrored, turn, stride = wire.PICTURE_HEAD.unpack(body)
        sized = 0 < width * height <= wire.MAX_PIXELS and 3 * width <= stride
        if not sized or height * stride > wire.ROOM_BYTES or not 0 <= at < 1e12:
            raise DecoderLostError("its decoder makes no sense")
        rows = np.frombuffer(self._room, np.uint8, height * stride).reshape(height, stride)
        pixels = rows[:, : 3 * width].reshape(height, width, 3).copy()
        return Shown(at, pixels, mirrored, turn)

    def _order(self, order: dict[str, Any]) -> None:
        self._write(json.dumps(order).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._orders, data)
        except OSError:  # what it said last is still to be read, and its end after that
            return

    def _message(self, stopped: Callable[[], bool]) -> tuple[bytes, bytearray]:
        """Kind and body of the next that is no beat; an empty kind: stopped."""
        while True:
            head = self._read(wire.HEAD.size, stopped)
            if not head:
                return b"", head
            kind, size = wire.HEAD.unpack(head)
            if size > wire.MAX_TEXT:
                raise DecoderLostError("its decoder makes no sense")
            body = self._read(size, lambda: False)
            if kind == wire.BEAT and size == wire.DAMAGED.size:
                self.damaged = wire.DAMAGED.unpack(body)[0]
                self._beats += 1
                at_once, a_second = MOST_BEATS
                if self._beats > at_once + a_second * (time.monotonic() - self._began):
                    raise DecoderLostError("its decoder makes no sense")
                if stopped():
                    return b"", body
            elif kind == wire.FAILED:
                said = body.decode(errors="replace")[:200]
                raise DecoderError("".join(c for c in said if c.isprintable()))
            else:
                return kind, body

    def _read(self, size: int, stopped: Callable[[], bool]) -> bytearray:
        """So many bytes; none where ``stopped`` before the first."""
        data, at = bytearray(size), 0
        view = memoryview(data)
        while at < size:
            if not select.select([self._messages], [], [], LOOK_SECONDS)[0]:
                if not at and stopped():
                    return bytearray()
                now = time.monotonic()
                if now - self._heard > SILENT_SECONDS or (self._heard > now and self._stands(now)):
                    raise DecoderLostError("its decoder hung")
                continue
            count = os.readv(self._messages, [view[at:]])
            if not count:
                raise DecoderLostError("its decoder died")
            at += count
            self._heard = time.monotonic()
        return data


def _work(pid: int) -> tuple[bool, int]:
    """Whether it waits or was stopped, and its processor time in ticks; see proc(5)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # the launcher buries what has died, whose end is still to be read
        return False, 0
    return fields[0] in "STt", int(fields[11]) + int(fields[12])


def _room() -> int:
    """Shared memory that nobody can make smaller, which would kill whoever reads it."""
    room = os.memfd_create("pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(room, wire.ROOM_BYTES)
    fcntl.fcntl(
        room, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    )
    return room
