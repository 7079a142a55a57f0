"""A recording on disk: what it is of, what was known when it began, and what came then.

    recording.json    what it is, and the index of everything else, with sizes and checksums
    states.zst        what each stage knew of each partition at tick A
    000001.zst …      slices of the inputs, in order
    incidents.zst     the canonical log of the live run, in (A, B]

Files are zstandard frames (RFC 8878) of msgpack.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import msgspec

from streams.events import DAY, Micros
from streams.kafka.limits import CHECKPOINT_BYTES
from streams.recordings import canonical
from streams.recordings.files import Folder, RecordingError
from streams.recordings.packing import (
    LEAST_PART,
    MAX_PACKED,
    MAX_SLICES,
    Record,
    decoded,
    packed,
    slices,
    unpacked,
    unreadable,
)
from streams.topics import TICKED

INDEX, STATES, INCIDENTS = "recording.json", "states.zst", "incidents.zst"
FORMAT = 3
"""That is written: 3 says in which versions its log, its kinds and its feeds are; 2 is read too,
whose log is of version 1."""
FORMATS = (2, FORMAT)
SEGMENT_BYTES = 16 * 2**20
"""Of messages, before compression; a file is read as a whole."""
MAX_INDEX = 8 * 2**20
"""Bytes."""
MAX_SEGMENTS = 30_000
MAX_PARTITIONS = 1000
MAX_SPAN = 366 * DAY
"""From the first tick to the last."""


Time = Annotated[Micros, msgspec.Meta(ge=0, le=253_402_300_799_999_999)]
"""Up to the year 9999."""
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
_Short = Annotated[str, msgspec.Meta(max_length=300)]
_Sha256 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
_Numbers = Annotated[dict[_Short, _Number], msgspec.Meta(max_length=100_000)]
_Few = msgspec.Meta(max_length=100_000)


class Slice(msgspec.Struct, frozen=True, array_like=True):
    """What lay in the input partitions after the tick before, up to and with this one."""

    tick: Micros
    records: list[Record]
    """In the order of topic, partition and offset."""


class State(msgspec.Struct, frozen=True, array_like=True):
    stage: _Short
    topic: _Short
    partition: int
    snapshot: Annotated[bytes, msgspec.Meta(max_length=CHECKPOINT_BYTES)]
    """As ``streams.runtime.partition.Partition.decode`` takes it."""


_STATES = Annotated[list[State], _Few]
_LINES = Annotated[list[bytes], msgspec.Meta(max_length=2_000_000)]


class File(msgspec.Struct, frozen=True):
    """One entry of the index."""

    name: _Short
    bytes: Annotated[int, msgspec.Meta(ge=0, le=MAX_PACKED)]
    sha256: _Sha256
    messages: _Number = 0
    first: Time = 0
    """Tick of the first slice."""
    last: Time = 0


class Timing(msgspec.Struct, frozen=True):
    """What a feed said of the times of its events. Fields as in ``streams.feeds.feed.Feed``."""

    clock: _Short
    lateness: Time


class Index(msgspec.Struct, frozen=True, kw_only=True):
    format: _Number
    cityops: _Short
    """Version of the software that recorded."""
    namespace: _Short
    partitions: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTITIONS)]
    from_stage: Annotated[str, msgspec.Meta(pattern=r"\A(detect|interpret)\Z")]
    after: Time
    """Tick A: what was decided until then is part of the state, not of the result."""
    until: Time
    """Tick B: the result is what was decided in (A, B]."""
    end: Time
    """The last tick, later than B: what happened until B may arrive after it."""
    log: _Number = 1
    """Version of its canonical log, see ``streams.recordings.canonical``."""
    seen_by: _Short = ""
    """What made detections of the pictures; empty: the recording begins with detections."""
    digest: _Sha256
    """Of the live run's log, with its header."""
    kinds: _Numbers
    """Lines of the live run's log, by kind of incident."""
    models: Annotated[list[_Short], _Few]
    """``name@version`` of those in force."""
    kind_versions: _Numbers = {}
    """Kinds that rules name, at tick A or on the way, to the version of each."""
    feed_versions: _Numbers = {}
    """Feeds that sources are of, at tick A or on the way, to the version of each."""
    feed_timings: Annotated[dict[_Short, Timing], _Few] = {}
    """Of the same feeds; empty: an earlier release recorded it, which did not say."""
    calendar: Annotated[str, msgspec.Meta(pattern=r"\A([0-9a-f]{64})?\Z")] = ""
    """Of working time, see ``Calendar.digest``; empty: nothing rests on it, or it was not said."""
    together: Annotated[str, msgspec.Meta(pattern=r"\A([0-9a-f]{64})?\Z")] = ""
    """Of what joins and combines incidents, see ``together.digest``; empty: it was not said."""
    unseen: _Numbers = {}
    """Camera to how many of its frames the live run did not see, as their model was missing."""
    states: File
    incidents: File
    segments: Annotated[list[File], msgspec.Meta(max_length=MAX_SEGMENTS)]


