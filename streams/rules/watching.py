"""Rules on sensors: what their readings, or the lack of them, open and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from models.scorer import LEAST_SPREAD, NOT_SCORED, WINDOW
from streams.control import KnownSource
from streams.events import Evidence, Incident, Micros, Rule
from streams.feeds.feed import Feed
from streams.hearing import unheard_at
from streams.incidents.hold import gap_limit, hold
from streams.incidents.lapse import lapse, unheard_limit
from streams.incidents.life import announce, conclude, expire, regain
from streams.incidents.watch import IDLE, Finding, Watch
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import UnknownKindError, find, is_watching, renamed
from streams.rules.duties import Duty
from streams.rules.sensors import Sensors
from streams.sensors.judgement import Judgement
from streams.sensors.lag import Lags
from streams.sensors.reordering import ORIGINS, Passage
from streams.sensors.rosters import Roster
from streams.sensors.unusable import UNUSABLE, Unusable
from streams.sensors.windows import Views, Windows

Series = tuple[tuple[Micros, float, int], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """The readings that rules judge, in order of (slot, time), scored."""

    views: Views
    scores: NDArray[np.uint16]
    """[n, WINDOW]: of each reading's window, its own last."""
    origin: NDArray[np.uint8]
    """[n]: index into ORIGINS."""
    decided: NDArray[np.int64]
    """[n]: when what a reading proves is decided: at its own time or, where its source was waited
    for longer than others, at the tick that released it."""
    model: str

    def evidence(self, kind: Kind, rule: Rule, source: str, row: int) -> Evidence:
        views = self.views
        metric = kind.metric_of(rule, views.metrics)
        if not metric:
            metric = kind.shows if kind.shows in views.metrics else self._oddest(row)
        column = views.metrics.index(metric)
        shown = series(views.times[row], views.values[row, :, column], self.scores[row])
        model = self.model if kind.by_model else ""
        time = int(views.times[row, -1])
        return Evidence(source, time, model, metric=metric, series=shown)

    def _oddest(self, row: int) -> str:
        """The metric that deviates most from what is usual."""
        level, spread = self.views.usual.level[row], self.views.usual.spread[row]
        # Without a model nobody has said how coarse a sensor of this feed is.
        least = LEAST_SPREAD if self.model else np.full(len(level), 1e-9)
        away = np.abs(self.views.values[row, -1] - level) / np.maximum(spread, least)
        return self.views.metrics[int(np.argmax(np.where(measured(away), away, -1.0)))]


@dataclass(frozen=True, slots=True)
class Told:
    """What a kind that learns, or that compares, says of the readings itself."""

    scores: NDArray[np.uint16] | None = None
    """[n]: instead of those of the feed's model."""
    known: Mapping[str, bytes] = field(default_factory=dict)
    """What is learned, by source."""
    between: NDArray[np.float64] | None = None
    """[n, 2], NaN where nobody can tell."""

    def expected(
        self, kind: Kind, rule: Rule, source: str, row: int, time: Micros
    ) -> tuple[float, float] | None:
        if self.between is not None:
            low, high = self.between[row].tolist()
            return (low, high) if low <= high else None
        if kind.expects is None:
            return None
        return kind.expects(kind, rule, self.known.get(source, b""), time)


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Heard:
    """Who spoke since the last tick."""

    passage: Passage
    windows: Windows
    first: NDArray[np.int64]
    """Of each slot when it was heard first; 0 where it was not."""
    unusable: Unusable
    lags: Lags
    model: str

    def until(self, slot: int) -> Micros:
        """What lies before it has been judged, of that source."""
        slow = self.lags.slow.get(slot)
        return slow.passed if slow else self.passage.watermark

    def evidence(self, duty: Duty, slot: int, source: str, time: Micros, feed: Feed) -> Evidence:
        """The readings before nothing more was heard of it."""
        windows, kind = self.windows, duty.kind
        metric = feed.evidence or next(iter(feed.metrics))
        metric = kind.metric_of(duty.rule, tuple(feed.metrics)) or metric
        if kind.shows in feed.metrics:
            metric = kind.shows
        column = list(feed.metrics).index(metric)
        shown = series(
            windows.read_times()[slot],
            windows.read_values()[slot, :, column],
            windows.read_scores()[slot],
        )
        model = self.model if kind.by_model else ""
        return Evidence(source, time, model, metric=metric, series=shown)


