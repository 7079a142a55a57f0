"""Pictures out of any file, stream, still or device, at the pace of the real world."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

import cv2
from numpy import uint8
from numpy.typing import NDArray

from services.gateway.decoder.leash import Begin, Child
from services.gateway.decoder.process import Decoder, DecoderError, DecoderLostError, Ended, Shown
from services.gateway.decoder.wire import SECURE, Place
from services.gateway.reach import NotThereError, Reach, is_device
from streams.events import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS, Origin

Picture = NDArray[uint8]
"""[height, width, 3], BGR."""

BEGIN = -1.0
"""Before the first picture, which is at 0."""
BEHIND_SECONDS = 1.0
"""A file that fell behind by more goes on from now instead of hurrying after."""
HASTE = 0.5
"""Of the time between a stream's pictures: so soon after one the next may be asked for."""
QUALITIES = (90, 75, 60, 45)
"""Of JPEG, the first with which a picture is small enough."""
SMALLER = 0.7
"""What a picture's sides are multiplied by where none is."""
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class CaptureError(Exception):
    """The source cannot be opened, or gives no more pictures; the message names no address."""


class DecoderGoneError(CaptureError):
    """Its decoder died or hung; the source may be all right."""


class Address(NamedTuple):
    """What an address says of itself; what it leads to, the decoder finds out."""

    text: str

    @property
    def is_network(self) -> bool:
        return "://" in self.text

    @property
    def scheme(self) -> str:
        return self.text.partition("://")[0].lower() if self.is_network else ""

    @property
    def is_secure(self) -> bool:
        """Whether it is asked by TLS."""
        return self.scheme in SECURE

    @property
    def is_device(self) -> bool:
        return is_device(self.text)

    @property
    def is_file(self) -> bool:
        return not (self.is_network or self.is_device)

    @property
    def place(self) -> str:
        """The same for FFmpeg: a device by its path, a scheme in small letters, other letters than
        those of ASCII as they are sent."""
        if self.is_network:
            return self.scheme + quote(self.text[len(self.scheme) :], safe=_ASCII)
        return f"/dev/video{self.text}" if self.text.isdigit() else self.text

    @property
    def origin(self) -> Origin:
        """A file was recorded; a network address or a device is live, unless it proves to end."""
        return "recorded" if self.is_file else "live"


class Capture:
    """An open source, decoded by a process of its own. Must be closed."""

    def __init__(
        self, address: str, reach: Reach, verified: bool = True, begin: Begin = Child
    ) -> None:
        """
        Args:
            verified: a host must have a certificate, where it is asked by TLS.
            begin: starts its decoder.

        Raises:
            CaptureError: it cannot be opened.
            LauncherGoneError: whoever starts decoders is gone.
        """
        meant = Address(address)
        if wrong := reach.fault(address):
            raise CaptureError(wrong)
        try:
            if meant.is_file:
                place = Place("", reach.open_file(address))
            else:
                authorities = reach.authorities if verified else ""
                place = Place(meant.place, None, meant.is_device, authorities)
            self._decoder = Decoder(place, reach.order(address), begin)
        except NotThereError as error:
            raise CaptureError(str(error)) from None
        except OSError as error:
            raise CaptureError(f"it cannot be opened: {error.strerror}") from None
        self.given = BEGIN
        """Time of the picture that was given last, s; a recording goes on from there."""
        try:
            self.opened = self._decoder.opened()
        except (DecoderError, DecoderLostError) as error:
            self.close()
            raise _capture_error(error) from None

    @property
    def origin(self) -> Origin:
        """What ends was recorded, wherever it comes from."""
        return "recorded" if self.opened.nature == "file" else "live"

    @property
    def damaged(self) -> int:
        """Due pictures left out so far, since the decoder called them damaged."""
        return self._decoder.damaged

    @property
    def pid(self) -> int:
        """Of the process that decodes."""
        return self._decoder.pid

    def close(self) -> None:
        self._decoder.close()

    def pictures(
        self, fps: float, wait: Callable[[float], bool], after: float = BEGIN
    ) -> Iterator[Picture]:
        """At most ``fps`` pictures per second of media, at the speed of the real world, to its end.

        A recording gives the first picture of each interval of 1/``fps`` seconds, always the same
        ones, each when its time has come; a stream gives the newest when one is due.
        ``wait(seconds)`` says that it is time to stop. To be called once.

        Args:
            after: what a recording has given before, as ``given`` said.

        Raises:
            CaptureError: a stream fell silent or ended, or a server broke a recording off.
        """
        recorded = self.opened.nature == "file"
        self._decoder.play(fps, after if recorded else BEGIN)
        self.given = after
        due = time.monotonic() - max(after, 0.0)
        first, given, taken = 0.0, 0, 0.0
        while True:
            # A stream's decoder paces itself, unless it floods; then it waits here.
            soon = taken + min(HASTE / fps, 1.0) - time.monotonic()
            if given and not recorded and wait(max(0.0, soon)):
                return
            try:
                found = self._decoder.next(lambda: wait(0))
            except (DecoderError, DecoderLostError) as error:
                raise _capture_error(error) from None
            if found is None:
                return
            if isinstance(found, Ended) and not recorded:
                raise CaptureError("no more pictures came")
            if recorded:
                late = time.monotonic() - due - found.time
                if late > BEHIND_SECONDS and isinstance(found, Shown):
                    due += late
                if wait(max(0.0, -late)):
                    return
            if isinstance(found, Ended):
                return
            # Its timestamps pace a recording: one that gives more of them than are due floods.
            first, given = (found.time if not given else first), given + 1
            if recorded and given > 3 + (found.time - first) * fps:
                raise DecoderGoneError("its decoder makes no sense")
            self.given, taken = found.time, time.monotonic()
            yield _upright(found)


def _capture_error(error: Exception) -> CaptureError:
    kind = DecoderGoneError if isinstance(error, DecoderLostError) else CaptureError
    return kind(str(error))


def _upright(shown: Shown) -> Picture:
    picture: Picture = cv2.flip(shown.pixels, 1) if shown.mirrored else shown.pixels
    turn = _TURNS.get(shown.turn)
    if turn is None:
        return picture
    turned: Picture = cv2.rotate(picture, turn)
    return turned


def to_jpeg(picture: Picture) -> bytes:
    """Raises CaptureError where OpenCV cannot encode the picture.

    One that is too large for a message is compressed more, and then made smaller; one of more
    pixels than the detector accepts is made smaller first.
    """
    height, width = picture.shape[:2]
    if height * width > MAX_PICTURE_PIXELS:
        picture = _scaled(picture, (MAX_PICTURE_PIXELS / (height * width)) ** 0.5)
    while True:
        for quality in QUALITIES:
            done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if not done:
                raise CaptureError("its picture cannot be encoded")
            if data.size <= MAX_PICTURE_BYTES:
                return bytes(data)
        picture = _scaled(picture, SMALLER)


def _scaled(picture: Picture, scale: float) -> Picture:
    height, width = picture.shape[:2]
    size = int(width * scale), int(height * scale)
    scaled: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return scaled
