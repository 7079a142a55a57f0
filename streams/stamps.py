"""Event time as a source stamps it: it never goes back, whatever the clock or the process does.

Only people can undo a stretch of it, as ``streams.clock.accepted`` says.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from streams import clock
from streams.clock import Kept, Undone, steady_clock, wall_clock
from streams.events import DAY, MINUTE, SECOND, Micros
from streams.settings import Settings

__all__ = [
    "RESERVED_TIME",
    "Reserved",
    "StampClock",
    "Stamps",
    "stamps_folder",
    "steady_clock",
    "wall_clock",
]

PUBLISHER = "gateway"
"""The part that ticks: others on its machine go by its clock, so that all have one."""
RESERVED_TIME: Micros = SECOND
"""How far ahead times are reserved on disk: one small write a second at most."""
RESERVED_SEQUENCES = 10_000
REFUSED_AHEAD: Micros = 10 * MINUTE
"""Stages refuse what is stamped so far ahead of the last tick, as ``streams.control`` says."""
LOOK_EVERY: Micros = SECOND // 2
"""How often a part looks whether the publisher's clock was set."""


class Reserved(msgspec.Struct, frozen=True):
    """What may have been given out already: every later stamp lies above both."""

    time: Micros = 0
    sequence: int = 0
    clock: Kept | None = None
    """None: written by a release that followed the wall clock."""