def watch(
    duty: Duty,
    roster: Roster,
    watches: dict[str, Watch],
    seen: Seen,
    told: Told = NOTHING_TOLD,
) -> tuple[dict[str, Watch], list[Incident]]:
    """A rule over new readings."""
    rule, kind, applies = duty
    if kind.judge_readings is None:
        raise TypeError(f"kind {kind.id} watches readings and has no judge of them")
    scores = seen.scores[:, -1] if told.scores is None else told.scores
    judgement = kind.judge_readings(kind, rule, seen.views, scores)
    tells = telling(kind, judgement, seen.views, scores)
    watches = dict(watches)
    incidents: list[Incident] = []
    for row, source in _interesting(judgement, applies, roster, watches, seen.views):
        if not tells[row]:
            continue  # to this rule it is as if it were not there
        before = watches.get(source.id, IDLE)
        watch, news = _read(duty, source, before, seen=seen, judgement=judgement, row=row)
        if news:
            incidents += _shown(news, duty, source.id, seen=seen, row=row, told=told)
        if watch.incident or watch.since or watch.not_before:
            watches[source.id] = watch
        else:
            watches.pop(source.id, None)
    return watches, incidents


def _read(
    duty: Duty, source: KnownSource, watch: Watch, *, seen: Seen, judgement: Judgement, row: int
) -> tuple[Watch, list[Incident]]:
    """One reading further."""
    rule, kind, _ = duty
    time, decided_at = int(seen.views.times[row, -1]), int(seen.decided[row])
    changes: list[Incident] = []
    watch, change = _miss(watch, time, source.period, decided_at)
    if change:
        changes.append(change)
    open_ = watch.incident
    says, need = judgement.proves[row], judgement.to_open
    if open_:
        # What proves it cannot end it: else a rule that clears where it opens would do so for ever.
        says, need = judgement.clears[row] and not judgement.proves[row], judgement.to_end
        if open_.unknown_since is not None and not says:
            changes.append(regain(open_, decided_at))
            watch = _holding(watch, changes[-1])
    watch, proven = hold(watch, time, bool(says), need, gap_limit(source.period))
    if proven and watch.incident:
        changes.append(conclude(watch.incident, watch.since, decided_at))
        watch = Watch(not_before=watch.not_before)
    elif proven:
        origin = ORIGINS[int(seen.origin[row])]
        finding = Finding(watch.since, "", ())
        changes.append(
            announce(kind.id, rule, source, finding=finding, time=decided_at, origin=origin)
        )
        watch = _opened(watch, changes[-1], time)
    return watch, changes


def _shown(
    changes: list[Incident],
    duty: Duty,
    source: str,
    *,
    seen: Seen,
    row: int,
    told: Told,
) -> list[Incident]:
    """With what proves them: the readings, and between what values they were expected."""
    rule, kind, _ = duty
    proof = seen.evidence(kind, rule, source, row)
    between = told.expected(kind, rule, source, row, proof.time)
    proof = msgspec.structs.replace(proof, between=between)
    return [renamed(msgspec.structs.replace(one, evidence=(proof,))) for one in changes]


def miss(
    duty: Duty, roster: Roster, watches: dict[str, Watch], heard: Heard
) -> tuple[dict[str, Watch], list[Incident]]:
    """A rule on readings at a tick: what is open of sources that have told it nothing lately."""
    watches = dict(watches)
    incidents: list[Incident] = []
    for name in sorted(name for name, watch in watches.items() if watch.incident):
        source, slot = roster.known[name], roster.slots[name]
        tick, newest = heard.passage.control.tick, _newest(watches[name])
        watch, change = _miss(watches[name], heard.until(slot), source.period, tick)
        if change is None:
            continue
        shown = heard.evidence(duty, slot, name, newest, roster.feed)
        incidents.append(renamed(msgspec.structs.replace(change, evidence=(shown,))))
        watches[name] = watch
    return {name: watch for name, watch in watches.items() if watch != IDLE}, incidents


