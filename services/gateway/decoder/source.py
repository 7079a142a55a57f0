"""An open file, stream or picture, and what it is."""

import errno
import os
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import av
import av.logging

from services.gateway.decoder.body import Body, named_as_picture
from services.gateway.decoder.damage import Damage
from services.gateway.decoder.door import NO_HOST
from services.gateway.decoder.timing import (
    FALLBACK_RATE,
    LONGEST_HOLE,
    FileClock,
    MediaClock,
    SegmentClock,
    Stamps,
    StreamClock,
)
from services.gateway.decoder.wire import SECURE, Opened, Place

OPEN_SECONDS = 8.0
READ_SECONDS = 8.0
"""How long a network source may take to open, and to deliver something: longer than there is
between pictures that are near enough to be judged."""
LIMITS = (OPEN_SECONDS, READ_SECONDS)
MAX_SOURCE_PIXELS = 2**26
"""Of a picture before it is made smaller."""
CODECS = frozenset(
    ("av1", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v3", "vp8", "vp9",
     "png", "webp", "gif", "rawvideo", "h263", "flv1", "wmv1", "wmv2")
)  # fmt: skip
"""What cameras and recorders send. FFmpeg has hundreds more, of games and of decades ago, which are
read less often than they are attacked."""
NETWORK = "http,https,rtmp,rtmps,rtsp,rtsps,tcp,tls"
"""Protocols that an address may lead to, by a redirect or a playlist too: none that listens, reads
what is here, or has an address in another."""
FORMATS = (
    "3g2,3gp,asf,av1,avi,flv,gif,h264,hevc,image2,ivf,jpeg_pipe,live_flv,m4a,m4v,matroska,mj2,mjpeg,"
    "mov,mp4,mpeg,mpegts,mpegvideo,mpjpeg,mxf,nut,obu,ogg,png_pipe,rawvideo,rtsp,webm,webp_pipe"
)
"""What cameras and recorders send; no list of other addresses (concat, sdp) but that of HLS."""
NETWORK_FORMATS = ",".join(each for each in FORMATS.split(",") if each != "mjpeg")
"""The same of an address: of JPEGs that come one by one it would read megabytes first."""
PLAYLISTS = ",hls"
UNSTAMPED = ("h264", "hevc", "m4v", "mjpeg", "mpjpeg", "mpegvideo")
"""Formats without timestamps, for which FFmpeg makes some up."""
RATELESS = ("mjpeg", "mpjpeg")
"""Those whose pictures have no rate either: as a stream they come when they come."""
STILLS = ("image2", "image2pipe")
"""Formats of single pictures, beside those that end in ``_pipe``."""
_NOT_THERE = (
    errno.EACCES, errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.EIO, errno.ENETUNREACH,
    errno.ENOENT,
)  # fmt: skip
"""No such name, nobody there, or not open: one answer, which tells nobody what there is."""
NO_DEVICE = "there is no such camera on this machine, or it may not be used"
_IMPOSSIBLE = re.compile(r"Picture size (\d{1,10})x(\d{1,10}) is invalid")
_SLACK = 1.0
"""Seconds by which a recording may end before its length, as sound goes on for longer."""


class SourceError(Exception):
    """It cannot be opened, or gives nothing any more; names no address."""


class UnknownFormatError(SourceError):
    """Something may have come that the library does not know, or did not get to its end."""


class Shot(NamedTuple):
    frame: av.VideoFrame
    time: float
    """Seconds since the first."""
    damaged: bool
    aspect: float = 1.0
    """Width of its pixels, by their height."""


class Blank(NamedTuple):
    """Something came of which there is no picture."""

    lost: bool
    """As it is damaged."""


