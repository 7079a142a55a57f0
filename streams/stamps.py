"""Event time as a source stamps it: it never goes back, whatever the clock or the process does."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from streams.events import SECOND, Micros
from streams.settings import Settings

RESERVED_TIME: Micros = SECOND
"""How far ahead times are reserved on disk: one small write a second at most."""
RESERVED_SEQUENCES = 10_000


def wall_clock() -> Micros:
    return time.time_ns() // 1000


def steady_clock() -> Micros:
    return time.monotonic_ns() // 1000


class Reserved(msgspec.Struct, frozen=True):
    """What may have been given out already: every later stamp lies above both."""

    time: Micros = 0
    sequence: int = 0


class Stamps:
    """The pure core: times and sequence numbers, strictly increasing per source.

    Where the wall clock went back, event time goes on from the last stamp at half the speed of
    the steady clock until the wall clock has caught up: it neither stops nor goes back.
    """

    def __init__(self, reserved: Reserved) -> None:
        self.reserved = reserved
        """All that was or will be given out lies at or below this; the caller stores it."""
        self._before = reserved
        """What earlier processes may have given out."""
        self._reading = reserved.time
        self._steady: Micros | None = None
        self._last: dict[str, tuple[Micros, int]] = {}

    def now(self, wall: Micros, steady: Micros) -> Micros:
        """Event time now; never less than before. Arguments: what both clocks show."""
        elapsed = 0 if self._steady is None else max(0, steady - self._steady)
        self._steady = max(steady, self._steady or steady)
        self._reading = max(wall, self._reading + elapsed // 2)
        self._reserve(self._reading, 0)
        return self._reading

    def stamp(self, source: str, at: Micros) -> tuple[Micros, int]:
        """(time, sequence) of the next event of ``source``: ``at``, or just above its last."""
        last, sequence = self._last.get(source, (self._before.time, self._before.sequence))
        stamped = max(at, last + 1), sequence + 1
        self._last[source] = stamped
        self._reserve(*stamped)
        return stamped

    def _reserve(self, time: Micros, sequence: int) -> None:
        old = self.reserved
        if time > old.time or sequence > old.sequence:
            self.reserved = Reserved(
                time + RESERVED_TIME if time > old.time else old.time,
                sequence + RESERVED_SEQUENCES if sequence > old.sequence else old.sequence,
            )


class StampClock:
    """``Stamps`` with the machine's clocks and a file that outlives the process; thread-safe.

    One per process: no two processes may share a file. Stamps are reserved ahead, on disk before
    the first of them is given out, so after a crash they go on above everything given out before.

    Raises:
        OSError: the reservation cannot be read or written; nothing may be stamped then.
        ValueError: the file is not one of ours.
    """

    def __init__(
        self,
        path: Path,
        wall: Callable[[], Micros] = wall_clock,
        steady: Callable[[], Micros] = steady_clock,
    ) -> None:
        self._path, self._wall, self._steady = path, wall, steady
        self._lock = threading.Lock()
        self._stamps = Stamps(_load(path))
        self._stored = self._stamps.reserved

    @classmethod
    def of(cls, settings: Settings, part: str) -> "StampClock":
        """The clock of one part of the namespace, e.g. ``gateway`` or ``city``."""
        return cls(settings.state_dir / "stamps" / f"{settings.namespace}-{part}.json")

    def now(self) -> Micros:
        """Event time now; never less than any earlier answer, also across restarts."""
        with self._lock:
            reading = self._stamps.now(self._wall(), self._steady())
            self._store()
            return reading

    def stamp(self, source: str, at: Micros | None = None) -> tuple[Micros, int]:
        """(time, sequence), both strictly increasing per source, also across restarts.

        ``at``: the time to stamp where it is free, instead of now.
        """
        with self._lock:
            reading = self._stamps.now(self._wall(), self._steady())
            stamped = self._stamps.stamp(source, reading if at is None else at)
            self._store()
            return stamped

    def _store(self) -> None:
        reserved = self._stamps.reserved
        if reserved == self._stored:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(reserved))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._stored = reserved


def _load(path: Path) -> Reserved:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Reserved()
    try:
        return msgspec.json.decode(content, type=Reserved)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} holds no stamps ({error}); remove it to start afresh") from None
