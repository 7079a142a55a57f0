"""Rules on sensors: what their readings, or the lack of them, open and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from models.scorer import LEAST_SPREAD, WINDOW
from streams.events import Evidence, Incident, Micros, Source
from streams.feeds.feed import Feed
from streams.hearing import unheard_at
from streams.incidents.life import announce, conclude
from streams.incidents.watch import Finding
from streams.kinds.kind import Kind, Watches
from streams.kinds.registry import UnknownKindError, find, is_watching, renamed
from streams.rules.alarms import IDLE, Alarm, Alarms, advance, gap_limit
from streams.rules.duties import Duty
from streams.sensors.judgement import Judgement
from streams.sensors.reordering import ORIGINS, Passage
from streams.sensors.rosters import Roster
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
    model: str

    def evidence(self, kind: Kind, source: str, row: int) -> Evidence:
        views = self.views
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
class Heard:
    """Who spoke since the last tick."""

    passage: Passage
    windows: Windows
    first: NDArray[np.int64]
    """Of each slot its first reading; 0 where there was none."""

    def evidence(self, slot: int, source: str, time: Micros, feed: Feed) -> Evidence:
        """The readings before nothing more was heard of it."""
        windows = self.windows
        metric = feed.evidence or next(iter(feed.metrics))
        column = list(feed.metrics).index(metric)
        shown = series(
            windows.read_times()[slot],
            windows.read_values()[slot, :, column],
            windows.read_scores()[slot],
        )
        return Evidence(source, time, "", metric=metric, series=shown)


def watch(
    duty: Duty, roster: Roster, alarms: dict[str, Alarm], seen: Seen
) -> tuple[dict[str, Alarm], list[Incident]]:
    """A rule over new readings."""
    rule, kind, applies = duty
    if kind.judge_readings is None:
        raise TypeError(f"kind {kind.id} watches readings and has no judge of them")
    judgement = kind.judge_readings(kind, rule, seen.views, seen.scores[:, -1])
    alarms = dict(alarms)
    incidents: list[Incident] = []
    for row, source in _interesting(judgement, applies, roster, alarms, seen.views):
        alarm = alarms.get(source.id, IDLE)
        says, need = judgement.proves[row], judgement.to_open
        if alarm.open:
            says, need = judgement.clears[row], judgement.to_end
        time = int(seen.views.times[row, -1])
        alarm, proven = advance(alarm, time, bool(says), need, gap_limit(source.period))
        if proven:
            evidence = seen.evidence(kind, source.id, row)
            if alarm.open:
                incidents.append(ended(alarm.open, alarm.since, time, evidence))
                alarm = IDLE
            else:
                origin = ORIGINS[int(seen.origin[row])]
                finding = Finding(alarm.since, "", (evidence,))
                incidents.append(
                    announce(kind.id, rule, source, finding=finding, time=time, origin=origin)
                )
                alarm = Alarm(open=msgspec.structs.replace(incidents[-1], evidence=()))
        if alarm.open or alarm.since:
            alarms[source.id] = alarm
        else:
            alarms.pop(source.id, None)
    return alarms, incidents


def listen(
    duty: Duty,
    roster: Roster,
    alarms: dict[str, Alarm],
    heard: Heard,
    *,
    not_before: Mapping[str, Micros],
) -> tuple[dict[str, Alarm], list[Incident]]:
    """A rule on whether anything is heard, at a tick; what it finds is proven before the watermark.

    Nothing begins before ``not_before`` of its source: that would be what has ended, by its id.
    """
    rule, kind, applies = duty
    if kind.patience is None:
        raise TypeError(f"kind {kind.id} watches whether a source is heard of, without patience")
    alarms = dict(alarms)
    incidents: list[Incident] = []
    slots = {roster.slots[source]: source for source in alarms if source in roster.slots}
    for slot, name in sorted(slots.items()):
        if time := int(heard.first[slot]):
            alarm = alarms.pop(name)
            if alarm.open:
                incidents.append(ended(alarm.open, time, time))
    since = np.maximum(heard.windows.read_heard(), heard.passage.control.resumed_at)
    for name, least in not_before.items():
        since[roster.slots[name]] = max(int(since[roster.slots[name]]), least)
    patience = kind.patience(kind, rule, roster.period, pictures=False)
    proven = unheard_at(since, patience, roster.period)
    for slot in np.flatnonzero(applies & (proven < heard.passage.watermark)).tolist():
        source = roster.known[roster.sources[slot]]
        if source.id in alarms:
            continue
        decided_at = max(int(proven[slot]), heard.passage.passed)
        start = int(since[slot])
        finding = Finding(start, "", (heard.evidence(slot, source.id, start, roster.feed),))
        incident = announce(
            kind.id, rule, source, finding=finding, time=decided_at, origin=source.origin
        )
        incidents.append(incident)
        alarms[source.id] = Alarm(open=msgspec.structs.replace(incident, evidence=()))
    return alarms, incidents


def withdraw(
    alarms: Alarms, duties: Mapping[str, Duty], roster: Roster, heard: Heard
) -> tuple[Alarms, list[Incident]]:
    """Drops what no rule watches any more; what was open is ended."""
    at = heard.passage.watermark
    kept: dict[str, dict[str, Alarm]] = {}
    not_before = _lasting(alarms.not_before, roster, heard)
    incidents: list[Incident] = []
    for rule_id in sorted(alarms.by_rule):
        duty = duties.get(rule_id)
        for source, alarm in sorted(alarms.by_rule[rule_id].items()):
            slot = roster.slots.get(source)
            kind = _kind_of(alarm.open) if alarm.open else duty and duty.kind
            if duty and slot is not None and duty.applies[slot] and duty.kind is kind:
                kept.setdefault(rule_id, {})[source] = alarm
            elif alarm.open:
                incidents.append(ended(alarm.open, at, at))
                if kind and kind.watches is Watches.SOURCE and slot is not None:
                    not_before.setdefault(rule_id, {})[source] = at
    return Alarms(kept, not_before), incidents


def abandon(alarms: Alarms, at: Micros) -> tuple[Alarms, list[Incident]]:
    """As ``withdraw``, of a gateway's sensors of a feed that this installation no longer has."""
    not_before = {rule: dict(own) for rule, own in alarms.not_before.items()}
    incidents: list[Incident] = []
    for rule_id in sorted(alarms.by_rule):
        for source, alarm in sorted(alarms.by_rule[rule_id].items()):
            if alarm.open:
                incidents.append(ended(alarm.open, at, at))
                if is_watching(alarm.open.kind, Watches.SOURCE):
                    not_before.setdefault(rule_id, {})[source] = at
    return Alarms({}, not_before), incidents


def _kind_of(incident: Incident) -> Kind | None:
    """None where this installation no longer has it: its incidents end."""
    try:
        return find(incident.kind)
    except UnknownKindError:
        return None


def _lasting(
    not_before: Mapping[str, Mapping[str, Micros]], roster: Roster, heard: Heard
) -> dict[str, dict[str, Micros]]:
    """Without those whose source has spoken since."""
    last = heard.windows.read_heard()
    kept: dict[str, dict[str, Micros]] = {}
    for rule, own in not_before.items():
        for source, least in own.items():
            if last[roster.slots[source]] < least:
                kept.setdefault(rule, {})[source] = least
    return kept


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
    alarms: dict[str, Alarm],
    views: Views,
) -> Iterator[tuple[int, Source]]:
    """Rows of the few sources for which something may change, in order of (slot, time)."""
    slots = np.zeros(len(applies), np.bool_)
    slots[views.slot[judgement.proves]] = True
    slots[[roster.slots[source] for source in sorted(alarms) if source in roster.slots]] = True
    for row in np.flatnonzero((slots & applies)[views.slot]).tolist():
        yield row, roster.known[roster.sources[views.slot[row]]]
