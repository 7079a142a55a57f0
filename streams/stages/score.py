"""The stage for sensors: packs of readings to scored readings, and to incidents.

Readings wait until a tick's watermark (tick less their feed's lateness) has passed them. What it
releases is put in order of time and source, scored in one go and judged by the rules. A late
reading is passed on at once, flagged, and changes nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.scorer import TASK, OnnxScorer, Scorer
from streams.accounts.entries import Added, joined
from streams.control import ABSURD_AHEAD, EMPTY, KEY, Control, change, tick, went_back
from streams.events import (
    BAD,
    MINUTE,
    OVERDUE,
    BadMessage,
    CaseHour,
    CaseHours,
    ControlChange,
    Incident,
    Level,
    Micros,
    Origin,
    Readings,
    Source,
    SourceHours,
    Sums,
    Tick,
    Watermark,
    dead_letter,
    encode,
)
from streams.feeds.feed import Feed
from streams.feeds.registry import city_lateness, of_asset_type
from streams.feeds.shares import Share
from streams.incidents.life import by_then, output
from streams.indicators.summing import (
    NOTHING_PENDING,
    Adding,
    Pending,
    Taken,
    has_levels,
    levels,
    say,
)
from streams.rules.duties import Duties
from streams.rules.judging import judge
from streams.rules.own_clocks import judge_clocks
from streams.rules.sensors import Sensors
from streams.rules.watching import Heard, Seen, abandon
from streams.sensors import booking, moments
from streams.sensors import register as registers
from streams.sensors.delivery import (
    NOTHING_DELIVERED,
    Delivery,
    begin,
    count,
    count_judged,
    lived,
    over,
    summary,
)
from streams.sensors.hearing import of_gateway
from streams.sensors.intake import Intake, Refused, arrive, enrol
from streams.sensors.lag import MOST_LATENESS
from streams.sensors.late import judge_late
from streams.sensors.placing import add_late
from streams.sensors.register import NOTHING_TOLD, Register
from streams.sensors.release import Envelope, Judged, Released, due, not_scored, to_scored
from streams.sensors.release import scored as can_be_scored
from streams.sensors.reordering import ORIGINS, Passage, watermark
from streams.sensors.rosters import Roster, Rosters
from streams.sensors.windows import Windows, extend, hear, keep
from streams.settings import Settings
from streams.stage import EVERY_PARTITION, SAME_PARTITION, Hearing, Output, Position, Result
from streams.stages.forgetting import forget
from streams.stages.sharing import split
from streams.stages.topology import of_topology
from streams.stages.units import ADDED, DELIVERED, INTAKE, REGISTER, WATCHES, WINDOWS, Unit
from streams.topics import CITY, DEAD_LETTERS, INCIDENTS, READINGS, SCORED, partition_of
from streams.worktime.file import working_calendar

CLOSING: Micros = ABSURD_AHEAD + MOST_LATENESS + MINUTE
"""So long after the last tick nothing waits for anything."""


class Score:
    """See the module.

    Args:
        scorers: by ``name@version``; the first in sorted order unless the control events say.
        partitions: of every topic: the sources of a gateway are judged in its partition only.

    Raises:
        CalendarError: the city's calendar of working time cannot be used.
    """

    name = "score"
    reads = READINGS
    state_type = Control | Intake | Windows | Sensors | Pending | Delivery | Register
    blocking = True
    accounts_to, stores = SCORED, True
    prepare = None

    def __init__(self, scorers: Mapping[str, Scorer], partitions: int) -> None:
        self._scorers = dict(scorers)
        self._partitions = partitions
        self._calendar = working_calendar()
        self._rosters = Rosters()
        self._duties = Duties()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Score":
        """With every model of the task that the registry has; raises ModelError."""
        from streams.models import registry

        models = registry(settings)
        ids = [manifest.id for manifest in models.catalogue() if manifest.task == TASK]
        return cls({name: OnnxScorer(models.load(name)) for name in ids}, settings.partitions)

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        control: Control = state.get(KEY, EMPTY)
        match event:
            case Readings():
                return self._arrive(state, control, event, at)
            case Tick():
                return self._tick(state, control, event, at)
            case ControlChange():
                return self._change(state, control, event, at)
        raise BadMessage("wrong_type", f"{type(event).__name__} is not for {self.reads}")

    def hearing(self, state: Mapping[str, Any]) -> Iterator[Hearing]:
        for key in sorted(key for key in state if key.startswith(INTAKE)):
            found = of_gateway(state[key], state.get(WINDOWS + key.removeprefix(INTAKE), Windows()))
            if found.sources:
                yield found

    def waiting(self, state: Mapping[str, Any]) -> int:
        intakes = (state[key] for key in state if key.startswith(INTAKE))
        told = (state[key] for key in state if key.startswith(REGISTER))
        return sum(booking.waiting(intake.waiting) for intake in intakes) + sum(
            map(registers.waiting, told)
        )

    # --- control events ---------------------------------------------------------------------

    def _change(
        self, state: Mapping[str, Any], control: Control, event: ControlChange, at: Position
    ) -> Result:
        changed = change(control, event, Share(at.partition, self._partitions).readings)
        if changed is control:
            return Result()
        changes: dict[str, Any] = {KEY: changed}
        source = event.change
        if (
            isinstance(source, Source)
            and (feed := of_asset_type(source.kind)) is not None
            and feed.carries == "readings"
            and source.gateway
            and partition_of(source.gateway, self._partitions) == at.partition
        ):
            key = Unit(source.gateway, feed).key
            intake = enrol(state.get(INTAKE + key, Intake()), [source.id])
            windows = state.get(WINDOWS + key, Windows())
            windows = extend(windows, len(intake.sources), control.tick, len(feed.metrics))
            before = control.source(source.id)
            back = before is not None and before.rests and not source.rests
            if before is None or back or before.gateway != source.gateway:
                # It may have been here before: the time it was away, or rested, proves nothing.
                slot = np.array([intake.sources.index(source.id)], "<u2")
                windows = hear(windows, slot, np.array([control.tick], np.int64))
            changes |= {INTAKE + key: intake, WINDOWS + key: windows}
        told = of_topology(event, control.tick) if at.partition == CITY else None
        outputs = (Output(INCIDENTS, told, partition=SAME_PARTITION),) if told else ()
        return Result(changes, outputs)

    # --- readings ---------------------------------------------------------------------------

    def _arrive(
        self, state: Mapping[str, Any], control: Control, pack: Readings, at: Position
    ) -> Result:
        Share(at.partition, self._partitions).insist("gateway", pack.gateway)
        shares = split(pack, self._rosters.feeds(pack.gateway, pack.sources, control))
        if len(shares) == 1:
            return self._arrive_of(state, control, *shares[0], at)
        changes: dict[str, Any] = {}
        outputs: list[Output] = []
        counts: Counter[str] = Counter()
        accounts: list[Added] = []
        for feed, share in shares:
            try:
                own = self._arrive_of(state, control, feed, share, at)
            except BadMessage as bad:
                # The rest of the pack is used all the same.
                letters = _letters(((bad.reason, bad.detail, share),), control, at)
                added = booking.refused(share, control, bad.reason)
                own = Result({}, tuple(letters), {"dead_lettered": 1}, added)
            changes |= own.changes
            outputs += own.outputs
            counts.update(own.counts)
            accounts.append(own.accounts)
        return Result(changes, tuple(outputs), counts, joined(accounts))

    def _arrive_of(
        self,
        state: Mapping[str, Any],
        control: Control,
        feed: Feed,
        pack: Readings,
        at: Position,
    ) -> Result:
        unit = Unit(pack.gateway, feed)
        intake: Intake = state.get(INTAKE + unit.key, Intake())
        roster = self._rosters.of(pack.gateway, feed, intake.sources, control)
        listing = self._rosters.listing(pack.gateway, roster, pack.sources, control)
        passed = watermark(control, feed.lateness)
        windows = state.get(WINDOWS + unit.key, Windows())
        pack, told = registers.part(pack, listing, control, feed)
        arrival = arrive(intake, listing, control, passed, pack, feed=feed, windows=windows)
        if arrival.repeated:
            accounts = joined((arrival.accounts, told.repeated()))
            return Result(counts={"repeated": arrival.repeated}, accounts=accounts)
        slots = len(arrival.intake.sources)
        windows = extend(windows, slots, control.tick, len(feed.metrics))
        changes = {INTAKE + unit.key: arrival.intake, WINDOWS + unit.key: windows}
        if told.events:
            known = state.get(REGISTER + unit.key, NOTHING_TOLD)
            changes[REGISTER + unit.key] = registers.hold(known, told, arrival.intake.sources)
        outputs = _letters(told.refused + arrival.refused, control, at)
        counts = {"dead_lettered": len(outputs)} if outputs else {}
        accounts = joined((arrival.accounts, told.accounts))
        if len(arrival.late):
            # Its time is that of the last tick: when it was decided that it is late.
            model = self._in_force(control, feed)
            envelope = Envelope(pack.gateway, control.tick or pack.time, model)
            roster = self._rosters.of(pack.gateway, feed, arrival.intake.sources, control)
            intake, late, tally, added, lately = judge_late(
                arrival, windows, feed, roster, envelope
            )
            changes[INTAKE + unit.key] = intake
            before = state.get(ADDED, NOTHING_PENDING)
            after = add_late(before, unit.key, roster, windows, lately)
            if after is not before:
                changes[ADDED] = after
            known = state.get(DELIVERED + unit.key, NOTHING_DELIVERED)
            counted = count(known, lately.all.time, lately.all.slot, lately.counts)
            if counted is not known:
                changes[DELIVERED + unit.key] = counted
            outputs += map(_scored, late)
            counts |= tally
            accounts = joined((accounts, added))
        return Result(changes, tuple(outputs), counts, accounts)

    # --- ticks ------------------------------------------------------------------------------

    def _tick(
        self, state: Mapping[str, Any], control: Control, event: Tick, at: Position
    ) -> Result:
        now = tick(control, event)
        if now is control:
            return Result()
        if went_back(control, now):
            return self._begin_anew(state, control, now, event, at)
        return self._advance(state, control, now, at)

    def _begin_anew(
        self, state: Mapping[str, Any], control: Control, now: Control, event: Tick, at: Position
    ) -> Result:
        """Event time goes back: what waits is judged and what is open ends before, and every sensor
        is as just announced.

        None of that is said to be later than the last tick: no event time was.
        """
        last, end = control.tick, control.tick + CLOSING
        closing = msgspec.structs.replace(control, tick=end, resumed_at=end, before=0)
        closed = self._advance(state, control, closing, at)
        kept, incidents = forget({**state, **closed.changes}, last, now.tick)
        changes = {KEY: now, **kept}
        outputs = [each for each in closed.outputs if each.topic != INCIDENTS]
        outputs += [each for each in closed.outputs if isinstance(each.event, Sums)]
        outputs = [
            each._replace(event=msgspec.structs.replace(each.event, time=last))
            if isinstance(each.event, Sums | CaseHours)
            else each
            for each in outputs
        ]
        news = [each.event for each in closed.outputs if isinstance(each.event, Incident)]
        outputs += map(output, by_then((*news, *incidents), last))
        passed = watermark(now, city_lateness())
        told = Watermark(self.name, self.reads, at.partition, passed, now.tick, event.wrong_since)
        outputs.append(Output(INCIDENTS, told, partition=EVERY_PARTITION))
        return Result(changes, tuple(outputs), closed.counts, closed.accounts)

    def _advance(
        self, state: Mapping[str, Any], control: Control, now: Control, at: Position
    ) -> Result:
        keys = sorted(key.removeprefix(INTAKE) for key in state if key.startswith(INTAKE))
        units = [unit for key in keys if (unit := Unit.of(key))]
        rosters, passages, released, counted = self._released(state, units, control, now)
        judged = [found.readings for found in released.values() if found.readings]
        scores = self._score(now, judged)
        incidents: list[Incident] = []
        accounts, counts = _booked(counted)
        adding = Adding(state.get(ADDED, NOTHING_PENDING), ORIGINS)
        outputs, said = _of_cases(units, rosters, counted, adding, now), list[SourceHours]()
        passed = watermark(now, city_lateness())
        changes = {KEY: now, **_abandoned(state, keys, passed, incidents), **_registers(counted)}
        for unit in units:
            key, roster, passage = unit.key, rosters[unit.key], passages[unit.key]
            found, seen = released[key], None
            known: Delivery = state.get(DELIVERED + key, NOTHING_DELIVERED)
            delivery = lived(known, control.tick, now.tick)
            delivery, told = over(delivery, unit.gateway, roster, now.tick)
            delivery = begin(delivery, roster, control.tick, now.tick)
            said += told
            windows = found.windows
            if own := found.readings:
                mine, scores = scores[: len(own.features)], scores[len(own.features) :]
                windows, seen, events = self._finish(
                    unit, roster.rank, passage, found, judged=own, ripe_scores=mine
                )
                outputs += events
                delivery = count_judged(
                    delivery, unit.feed, own, _made(unit.feed, counted.get(key), found)
                )
                adding.add(key, unit.feed, roster.types, _taken(own))
                counts = _with(counts, _tally(own))
                accounts.append(
                    booking.of_judged(
                        found.intake.sources, own.merged, own.faults, own.flags, "accepted"
                    )
                )
            if delivery is not known:
                changes[DELIVERED + key] = delivery
            intake, news = judge_clocks(found.intake, roster, passage)
            incidents += news
            if intake is not state[INTAKE + key]:
                changes[INTAKE + key] = intake
            if windows is not state[WINDOWS + key]:
                changes[WINDOWS + key] = windows
            sensors = state.get(WATCHES + key, Sensors())
            heard = self._heard(unit, passage, windows, found)
            watched, news, failed = judge(
                self._duties.of(unit.gateway, roster, now), roster, sensors, heard, seen
            )
            incidents += news
            counts = _with(counts, failed)
            if watched != sensors:
                changes[WATCHES + key] = watched
        incidents.sort(key=lambda incident: (incident.decided_at, incident.id))
        outputs += map(output, incidents)
        after, sums = self._tell_sums(
            adding.pending,
            units,
            rosters,
            now,
            state={**state, **changes},
            at=at,
            said=said,
        )
        outputs += sums
        if after is not adding.before:
            changes[ADDED] = after
        mark = Watermark(self.name, self.reads, at.partition, passed, now.tick)
        outputs.append(Output(INCIDENTS, mark, partition=EVERY_PARTITION))
        return Result(changes, tuple(outputs), counts, joined(accounts))

    def _released(
        self, state: Mapping[str, Any], units: list[Unit], control: Control, now: Control
    ) -> tuple[
        dict[str, Roster], dict[str, Passage], dict[str, Released], dict[str, registers.Taken]
    ]:
        """By the keys of units: their rosters, what the tick means, what it releases, and what it
        makes of the events of those that tell of any."""
        counted = {}
        rosters, passages, released = {}, {}, {}
        for unit in units:
            key = unit.key
            intake = state[INTAKE + key]
            rosters[key] = self._rosters.of(unit.gateway, unit.feed, intake.sources, now)
            passages[key] = _passage(control, now, unit.feed)
            if REGISTER + key in state and (unit.feed.counts or unit.feed.tallies):
                given = state[REGISTER + key], intake, rosters[key], passages[key]
                counted[key] = self._counted(unit.feed, *given)
                intake = counted[key].intake
            windows: Windows = state[WINDOWS + key]
            windows = extend(windows, len(windows), control.tick, len(unit.feed.metrics))
            released[key] = due(intake, windows, rosters[key], passages[key])
        return rosters, passages, released, counted

    def _counted(
        self, feed: Feed, register: Register, intake: Intake, roster: Roster, passage: Passage
    ) -> registers.Taken:
        if feed.tallies:
            return moments.take(register, intake, roster, passage, tallies=feed.tallies)
        assert feed.counts
        return registers.take(
            *(register, intake, roster, passage), counts=feed.counts, calendar=self._calendar
        )

    def _heard(self, unit: Unit, passage: Passage, windows: Windows, found: Released) -> Heard:
        return Heard(
            passage,
            windows,
            found.first,
            found.intake.unusable,
            found.intake.lags,
            self._in_force(passage.control, unit.feed),
        )

    def _tell_sums(
        self,
        pending: Pending,
        units: list[Unit],
        rosters: Mapping[str, Roster],
        now: Control,
        *,
        state: Mapping[str, Any],
        at: Position,
        said: list[SourceHours],
    ) -> tuple[Pending, list[Output]]:
        """What is pending after a tick, and what is said at it, where that is due."""
        if not pending.is_due(now.tick) and not said:
            return pending, []
        delivered = tuple(summary(each) for each in said)
        outputs = [Output(SCORED, each, each.gateway, SAME_PARTITION) for each in said]
        whose = self.name, self.reads, at.partition
        if not pending.is_due(now.tick):
            sums = Sums(*whose, now.tick, delivered=delivered, between=True)
            return pending, [*outputs, Output(INCIDENTS, sums, partition=CITY)]
        standing = self._levels(pending, units, rosters, now, state)
        sums, after = say(pending, standing, delivered, whose, now.tick)
        # City-wide: it takes the way that incidents take. One partition tells even of nothing.
        if sums.summed or sums.levels or delivered or at.partition == CITY:
            outputs.append(Output(INCIDENTS, sums, partition=CITY))
        return after, outputs

    def _levels(
        self,
        pending: Pending,
        units: list[Unit],
        rosters: Mapping[str, Roster],
        now: Control,
        state: Mapping[str, Any],
    ) -> list[Level]:
        """How things stand at a tick, by what its windows hold."""
        spoken = {each.unit: each.origin for each in pending.spoken}
        found: dict[tuple[str, Origin], tuple[int, int]] = {}
        for unit in units:
            if unit.key not in spoken or not has_levels(unit.feed):
                continue
            windows: Windows = state[WINDOWS + unit.key]
            since = watermark(now, unit.feed.lateness)
            types = rosters[unit.key].types
            times, values = windows.read_times(), windows.read_values()
            for name, numerator, sources in levels(unit.feed, types, times, values, since):
                before = found.get((name, spoken[unit.key]), (0, 0))
                found[name, spoken[unit.key]] = before[0] + numerator, before[1] + sources
        return [Level(*place, *numbers) for place, numbers in sorted(found.items())]

    def _score(self, control: Control, judged: list[Judged]) -> NDArray[np.uint16]:
        """One call for all gateways, so that its padding depends on this tick alone."""
        features = [found.features for found in judged]
        scorer = self._scorers.get(self._model(control))
        rows = sum(map(len, features))
        if scorer is None or not rows:
            return not_scored(rows)
        return scorer.score(np.concatenate(features))

    def _finish(
        self,
        unit: Unit,
        rank: NDArray[np.intp],
        passage: Passage,
        found: Released,
        *,
        judged: Judged,
        ripe_scores: NDArray[np.uint16],
    ) -> tuple[Windows, Seen, list[Output]]:
        views, rows = judged.views, judged.merged.rows
        own = not_scored(len(views.slot))
        own[judged.ripe] = ripe_scores
        windowed = views.gather.pick(found.windows.read_scores(), own)
        all_scores = not_scored(len(rows))
        all_scores[judged.usable] = own
        model = self._in_force(passage.control, unit.feed)
        envelope = Envelope(unit.gateway, passage.watermark, model)
        scored = to_scored(
            envelope,
            found.intake,
            rank,
            rows,
            scores=all_scores,
            flags=np.where(passage.overdue(rows.time), judged.flags | OVERDUE, judged.flags),
            faults=judged.faults,
        )
        time = rows.time[judged.usable]
        decided = np.where(time < passage.promised, passage.control.tick, time)
        seen = Seen(views, windowed, rows.origin[judged.usable], decided, model)
        return keep(found.windows, views, windowed), seen, [_scored(event) for event in scored]

    def _in_force(self, control: Control, feed: Feed) -> str:
        """The model whose scores the feed's readings carry; empty where there is none."""
        return self._model(control) if can_be_scored(feed) else ""

    def _model(self, control: Control) -> str:
        """The one that the control events name, where it is there."""
        named = control.models.get(TASK, "")
        for model in sorted(self._scorers):
            if named in (model, model.partition("@")[0]):
                return model
        return min(self._scorers, default="")


