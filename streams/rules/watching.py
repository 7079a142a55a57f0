"""Rules on loops: what their readings, or the lack of them, open and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.scorer import LEAST_SPREAD, METRICS, WINDOW
from streams.events import Evidence, Incident, Micros, Origin, Rule, Source
from streams.incidents.identity import incident_id
from streams.rules.alarms import IDLE, Alarm, Alarms, advance, gap_limit
from streams.rules.rosters import Roster
from streams.sensors.reordering import ORIGINS, Passage
from streams.sensors.rules import Judgement, judge, silence_limit
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

    def evidence(self, rule: Rule, source: str, row: int) -> Evidence:
        metric = "occupancy" if rule.kind == "congestion" else self._oddest(row)
        column = METRICS.index(metric)
        views = self.views
        shown = series(views.times[row], views.values[row, :, column], self.scores[row])
        model = self.model if rule.kind == "anomaly" else ""
        time = int(views.times[row, -1])
        return Evidence(source, time, model, metric=metric, series=shown)

    def _oddest(self, row: int) -> str:
        """The metric that deviates most from what is usual."""
        level, spread = self.views.usual.level[row], self.views.usual.spread[row]
        away = np.abs(self.views.values[row, -1] - level) / np.maximum(spread, LEAST_SPREAD)
        return METRICS[int(np.argmax(np.nan_to_num(away, nan=-1.0)))]


@dataclass(frozen=True, slots=True)
class Heard:
    """Who spoke since the last tick."""

    passage: Passage
    windows: Windows
    first: NDArray[np.int64]
    """Of each slot its first reading; 0 where there was none."""

    def evidence(self, slot: int, source: str, time: Micros) -> Evidence:
        """The readings before it fell silent."""
        windows = self.windows
        column = METRICS.index("occupancy")
        shown = series(
            windows.read_times()[slot],
            windows.read_values()[slot, :, column],
            windows.read_scores()[slot],
        )
        return Evidence(source, time, "", metric="occupancy", series=shown)


def watch(
    rule: Rule, applies: NDArray[np.bool_], roster: Roster, alarms: dict[str, Alarm], seen: Seen
) -> tuple[dict[str, Alarm], list[Incident]]:
    """A rule of kind congestion or anomaly over new readings."""
    judgement = judge(rule, seen.views, seen.scores[:, -1])
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
            evidence = seen.evidence(rule, source.id, row)
            if alarm.open:
                incidents.append(ended(alarm.open, alarm.since, time, evidence))
                alarm = IDLE
            else:
                origin = ORIGINS[int(seen.origin[row])]
                incidents.append(opened(rule, source, origin, time, evidence, since=alarm.since))
                alarm = Alarm(open=msgspec.structs.replace(incidents[-1], evidence=()))
        if alarm.open or alarm.since:
            alarms[source.id] = alarm
        else:
            alarms.pop(source.id, None)
    return alarms, incidents


def listen(
    rule: Rule,
    applies: NDArray[np.bool_],
    roster: Roster,
    alarms: dict[str, Alarm],
    heard: Heard,
    *,
    floors: Mapping[str, Micros],
) -> tuple[dict[str, Alarm], list[Incident]]:
    """A rule of kind silence, at a tick; what it finds is proven before the watermark.

    No silence begins before its source's floor: that would be the one that has ended, by its id.
    """
    alarms = dict(alarms)
    incidents: list[Incident] = []
    slots = {roster.slots[source]: source for source in alarms if source in roster.slots}
    for slot, name in sorted(slots.items()):
        if time := int(heard.first[slot]):
            alarm = alarms.pop(name)
            if alarm.open:
                incidents.append(ended(alarm.open, time, time))
    since = np.maximum(heard.windows.read_heard(), heard.passage.control.resumed_at)
    for name, floor in floors.items():
        since[roster.slots[name]] = max(int(since[roster.slots[name]]), floor)
    proven = since + silence_limit(rule, roster.period)
    for slot in np.flatnonzero(
        applies & (roster.period > 0) & (proven < heard.passage.watermark)
    ).tolist():
        source = roster.known[roster.sources[slot]]
        if source.id in alarms:
            continue
        decided_at = max(int(proven[slot]), heard.passage.passed)
        evidence = heard.evidence(slot, source.id, int(since[slot]))
        incident = opened(rule, source, source.origin, decided_at, evidence, since=int(since[slot]))
        incidents.append(incident)
        alarms[source.id] = Alarm(open=msgspec.structs.replace(incident, evidence=()))
    return alarms, incidents


def withdraw(alarms: Alarms, roster: Roster, heard: Heard) -> tuple[Alarms, list[Incident]]:
    """Drops what no rule watches any more; what was open is ended."""
    at = heard.passage.watermark
    kept: dict[str, dict[str, Alarm]] = {}
    floors = _lasting(alarms.floors, roster, heard)
    incidents: list[Incident] = []
    for rule_id in sorted(alarms.by_rule):
        rule = roster.rule(rule_id)
        for source, alarm in sorted(alarms.by_rule[rule_id].items()):
            slot = roster.slots.get(source)
            kind = alarm.open.kind if alarm.open else rule and rule[0].kind
            if rule and slot is not None and rule[1][slot] and rule[0].kind == kind:
                kept.setdefault(rule_id, {})[source] = alarm
            elif alarm.open:
                incidents.append(ended(alarm.open, at, at))
                if kind == "silence" and slot is not None:
                    floors.setdefault(rule_id, {})[source] = at
    return Alarms(kept, floors), incidents


def _lasting(
    floors: Mapping[str, Mapping[str, Micros]], roster: Roster, heard: Heard
) -> dict[str, dict[str, Micros]]:
    """Without those whose source has spoken since."""
    last = heard.windows.read_heard()
    kept: dict[str, dict[str, Micros]] = {}
    for rule, own in floors.items():
        for source, floor in own.items():
            if last[roster.slots[source]] < floor:
                kept.setdefault(rule, {})[source] = floor
    return kept


def opened(
    rule: Rule,
    source: Source,
    origin: Origin,
    decided_at: Micros,
    evidence: Evidence,
    *,
    since: Micros,
) -> Incident:
    return Incident(
        id=incident_id(rule.id, source.id, "", "", since),
        kind=rule.kind,
        rule=rule.id,
        origin=origin,
        severity=rule.severity,
        sources=(source.id,),
        zone="",
        subject="",
        start=since,
        decided_at=decided_at,
        end=None,
        revision=0,
        place=source.place,
        evidence=(evidence,),
    )


def ended(open: Incident, end: Micros, decided_at: Micros, *evidence: Evidence) -> Incident:
    return msgspec.structs.replace(
        open, end=end, decided_at=decided_at, revision=open.revision + 1, evidence=evidence
    )


def series(
    times: NDArray[np.int64], values: NDArray[np.float32], scores: NDArray[np.uint16]
) -> Series:
    """Of one window [WINDOW], without what is missing; values to three decimals."""
    return tuple(
        (int(times[i]), round(float(values[i]), 3), int(scores[i]))
        for i in range(WINDOW)
        if times[i] and not np.isnan(values[i])
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
