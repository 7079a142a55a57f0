"""How a recording's files are packed, and how much may come out of one: known before it does.

A file is one zstandard frame (RFC 8878) that says how long its content is. A small one can stand
for gigabytes of it, and few bytes of msgpack for many objects; both are bounded.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import zstandard

from streams.recordings.files import RecordingError

MAX_PACKED = MAX_CONTENT = 256 * 2**20
"""Bytes of a file and of what it holds; segments are written with a tenth of it at most."""
MAX_RATIO = 500
"""A day on which nothing happens but ticks has 105 …"""
FREE_BYTES = 2**25
"""… and where somebody sends zeros all day, more: so much content may come of any file. A segment
that is written has less."""
SMALL_SLICE = 2**20
"""Bytes of one whose parts need no counting."""
MAX_SLICES = 1_000_000
"""In one file."""
MAX_SLICE = 2**26
"""Bytes of one slice; a larger one is written as several of the same tick."""
MAX_RECORDS = 2_000_000
"""In one slice, which is cut after so many bytes that it has half of these at most."""
LEAST_PART = 16
"""Bytes that a record or a header has on average; the shortest that are sent have 20."""

Record = tuple[str, int, list[tuple[str, bytes]], bytes]
"""A message as it lay in an input topic: logical topic, partition, headers, value."""


class _Sliced(msgspec.Struct, array_like=True):
    """A slice whose records are still packed."""

    tick: int
    records: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_RECORDS)]


_SLICES = msgspec.msgpack.Decoder(Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_SLICES)])
_SLICED = msgspec.msgpack.Decoder(_Sliced)
_RECORD = msgspec.msgpack.Decoder(Record)
_SLICE = msgspec.msgpack.Decoder(tuple[int, list[Record]])


def packed(content: bytes) -> bytes:
    """Raises RecordingError: nobody would read it."""
    if len(content) > MAX_CONTENT:
        raise RecordingError(
            f"a file would hold {len(content)} bytes, and may hold {MAX_CONTENT}: record less"
        )
    return zstandard.ZstdCompressor(write_content_size=True).compress(content)


def unpacked(path: Path, file: bytes) -> bytes:
    """Raises RecordingError, which names ``path``."""
    try:
        frame = zstandard.get_frame_parameters(file)
        size = frame.content_size
        if size in (zstandard.CONTENTSIZE_UNKNOWN, zstandard.CONTENTSIZE_ERROR):
            raise RecordingError(f"{path} does not say how long its content is")
        if size > MAX_CONTENT or size > max(FREE_BYTES, MAX_RATIO * len(file)):
            raise RecordingError(
                f"{path}: its {len(file)} bytes stand for {size}; no recording is packed so tightly"
            )
        found = zstandard.ZstdDecompressor(max_window_size=MAX_CONTENT).decompress(
            file, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise RecordingError(f"{path} cannot be unpacked: {error}") from None
    if len(found) != size:
        raise RecordingError(f"{path} has {len(found)} bytes of content, and says {size}")
    return found


def decoded(path: Path, content: bytes, kind: Any) -> Any:
    """What msgpack says. Raises RecordingError, which names ``path``."""
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(path, error) from None


def slices(path: Path, content: bytes) -> Iterator[tuple[int, list[Record]]]:
    """Tick and records of each, one after the other. Raises RecordingError, which names ``path``.

    All slices of a file at once are millions of objects, which Python's collector of cycles would
    visit again and again.
    """
    try:
        for one in _SLICES.decode(content):
            yield _SLICE.decode(one) if len(one) <= SMALL_SLICE else _large(path, one)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(path, error) from None


def _large(path: Path, one: msgspec.Raw) -> tuple[int, list[Record]]:
    """One record after the other, so that too many parts are never all there."""
    if len(one) > MAX_SLICE:
        raise RecordingError(f"{path}: a slice has {len(one)} bytes, and may have {MAX_SLICE}")
    sliced = _SLICED.decode(one)
    left = len(one) // LEAST_PART
    records = []
    for raw in sliced.records:
        record = _RECORD.decode(raw)
        left -= 1 + len(record[2])
        if left < 0:
            raise RecordingError(
                f"{path}: the slice of tick {sliced.tick} has more parts than are ever recorded"
            )
        records.append(record)
    return sliced.tick, records


def unreadable(path: Path, error: Exception) -> RecordingError:
    said = "it goes too deep" if isinstance(error, RecursionError) else str(error)
    return RecordingError(f"{path} cannot be read: {said}")
