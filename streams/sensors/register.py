"""What is told of one by one: a case begins with what is promised in working time, and ends. Pure.

Events wait for the watermark, are taken in the order of their own time, and each once; what comes
late is taken as soon as it is there. Every COUNTED of event time what has changed is counted, and
goes on as a reading of the office, as if it had counted itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured, nothing
from streams.accounts.entries import Added, Entry
from streams.control import Control
from streams.events import DAY, HOUR, SECOND, BadMessage, CaseHour, Fate, Micros, Readings
from streams.feeds.feed import EVENT_FIELDS, MOST_CASE, Counts, Feed
from streams.sensors.booking import of_pack
from streams.sensors.intake import Intake, Refused
from streams.sensors.reordering import ORIGINS, Passage, Rows, wait
from streams.sensors.rosters import Listing, Roster
from streams.sensors.tills import Till
from streams.sensors.times import absurd
from streams.worktime.calendar import MOST_DAYS, MOST_HOURS, Calendar, is_overdue

COUNTED: Micros = 30 * SECOND
"""What is counted is as of whole ones: what is overdue is said so much later at most, and the
feed's lateness."""
REMEMBERED: Micros = 5 * DAY
"""For so long an end is known, so that what comes again begins nothing anew; what is older when it
comes is refused."""
MOST_KEPT = 60_000
"""Cases of a gateway, open and ended: some 20 bytes each, in every snapshot."""
MOST_WAITING = 20_000
"""Events of a gateway that wait for a tick."""
LONGEST_STEP: Micros = 60 * SECOND
"""From one tick to the next: where it is longer nobody counted meanwhile, and nothing is said of
the instants between."""
BEGUN, ENDED, PAUSED, RESUMED, FORWARDED = 1.0, 2.0, 3.0, 4.0, 5.0
STEPS = BEGUN, ENDED, PAUSED, RESUMED, FORWARDED
DONE, FAILED = 6.0, 7.0
AT_ONCE = DONE, FAILED
"""Of what is over as it happens (``moments``)."""
PROMISING = BEGUN, RESUMED
MOST_PROCEDURE = 2**31 - 1
MOST_AMOUNT = 10**12
"""Of one payment."""
NEVER: Micros = 2**62
"""When a case is due that waits for whoever asked."""


class Told(msgspec.Struct, frozen=True, array_like=True, order=True):
    """An event that waits; in the order in which they are taken."""

    time: Micros
    step: float
    slot: int
    case: int
    hours: float
    days: int
    number: int
    """Of values, to the accounts."""
    procedure: int = 0
    """Its kind, where the event says it; 0: it does not."""
    amount: int = 0


class Case(msgspec.Struct, frozen=True, array_like=True):
    """One that has not ended."""

    time: Micros
    """Of the event that says when it is due; the newest counts, whichever comes last."""
    due: Micros
    begun: Micros
    """The first that was told, whichever comes first; 0: nobody has told that it began."""
    procedure: int = 0
    """As that said."""
    forwarded: Micros = 0
    """When it first went on to who decides; 0: nobody has told that."""


class Ended(msgspec.Struct, frozen=True, array_like=True):
    time: Micros
    known: bool
    """Whether it was told that it began."""
    procedure: int = 0
    forwarded: Micros = 0
    in_time: bool = False


class Office(msgspec.Struct, frozen=True, array_like=True):
    """Cases of one source."""

    open: dict[int, Case] = {}
    ended: dict[int, Ended] = {}
    since: Micros = 0
    """The midnight since which these are counted, by the events' own time."""
    begun: int = 0
    decided: int = 0
    in_time: int = 0
    said: tuple[int, ...] = ()
    said_at: Micros = 0


class Register(msgspec.Struct, frozen=True, tag="register"):
    """Of one gateway and feed."""

    waiting: tuple[Told, ...] = ()
    offices: dict[int, Office] = {}
    """By slot."""
    tills: dict[int, Till] = {}
    """By slot, of a feed that tallies."""


NOTHING_TOLD = Register()


class Taken(NamedTuple):
    """What a tick makes of a register."""

    register: Register
    intake: Intake
    """With what was counted among what waits."""
    accounts: Added
    counts: Mapping[str, int]
    """Of events, by what they came to."""
    happened: Sequence["Happened"] = ()
    """What these add to hours, in sorted order."""


