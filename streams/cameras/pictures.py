"""Pictures from cameras nobody can vouch for: judged by their markers before they are decoded.

Decoders are lenient: given a JPEG that lost its end, they hand back a picture that is part grey.
So the marker structure (ITU-T T.81, annex B) is walked here first. It costs little and says what a
picture claims to be, before memory is set aside for it.
"""

import re
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from streams.events import MAX_PICTURE_PIXELS, BadMessage, Reason

UNDECODABLE: Final = "undecodable"
TRUNCATED: Final = "truncated"
TOO_LARGE: Final = "picture_too_large"

_SOI, _EOI, _SOS, _DRI, _TEM = 0xD8, 0xD9, 0xDA, 0xDD, 0x01
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive"}
"""Start-of-frame markers of what is decoded: Huffman-coded, not lossless, not hierarchical."""
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
"""A marker: 0xFF bytes and a code."""
_IN_SCAN = re.compile(rb"\xff([^\x00\xff])")
"""The same among data, where 0xFF 0x00 is a stuffed data byte; a literal start is found faster."""
_MAX_SCANS = 64
"""Progressive pictures have about ten; each scan costs a pass over the picture."""
_BLANK = 128
"""Grey of the blocks that a decoder had no data for."""
_PROBE = b"\x00" + b"\x5a" * 64
"""Data that a decoder with blocks left to fill would take for theirs (0x00: after a last 0xFF)."""


class Header(NamedTuple):
    width: int
    height: int
    progressive: bool
    end: int
    """Where it ends; what follows (padding, line ends, another picture) is not its own."""


def inspect(jpeg: bytes) -> Header:
    """What the picture claims to be, where its structure is whole.

    Raises:
        BadMessage: ``undecodable``, ``truncated`` or ``picture_too_large``.
    """
    if jpeg[:2] != bytes((0xFF, _SOI)):
        raise BadMessage(UNDECODABLE, "no JPEG start")
    at, header, scans, restarts = 2, None, 0, False
    while True:
        match = _MARKER.match(jpeg, at)
        if match is None:
            broken: Reason = UNDECODABLE if jpeg[at:].strip(b"\xff") else TRUNCATED
            raise BadMessage(broken, f"no marker at byte {at} of {len(jpeg)}")
        code, at = match[1][0], match.end()
        if code == _EOI:
            break
        if code in (_SOI, _TEM, *_RESTARTS) or code in _OTHER_FRAMES:
            raise BadMessage(UNDECODABLE, f"marker {code:#x} before byte {at}")
        body = _segment(jpeg, at)
        at += 2 + len(body)
        if code in _FRAMES:
            if header:
                raise BadMessage(UNDECODABLE, "two frame headers")
            header = _header(code, body)
        elif code == _DRI:
            restarts = any(body)
        elif code == _SOS:
            scans += 1
            if header is None or scans > _MAX_SCANS:
                raise BadMessage(UNDECODABLE, f"scan {scans}, frame header: {header}")
            at = _scan_end(jpeg, at, restarts)
    if header is None or not scans:
        raise BadMessage(TRUNCATED, "an end, but no picture before it")
    return header._replace(end=at)


def decode(jpeg: bytes) -> NDArray[np.uint8]:
    """The picture, BGR uint8 [height, width, 3], as a viewer shows it (Exif orientation applied).

    Raises:
        BadMessage: as ``inspect``, or the decoder cannot read it.
    """
    header = inspect(jpeg)
    jpeg = jpeg[: header.end]
    image = _decoded(jpeg)
    if image is None:
        raise BadMessage(UNDECODABLE, "the decoder gave up")
    if image.shape[0] * image.shape[1] != header.width * header.height:
        raise BadMessage(UNDECODABLE, f"decoded to {image.shape}, the header says {header}")
    if _lacks_data(jpeg, image, header):
        raise BadMessage(TRUNCATED, "the picture's last blocks have no data")
    return image


def _segment(jpeg: bytes, at: int) -> bytes:
    """A marker segment's bytes, after its length."""
    length = int.from_bytes(jpeg[at : at + 2], "big")
    if at + max(length, 2) > len(jpeg):
        raise BadMessage(TRUNCATED, f"a segment at byte {at} ends after byte {len(jpeg)}")
    if length < 2:
        raise BadMessage(UNDECODABLE, f"a segment of length {length} at byte {at}")
    return jpeg[at + 2 : at + length]


def _header(code: int, body: bytes) -> Header:
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise BadMessage(UNDECODABLE, "frame header of the wrong length")
    precision, components = body[0], body[5]
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if precision != 8 or components not in (1, 3, 4) or not width or not height:
        says = f"{width}x{height}, {precision} bits, {components} components"
        raise BadMessage(UNDECODABLE, says)
    if width * height > MAX_PICTURE_PIXELS:
        raise BadMessage(TOO_LARGE, f"{width}x{height}, at most {MAX_PICTURE_PIXELS} pixels")
    return Header(width, height, _FRAMES[code] == "progressive", 0)


def _scan_end(jpeg: bytes, at: int, restarts: bool) -> int:
    """Where the entropy-coded data that starts at ``at`` ends: before the next proper marker."""
    for number, match in enumerate(_IN_SCAN.finditer(jpeg, at)):
        code = match[1][0]
        if code not in _RESTARTS:
            return match.start()
        if not restarts or code != _RESTARTS[number % 8]:
            raise BadMessage(UNDECODABLE, f"restart marker {code:#x} out of place")
    raise BadMessage(TRUNCATED, f"no end in {len(jpeg)} bytes")


def _decoded(jpeg: bytes) -> NDArray[np.uint8] | None:
    try:
        return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None


def _lacks_data(jpeg: bytes, image: NDArray[np.uint8], header: Header) -> bool:
    """Whether the decoder ran out of data before it ran out of blocks.

    It then fills them with one grey. As a picture may really end in that grey, it is given more
    data before the end marker: a whole picture ignores it, one that lacks data changes.
    """
    corners = image[[0, 0, -1, -1], [0, -1, 0, -1]]
    # Any corner may be the last block's: Exif orientation turns pictures.
    if header.progressive or not (corners == _BLANK).all(1).any():
        return False
    probed = _decoded(jpeg[:-2] + _PROBE + jpeg[-2:])
    return probed is None or not np.array_equal(image, probed)
