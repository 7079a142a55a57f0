"""The clock behind event time: how long the machine has been up, plus an offset that is kept.

The wall clock says what the offset is once, at the first start. After that it is only compared:
it may be set wrong while we run, and what has been stamped cannot be taken back. The time since
boot cannot be set, and it counts a suspended machine's sleep.
"""

import os
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from streams.events import DAY, HOUR, MINUTE, SECOND, Micros
from streams.words import Words

STEP: Micros = 3 * SECOND
"""A wall clock that differs by no more is followed, smoothly; more is a step, and is not."""
SLEW = 100
"""A small difference is followed by one hundredth of the time that passes."""
SLOWED = 2
"""Where event time is ahead and is to go back, it goes on at one half until it is right."""
SLOWED_MOST: Micros = DAY
"""For a longer step back everything would last twice as long for days: see ``accepted``."""
MOST_GAPS = 16
LEAST_GAP: Micros = HOUR
"""Shorter ones need not be remembered: event time slows down for more than that."""
JUST_BEFORE: Micros = MINUTE
"""What is decided just after event time has jumped may be of a moment before it landed."""
RELEASED: Micros = 1_795_824_000 * SECOND
"""2026-11-28, moved on with each release: no clock that is right shows less to this one."""
COARSE: Micros = SECOND // 10
"""``/proc/uptime`` is in hundredths of a second, and read a moment later."""


def wall_clock() -> Micros:
    return time.time_ns() // 1000


def steady_clock() -> Micros:
    """Since the machine booted, with the time it was suspended.

    The kernel's own account is asked too: libraries that pretend another time to a process
    pretend it for every clock, and cannot for a file.
    """
    fine = time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)) // 1000
    uptime = _uptime()
    if uptime is None:
        return fine
    coarse = int(float(os.pread(uptime, 64, 0).split()[0]) * SECOND)
    return fine if abs(fine - coarse) <= COARSE else coarse