class Happened(NamedTuple):
    """What events add to an hour of one office and kind of procedure."""

    slot: int
    hour: Micros
    """Its start, of the events' own time."""
    procedure: int
    begun: int
    forwarded: int
    ended: int
    in_time: int
    amount: int = 0

    def of(self, sources: Sequence[str]) -> CaseHour:
        return CaseHour(sources[self.slot], *self[1:])


class Parted(NamedTuple):
    """The events of a pack."""

    events: Sequence[tuple[str, Told]] = ()
    """With the source of each, which has no slot yet."""
    refused: tuple[Refused, ...] = ()
    """Rows of sources that are not known: were nothing else left, all would be refused."""
    accounts: Added = Added()

    def repeated(self) -> Added:
        """Where the whole pack has come before."""
        entries = [
            Entry(source, told.time, "repeated", "", told.number) for source, told in self.events
        ]
        return Added((*self.accounts.entries, *entries), received=self.accounts.received)


def part(pack: Readings, listing: Listing, control: Control, feed: Feed) -> tuple[Readings, Parted]:
    """The events of a pack are taken out of it; those of times that cannot be stay in it, to be
    refused as readings are.

    Raises:
        BadMessage: ``wrong_type`` where the pack is malformed.
    """
    metrics = pack.metrics
    if not feed.made_here or not set(EVENT_FIELDS) & set(metrics):
        return pack, Parted()
    index, times, values = pack.arrays()
    found = nothing((len(values), len(EVENT_FIELDS)))
    for place, field in enumerate(EVENT_FIELDS):
        if field in metrics:
            found[:, place] = values[:, metrics.index(field)]
    which = measured(found).any(axis=1) & listing.known[index] & ~absurd(control, times)
    if not which.any() or len(set(metrics)) < len(metrics):
        return pack, Parted()
    number = measured(found).sum(axis=1)
    events, entries = list[tuple[str, Told]](), list[Entry]()
    for row in np.flatnonzero(which).tolist():
        source, time = pack.sources[index[row]], int(times[row])
        told = told_by(
            time, found[row].tolist(), int(number[row]), at_once=feed.tallies is not None
        )
        if told is None:
            entries.append(Entry(source, time, "refused", "out_of_range", int(number[row])))
        else:
            events.append((source, told))
    received = int(number[which].sum())
    rest = _rest(pack, which, feed.made_here[0])
    unknown = ~listing.known[rest.arrays()[0]]
    if not unknown.any():
        return rest, Parted(events, (), Added(entries, received=received))
    strange, rest = _rows_of(rest, unknown), _rows_of(rest, ~unknown)
    detail = f"{len(set(strange.arrays()[0].tolist()))} sources of the pack"
    booked = of_pack(strange, listing.names, control, "refused", "unknown_source")
    added = Added((*entries, booked), received=received + int(booked.number.sum()))
    return rest, Parted(events, (("unknown_source", detail, strange),), added)


def hold(register: Register, parted: Parted, sources: Sequence[str]) -> Register:
    """With events that wait.

    Args:
        sources: of the gateway, by slot.

    Raises:
        BadMessage: ``overload`` where too many wait.
    """
    if len(register.waiting) + len(parted.events) > MOST_WAITING:
        raise BadMessage("overload", f"more than {MOST_WAITING} events wait for a tick")
    slots = {source: slot for slot, source in enumerate(sources)}
    told = (msgspec.structs.replace(each, slot=slots[source]) for source, each in parted.events)
    return msgspec.structs.replace(register, waiting=(*register.waiting, *told))


