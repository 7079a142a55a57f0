"""What an address answers, as bytes: for addresses whose name FFmpeg would believe.

By a name such as ``snap.jpg`` it takes ``image2``, a format for files on a disk: that asks for the
address once more, and gives nothing where the server does not say how long its answer is. Bytes
without a name are judged by what they are, be they one picture or a stream of them.
"""

import errno
import re
from typing import Any

import av

PICTURE_NAMES = re.compile(
    r"\.(?:jpe?g|jp[es2cn]|j2[kc]|jls|jpegls|ljpg|jxl?|mpo|a?png|pns|mng|webp|bmp|gif|tiff?|avif"
    r"|hei[cf]|p[bgpan]m|p[fgh]m|pgmyuv|tga|exr|dpx|qoi|ico|svgz?|raw)\Z",
    re.IGNORECASE,
)
"""As an address may end, in its path or its query."""


def is_web(address: str) -> bool:
    return address.partition("://")[0].lower() in ("http", "https")


def named_as_picture(address: str) -> bool:
    return is_web(address) and bool(PICTURE_NAMES.search(address))


class Body:
    """An open answer, read from its beginning to its end. Must be closed."""

    def __init__(self, address: str, options: dict[str, str], limits: tuple[float, float]) -> None:
        """Raises av.FFmpegError: it cannot be opened."""
        self._answer: Any = av.open(
            address, format="data", options=options | {"format_whitelist": "data"}, timeout=limits
        )
        self._packets = self._answer.demux()
        self._rest = b""

    @property
    def has_length(self) -> bool:
        """Whether the server has said how long it is."""
        return bool((self._answer.size or 0) > 0)

    def read(self, size: int) -> bytes:
        """At most so many bytes, as they come; none: it is over.

        Raises:
            av.FFmpegError: nothing came in time.
        """
        while not self._rest:
            try:
                packet = next(self._packets, None)
            except av.FFmpegError as error:
                if error.errno != errno.EIO:
                    raise
                packet = None  # hung up: whether all has come shows in the bytes
            if packet is None:
                return b""
            self._rest = bytes(packet)
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def close(self) -> None:
        self._answer.close()
