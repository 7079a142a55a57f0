"""The decoder's word on damage.

FFmpeg's decoders fill in what a loss has taken, from pictures before, and hand the result over like
any other: what was there once stands in it for seconds. They say so in their messages only.
"""

import av
import av.logging

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
_END = b"\xff\xd9"

av.logging.set_level(av.logging.DEBUG)  # the gap in frame numbers is said at this level only
av.logging.set_skip_repeated(False)


class Damage:
    """Whether pictures are damaged, of one codec, in the order in which they are decoded."""

    def __init__(self, codec: str) -> None:
        self._alone = codec in ("mjpeg", "png", "rawvideo", "webp")
        """No picture of it refers to another."""
        self._jpeg = codec == "mjpeg"
        self._lasts = False

    def decode(self, packet: "av.Packet[av.VideoStream]") -> list[tuple[av.VideoFrame, bool]]:
        """The pictures that come out with this packet, each with whether it is damaged."""
        frames: list[av.VideoFrame] = []
        with av.logging.Capture() as said:
            try:
                frames = packet.decode()
                failed = False
            except av.FFmpegError:
                failed = True
        broken = failed or packet.is_corrupt or any(_is_damage(line[2]) for line in said)
        if self._jpeg and packet.size:
            broken |= _END not in bytes(packet)[-max(packet.size // 2, 2) :]
        judged = []
        for frame in frames:
            if frame.key_frame and not broken:
                self._lasts = False
            judged.append((frame, broken or self._lasts or frame.is_corrupt))
        if broken and not self._alone:
            self._lasts = True
        return judged


def _is_damage(message: str) -> bool:
    return any(word.lower() in message.lower() for word in WORDS)