def take(
    register: Register,
    intake: Intake,
    roster: Roster,
    passage: Passage,
    *,
    counts: Counts,
    calendar: Calendar,
) -> Taken:
    """At a tick: events that the watermark has passed are taken, and cases are counted."""
    at = (passage.watermark - 1) // COUNTED * COUNTED
    counting = at >= passage.passed and passage.skipped <= LONGEST_STEP
    due = sorted(told for told in register.waiting if told.time < passage.watermark)
    if not due and not counting:
        return Taken(register, intake, Added(), {})
    offices = dict(register.offices)
    running = None if counts.around_the_clock else calendar
    taking = _Taking(offices, calendar, roster.sources, passage, running=running)
    for told in due:
        if told.time <= at:
            taking.add(told)
    number = 0
    if counting:
        intake, number = _count(offices, intake, roster, at, counts=counts, calendar=calendar)
    for told in due:
        if told.time > at:
            taking.add(told)
    left = tuple(told for told in register.waiting if told.time >= passage.watermark)
    tally = Counter[str](entry.fate for entry in taking.entries)
    added = Added(taking.entries, received=number)
    return Taken(Register(left, offices), intake, added, tally, taking.happened)


def begin_anew(register: Register, now: Micros) -> Register:
    """Where event time goes back to ``now``: nobody could tell again what is open, so that stays,
    and so does what still waits: it was stamped in a stretch that had been undone before."""
    offices = {slot: Office(office.open, office.ended) for slot, office in register.offices.items()}
    tills = {slot: till.back(now) for slot, till in register.tills.items()}
    return Register(register.waiting, offices, tills)


def waiting(register: Register) -> int:
    """Values that wait for their time."""
    return sum(told.number for told in register.waiting)


class _Taking:
    """Events into offices. What it was given stays as it is: the first event of an office copies
    its cases, and only these are changed; a copy for each event would make a day's take minutes."""

    def __init__(
        self,
        offices: dict[int, Office],
        calendar: Calendar,
        sources: Sequence[str],
        passage: Passage,
        *,
        running: Calendar | None,
    ) -> None:
        """``running``: by which promises run; None: around the clock."""
        self.entries: list[Entry] = []
        self._hours: dict[tuple[int, Micros, int], list[int]] = {}
        self._offices, self._calendar, self._sources = offices, calendar, sources
        self._copied = set[int]()
        self._passage, self._running = passage, running
        self._kept = sum(len(one.open) + len(one.ended) for one in offices.values())

    def add(self, told: Told) -> None:
        office = _of_day(self._copy(told.slot), self._today(told.time))
        before = _steps(office, told.case)
        after, reason = self._added(office, told)
        if after is not office:
            for step in before:
                self._happened(told.slot, *step, -1)
            for step in _steps(after, told.case):
                self._happened(told.slot, *step, 1)
        fate: Fate = "late" if told.time < self._passage.passed else "accepted"
        if reason:
            fate = "refused"
        elif after is office:
            fate = "repeated"
        self._offices[told.slot] = after
        source = self._sources[told.slot]
        self.entries.append(Entry(source, told.time, fate, reason, told.number))

    @property
    def happened(self) -> list[Happened]:
        return [
            Happened(*place, *numbers)
            for place, numbers in sorted(self._hours.items())
            if any(numbers)
        ]

    def _happened(self, slot: int, time: Micros, procedure: int, which: int, number: int) -> None:
        place = slot, time // HOUR * HOUR, procedure
        self._hours.setdefault(place, [0] * 4)[which] += number

    def _copy(self, slot: int) -> Office:
        office = self._offices.get(slot, Office())
        if slot in self._copied:
            return office
        self._copied.add(slot)
        return msgspec.structs.replace(office, open={**office.open}, ended={**office.ended})

    def _today(self, time: Micros) -> Micros:
        return self._calendar.midnight(self._calendar.day_of(time))

    def _added(self, office: Office, told: Told) -> tuple[Office, str]:
        """The office with it in its own cases, the same where it had come before; and why it is
        refused."""
        if told.case not in office.open and told.case not in office.ended:
            if told.time < self._passage.watermark - REMEMBERED:
                return office, "absurd_time"
            if self._kept >= MOST_KEPT:
                return office, "overload"
            self._kept += 1
        if told.step == BEGUN:
            return self._begun(office, told), ""
        if told.step == FORWARDED:
            return _forwarded(office, told), ""
        if told.case in office.ended:
            return office, ""
        if told.step == ENDED:
            return _ended(office, told), ""
        return self._moved(office, told), ""

    def _begun(self, office: Office, told: Told) -> Office:
        case, due = told.case, self._due(told)
        held, before = office.open.get(case), office.ended.get(case)
        if (held and 0 < held.begun <= told.time) or (before and before.known):
            return office
        begun, procedure = office.begun + (told.time >= office.since), told.procedure
        self._happened(told.slot, told.time, procedure, 0, 1)
        if held and held.begun:
            begun -= held.begun >= office.since
            self._happened(told.slot, held.begun, held.procedure, 0, -1)
        after = msgspec.structs.replace(office, begun=begun)
        if before:
            in_time = not is_overdue(due, before.time)
            office.ended[case] = Ended(before.time, True, procedure, before.forwarded, in_time)
            return _decided(after, before.time, in_time=in_time)
        forwarded = held.forwarded if held else 0
        now = Case(told.time, due, told.time, procedure, forwarded)
        if held and held.time > (held.begun or told.time):
            now = Case(held.time, held.due, told.time, procedure, forwarded)
        office.open[case] = now
        return after

    def _moved(self, office: Office, told: Told) -> Office:
        """It is due at another time, or at none for now."""
        held = office.open.get(told.case)
        due = NEVER if told.step == PAUSED else self._due(told)
        now = msgspec.structs.replace(held or _UNKNOWN, time=told.time, due=due)
        if held and (held.time > told.time or held == now):
            return office
        office.open[told.case] = now
        return msgspec.structs.replace(office)

    def _due(self, told: Told) -> Micros:
        if self._running is None:
            return told.time + told.days * DAY + round(told.hours * HOUR)
        if told.days:
            return self._running.after_days(told.time, told.days)
        return self._running.after_hours(told.time, told.hours)


