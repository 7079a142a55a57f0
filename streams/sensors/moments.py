"""What is over as it happens, as a payment: told of one by one, and known again for hours. Pure.

Events wait for the watermark and are taken in the order of their own time, each number once. Of
each minute in which there was any, what they come to goes on as a reading of the source at its end;
what comes later than that is in its hour alone.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured, nothing
from streams.accounts.entries import Added, Entry
from streams.events import HOUR, MINUTE, Fate, Micros
from streams.feeds.feed import Tallies
from streams.sensors.intake import Intake
from streams.sensors.register import FAILED, Happened, Register, Taken, Told
from streams.sensors.reordering import ORIGINS, Merged, Passage, Rows, wait
from streams.sensors.rosters import Roster
from streams.sensors.tills import Minute, Till, minute_of

Bools = NDArray[np.bool_]
REMEMBERED: Micros = 6 * HOUR
"""For so long a number is known, so that what comes again counts once; what is older when it comes
is refused."""
MOST_KEPT = 60_000
"""Numbers of a gateway, 8 bytes each in every snapshot. Of more the oldest hour is forgotten, so
that what is new is never refused."""


def take(
    register: Register, intake: Intake, roster: Roster, passage: Passage, *, tallies: Tallies
) -> Taken:
    """At a tick: events that the watermark has passed are taken, and minutes that are over said."""
    due = [told for told in register.waiting if told.time < passage.watermark]
    tills, entries = dict(register.tills), list[Entry]()
    hours: dict[tuple[int, Micros, int], list[int]] = defaultdict(lambda: [0] * 3)
    for slot, own in groupby(sorted(due, key=lambda told: (told.slot, told)), lambda t: t.slot):
        tills[slot], told = _taken(tills.get(slot, Till()), list(own), roster, passage, hours)
        entries += told
    _forget(tills, passage.watermark)
    said: list[tuple[int, Minute]] = []
    for slot, till in tills.items():
        over = tuple(each for each in till.minutes if each.end < passage.watermark)
        if over:
            said += [(slot, minute) for minute in over]
            left = till.minutes[len(over) :]
            tills[slot] = msgspec.structs.replace(till, minutes=left)
    if not due and not said and tills == register.tills:
        return Taken(register, intake, Added(), {})
    intake, number = _said(said, intake, roster, tallies)
    waiting = tuple(told for told in register.waiting if told.time >= passage.watermark)
    return Taken(
        Register(waiting, register.offices, dict(sorted(tills.items()))),
        intake,
        Added(entries, received=number),
        Counter[str](entry.fate for entry in entries),
        [
            Happened(slot, hour, kind, made, 0, made, done, amount)
            for (slot, hour, kind), (made, done, amount) in sorted(hours.items())
        ],
    )


def made_here(register: Register, found: Merged, metrics: Sequence[str], tallies: Tallies) -> Bools:
    """[n]: which readings that are released say nothing but what came to pass in a minute.

    Args:
        metrics: of the gateway, the columns.
    """
    names = np.array([name in tallies.metrics for name in metrics], np.bool_)
    if names.sum() < len(tallies.metrics):
        return np.zeros(len(found.rows), np.bool_)
    there = measured(found.rows.values)
    only = there[:, names].all(axis=1) & ~there[:, ~names].any(axis=1)
    telling = np.isin(found.rows.slot, list(register.tills))
    made: Bools = only & telling & (found.rows.time % MINUTE == 0)
    return made


def _taken(
    till: Till,
    events: Sequence[Told],
    roster: Roster,
    passage: Passage,
    hours: dict[tuple[int, Micros, int], list[int]],
) -> tuple[Till, list[Entry]]:
    """Of one source, in order of time; ``hours`` gets made, done and the amount of each."""
    oldest = max(passage.watermark - REMEMBERED, till.floor)
    cases = np.array([told.case for told in events], np.uint64)
    fresh = ~till.knows(cases)
    first = np.zeros(len(cases), np.bool_)
    recent = np.flatnonzero([told.time >= oldest for told in events])
    first[recent[np.unique(cases[recent], return_index=True)[1]]] = True
    minutes: dict[Micros, list[int]] = {}
    new, entries = fresh & first, list[Entry]()
    for told, counts in zip(events, new.tolist(), strict=True):
        fate: Fate = "late" if told.time < passage.passed else "accepted"
        if told.time < oldest:
            fate = "refused"
        elif not counts:
            fate = "repeated"
        else:
            done = told.step != FAILED
            amount = told.amount if done else 0
            _add(hours[told.slot, told.time // HOUR * HOUR, told.procedure], 1, done, amount)
            if (end := minute_of(told.time)) >= passage.passed:
                _add(minutes.setdefault(end, [0] * 3), 1, not done, amount)
        reason = "absurd_time" if fate == "refused" else ""
        source = roster.sources[told.slot]
        entries.append(Entry(source, told.time, fate, reason, told.number))
    if not new.any():
        return till, entries
    times = np.array([told.time for told in events], np.int64)
    return till.remembering(cases[new], times[new]).adding(minutes), entries


def _add(sums: list[int], *more: int) -> None:
    for place, number in enumerate(more):
        sums[place] += number


def _forget(tills: dict[int, Till], now: Micros) -> None:
    since = now - REMEMBERED
    for slot, till in list(tills.items()):
        tills[slot] = left = till.forgetting(since, now)
        if not left.hours and not left.minutes and left.floor <= since:
            del tills[slot]  # who tells of nothing any more, and sends counts, has made them itself
    while sum(till.kept for till in tills.values()) > MOST_KEPT:
        oldest = min(till.hours[0].hour for till in tills.values() if till.hours)
        for slot, till in tills.items():
            tills[slot] = till.forgetting(oldest + HOUR, now)


def _said(
    said: Sequence[tuple[int, Minute]], intake: Intake, roster: Roster, tallies: Tallies
) -> tuple[Intake, int]:
    """Readings of what is over; and how many values they have."""
    known = [(slot, each, roster.known.get(roster.sources[slot])) for slot, each in said]
    told = [(slot, each, source) for slot, each, source in known if source and not source.rests]
    if not told:
        return intake, 0
    names = tallies.metrics
    metrics = (*intake.metrics, *(name for name in names if name not in intake.metrics))
    values = nothing((len(told), len(metrics)))
    values[:, [metrics.index(name) for name in names]] = [
        (each.made, each.failed, 100.0 * (each.made - each.failed) / each.made, each.amount)
        for _, each, _ in told
    ]
    rows = Rows(
        np.array([slot for slot, _, _ in told], "<u2"),
        np.array([each.end for _, each, _ in told], np.int64),
        values,
        np.array([ORIGINS.index(source.origin) for _, _, source in told], "u1"),
    )
    after = msgspec.structs.replace(intake, metrics=metrics, waiting=wait(intake.waiting, rows))
    return after, len(told) * len(names)