class Stamps:
    """The pure core: times and sequence numbers, strictly increasing per source.

    What time it is says ``streams.clock``: a wall clock that is set is not followed.

    Args:
        boot: what ``steady`` counts from; see ``streams.clock.boot``.
        patience: after so long a step of the wall clock is taken over; 0: never.
        outage: for no longer the machine is off, as a rule; 0: for however long.
    """

    def __init__(
        self, reserved: Reserved, boot: str = "", patience: Micros = 0, outage: Micros = 0
    ) -> None:
        self.reserved = reserved
        """All that was or will be given out lies at or below this; the caller stores it."""
        self._boot, self._patience, self._outage = boot, patience, outage
        self._before = reserved
        """What earlier processes may have given out."""
        self._reading = reserved.time
        self._clock: Kept | None = None
        self._last: dict[str, tuple[Micros, int]] = {}
        self.wrong_by: Micros = 0
        """By how much the wall clock was ahead at the last reading; 0: it is believed."""

    def now(
        self,
        wall: Micros,
        steady: Micros,
        leader: Kept | None = None,
        *,
        may_take_over: bool = True,
    ) -> Micros:
        """Event time now; never less than before. Arguments: what both clocks show.

        ``leader``: the publisher's clock, where it is of this machine and this boot.
        """
        patience = self._patience if may_take_over else 0
        if leader is not None and leader.boot == self._boot:
            self._clock = Kept(self._boot, steady, leader.offset)
            self._heed(self._clock.now)
        else:
            self._clock = self._clock or clock.begin(
                self.reserved.clock,
                self.reserved.time,
                RESERVED_TIME,
                self._boot,
                wall=wall,
                steady=steady,
                outage=self._outage,
            )
            self._clock = clock.advance(self._clock, wall, steady, patience)
        self.wrong_by = clock.wrong_by(self._clock, wall)
        self._reading = max(self._clock.now, self._reading)
        self._reserve(self._reading, 0)
        return self._reading

    def accept(self, wall: Micros, steady: Micros, by: Micros) -> bool:
        """Takes the wall clock over; False where it is not, or no longer, ahead by ``by``."""
        self.now(wall, steady)
        if self._clock is None or not self.wrong_by or abs(self.wrong_by - by) > clock.STEP:
            return False
        before, self._clock = self._clock, clock.accepted(self._clock, wall)
        self._heed(self._clock.now)
        self.now(wall, steady)
        return self._clock != before

    def stamp(self, source: str, at: Micros) -> tuple[Micros, int]:
        """(time, sequence) of the next event of ``source``: ``at``, or just above its last.

        A time that lies in a stretch which was undone meanwhile, as of a picture that was being
        drawn, is now: what is stamped later must not lie behind it.
        """
        if self._clock is not None and at > self._reading + REFUSED_AHEAD:
            at = self._reading
        last, sequence = self._last.get(source, (self._before.time, self._before.sequence))
        stamped = max(at, last + 1), sequence + 1
        self._last[source] = stamped
        self._reserve(*stamped)
        return stamped

    @property
    def undone(self) -> Undone | None:
        """The last stretch from which event time went back."""
        return self._clock.undone if self._clock else None

    def _heed(self, now: Micros) -> None:
        """Stamps so far ahead of the publisher's clock are undone, or every stage has refused them.

        A clock that was wrong for a second would otherwise be stamped for as long as it was wrong.
        """
        if self._reading <= now + REFUSED_AHEAD:
            return
        self._reading = now
        self._before = Reserved(now, self.reserved.sequence)
        self._last = {}
        self.reserved = Reserved(now, self.reserved.sequence, self._clock)

    def _reserve(self, time: Micros, sequence: int) -> None:
        old = self.reserved
        if time > old.time or sequence > old.sequence:
            self.reserved = Reserved(
                time + RESERVED_TIME if time > old.time else old.time,
                sequence + RESERVED_SEQUENCES if sequence > old.sequence else old.sequence,
                self._clock,
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
        *,
        boot: str | None = None,
        patience: Micros = 0,
        outage: Micros = 0,
        leader: Path | None = None,
    ) -> None:
        """``leader``: the file of the publisher's clock, where this is not its own."""
        self._path, self._wall, self._steady = path, wall, steady
        self._lock = threading.Lock()
        self._stamps = Stamps(_load(path), clock.boot() if boot is None else boot, patience, outage)
        self._stored = self._stamps.reserved
        self._leader = leader
        self._led: Kept | None = None
        self._look_at: Micros = 0

    @classmethod
    def of(cls, settings: Settings, part: str) -> "StampClock":
        """The clock of one part of the namespace, e.g. ``gateway`` or ``city``."""
        led = stamps_folder(settings, PUBLISHER) / f"{settings.namespace}-{PUBLISHER}.json"
        return cls(
            stamps_folder(settings, part) / f"{settings.namespace}-{part}.json",
            patience=settings.clock_takeover_minutes * MINUTE,
            outage=settings.clock_outage_days * DAY,
            leader=None if part == PUBLISHER else led,
        )

    @property
    def wrong_by(self) -> Micros:
        """By how much the wall clock was ahead at the last reading; 0: it is believed."""
        return self._stamps.wrong_by

    @property
    def undone(self) -> Undone | None:
        """The last stretch from which event time went back; also of an earlier process."""
        return self._stamps.undone

    def now(self) -> Micros:
        """Event time now; never less than any earlier answer, also across restarts."""
        with self._lock:
            reading = self._read(may_take_over=True)
            self._store()
            return reading

    def stamp(self, source: str, at: Micros | None = None) -> tuple[Micros, int]:
        """(time, sequence), both strictly increasing per source, also across restarts.

        ``at``: the time to stamp where it is free, instead of now.
        """
        with self._lock:
            reading = self._read()
            stamped = self._stamps.stamp(source, reading if at is None else at)
            self._store()
            return stamped

    def tick(self, announce: Callable[[Micros], None]) -> Micros:
        """Event time now, for the publisher: it is announced before anything is stamped with it.

        Where a wall clock is taken over nothing would else be so far ahead of the last tick and
        still be believed.
        """
        with self._lock:
            reading = self._read(may_take_over=True)
            self._give(reading, announce)
            return reading

    def accept(self, by: Micros, announce: Callable[[Micros], None] = lambda _: None) -> bool:
        """Takes the wall clock over; False where it is not, or no longer, ahead by ``by``."""
        with self._lock:
            wall, steady = self._wall(), self._steady()
            taken = self._stamps.accept(wall, steady, by)
            self._give(self._stamps.now(wall, steady), announce)
            return taken

    def _give(self, reading: Micros, announce: Callable[[Micros], None]) -> None:
        """Reserved first, so that a crash repeats nothing; others see the clock only thereafter."""
        reserved, shown = self._stamps.reserved, self._stored.clock
        if shown and reserved.clock and abs(reserved.clock.offset - shown.offset) > clock.STEP:
            reserved = msgspec.structs.replace(reserved, clock=shown)
        self._write(reserved)
        announce(reading)
        self._store()

    def _read(self, *, may_take_over: bool = False) -> Micros:
        wall, steady = self._wall(), self._steady()
        if self._leader is not None and steady >= self._look_at:
            self._look_at = steady + LOOK_EVERY
            self._led = _led(self._leader)
        return self._stamps.now(wall, steady, self._led, may_take_over=may_take_over)

    def _store(self) -> None:
        self._write(self._stamps.reserved)

    def _write(self, reserved: Reserved) -> None:
        if reserved == self._stored:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            os.fchmod(file.fileno(), 0o644)  # others, who are other users, go by its clock
            file.write(msgspec.json.encode(reserved))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._stored = reserved


def stamps_folder(settings: Settings, part: str) -> Path:
    """Where a part keeps its stamps: in a folder of its own where it is a user of its own."""
    every = settings.state_dir / "stamps"
    own = every / part
    return own if own.is_dir() else every


def _load(path: Path) -> Reserved:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Reserved()
    try:
        return msgspec.json.decode(content, type=Reserved)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} holds no stamps ({error}); remove it to start afresh") from None


def _led(path: Path) -> Kept | None:
    """The publisher's clock; None where it has none that can be read: then each has its own."""
    try:
        return _load(path).clock
    except (OSError, ValueError):
        return None