_UNKNOWN = Case(0, NEVER, 0)
"""Of which nobody has told that it began, nor when it is due."""


def _steps(office: Office, case: int) -> list[tuple[Micros, int, int]]:
    """(time, procedure, place in what happened) of what it has gone through since it began, as far
    as it is known that it did."""
    if held := office.open.get(case):
        steps = [(held.forwarded, held.procedure, 1)] if held.forwarded else []
        return steps if held.begun else []
    if (ended := office.ended.get(case)) is None or not ended.known:
        return []
    steps = [(ended.time, ended.procedure, 2)]
    if ended.in_time:
        steps.append((ended.time, ended.procedure, 3))
    if 0 < ended.forwarded <= ended.time:
        steps.append((ended.forwarded, ended.procedure, 1))
    return steps


def _forwarded(office: Office, told: Told) -> Office:
    """It goes on to who decides; the first time counts, and nothing is due later by it."""
    held = office.open.get(told.case)
    ended = office.ended.get(told.case)
    if (known := held or ended) and 0 < known.forwarded <= told.time:
        return office
    if ended:
        office.ended[told.case] = msgspec.structs.replace(ended, forwarded=told.time)
    else:
        now = msgspec.structs.replace(held or _UNKNOWN, forwarded=told.time)
        office.open[told.case] = now
    return msgspec.structs.replace(office)


def _ended(office: Office, told: Told) -> Office:
    held = office.open.pop(told.case, _UNKNOWN)
    known = held.begun > 0
    in_time = known and not is_overdue(held.due, told.time)
    office.ended[told.case] = Ended(told.time, known, held.procedure, held.forwarded, in_time)
    after = msgspec.structs.replace(office)
    return _decided(after, told.time, in_time=in_time) if known else after


def _decided(office: Office, time: Micros, *, in_time: bool) -> Office:
    if time < office.since:
        return office
    number = office.in_time + in_time
    return msgspec.structs.replace(office, decided=office.decided + 1, in_time=number)


def _of_day(office: Office, midnight: Micros) -> Office:
    """Counting since then, if that is later than what it counts since."""
    if midnight <= office.since:
        return office
    return msgspec.structs.replace(office, since=midnight, begun=0, decided=0, in_time=0)