class SourceFile:
    """One source. Must be closed.

    Raises:
        SourceError: it cannot be opened, or has nothing that we decode.
    """

    def __init__(self, place: Place, form: str = "") -> None:
        """``form``: the library's name of its format, where that is known."""
        self._local = place.fd is not None
        self._body: Body | None = None
        with av.logging.Capture() as said:
            try:
                self._container = self._open(place, form or None)
            except (av.FFmpegError, ValueError, UnicodeError, OverflowError) as error:
                if self._body:
                    self._body.close()
                texts = [text for _, _, text in said]
                told = _uncertified(texts) or _unfinished(texts) or why(error)
                if place.device and told == NO_HOST:
                    told = NO_DEVICE
                kind = UnknownFormatError if _is_unknown(error) else SourceError
                raise kind(f"it cannot be opened: {told}") from None
        try:
            self._stream = self._prepared(text for _, _, text in said)
            self.opened = self._described(place.device)
        except BaseException:
            self.close()
            raise

    @property
    def comes_early(self) -> bool:
        """Whether its pictures come before their time, seconds of them at once."""
        return self.opened.nature == "stream" and self.opened.container == "hls"

    def close(self) -> None:
        self._container.close()
        if self._body:
            self._body.close()

    def shots(self) -> Iterator[Shot | Blank]:
        """Every picture, to the end.

        Raises:
            SourceError: it broke off.
        """
        opened, last = self.opened, 0.0
        clock: MediaClock = StreamClock()
        if opened.nature != "stream":
            clock = FileClock(opened.rate)
        elif opened.container == "hls":
            clock = SegmentClock()
        stamped = opened.container not in UNSTAMPED
        damage, stamps = Damage(opened.codec), Stamps()
        failure = ""
        packets = self._container.demux(self._stream)
        while not failure:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                failure = "the connection was lost" if error.errno in _NOT_THERE else why(error)
                packet = av.Packet()  # has the decoder give what it still holds
                packet.stream = self._stream
            if packet is None:
                break
            shown = damage.decode(packet)
            for frame, damaged in shown:
                stamp = stamps.seconds(*_stamps(frame)) if stamped else None
                last = clock.time(stamp, time.monotonic())
                yield Shot(frame, last, damaged, self._aspect())
            if not shown:
                yield Blank(damage.is_lost)
        # A file that was cut off ends where it ends; a server that broke off may have more, but not
        # where all has come: some just hang up then.
        over = last + 1 / (opened.rate or FALLBACK_RATE)
        early = over < opened.seconds - _SLACK if opened.seconds else failure
        if not self._local and early:
            raise SourceError(f"it broke off: {failure or 'before its end'}")

    def _aspect(self) -> float:
        """Of a picture by itself none: what JPEGs say of it is often wrong, and shown by nobody."""
        context = self._stream.codec_context
        told = context.sample_aspect_ratio or self._stream.sample_aspect_ratio
        return float(told) if told and self.opened.codec != "mjpeg" else 1.0

    def _open(self, place: Place, form: str | None) -> Any:
        if place.fd is not None:
            options = {"fd": str(place.fd), "protocol_whitelist": "fd", "format_whitelist": FORMATS}
            return av.open("fd:", options=options, metadata_errors="replace")
        if place.device:
            return av.open(place.address, format="v4l2", timeout=LIMITS, metadata_errors="replace")
        options = network_options(place)
        if form:
            options["format_whitelist"] = form
        if named_as_picture(place.address):
            formats = {"format_whitelist": form or NETWORK_FORMATS}
            self._body = Body(place.address, options, LIMITS)
            return av.open(self._body, format=form, options=formats, metadata_errors="replace")
        return av.open(
            place.address, format=form, options=options, timeout=LIMITS, metadata_errors="replace"
        )

    def _prepared(self, said: Iterable[str]) -> Any:
        """``said``: what the library said when it was opened."""
        # Not the first: that may be a cover, or the film in small.
        best: Any = self._container.streams.best("video")
        if best is None:
            raise SourceError("it has no pictures")
        stream = self._largest(best) if best.codec_context else best
        context = stream.codec_context
        if context is None:
            raise SourceError("its pictures have a codec for which there is no decoder")
        name = context.codec.canonical_name
        if name not in CODECS:
            raise SourceError(f"its pictures are {name[:40]}, which is not decoded here")
        if name == "webp" and not context.width:
            raise SourceError("it is a WebP that moves, or is damaged, which is not decoded here")
        width, height = context.width, context.height
        if not width:  # the library does not take over what it cannot hold
            width, height = _refused(said)
        if width * height > MAX_SOURCE_PIXELS:
            raise SourceError(
                f"its pictures are {width}x{height}, larger than is decoded here:"
                f" at most {MAX_SOURCE_PIXELS // 10**6} million pixels"
            )
        # One thread: a machine has more cameras than cores, and messages belong to their picture.
        context.thread_count = 1
        context.options = {"max_pixels": str(MAX_SOURCE_PIXELS)}
        return stream

    def _largest(self, best: Any) -> Any:
        """Of the tracks of its codec, the one with the largest pictures."""

        def size(each: Any) -> tuple[int, bool]:
            return each.codec_context.width * each.codec_context.height, each is best

        videos = (each for each in self._container.streams.video if each.codec_context)
        return max((each for each in videos if each.name == best.name), key=size, default=best)

    def _described(self, device: bool) -> Opened:
        container, stream = self._container, self._stream
        form = container.format.name
        seconds = max(container.duration or 0, 0) / 1_000_000
        still = form in STILLS or form.endswith("_pipe")
        if device:
            nature = "stream"
        elif still:
            nature = "file" if self._local else "still"
        elif self._local or seconds or (form != "hls" and (container.size or 0) > 0):
            nature = "file"  # a playlist's size is its own
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
        if still:
            rate = seconds = 0.0
        elif nature == "stream" and form in RATELESS:
            rate = 0.0
        codec = context.codec.canonical_name
        return Opened(nature, form, codec, context.width, context.height, rate, seconds)


