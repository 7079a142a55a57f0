"""The cameras that the gateway reads: a thread and a decoder each, so that none harms another."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import cv2

from services.gateway.backoff import Backoff
from services.gateway.capture import (
    BEGIN,
    Address,
    Capture,
    CaptureError,
    DecoderGoneError,
    to_jpeg,
)
from services.gateway.decoder.leash import Begin, Child
from services.gateway.reach import Reach
from streams.configuration.camera_addresses import CameraAddress
from streams.events import Micros, Origin, new_frame
from streams.kafka.publisher import Publisher
from streams.shedding import Shedding
from streams.stamps import StampClock
from streams.topics import FRAMES

log = logging.getLogger(__name__)

DAMAGED_SECONDS = 2.0
"""Without a whole picture, though pictures come, is a fault to be shown."""
ENDED = "ended"
REPEAT_SECONDS = 2.0
"""That a film which is repeated takes at least: each time a decoder is started."""


class Outlet(NamedTuple):
    """Where frames go, shared by all cameras."""

    publisher: Publisher
    clock: StampClock
    shedding: Shedding
    fail: Callable[[Exception], None]
    """Told of what the whole process must stop for."""
    reach: Reach
    begin: Begin = Child
    """Starts decoders."""


class CameraReader:
    """One camera in a thread of its own, reopened with back-off for as long as it runs."""

    def __init__(self, camera: CameraAddress, outlet: Outlet) -> None:
        self.camera = camera
        self._state = "opening"
        self.newest: Micros = 0
        """Stamp of the newest frame that was published."""
        self.frames = 0
        self._given = BEGIN
        """Up to where a file was given, s: there it goes on if its decoder is lost."""
        self._first = 0.0
        """When the open source gave its first picture, by the monotonic clock; 0: none yet."""
        self._damaged = 0
        """Pictures left out as damaged, of captures that are closed."""
        self._whole = 0
        """Of the open one, those before its last whole picture."""
        self._capture: Capture | None = None
        self._outlet = outlet
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"camera {camera.source}", daemon=True
        )
        self._thread.start()

    @property
    def pid(self) -> int:
        """Of its decoder; 0: it has none now."""
        capture = self._capture
        return capture.pid if capture else 0

    @property
    def damaged(self) -> int:
        """Due pictures that were left out, since their decoder called them damaged."""
        capture = self._capture
        return self._damaged + (capture.damaged if capture else 0)

    @property
    def state(self) -> str:
        """For people: ``running``, ENDED, or what is wrong with it."""
        capture = self._capture
        lost = capture.damaged - self._whole if capture else 0
        return (
            "its pictures arrive damaged"
            if lost > DAMAGED_SECONDS * self.camera.fps
            else self._state
        )

    def stop(self) -> None:
        """Does not wait: a source that hangs is left behind, and publishes nothing more."""
        self._stop.set()

    def join(self, seconds: float) -> bool:
        """Whether the thread ended in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            self._first, opened = 0.0, time.monotonic()
            try:
                self._play()
            except (CaptureError, cv2.error) as error:
                lasted = time.monotonic() - self._first if self._first else 0.0
                pause = backoff.pause(lasted, lost=isinstance(error, DecoderGoneError))
                again = f"tried again every {pause:g} s" if pause else "tried again at once"
                self._state = f"{error}; {again}"
                log.warning("camera %s: %s", self.camera.source, self._state)
                self._stop.wait(pause)
                continue
            except Exception as error:  # Kafka, stamps, launcher: not this camera's fault
                self._outlet.fail(error)
                return
            self._given = BEGIN
            if not self.camera.loop and not self._stop.is_set():
                self._state = ENDED
                return
            self._stop.wait(max(0.0, opened + REPEAT_SECONDS - time.monotonic()))

    def _play(self) -> None:
        if not self.camera.address:
            raise CaptureError("its address was sealed with another key: add the camera again")
        capture = self._capture = Capture(
            self.camera.address,
            self._outlet.reach,
            self.camera.verified,
            self._outlet.begin,
        )
        try:
            before = self.frames
            # A server begins at the beginning, at its own pace: there is nothing to skip.
            after = self._given if Address(self.camera.address).is_file else BEGIN
            for picture in capture.pictures(self.camera.fps, self._stop.wait, after):
                if self._stop.is_set():
                    return
                self._given = capture.given
                self._first = self._first or time.monotonic()
                self._whole = capture.damaged
                self._state = "running"
                if self._outlet.shedding.admit(self.camera.source):
                    self._publish(to_jpeg(picture), capture.origin)
                self.frames += 1
            if self.frames == before and self._given == BEGIN and not self._stop.is_set():
                raise CaptureError("it has no pictures")
        finally:
            self._capture, self._whole = None, 0
            self._damaged += capture.damaged
            capture.close()

    def _publish(self, jpeg: bytes, origin: Origin) -> None:
        source = self.camera.source
        stamp, sequence = self._outlet.clock.stamp(source)
        frame = new_frame(source, stamp, sequence, origin, jpeg)
        self._outlet.publisher.publish(FRAMES, frame, source)
        self.newest = stamp


class Cameras:
    """All of them, started and stopped as the configuration says."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._running: dict[str, CameraReader] = {}

    def update(self, wanted: Mapping[str, CameraAddress]) -> None:
        """Starts what is new, stops what is gone, starts afresh what has changed."""
        for source, camera in sorted(self._running.items()):
            if wanted.get(source) != camera.camera:
                camera.stop()
                del self._running[source]
        for source, address in sorted(wanted.items()):
            if source not in self._running:
                self._running[source] = CameraReader(address, self._outlet)

    def states(self) -> dict[str, str]:
        return {source: camera.state for source, camera in sorted(dict(self._running).items())}

    def ended(self) -> set[str]:
        """Those of which nothing more comes: their recordings are over."""
        return {source for source, state in self.states().items() if state == ENDED}

    def newest(self) -> dict[str, Micros]:
        """Camera to the stamp of its newest frame; those without a frame are left out."""
        running = sorted(dict(self._running).items())
        return {source: camera.newest for source, camera in running if camera.newest}

    def frames(self) -> int:
        """Pictures taken so far by the cameras that run now, shed ones included."""
        return sum(camera.frames for camera in dict(self._running).values())

    def damaged(self) -> int:
        """Pictures that the cameras which run now left out as damaged."""
        return sum(camera.damaged for camera in dict(self._running).values())

    def close(self, seconds: float) -> bool:
        """Stops all; whether every thread ended in time."""
        running = list(self._running.values())
        for camera in running:
            camera.stop()
        deadline = time.monotonic() + seconds
        ended = [camera.join(max(0.0, deadline - time.monotonic())) for camera in running]
        return all(ended)