def _abandoned(
    state: Mapping[str, Any], keys: Iterable[str], passed: Micros, incidents: list[Incident]
) -> dict[str, Sensors]:
    """What is left of the watches of feeds that are gone; ``incidents`` gets their ends."""
    changes = {}
    for key in (WATCHES + name for name in keys if not Unit.of(name)):
        sensors: Sensors = state.get(key, Sensors())
        left, news = abandon(sensors, passed)
        incidents += news
        if left != sensors:
            changes[key] = left
    return changes


def _booked(counted: Mapping[str, registers.Taken]) -> tuple[list[Added], dict[str, int]]:
    """What events came to, for the accounts and for the counts of a step."""
    counts: dict[str, int] = {}
    for each in counted.values():
        counts = _with(counts, each.counts)
    return [each.accounts for each in counted.values()], counts


def _registers(counted: Mapping[str, registers.Taken]) -> dict[str, Register]:
    return {REGISTER + key: each.register for key, each in counted.items()}


def _of_cases(
    units: list[Unit],
    rosters: Mapping[str, Roster],
    counted: Mapping[str, registers.Taken],
    adding: Adding,
    now: Control,
) -> list[Output]:
    """What became of cases, by the origin of their offices; ``adding`` gets it, too."""
    outputs = []
    for unit in units:
        happened = counted[unit.key].happened if unit.key in counted else ()
        roster, found = rosters[unit.key], dict[Origin, list[CaseHour]]()
        for each in happened:
            source = roster.known.get(roster.sources[each.slot])
            if source is not None:
                found.setdefault(source.origin, []).append(each.of(roster.sources))
        kinds = dict(zip(roster.sources, roster.types, strict=True)) if found else {}
        for origin, rows in sorted(found.items()):
            adding.add_cases(unit.feed, kinds, origin, rows)
            told = CaseHours(unit.gateway, unit.feed.id, origin, now.tick, tuple(rows))
            outputs.append(_scored(told))
    return outputs


