"""JPEGs out of bytes that go on: one after the other, or each a part of a multipart message.

A JPEG says itself where it ends, so what stands between two (a boundary, headers that are missing,
wrong or of another kind, line ends) need not be understood. The marker structure is ITU-T T.81,
annex B.
"""

import re
from typing import Literal

MOST_BYTES = 2**26
"""Of one picture; what is longer is none."""
END = b"\xff\xd9"
_START = b"\xff\xd8\xff"
_SOI, _SOS = 0xD8, 0xDA
_ALONE = (0x01, *range(0xD0, 0xD8))
"""Markers that have no segment."""
_IN_SCAN = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
"""A marker that ends a scan, among data."""


class Jpegs:
    """Cuts pictures out of what it is fed."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._at = 0
        """Up to here it has been understood; 0: no picture has begun."""
        self._in: Literal["header", "scan", "nonsense"] = "header"

    def feed(self, data: bytes) -> list[bytes]:
        """The pictures that end with these bytes: whole, or broken off by the next."""
        self._rest += data
        found = []
        while (end := self._end()) is not None:
            found.append(bytes(self._rest[:end]))
            del self._rest[:end]
            self._at, self._in = 0, "header"
        return found

    def rest(self) -> bytes:
        """What has begun and was not ended, where no more comes; empty: nothing."""
        return bytes(self._rest) if self._at else b""

    def _end(self) -> int | None:
        """Where the picture at the beginning of the rest ends; None: more is needed."""
        rest = self._rest
        if not self._at:
            start = rest.find(_START)
            if start < 0:
                del rest[: max(0, len(rest) - len(_START) + 1)]
                return None
            del rest[:start]
            self._at = 2
        end = self._header() if self._in == "header" else None
        while end is None and self._in == "scan":
            marker = _IN_SCAN.search(rest, self._at)
            self._at = marker.start() if marker else max(self._at, len(rest) - 1)
            if not marker:
                break
            self._in = "header"
            end = self._header()
        if end is None and self._in == "nonsense":
            following = rest.find(_START, self._at)
            end = following if following >= 0 else None
            self._at = max(self._at, len(rest) - len(_START) + 1)
        return len(rest) if end is None and len(rest) > MOST_BYTES else end

    def _header(self) -> int | None:
        """Reads marker by marker, to the end of the picture, to a scan, or to what is no marker."""
        rest = self._rest
        while self._in == "header":
            if rest[self._at : self._at + 2] == END:
                return self._at + 2
            if len(rest) < self._at + 4:
                return None
            mark, code = rest[self._at : self._at + 2]
            if mark != 0xFF or code == 0:
                self._in = "nonsense"
            elif code == _SOI:
                return self._at
            elif code == 0xFF:
                self._at += 1
            elif code in _ALONE:
                self._at += 2
            else:
                self._at += 2 + max(2, int.from_bytes(rest[self._at + 2 : self._at + 4], "big"))
                self._in = "scan" if code == _SOS else "header"
        return None
