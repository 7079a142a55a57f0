"""The decoder's word on damage.

FFmpeg's decoders fill in what a loss has taken, from pictures before, and hand the result over like
any other: what was there once stands in it for seconds. They say so in their messages only.
"""

from collections.abc import Callable
from typing import Any

import av
import av.logging

from services.gateway.decoder.jpegs import END, Jpegs

WORDS = (
    "Frame num gap",
    "concealing",
    "error while decoding",
    "Could not find ref",
    "reference picture missing",
    "missing picture in access unit",
    "overread",
    "invalid data",
    "corrupt",
    "bytestream",
    "cabac decode",
    "error y=",
    "huffman",
)

av.logging.set_level(av.logging.DEBUG)  # the gap in frame numbers is said at this level only
av.logging.set_skip_repeated(False)


class Damage:
    """Whether pictures are damaged, of one codec, in the order in which they are decoded."""

    def __init__(self, codec: str) -> None:
        self._alone = codec in ("mjpeg", "png", "rawvideo", "webp")
        """No picture of it refers to another."""
        self._jpeg = codec == "mjpeg"
        self._lasts = False
        self.is_lost = False
        """Whether the last packet was a picture of which nothing could be had."""

    def decode(
        self,
        packet: "av.Packet[Any]",
        by: "Callable[[av.Packet[Any]], list[av.VideoFrame]] | None" = None,
    ) -> list[tuple[av.VideoFrame, bool]]:
        """The pictures that come out with this packet, each with whether it is damaged.

        ``by``: what decodes a packet that is of no container's stream.
        """
        frames: list[av.VideoFrame] = []
        with av.logging.Capture() as said:
            try:
                frames = by(packet) if by else packet.decode()
                failed = False
            except av.FFmpegError:
                failed = True
        broken = failed or packet.is_corrupt or any(_is_damage(line[2]) for line in said)
        if self._jpeg and packet.size:
            broken |= not _is_whole(bytes(packet))
        self.is_lost = broken and bool(packet.size) and not frames
        judged = []
        for frame in frames:
            if frame.key_frame and not broken:
                self._lasts = False
            judged.append((frame, broken or self._lasts or frame.is_corrupt))
        if broken and not self._alone:
            self._lasts = True
        return judged


def _is_whole(jpeg: bytes) -> bool:
    """Whether it has its end, whatever is behind that."""
    found = Jpegs().feed(jpeg)
    return bool(found) and found[0].endswith(END)


def _is_damage(message: str) -> bool:
    return any(word.lower() in message.lower() for word in WORDS)
