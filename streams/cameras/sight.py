"""How near together pictures come by which anything can be judged, and why no nearer.

What is said holds for at least half of the time since the look before, ten seconds of event time
ago: so a single pause changes nothing, and a burst of shedding, or a camera that shows every other
moment only, does. A rule is not judged where pictures are further apart than its kind asks for
(``Kind.sparsest``).
"""

from typing import NamedTuple

import msgspec

from streams.events import HOUR, SECOND, Blindness, Micros, Origin, Sight, Verdict

EVERY: Micros = 10 * SECOND
"""Of event time, between two looks; a divisor of an hour."""
RUNGS: tuple[Micros, ...] = (SECOND // 2, SECOND, 2 * SECOND, 5 * SECOND)
"""What kinds may ask for: crossing one of them is a change. A kind that asks for something between
is told of at the next."""
_NONE = len(RUNGS) + 1
"""The rung of a camera of which no good picture comes."""


class Sighted(msgspec.Struct, frozen=True, array_like=True):
    """What is said of a camera, and what has come of it since it was looked at last."""

    since: Micros = 0
    """0: nothing is said yet."""
    apart: Micros = 0
    reason: Blindness = ""
    told: Micros = 0
    """When it was said last."""
    looked: Micros = 0
    """The tick of the last look."""
    last: Micros = 0
    """The newest good picture then."""
    wide: tuple[tuple[Micros, int], ...] = ()
    """By rung but the lowest: the time between good pictures that are so far apart, and how often.
    Empty: there were none."""
    verdict: Verdict = "good"
    """Of the newest picture that was not good."""


UNSAID = Sighted()
_NOTHING_WIDE = ((0, 0),) * len(RUNGS)


class Come(NamedTuple):
    """What has come of a camera by a tick."""

    begun: Micros
    """Since when anything could."""
    last: Micros
    """Its newest good picture; 0: none yet."""
    spacing: Micros
    """Of those before it, as they come."""
    spoiled: Micros
    """Its newest picture that was not; 0: none yet."""
    period: Micros
    """Between its pictures, as configured; 0: not known."""
    until: Micros
    """What was taken up to here has come by now, unless it is late."""
    tick: Micros


def near_enough(apart: Micros, sparsest: Micros) -> bool:
    """Whether pictures so far apart are near enough for what asks for ``sparsest``; 0: none come.

    A camera that is to send just so many does not keep time: a quarter more is the same.
    """
    return 0 < apart <= sparsest + sparsest // 4


NEAR: Micros = RUNGS[0] + RUNGS[0] // 4
"""Up to here no kind minds."""


def widened(sighted: Sighted, last: Micros, time: Micros) -> Sighted:
    """After good pictures at ``last`` and ``time``, none between, further apart than ``NEAR``."""
    begins = last
    if sighted.since and not sighted.apart:
        begins = max(last, min(sighted.looked, time))  # that none came until then has been said
    wide = list(sighted.wide or _NOTHING_WIDE)
    place = _rung(time - last) - 1
    passed, number = wide[place]
    wide[place] = passed + time - begins, number + 1
    return msgspec.structs.replace(sighted, wide=tuple(wide))


def look(sighted: Sighted, come: Come) -> Sighted:
    """What is to be said at a tick; ``looked`` is that tick then."""
    after = msgspec.structs.replace(sighted, looked=come.tick, last=come.last, wide=())
    begins = max(come.begun, come.last)
    waiting = max(come.until, min(come.spoiled, come.tick)) - begins
    shown = come.last > max(sighted.last, come.begun)
    patient = EVERY if come.spoiled <= come.last else NEAR
    if not shown and waiting > max(patient, 5 * come.period // 2):
        return _unseen(after, come, begins)
    if not shown or not come.begun <= sighted.last:
        return after
    begins = max(sighted.looked, come.begun)
    wide = sighted.wide or _NOTHING_WIDE
    far = sum(time for time, _ in wide)
    near = max(0, come.tick - begins - far) if come.spacing <= NEAR else 0
    if not near + far:
        return after
    passed, half, apart = near, near + far, min(max(come.period, 1), RUNGS[0])
    for time, number in wide:
        if 2 * passed >= half:
            break
        passed += time
        apart = time // number if number else apart
    if _rung(apart) == 0:
        return _said(after, begins, apart, "")
    if come.spoiled > begins and sighted.verdict != "good":
        return _said(after, begins, apart, sighted.verdict)
    sparse = not come.period or _rung(come.period) >= _rung(apart)
    return _said(after, begins, apart, "sparse" if sparse else "missing")


def _unseen(sighted: Sighted, come: Come, begins: Micros) -> Sighted:
    """No good picture comes."""
    lately = come.until - max(EVERY, 3 * come.period)
    if sighted.verdict != "good" and come.spoiled > max(begins, lately):
        return _said(sighted, begins, 0, sighted.verdict)
    return _said(sighted, max(begins, come.spoiled), 0, "missing")


def is_due(sighted: Sighted, tick: Micros) -> bool:
    """Whether it is to be said: it is new, or was said in another hour."""
    return bool(sighted.since) and (not sighted.told or tick // HOUR != sighted.told // HOUR)


def told(sighted: Sighted, camera: str, origin: Origin, tick: Micros) -> Sight:
    """What is said at that tick; of what was said before it: what holds from that hour on."""
    since = sighted.since
    time = max(since, tick // HOUR * HOUR) if sighted.told else since
    return Sight(camera, time, origin, sighted.apart, sighted.reason, since, tick)


def removed(camera: str, origin: Origin, time: Micros) -> Sight:
    """That it is no camera from ``time`` on."""
    return Sight(camera, time, origin, 0, "removed", time, time)


def _said(sighted: Sighted, since: Micros, apart: Micros, reason: Blindness) -> Sighted:
    """The same where it is what has been said; else it is yet to be told."""
    if sighted.since and (_rung(apart), reason) == (_rung(sighted.apart), sighted.reason):
        return sighted
    since = max(since, sighted.since + 1)
    return msgspec.structs.replace(sighted, since=since, apart=apart, reason=reason, told=0)


def _rung(apart: Micros) -> int:
    """How many rungs are too low for it."""
    return sum(not near_enough(apart, rung) for rung in RUNGS) if apart else _NONE