def _miss(
    watch: Watch, until: Micros, period: Micros, time: Micros
) -> tuple[Watch, Incident | None]:
    """The watch on a source that has told the rule nothing up to ``until``, decided at ``time``."""
    newest = _newest(watch)
    after, change = lapse(
        watch, newest, until, proven=watch.since or newest, period=period, time=time
    )
    if change is None:
        return watch, None
    if after.incident is None:
        return Watch(not_before=watch.not_before), change
    return msgspec.structs.replace(after, last=newest), change


def _newest(watch: Watch) -> Micros:
    """The newest reading that has told the rule of an open incident anything."""
    # Earlier releases noted the one that proves it only with the next.
    return watch.last or (watch.incident.decided_at if watch.incident else 0)


def telling(
    kind: Kind, judgement: Judgement, views: Views, scores: NDArray[np.uint16]
) -> NDArray[np.bool_]:
    """[n]: which readings say anything to the kind, for or against it or neither.

    One that lacks what the kind needs proves and clears nothing; nor does it break a row of those
    that do.
    """
    tells = judgement.tells
    if tells is None:
        tells = np.ones(len(scores), np.bool_)
        for metric in kind.needs:
            tells &= views.has(metric)
        if kind.by_model:
            tells &= scores != NOT_SCORED
    return tells | judgement.proves | judgement.clears


def listen(
    duty: Duty,
    roster: Roster,
    watches: dict[str, Watch],
    heard: Heard,
) -> tuple[dict[str, Watch], list[Incident]]:
    """A rule on whether anything is heard, at a tick; what it finds is proven before the watermark.

    Nothing begins before ``not_before`` of its watch: that would be what has ended, by its id.
    """
    rule, kind, applies = duty
    if kind.patience is None:
        raise TypeError(f"kind {kind.id} watches for no data, without patience")
    watches = dict(watches)
    incidents: list[Incident] = []
    slots = {roster.slots[source]: source for source in watches if source in roster.slots}
    tick, passed = heard.passage.control.tick, heard.passage.passed
    for slot, name in sorted(slots.items()):
        watch, time = watches[name], int(heard.first[slot])
        if time and watch.incident:
            incidents.append(ended(watch.incident, time, max(time, heard.passage.promised)))
            watches[name] = Watch(not_before=watch.not_before)
        elif watch.incident and heard.passage.skipped > gap_limit(int(roster.period[slot])):
            # Nobody listened meanwhile: that it says nothing is proven anew, or not.
            incidents.append(renamed(expire(watch.incident, passed, tick)))
            watches[name] = Watch(not_before=tick)
    since = np.maximum(heard.windows.read_heard(), heard.passage.control.resumed_at)
    for slot, name in slots.items():
        since[slot] = max(int(since[slot]), watches[name].not_before)
    patience = kind.patience(kind, rule, roster.period, pictures=False)
    proven = unheard_at(since, patience, roster.period)
    for slot in np.flatnonzero(applies & (proven < heard.passage.watermark)).tolist():
        source = roster.known[roster.sources[slot]]
        watch = watches.get(source.id, IDLE)
        if watch.incident:
            continue
        decided_at = max(int(proven[slot]), heard.passage.passed, heard.passage.promised)
        start = int(since[slot])
        subject = UNUSABLE if heard.unusable.get(slot, 0) > start else ""
        shown = heard.evidence(duty, slot, source.id, start, roster.feed)
        finding = Finding(start, subject, (shown,))
        incident = announce(
            kind.id, rule, source, finding=finding, time=decided_at, origin=source.origin
        )
        incidents.append(incident)
        watches[source.id] = _opened(watch, incident, 0)
    return {name: watch for name, watch in watches.items() if watch != IDLE}, incidents


def _opened(watch: Watch, incident: Incident, time: Micros) -> Watch:
    """Args: time: of the reading that proves it; 0: none does."""
    return _holding(Watch(not_before=watch.not_before, last=time), incident)


def _holding(watch: Watch, incident: Incident) -> Watch:
    """With that revision open. Its evidence is not kept: another proves the next one."""
    return msgspec.structs.replace(watch, incident=msgspec.structs.replace(incident, evidence=()))


