"""The town's cameras as films, decoded as the gateway decodes, for what happens to decoders.

A picture shows a number: which of the camera's scenes a detector would see in it. The n-th picture
that comes is what the camera sees in the n-th moment, as a gateway stamps what comes when it comes.
So one that is lost, repeated or wrong changes what is seen in its moment, and all that follow.
"""

import queue
import random
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

import cv2
import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from services.gateway.cameras import CameraReader
from services.gateway.capture import BEGIN
from streams.configuration.camera_addresses import CameraAddress
from streams.events import Detections, Frame, decode, encode
from streams.recordings.folder import Record, Slice
from streams.topics import DETECTIONS
from tests.support import town
from tests.support.outside import Outside

BITS = 12
BLOCK = 16
WIDE = 4
"""Blocks in a row."""
PICTURES_PER_SECOND = 2.0
"""Of event time, that the town's cameras give."""
PICTURE_BYTES = 1_400
"""Of a film, each."""
HEAD_BYTES, INDEX_BYTES = 16_000, 20_000
"""Of a film, more than at its begin and end are no pictures."""
BEGUN = "begun"


def drawn(number: int) -> NDArray[np.uint8]:
    """[48, 64, 3]: a bright block for each bit that is set; noise, so that films have a size."""
    bits = np.array([number >> bit & 1 for bit in range(BITS)]).reshape(-1, WIDE)
    grey = np.kron(40 + bits * 160, np.ones((BLOCK, BLOCK)))
    grey = grey + np.random.default_rng(number).integers(-30, 30, grey.shape)
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)


def number_of(jpeg: bytes) -> int:
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    inner = grey[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK].ravel() > 127
    return int(sum(1 << bit for bit, is_set in enumerate(inner) if is_set))


def decoder_of(gateway: int, film: Path) -> int:
    """The process below ``gateway`` that has the film open; 0: there is none now."""
    for child in psutil.Process(gateway).children(recursive=True):
        if _descriptor(child.pid, film):
            return child.pid
    return 0


def spoil(gateway: int, film: Path, size: int, seed: int) -> bool:
    """Other bytes in the place of the ``size`` that are read next.

    Whether there was a decoder, and so much for it to read: none while it looks at the film's end.
    """
    pid = decoder_of(gateway, film)
    try:
        info = Path(f"/proc/{pid}/fdinfo/{_descriptor(pid, film)}").read_text()
    except OSError:
        return False
    at = int(info.split()[1])
    if not HEAD_BYTES <= at <= film.stat().st_size - size - INDEX_BYTES:
        return False
    with film.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(seed).randbytes(size))
    return True


def _descriptor(pid: int, film: Path) -> str:
    try:
        return next(
            (fd.name for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.readlink() == film), ""
        )
    except OSError:
        return ""


class Forgetful(CameraReader):
    """The control: where its decoder is lost it begins its film anew."""

    def _play(self) -> None:
        self._given = BEGIN
        super()._play()


class _Screen(Outside):
    """Numbers of the pictures of one camera, as they come, and when."""

    def __init__(self, camera: str, log: Path) -> None:
        super().__init__()
        self.camera, self.log = camera, log
        self.numbers: queue.Queue[int] = queue.Queue()

    def publish(self, topic: str, frame: Frame, key: str) -> None:
        super().publish(topic, frame, key)
        number = number_of(frame.jpeg)
        with self.log.open("a") as log:
            log.write(f"{self.camera} {time.monotonic()} {number}\n")
        self.numbers.put(number)


class Projector:
    """Plays what the town's cameras see in these slices; ends with the block.

    Args:
        folder: for the films, ``CAMERA.avi``; when pictures came is added to its ``pictures``.
        rate: pictures a second of a film.
        resuming: False only in the control.
    """

    def __init__(
        self, folder: Path, pieces: Iterable[Slice], rate: float, *, resuming: bool = True
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._scenes: dict[str, list[Detections]] = {camera: [] for camera in town.CAMERAS}
        for piece in pieces:
            for record in piece.records:
                if seen := _seen(record):
                    self._scenes[seen.camera].append(seen)
        self._moments = dict.fromkeys(town.CAMERAS, 0)
        log = folder / "pictures"
        with log.open("a") as file:
            file.write(f"{BEGUN}\n")
        self._screens = {camera: _Screen(camera, log) for camera in town.CAMERAS}
        reader = CameraReader if resuming else Forgetful
        self.readers: dict[str, CameraReader] = {}
        for camera, scenes in self._scenes.items():
            film = folder / f"{camera}.avi"
            form = cv2.VideoWriter.fourcc(*"MJPG")
            writer = cv2.VideoWriter(str(film), form, rate, (WIDE * BLOCK, BITS // WIDE * BLOCK))
            for number in range(len(scenes)):
                writer.write(drawn(number))
            writer.release()
            address = CameraAddress(camera, str(film), fps=rate)
            self.readers[camera] = reader(address, self._screens[camera].outlet)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self.readers.values():
            reader.stop()
        for reader in self.readers.values():
            reader.join(10)

    def projected(self, piece: Slice) -> Slice:
        """The slice with what the films show; waits until they have shown it."""
        shown = [self._shown(record) for record in piece.records]
        return Slice(piece.tick, [record for record in shown if record])

    def _shown(self, record: Record) -> Record | None:
        meant = _seen(record)
        if meant is None:
            return record
        camera, moment = meant.camera, self._moments[meant.camera]
        self._moments[camera] += 1
        number = self._next(camera)
        if number == moment:
            return record
        scenes = self._scenes[camera]
        if number is None or number >= len(scenes):
            return None
        other = msgspec.structs.replace(scenes[number], time=meant.time, sequence=meant.sequence)
        _, mark = decode(record[2], record[3])
        return (*record[:2], *encode(other, mark))

    def _next(self, camera: str) -> int | None:
        """None: the film is over."""
        numbers = self._screens[camera].numbers
        while True:
            over = self.readers[camera].state == "ended"
            try:
                return numbers.get(timeout=0.1)
            except queue.Empty:
                if over:
                    return None


class Missed(NamedTuple):
    """What a camera's viewers missed while one projector played."""

    seconds: float
    """The longest time without a picture."""
    pictures: int
    """That never came, others behind them did."""


def missed(folder: Path) -> dict[str, Missed]:
    """By camera; between two projectors nobody misses anything."""
    came: dict[str, list[tuple[float, int]]] = {}
    found = dict.fromkeys(town.CAMERAS, Missed(0.0, 0))
    for line in [*(folder / "pictures").read_text().splitlines(), BEGUN]:
        camera, *shown = line.split()
        if camera != BEGUN:
            came.setdefault(camera, []).append((float(shown[0]), int(shown[1])))
            continue
        for each, pictures in came.items():
            before = found[each]
            steps = [(b[0] - a[0], b[1] - a[1] - 1) for a, b in pairwise(pictures)]
            longest = max([before.seconds, *(seconds for seconds, _ in steps)])
            found[each] = Missed(longest, before.pictures + sum(max(n, 0) for _, n in steps))
        came = {}
    return found


def _seen(record: Record) -> Detections | None:
    if record[0] != DETECTIONS:
        return None
    event, _ = decode(record[2], record[3])
    return event if isinstance(event, Detections) else None
