"""An open file, stream or picture, and what it is."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import av

from services.gateway.decoder.damage import Damage
from services.gateway.decoder.timing import (
    FALLBACK_RATE,
    LONGEST_HOLE,
    FileClock,
    MediaClock,
    StreamClock,
)
from services.gateway.decoder.wire import Opened

OPEN_SECONDS = 5.0
READ_SECONDS = 5.0
"""How long a network source may take to open, and to deliver something."""
MAX_SOURCE_PIXELS = 2**26
"""Of a picture before it is made smaller."""
CODECS = frozenset(
    ("av1", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v3", "vp8", "vp9",
     "png", "webp", "rawvideo", "h263", "flv1", "wmv1", "wmv2")
)  # fmt: skip
"""What cameras and recorders send. FFmpeg has hundreds more, of games and of decades ago, which are
read less often than they are attacked."""
NETWORK = "http,https,hls,tcp,tls,udp,rtp,srtp,rtsp,rtmp,rtmps,srt,crypto,data"
"""Protocols that an address may lead to; a playlist from the network reads no file of ours."""
UNSTAMPED = ("h264", "hevc", "m4v", "mjpeg", "mpjpeg", "mpegvideo")
"""Formats without timestamps, for which FFmpeg makes some up."""
STILLS = ("image2", "image2pipe")
"""Formats of single pictures, beside those that end in ``_pipe``."""
_SLACK = 1.0
"""Seconds by which a recording may end before its length, as sound goes on for longer."""


class SourceError(Exception):
    """It cannot be opened, or gives nothing any more; names no address."""


class Shot(NamedTuple):
    frame: av.VideoFrame
    time: float
    """Seconds since the first."""
    damaged: bool


class SourceFile:
    """One source. Must be closed.

    Raises:
        SourceError: it cannot be opened, or has nothing that we decode.
    """

    def __init__(self, address: str, fd: int | None, device: bool) -> None:
        """``fd``: of a file on this machine, open for reading."""
        self._local = fd is not None
        try:
            self._container = _open(address, fd, device)
        except (av.FFmpegError, ValueError, UnicodeError, OverflowError) as error:
            raise SourceError(f"it cannot be opened: {_why(error)}") from None
        try:
            self._stream = self._prepared()
            self.opened = self._described(device)
        except BaseException:
            self._container.close()
            raise

    def close(self) -> None:
        self._container.close()

    def shots(self) -> Iterator[Shot]:
        """Every picture, to the end.

        Raises:
            SourceError: it broke off.
        """
        opened, last = self.opened, 0.0
        clock: MediaClock = StreamClock()
        if opened.nature != "stream":
            clock = FileClock(opened.rate)
        stamped = opened.container not in UNSTAMPED
        damage = Damage(opened.codec)
        failure = ""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                failure = _why(error)
                break
            if packet is None:
                break
            for frame, damaged in damage.decode(packet):
                last = clock.time(_seconds(frame) if stamped else None, time.monotonic())
                yield Shot(frame, last, damaged)
        # A file that was cut off ends where it ends; a server that broke off may have more.
        over = last + 1 / (opened.rate or FALLBACK_RATE)
        early = opened.seconds and over < opened.seconds - _SLACK
        if not self._local and (failure or early):
            raise SourceError(f"it broke off: {failure or 'before its end'}")

    def _prepared(self) -> Any:
        streams = self._container.streams.video
        if not streams:
            raise SourceError("it has no pictures")
        stream = streams[0]
        context = stream.codec_context
        if context is None:
            raise SourceError("its pictures have a codec for which there is no decoder")
        name = context.codec.canonical_name
        if name not in CODECS:
            raise SourceError(f"its pictures are {name[:40]}, which is not decoded here")
        # One thread: a machine has more cameras than cores, and messages belong to their picture.
        context.thread_count = 1
        context.options = {"max_pixels": str(MAX_SOURCE_PIXELS)}
        return stream

    def _described(self, device: bool) -> Opened:
        container, stream = self._container, self._stream
        form = container.format.name
        seconds = max(container.duration or 0, 0) / 1_000_000
        still = form in STILLS or form.endswith("_pipe")
        if device:
            nature = "stream"
        elif still:
            nature = "file" if self._local else "still"
        elif self._local or seconds or (container.size or 0) > 0:
            nature = "file"
        else:
            nature = "stream"
        context = stream.codec_context
        # A raw file's own rate is in its pictures; that of its container is made up.
        rates = (stream.guessed_rate, stream.average_rate)
        if stream.duration or container.duration:
            rates = (stream.average_rate, stream.guessed_rate)
        rate = next(
            (float(rate) for rate in rates if rate and 1 / LONGEST_HOLE <= rate <= 1000), 0.0
        )
        rate = 0.0 if still else rate
        codec = context.codec.canonical_name
        return Opened(nature, form, codec, context.width, context.height, rate, seconds)


def _open(address: str, fd: int | None, device: bool) -> Any:
    if fd is not None:
        options = {"fd": str(fd), "protocol_whitelist": "fd"}
        return av.open("fd:", options=options, metadata_errors="replace")
    limits = (OPEN_SECONDS, READ_SECONDS)
    if device:
        return av.open(address, format="v4l2", timeout=limits, metadata_errors="replace")
    # What a source is should be known; how many pictures a second it has takes seconds to find out.
    options = {"protocol_whitelist": NETWORK, "fpsprobesize": "0"}
    if address.lower().startswith(("rtsp:", "rtsps:")):
        options["rtsp_transport"] = "tcp"
    return av.open(address, options=options, timeout=limits, metadata_errors="replace")


def _seconds(frame: av.VideoFrame) -> float | None:
    stamp = frame.pts if frame.pts is not None else frame.dts
    return None if stamp is None or not frame.time_base else float(stamp * frame.time_base)


def _why(error: Exception) -> str:
    """In the library's fixed words, without the address that its own text has."""
    if isinstance(error, av.ExitError):
        return "no answer in time"
    said = error.strerror if isinstance(error, av.FFmpegError) else None
    return said or type(error).__name__