def withdraw(
    sensors: Sensors, duties: Mapping[str, Duty], roster: Roster, heard: Heard
) -> tuple[Sensors, list[Incident]]:
    """Drops what no rule watches any more; what was open is ended.

    When that nothing is heard of a source was ended although it lasts, that stays known until it
    is heard: else the incident would begin anew under the id that has ended.
    """
    at = heard.passage.watermark
    kept: dict[str, dict[str, Watch]] = {}
    last = heard.windows.read_heard()
    incidents: list[Incident] = []
    for rule_id in sorted(sensors.watches):
        duty = duties.get(rule_id)
        for source, before in sorted(sensors.watches[rule_id].items()):
            slot, open_ = roster.slots.get(source), before.incident
            kind = _kind_of(open_) if open_ else duty and duty.kind
            unheard = slot is not None and last[slot] < before.not_before
            watch = before if unheard else msgspec.structs.replace(before, not_before=0)
            if not (duty and slot is not None and duty.applies[slot] and duty.kind is kind):
                if open_:
                    period = 0 if slot is None else int(roster.period[slot])
                    decided_at = max(at, heard.passage.promised)
                    incidents.append(_closed(before, open_, at, decided_at, period))
                lasts = open_ and kind and kind.watches is Watches.SOURCE and slot is not None
                watch = Watch(not_before=at if lasts else watch.not_before)
            if watch != IDLE:
                kept.setdefault(rule_id, {})[source] = watch
    return Sensors(kept, sensors.learned), incidents


def abandon(sensors: Sensors, at: Micros) -> tuple[Sensors, list[Incident]]:
    """As ``withdraw``, of a gateway's sensors of a feed that this installation no longer has."""
    kept: dict[str, dict[str, Watch]] = {}
    incidents: list[Incident] = []
    for rule_id in sorted(sensors.watches):
        for source, watch in sorted(sensors.watches[rule_id].items()):
            not_before = watch.not_before
            if watch.incident:
                incidents.append(_closed(watch, watch.incident, at, at, 0))
                if is_watching(watch.incident.kind, Watches.SOURCE):
                    not_before = at
            if not_before:
                kept.setdefault(rule_id, {})[source] = Watch(not_before=not_before)
    return Sensors(kept), incidents


def _closed(
    watch: Watch, open: Incident, at: Micros, decided_at: Micros, period: Micros
) -> Incident:
    """Its end at ``at``, because nobody watches any more: or when it was last proven, where its
    source was not heard then."""
    newest = _newest(watch)
    if is_watching(open.kind, Watches.READINGS) and at - newest > unheard_limit(period):
        return renamed(expire(open, watch.since or newest, decided_at))
    return ended(open, at, decided_at)


def _kind_of(incident: Incident) -> Kind | None:
    """None where this installation no longer has it: its incidents end."""
    try:
        return find(incident.kind)
    except UnknownKindError:
        return None


def ended(open: Incident, end: Micros, decided_at: Micros, *evidence: Evidence) -> Incident:
    return renamed(conclude(open, end, decided_at, evidence))


def series(
    times: NDArray[np.int64], values: NDArray[np.float32], scores: NDArray[np.uint16]
) -> Series:
    """Of one window [WINDOW], without what is missing; values to three decimals."""
    there = measured(values)
    return tuple(
        (int(times[i]), round(float(values[i]), 3), int(scores[i]))
        for i in range(WINDOW)
        if times[i] and there[i]
    )


def _interesting(
    judgement: Judgement,
    applies: NDArray[np.bool_],
    roster: Roster,
    watches: dict[str, Watch],
    views: Views,
) -> Iterator[tuple[int, KnownSource]]:
    """Rows of the few sources for which something may change, in order of (slot, time)."""
    slots = np.zeros(len(applies), np.bool_)
    slots[views.slot[judgement.proves]] = True
    slots[[roster.slots[source] for source in sorted(watches) if source in roster.slots]] = True
    for row in np.flatnonzero((slots & applies)[views.slot]).tolist():
        yield row, roster.known[roster.sources[views.slot[row]]]
