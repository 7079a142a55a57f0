"""A recording on disk: what it is of, what was known when it began, and what came then.

    recording.json    what it is, and the index of everything else, with sizes and checksums
    states.zst        what each stage knew of each partition at tick A
    000001.zst …      slices of the inputs, in order
    incidents.zst     the canonical log of the live run, in (A, B]

Files are zstandard frames (RFC 8878) of msgpack.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from streams.events import Micros
from streams.recordings import canonical

INDEX, STATES, INCIDENTS = "recording.json", "states.zst", "incidents.zst"
FORMAT = 3
"""That is written: 3 says in which versions its log, its kinds and its feeds are; 2 is read too,
whose log is of version 1."""
FORMATS = (2, FORMAT)
SEGMENT_BYTES = 16 * 2**20
"""Of messages, before compression; a file is read as a whole."""


class RecordingError(Exception):
    """A folder is no recording, or not the one that was made; names the file."""


Record = tuple[str, int, list[tuple[str, bytes]], bytes]
"""A message as it lay in an input topic: logical topic, partition, headers, value."""


class Slice(msgspec.Struct, frozen=True, array_like=True):
    """What lay in the input partitions after the tick before, up to and with this one."""

    tick: Micros
    records: list[Record]
    """In the order of topic, partition and offset."""


class State(msgspec.Struct, frozen=True, array_like=True):
    stage: str
    topic: str
    partition: int
    snapshot: bytes
    """As ``streams.runtime.partition.Partition.decode`` takes it."""


class File(msgspec.Struct, frozen=True):
    """One entry of the index."""

    name: str
    bytes: int
    sha256: str
    messages: int = 0
    first: Micros = 0
    """Tick of the first slice."""
    last: Micros = 0


class Timing(msgspec.Struct, frozen=True):
    """What a feed said of the times of its events. Fields as in ``streams.feeds.feed.Feed``."""

    clock: str
    lateness: Micros


class Index(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    cityops: str
    """Version of the software that recorded."""
    namespace: str
    partitions: int
    from_stage: str
    after: Micros
    """Tick A: what was decided until then is part of the state, not of the result."""
    until: Micros
    """Tick B: the result is what was decided in (A, B]."""
    end: Micros
    """The last tick, later than B: what happened until B may arrive after it."""
    log: int = 1
    """Version of its canonical log, see ``streams.recordings.canonical``."""
    seen_by: str = ""
    """What made detections of the pictures; empty: the recording begins with detections."""
    digest: str
    """Of the live run's log, with its header."""
    kinds: dict[str, int]
    """Lines of the live run's log, by kind of incident."""
    models: list[str]
    """``name@version`` of those in force."""
    kind_versions: dict[str, int] = {}
    """Kinds that rules name, at tick A or on the way, to the version of each."""
    feed_versions: dict[str, int] = {}
    """Feeds that sources are of, at tick A or on the way, to the version of each."""
    feed_timings: dict[str, Timing] = {}
    """Of the same feeds; empty: an earlier release recorded it, which did not say."""
    unseen: dict[str, int] = {}
    """Camera to how many of its frames the live run did not see, as their model was missing."""
    states: File
    incidents: File
    segments: list[File]


class Writer:
    """Writes a recording; nothing is one before ``close`` has written the index.

    Raises:
        RecordingError: the folder exists and is not empty.
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise RecordingError(f"{folder} is not empty: name a folder that does not exist")
        self._made = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.segments: list[File] = []
        self._slices: list[Slice] = []
        self._size = 0

    def add(self, piece: Slice) -> None:
        self._slices.append(piece)
        self._size += sum(len(value) for *_, value in piece.records)
        if self._size >= SEGMENT_BYTES:
            self._cut()

    def states(self, states: list[State]) -> File:
        return self._write(STATES, msgspec.msgpack.encode(states))

    def incidents(self, lines: list[bytes]) -> File:
        """Args: ``lines`` with the header, as the digest is of them."""
        return self._write(INCIDENTS, msgspec.msgpack.encode(lines))

    def close(self, index: Index) -> Index:
        """Completes ``index`` with the segments, which are known here, and writes it."""
        self._cut()
        whole = msgspec.structs.replace(index, segments=self.segments)
        text = msgspec.json.format(msgspec.json.encode(whole))
        (self.folder / INDEX).write_bytes(text + b"\n")
        return whole

    def discard(self) -> None:
        """Takes away what has been written of one that nothing comes of."""
        with suppress(OSError):
            for name in (*(file.name for file in self.segments), STATES, INCIDENTS, INDEX):
                (self.folder / name).unlink(missing_ok=True)
            if self._made:
                self.folder.rmdir()

    def _cut(self) -> None:
        if not self._slices:
            return
        name = f"{len(self.segments) + 1:06}.zst"
        written = self._write(name, msgspec.msgpack.encode(self._slices))
        self.segments.append(
            msgspec.structs.replace(
                written,
                messages=sum(len(piece.records) for piece in self._slices),
                first=self._slices[0].tick,
                last=self._slices[-1].tick,
            )
        )
        self._slices, self._size = [], 0

    def _write(self, name: str, content: bytes) -> File:
        packed = zstandard.ZstdCompressor(write_content_size=True).compress(content)
        (self.folder / name).write_bytes(packed)
        return File(name, len(packed), hashlib.sha256(packed).hexdigest())


class Recording:
    """A recording that was made.

    Raises:
        RecordingError: here and in each method: a file is missing, cut short or altered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / INDEX
        try:
            self.index = msgspec.json.decode(path.read_bytes(), type=Index)
        except (FileNotFoundError, NotADirectoryError):
            raise RecordingError(
                f"{folder} is not a recording: it has no {INDEX} ('cityops record -o {folder}')"
            ) from None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RecordingError(f"{path} cannot be read: {error}") from None
        if self.index.format not in FORMATS:
            reads = " and ".join(map(str, FORMATS))
            raise RecordingError(f"{path} has format {self.index.format}; this reads {reads}")
        if self.index.log > canonical.VERSION:
            raise RecordingError(
                f"{path} has a log of version {self.index.log}; this reads {canonical.VERSION}"
            )

    def states(self) -> list[State]:
        found: list[State] = self._read(self.index.states, list[State])
        return found

    def incidents(self) -> list[bytes]:
        """Lines of the live run's canonical log, without its header."""
        found: list[bytes] = self._read(self.index.incidents, list[bytes])
        return found if self.index.log == 1 else found[1:]

    def slices(self) -> Iterator[Slice]:
        """In order; of one file at a time what is packed, and of one slice what it says.

        All slices of a file at once are millions of objects, which Python's collector of cycles
        would visit again and again.
        """
        decoder = msgspec.msgpack.Decoder(Slice)
        for file in self.index.segments:
            for packed in self._read(file, list[msgspec.Raw]):
                yield decoder.decode(packed)

    def check(self) -> None:
        """Reads every file once."""
        for file in (self.index.states, self.index.incidents, *self.index.segments):
            self._content(file)

    @property
    def messages(self) -> int:
        return sum(file.messages for file in self.index.segments)

    def _content(self, file: File) -> bytes:
        path = self.folder / file.name
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise RecordingError(f"{path} is missing") from None
        if len(content) < file.bytes:
            raise RecordingError(f"{path} is cut short: {len(content)} of {file.bytes} bytes")
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RecordingError(f"{path} was altered: its sha256 is not that of {INDEX}")
        return content

    def _read(self, file: File, kind: Any) -> Any:
        content = zstandard.ZstdDecompressor().decompress(self._content(file))
        return msgspec.msgpack.decode(content, type=kind)