class Writer:
    """Writes a recording; nothing is one before ``close`` has written the index.

    Raises:
        RecordingError: the folder exists and is not empty, or a part of it is too large to be read.
        OSError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._made = not folder.exists()
        self._folder = Folder.made(folder)
        self.folder = folder
        self.segments: list[File] = []
        self._slices: list[Slice] = []
        self._size = 0

    def add(self, piece: Slice) -> None:
        """One that is large becomes several of the same tick."""
        begin = 0
        for number, record in enumerate(piece.records):
            self._size += _weight(record)
            if self._size >= SEGMENT_BYTES and number + 1 < len(piece.records):
                self._slices.append(Slice(piece.tick, piece.records[begin : number + 1]))
                begin = number + 1
                self._cut()
        self._slices.append(Slice(piece.tick, piece.records[begin:]) if begin else piece)
        if self._size >= SEGMENT_BYTES or len(self._slices) >= MAX_SLICES:
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
        text = msgspec.json.format(msgspec.json.encode(whole)) + b"\n"
        if len(text) > MAX_INDEX or len(self.segments) > MAX_SEGMENTS:
            raise RecordingError(f"{self.folder} is too long to be read: record a shorter time")
        self._folder.write(INDEX, text)
        return whole

    def discard(self) -> None:
        """Takes away what has been written of one that nothing comes of."""
        with suppress(OSError):
            for name in (*(file.name for file in self.segments), STATES, INCIDENTS, INDEX):
                self._folder.remove(name)
            if self._made:
                self.folder.rmdir()

    def _cut(self) -> None:
        if not self._slices:
            return
        written = self._write(_segment(len(self.segments)), msgspec.msgpack.encode(self._slices))
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
        file = packed(content)
        self._folder.write(name, file)
        return File(name, len(file), hashlib.sha256(file).hexdigest())


def _segment(number: int) -> str:
    """Name of the file of the ``number``-th segment, from 0."""
    return f"{number + 1:06}.zst"


def _weight(record: Record) -> int:
    """Bytes, about."""
    _, _, headers, value = record
    return len(value) + sum(len(name) + len(said) + 4 for name, said in headers) + LEAST_PART


class Recording:
    """A recording that was made, by whomever: of what it says nothing is believed.

    Raises:
        RecordingError: here and in each method: a file is missing, cut short or altered, or is
            none that a recording has.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / INDEX
        try:
            self.files = Folder(folder)
            text = self.files.read(INDEX, MAX_INDEX)
        except FileNotFoundError:
            raise RecordingError(
                f"{folder} is not a recording: it has no {INDEX} ('cityops record -o {folder}')"
            ) from None
        try:
            json.loads(text, object_pairs_hook=_once)
            self.index = msgspec.json.decode(text, type=Index)
        except (ValueError, RecursionError) as error:
            raise unreadable(path, error) from None
        if said := _fault(self.index):
            raise RecordingError(f"{path} {said}")

    def states(self) -> list[State]:
        found: list[State] = self._read(self.index.states, _STATES)
        return found

    def incidents(self) -> list[bytes]:
        """Lines of the live run's canonical log, without its header."""
        index, path = self.index, self.folder / INCIDENTS
        found: list[bytes] = self._read(index.incidents, _LINES)
        lines = found if index.log == 1 else found[1:]
        if canonical.whole(lines, index.log, index.seen_by) != found:
            raise RecordingError(f"{path} does not begin with the header of its log")
        if canonical.digest(lines, index.log, index.seen_by) != index.digest:
            raise RecordingError(f"{path} was altered: its digest is not that of {INDEX}")
        return lines

    def slices(self) -> Iterator[Slice]:
        """In order; of one file at a time what is packed, and of one slice what it says."""
        before = self.index.after
        for file in self.index.segments:
            path, messages = self.folder / file.name, 0
            for tick, records in slices(path, self._unpacked(file)):
                if not max(before, file.first) <= tick <= file.last:
                    raise RecordingError(f"{path}: tick {tick} is out of order")
                for topic, partition, *_ in records:
                    if topic not in TICKED or not 0 <= partition < self.index.partitions:
                        raise RecordingError(f"{path}: no input is called {topic!r}/{partition}")
                before, messages = tick, messages + len(records)
                yield Slice(tick, records)
            if messages != file.messages:
                raise RecordingError(
                    f"{path} has {messages} messages, and {file.messages} by {INDEX}"
                )

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
            content = self.files.read(file.name, MAX_PACKED)
        except FileNotFoundError:
            raise RecordingError(f"{path} is missing") from None
        if len(content) < file.bytes:
            raise RecordingError(f"{path} is cut short: {len(content)} of {file.bytes} bytes")
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise RecordingError(f"{path} was altered: its sha256 is not that of {INDEX}")
        return content

    def _unpacked(self, file: File) -> bytes:
        return unpacked(self.folder / file.name, self._content(file))

    def _read(self, file: File, kind: Any) -> Any:
        return decoded(self.folder / file.name, self._unpacked(file), kind)


def _fault(index: Index) -> str:
    """What is wrong with an index, all of whose values are of their types; empty: nothing."""
    if index.format not in FORMATS:
        return f"has format {index.format}; this reads {' and '.join(map(str, FORMATS))}"
    if not 1 <= index.log <= canonical.VERSION:
        return f"has a log of version {index.log}; this reads {canonical.VERSION}"
    if not index.after < index.until <= index.end <= index.after + MAX_SPAN:
        return "ends before it begins, or is longer than any"
    names = [index.states.name, index.incidents.name, *(file.name for file in index.segments)]
    wanted = [STATES, INCIDENTS, *map(_segment, range(len(index.segments)))]
    for name, other in zip(names, wanted, strict=True):
        if name != other:
            return f"names a file {name!r} where {other} has to be"
    before = index.after
    for file in index.segments:
        if not before <= file.first <= file.last <= index.end + MAX_SPAN:
            return f"says that {file.name} begins before the one ahead of it ends"
        before = file.last
    return ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two that are alike, readers take one or the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("two values have one name")
    return found
