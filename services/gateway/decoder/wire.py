"""What decoder and gateway say to each other, over the decoder's standard input and output.

The gateway writes a line of JSON, ``{"place": …, "door": …}``, and reads ``OPENED`` or
``FAILED``. It writes a second line, ``{"fps": …, "after": …}``, and then one byte for
each picture that it is ready to take. The decoder answers with ``PICTURE`` until ``ENDED`` or
``FAILED``, and with ``BEAT`` several times a second for as long as it does not hang.

Rows of pictures go through ``room``, memory that both share: a pipe costs three times as much. They
lie there until the next picture is asked for.
"""

import struct
from typing import NamedTuple

HEAD = struct.Struct("<cI")
"""Kind of the message, bytes that follow."""
PICTURE_HEAD = struct.Struct("<dHH?HI")
"""Of a picture: time (s since the source began), width, height, whether its sides are to be
exchanged, degrees to turn it clockwise then, and bytes from one row to the next. The rows, BGR, are
in the room."""
DAMAGED = struct.Struct("<I")
"""Of a beat: due pictures left out so far because the decoder called them damaged."""

BEAT, OPENED, PICTURE, ENDED, FAILED = b"B", b"O", b"P", b"E", b"F"
NEXT = b"n"
"""The byte that asks for a picture."""

MAX_TEXT = 4096
"""Bytes of any message."""
MAX_PIXELS = 3840 * 2160
"""Larger pictures are made smaller before they are handed over."""
MAX_SIDE = 65500
"""So are longer ones: OpenCV writes no JPEG of them."""
ROOM_BYTES = 3 * MAX_PIXELS + 2**23
"""With what pads the rows. Memory is taken only for what a source's pictures need."""
BEAT_SECONDS = 0.3
SECURE = ("https", "rtmps", "rtsps")
"""Schemes by which a host shows a certificate."""


class Place(NamedTuple):
    """Where pictures come from."""

    address: str
    """Empty where there is a file: a name on this machine is nothing that a decoder needs."""
    fd: int | None = None
    """Of a file on this machine, open for reading; the decoder has it under a number of its own."""
    device: bool = False
    authorities: str = ""
    """File with the certificates by which those of hosts are verified; empty: they are not."""


class Opened(NamedTuple):
    """What a source is, by its bytes and not by its name."""

    nature: str
    """``file`` (it ends), ``stream`` (it goes on) or ``still`` (one picture, to be polled)."""
    container: str
    codec: str
    width: int
    height: int
    rate: float
    """Pictures per second, as the source says; 0: it does not."""
    seconds: float
    """Of a file; 0: not known."""