def network_options(place: Place) -> dict[str, str]:
    """What the library is told of an address.

    Raises:
        SourceError: certificates are to be verified, and there is nothing to verify them by.
    """
    # What a source is should be known; how many pictures a second it has takes seconds to find out.
    options = {
        "protocol_whitelist": NETWORK,
        "format_whitelist": NETWORK_FORMATS + PLAYLISTS,
        "fpsprobesize": "0",
    }
    scheme = place.address.partition("://")[0].lower()
    if scheme in ("rtsp", "rtsps"):
        options["rtsp_transport"] = "tcp"
    if scheme in SECURE and place.authorities:
        if not os.access(place.authorities, os.R_OK):
            raise SourceError("the file with the authorities of certificates cannot be read")
        options |= {"tls_verify": "1", "ca_file": place.authorities}
        # FFmpeg does not pass that on to what a playlist names.
        options["format_whitelist"] = NETWORK_FORMATS
    return options


def _refused(said: Iterable[str]) -> tuple[int, int]:
    """Width and height of a picture that the library took for impossible; 0, 0: there is none."""
    found = next(filter(None, map(_IMPOSSIBLE.search, said)), None)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _uncertified(said: Iterable[str]) -> str:
    """Whether it was the certificate, which the library tells only in its messages."""
    texts = [text for text in said if "ertificate" in text]
    if any("owner does not match" in text for text in texts):
        return "its certificate is for another name"
    if any("failed verification" in text for text in texts):
        return "its certificate is signed by nobody who is trusted, or its time is over"
    return ""


def _is_unknown(error: Exception) -> bool:
    """Whether something may have come: one who hangs up without a word is an error, too."""
    if isinstance(error, av.InvalidDataError | av.ArgumentError):
        return True
    return isinstance(error, av.FFmpegError) and error.errno == errno.EIO


def _unfinished(said: Iterable[str]) -> str:
    """Whether a film (MP4) lacks the index that is written last."""
    if any("moov atom not found" in text for text in said):
        return "its index is missing: it was not recorded, or not copied, to its end"
    return ""


def _stamps(frame: av.VideoFrame) -> tuple[float | None, float | None]:
    """When it is to be shown, and when it was decoded; seconds."""
    base = frame.time_base
    shown, decoded = (
        float(stamp * base) if base and stamp is not None else None
        for stamp in (frame.pts, frame.dts)
    )
    return shown, decoded


def why(error: Exception) -> str:
    """In the library's fixed words, without the address that its own text has."""
    if isinstance(error, av.ExitError):
        return "no answer in time"
    if isinstance(error, av.FFmpegError) and error.errno in _NOT_THERE:
        return NO_HOST
    if isinstance(error, av.ArgumentError | av.InvalidDataError):
        return "it is nothing that cameras send, or its beginning is damaged"
    said = error.strerror if isinstance(error, av.FFmpegError) else None
    return said or type(error).__name__