@cache
def _uptime() -> int | None:
    try:
        return os.open("/proc/uptime", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


@cache
def boot() -> str:
    """Names what ``steady_clock`` counts from: this boot, as seen from this time namespace."""
    told = []
    for name in ("/proc/sys/kernel/random/boot_id", "/proc/self/timens_offsets"):
        try:
            told.append(" ".join(Path(name).read_text().split()))
        except OSError:
            continue
    return " ".join(told)


class Gap(NamedTuple):
    """Event time jumped over what lies between: nothing was ever stamped with it."""

    left: Micros
    landed: Micros


class Undone(NamedTuple):
    """A stretch of event time that was wrong; it went on with what came before."""

    since: Micros
    until: Micros


class Kept(msgspec.Struct, frozen=True):
    """What outlives a process. ``steady``: what the time since boot was at the last reading."""

    boot: str
    steady: Micros
    offset: Micros
    """Event time is ``steady + offset``."""
    ahead: Micros = 0
    """By how much the wall clock was ahead when it began to be wrong; 0: it agrees."""
    since: Micros = 0
    """Since when, by the time since boot."""
    slowed: bool = False
    """Event time is on its way back to the wall clock; ``ahead`` is then how far it has to go."""
    gaps: tuple[Gap, ...] = ()
    """In order, the latest ``MOST_GAPS``; a first start lands after all that came before."""
    undone: Undone | None = None
    """The last stretch from which event time went back."""

    @property
    def now(self) -> Micros:
        """Event time at the last reading."""
        return self.steady + self.offset


def begin(
    kept: Kept | None,
    given: Micros,
    slack: Micros,
    boot: str,
    *,
    wall: Micros,
    steady: Micros,
    outage: Micros = 0,
) -> Kept:
    """The clock of a process that starts.

    Args:
        kept: of the process before it; None: none, or one of a release that kept none.
        given: no more than this was given out before, and at least ``given - slack``; the clock
            goes on from there where it would be earlier.
        outage: for no longer a machine is off, as a rule; 0: for however long.

    After a reboot only the wall clock knows how long the machine was off, and is believed where
    that can be. Else time goes on from what was given out, and the clock is in doubt.
    """
    if kept is None or kept.boot != boot or steady < kept.steady:
        first = _first(given, wall, outage)
        gaps, undone = (kept.gaps, kept.undone) if kept else ((), None)
        fresh = Kept(boot, steady, first - steady, undone=undone)
        return msgspec.structs.replace(fresh, gaps=_jumped(gaps, given, first))
    if steady + kept.offset < given - slack:
        return msgspec.structs.replace(_right(kept, given - steady), steady=steady)
    return kept


def _jumped(gaps: tuple[Gap, ...], left: Micros, landed: Micros) -> tuple[Gap, ...]:
    return (*gaps, Gap(left, landed))[-MOST_GAPS:] if landed - left > LEAST_GAP else gaps


def _right(kept: Kept, offset: Micros) -> Kept:
    """With another offset, by which the wall clock is right."""
    return msgspec.structs.replace(kept, offset=offset, ahead=0, since=0, slowed=False)


def _first(given: Micros, wall: Micros, outage: Micros) -> Micros:
    """Event time where nothing but the wall clock says how long nobody counted."""
    if wall < RELEASED:
        return max(given, RELEASED)
    off = wall - given
    return given if given and (off < 0 or 0 < outage < off) else wall


def advance(kept: Kept, wall: Micros, steady: Micros, patience: Micros) -> Kept:
    """The clock at a reading; ``patience``: after so long a step is taken over; 0: never."""
    steady = max(steady, kept.steady)
    ahead = wall - steady - kept.offset
    if kept.slowed and abs(ahead - kept.ahead) <= STEP:
        back = min(steady // SLOWED - kept.steady // SLOWED, max(0, -ahead))
        left = ahead + back
        slowed = left < -STEP
        return msgspec.structs.replace(
            kept,
            steady=steady,
            offset=kept.offset - back,
            ahead=left if slowed else 0,
            slowed=slowed,
        )
    if abs(ahead) <= STEP:
        # So that what is lost in rounding is never more than one microsecond.
        most = steady // SLEW - kept.steady // SLEW
        followed = _right(kept, kept.offset + max(-most, min(most, ahead)))
        return msgspec.structs.replace(followed, steady=steady)
    if kept.slowed or not kept.ahead or abs(ahead - kept.ahead) > STEP:
        # One that goes on stepping is not to be believed: it has to stay for as long as it takes.
        return msgspec.structs.replace(kept, steady=steady, ahead=ahead, since=steady, slowed=False)
    now = msgspec.structs.replace(kept, steady=steady)
    return taken_over(now, wall) if 0 < patience <= steady - kept.since else now


def taken_over(kept: Kept, wall: Micros) -> Kept:
    """The clock where the wall clock has been taken for right for long enough.

    Event time that is ahead of it by up to ``SLOWED_MOST`` slows down; further ahead it goes on as
    it is until somebody says so. No wall clock is right that shows what was before the release.
    """
    if wall < RELEASED:
        return kept
    ahead = wall - kept.now
    if ahead > 0:
        jumped = _jumped(kept.gaps, kept.now, wall)
        return msgspec.structs.replace(_right(kept, kept.offset + ahead), gaps=jumped)
    return _slowed(kept, ahead) if ahead >= -SLOWED_MOST else kept


def _slowed(kept: Kept, ahead: Micros) -> Kept:
    return msgspec.structs.replace(kept, ahead=ahead, slowed=ahead < -STEP)


def accepted(kept: Kept, wall: Micros) -> Kept:
    """The clock where somebody says that the wall clock is right.

    Where event time is too far ahead to slow down it goes back, but only into a gap: what came
    after that was wrong, and nothing is stamped twice. Where there is none, it slows down all the
    same, for twice as long as it is ahead.
    """
    ahead = wall - kept.now
    if ahead >= -SLOWED_MOST or wall < RELEASED:
        return taken_over(kept, wall)
    for number, gap in enumerate(kept.gaps):
        since = gap.landed - JUST_BEFORE
        if gap.left <= wall < since:
            return msgspec.structs.replace(
                _right(kept, kept.offset + ahead),
                gaps=(*kept.gaps[:number], Gap(gap.left, wall)),
                undone=Undone(since, kept.now),
            )
    return _slowed(kept, ahead)


def spelled(ahead: Micros) -> str:
    """For people: ``40 d 2 h ahead``, ``5 min 10 s behind``."""
    left = abs(ahead) // SECOND
    parts: list[str] = []
    for unit, seconds in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if (many := left // seconds) and len(parts) < 2:
            parts.append(f"{many} {unit}")
        left %= seconds
    return f"{' '.join(parts) or '0 s'} {'ahead' if ahead > 0 else 'behind'}"


_VIETNAMESE = {"d": "ngày", "h": "giờ", "min": "phút", "s": "giây"}


def told(spelled: str) -> Words:
    """What ``spelled`` has written, in both languages; anything else stays as it is."""
    *amounts, way = spelled.split() or [""]
    units = [_VIETNAMESE.get(unit) for unit in amounts[1::2]]
    if way not in ("ahead", "behind") or not amounts or None in units or len(amounts) % 2:
        return Words(spelled, spelled)
    amount = " ".join(f"{many} {unit}" for many, unit in zip(amounts[::2], units, strict=True))
    return Words(f"{'nhanh' if way == 'ahead' else 'chậm'} {amount}", spelled)


def wrong_by(kept: Kept, wall: Micros) -> Micros:
    """By how much the wall clock is ahead of event time; negative: behind; 0: it is believed."""
    ahead = wall - kept.now
    return ahead if abs(ahead) > STEP else 0