def _passage(before: Control, now: Control, feed: Feed) -> Passage:
    return Passage(
        now,
        watermark(before, feed.lateness),
        watermark(now, feed.lateness),
        watermark(before, city_lateness()),
        now.tick - before.tick if before.tick else 0,
    )


def _with(counts: dict[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return counts | {name: counts.get(name, 0) + n for name, n in more.items()}


def _tally(own: Judged) -> dict[str, int]:
    return booking.tally(
        accepted=own.flags == 0,
        repeated=own.merged.repeated,
        corrected=own.merged.corrected,
        bad=own.flags == BAD,
    )


def _taken(own: Judged) -> Taken:
    """What indicators take of readings that are judged."""
    views = own.views
    origin = own.merged.rows.origin[own.usable]
    return Taken(views.slot, views.times[:, -1], origin, views.values[:, -1])


def _made(feed: Feed, counted: registers.Taken | None, found: Released) -> NDArray[np.bool_] | None:
    """[n]: which readings were made of events that are over as they happen; None: none can be."""
    if counted is None or feed.tallies is None or found.readings is None:
        return None
    merged, metrics = found.readings.merged, found.intake.metrics
    return moments.made_here(counted.register, merged, metrics, feed.tallies)


def _scored(event: Any) -> Output:
    return Output(SCORED, event, event.gateway, SAME_PARTITION)


def _letters(refused: tuple[Refused, ...], control: Control, at: Position) -> list[Output]:
    """A dead letter holds a pack of just the rows it is about, so that it can be retried."""
    letters = []
    for reason, detail, remnant in refused:
        headers, value = encode(remnant)
        letter = dead_letter(BadMessage(reason, detail), at, control.tick, headers, value)
        letters.append(Output(DEAD_LETTERS, letter, partition=SAME_PARTITION))
    return letters