def _count(
    offices: dict[int, Office],
    intake: Intake,
    roster: Roster,
    at: Micros,
    *,
    counts: Counts,
    calendar: Calendar,
) -> tuple[Intake, int]:
    """Readings of what has changed, or was not said for a period; and how many values they have."""
    midnight = calendar.midnight(calendar.day_of(at))
    told: list[tuple[int, tuple[int, ...]]] = []
    for slot in sorted(offices):
        office = _of_day(offices[slot], midnight)
        if any(one.time < at - REMEMBERED for one in office.ended.values()):
            kept = {case: one for case, one in office.ended.items() if one.time >= at - REMEMBERED}
            office = msgspec.structs.replace(office, ended=kept)
        overdue = sum(is_overdue(case.due, at) for case in office.open.values())
        now = office.begun, office.decided, office.in_time, len(office.open), overdue
        source = roster.known.get(roster.sources[slot])
        period = int(roster.period[slot])
        if source and not source.rests and (now != office.said or at - office.said_at >= period):
            told.append((slot, now))
            office = msgspec.structs.replace(office, said=now, said_at=at)
        offices[slot] = office
    if not told:
        return intake, 0
    names = counts.metrics
    metrics = (*intake.metrics, *(name for name in names if name not in intake.metrics))
    values = nothing((len(told), len(metrics)))
    values[:, [metrics.index(name) for name in names]] = [now for _, now in told]
    origins = [ORIGINS.index(roster.known[roster.sources[slot]].origin) for slot, _ in told]
    rows = Rows(
        np.array([slot for slot, _ in told], "<u2"),
        np.full(len(told), at, np.int64),
        values,
        np.array(origins, "u1"),
    )
    after = msgspec.structs.replace(intake, metrics=metrics, waiting=wait(intake.waiting, rows))
    return after, len(told) * len(names)


def told_by(
    time: Micros, fields: Sequence[float], number: int, *, at_once: bool = False
) -> Told | None:
    """An event, without its slot; None: it says what cannot be. One that begins, or goes on,
    promises hours or days, one of the two.

    Args:
        at_once: whether its feed tells of what is over as it happens.
    """
    case, step, hours, days, procedure, amount = fields
    by_hours, by_days, named, paid = measured(np.array([hours, days, procedure, amount])).tolist()
    steps = AT_ONCE if at_once else STEPS
    if not (0 <= case <= MOST_CASE and case == int(case) and step in steps):
        return None
    if paid and not (at_once and 0 <= amount <= MOST_AMOUNT and amount == int(amount)):
        return None
    if named and not (1 <= procedure <= MOST_PROCEDURE and procedure == int(procedure)):
        return None
    told = Told(time, step, 0, int(case), 0.0, 0, number, int(procedure) if named else 0)
    if at_once:
        whole = int(amount) if paid else 0
        return None if by_hours or by_days else msgspec.structs.replace(told, amount=whole)
    if step not in PROMISING:
        return told
    if by_hours == by_days:
        return None
    if by_hours and 0 < hours <= MOST_HOURS:
        return msgspec.structs.replace(told, hours=hours)
    if by_days and 1 <= days <= MOST_DAYS and days == int(days):
        return msgspec.structs.replace(told, days=int(days))
    return None


def _rest(pack: Readings, which: NDArray[np.bool_], some: str) -> Readings:
    """The pack without what its events say; of a row that measures something besides, that.

    Args:
        some: a metric of its feed.
    """
    values = pack.arrays()[2]
    said = np.array([name in EVENT_FIELDS for name in pack.metrics], np.bool_)
    values = np.where(which[:, None] & said, NOT_MEASURED, values)
    kept = ~which | measured(values).any(axis=1)
    columns = np.flatnonzero(~said | measured(values[kept]).any(axis=0)).tolist()
    pack = msgspec.structs.replace(pack, values=values.astype("<f8").tobytes())
    rest = _rows_of(pack, kept)
    values = rest.arrays()[2][:, columns]
    return msgspec.structs.replace(
        rest,
        # A pack has one metric at least, and where no row is left no matter which.
        metrics=tuple(pack.metrics[column] for column in columns) or (some,),
        values=np.ascontiguousarray(values).astype("<f8").tobytes(),
    )


def _rows_of(pack: Readings, which: NDArray[np.bool_]) -> Readings:
    index, times, values = pack.arrays()
    return msgspec.structs.replace(
        pack,
        source=index[which].astype("<u2").tobytes(),
        times=times[which].astype("<i8").tobytes(),
        values=values[which].astype("<f8").tobytes(),
    )
