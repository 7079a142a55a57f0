"""The stage for sensors: packs of readings to scored readings, and to incidents of loops.

Readings wait until a tick's watermark (tick - LATENESS) has passed them. What it releases is put in
order of time and source, scored in one go and judged by the rules. A late reading is passed on at
once, flagged, and changes nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.scorer import TASK, OnnxScorer, Scorer
from streams.control import EMPTY, KEY, Control, change, tick
from streams.events import (
    BAD,
    LATE,
    REPEATED,
    BadMessage,
    ControlChange,
    DeadLetter,
    Incident,
    Readings,
    Source,
    Tick,
    Watermark,
    encode,
)
from streams.rules.alarms import Alarms
from streams.rules.rosters import Roster, Rosters
from streams.rules.watching import Heard, Seen, listen, watch, withdraw
from streams.sensors.intake import Arrival, Intake, arrive, enrol, remember_late
from streams.sensors.release import Envelope, Released, due, not_scored, to_scored, unusable
from streams.sensors.reordering import Passage, watermark
from streams.sensors.windows import Windows, extend, hear, keep
from streams.settings import Settings
from streams.stage import EVERY_PARTITION, SAME_PARTITION, Output, Position, Result
from streams.topics import DEAD_LETTERS, INCIDENTS, READINGS, SCORED, partition_of

INTAKE, WINDOWS, ALARMS = "intake/", "windows/", "alarms/"
"""Keys of the state: one of each for a gateway."""


class Score:
    """See the module.

    Args:
        scorers: by ``name@version``; the first in sorted order unless the control events say.
        partitions: of every topic: the sources of a gateway are judged in its partition only.
    """

    name = "score"
    reads = READINGS
    state_type = Control | Intake | Windows | Alarms
    blocking = True
    prepare = None

    def __init__(self, scorers: Mapping[str, Scorer], partitions: int) -> None:
        self._scorers = dict(scorers)
        self._partitions = partitions
        self._rosters = Rosters()

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

    # --- control events ---------------------------------------------------------------------

    def _change(
        self, state: Mapping[str, Any], control: Control, event: ControlChange, at: Position
    ) -> Result:
        changed = change(control, event)
        if changed is control:
            return Result()
        changes: dict[str, Any] = {KEY: changed}
        source = event.change
        if (
            isinstance(source, Source)
            and source.kind == "loop"
            and source.gateway
            and partition_of(source.gateway, self._partitions) == at.partition
        ):
            intake = enrol(state.get(INTAKE + source.gateway, Intake()), [source.id])
            windows = state.get(WINDOWS + source.gateway, Windows())
            windows = extend(windows, len(intake.sources), control.tick)
            before = control.sources.get(source.id)
            if before is None or before.gateway != source.gateway:
                # It may have been here before: the time it was away is no silence.
                slot = np.array([intake.sources.index(source.id)], "<u2")
                windows = hear(windows, slot, np.array([control.tick], np.int64))
            changes |= {INTAKE + source.gateway: intake, WINDOWS + source.gateway: windows}
        return Result(changes)

    # --- readings ---------------------------------------------------------------------------

    def _arrive(
        self, state: Mapping[str, Any], control: Control, pack: Readings, at: Position
    ) -> Result:
        intake: Intake = state.get(INTAKE + pack.gateway, Intake())
        roster = self._rosters.of(pack.gateway, intake.sources, control)
        listing = self._rosters.listing(pack.gateway, roster, pack.sources)
        arrival = arrive(intake, listing, control, watermark(control), pack)
        if arrival.repeated:
            return Result(counts={"repeated": arrival.repeated})
        windows = state.get(WINDOWS + pack.gateway, Windows())
        windows = extend(windows, len(arrival.intake.sources), control.tick)
        changes = {INTAKE + pack.gateway: arrival.intake, WINDOWS + pack.gateway: windows}
        outputs = _letters(arrival, control, at)
        counts = {"dead_lettered": len(outputs)} if outputs else {}
        if len(arrival.late):
            intake, late, tally = self._late(arrival, windows, control, pack)
            changes[INTAKE + pack.gateway] = intake
            outputs += late
            counts |= tally
        return Result(changes, tuple(outputs), counts)

    def _late(
        self, arrival: Arrival, windows: Windows, control: Control, pack: Readings
    ) -> tuple[Intake, list[Output], dict[str, int]]:
        intake = arrival.intake
        roster = self._rosters.of(pack.gateway, intake.sources, control)
        rows = arrival.late
        rows = rows.take(np.lexsort((roster.rank[rows.slot], rows.time)))
        intake, repeated = remember_late(intake, rows, windows.holds(rows.slot, rows.time))
        bad = unusable(rows.values, intake.metrics) & ~repeated
        flags = (LATE + repeated * REPEATED + bad * BAD).astype("u1")
        envelope = Envelope(pack.gateway, pack.time, self._in_force(control))
        scores = not_scored(len(rows))
        scored = to_scored(envelope, intake, roster.rank, rows, scores=scores, flags=flags)
        tally = _tally(repeated=repeated, bad=bad, late=~repeated & ~bad)
        return intake, [_scored(event) for event in scored], tally

    # --- ticks ------------------------------------------------------------------------------

    def _tick(
        self, state: Mapping[str, Any], control: Control, event: Tick, at: Position
    ) -> Result:
        now = tick(control, event)
        if now is control:
            return Result()
        passage = Passage(now, watermark(control), watermark(now))
        gateways = sorted(key.removeprefix(INTAKE) for key in state if key.startswith(INTAKE))
        rosters = {
            gateway: self._rosters.of(gateway, state[INTAKE + gateway].sources, now)
            for gateway in gateways
        }
        released = {
            gateway: due(
                state[INTAKE + gateway],
                state[WINDOWS + gateway],
                rosters[gateway],
                passage.watermark,
            )
            for gateway in gateways
        }
        scores = self._score(now, [found for found in released.values() if found])
        changes: dict[str, Any] = {KEY: now}
        outputs: list[Output] = []
        incidents: list[Incident] = []
        counts: dict[str, int] = {}
        for gateway in gateways:
            found, seen = released[gateway], None
            windows: Windows = state[WINDOWS + gateway]
            if found:
                own, scores = scores[: len(found.features)], scores[len(found.features) :]
                rank = rosters[gateway].rank
                windows, seen, events = self._finish(gateway, rank, passage, found, own)
                changes |= {INTAKE + gateway: found.intake, WINDOWS + gateway: windows}
                outputs += events
                usable = found.flags == 0
                flags = found.flags
                tally = _tally(accepted=usable, repeated=flags == REPEATED, bad=flags == BAD)
                counts = {name: counts.get(name, 0) + n for name, n in (counts | tally).items()}
            alarms: Alarms = state.get(ALARMS + gateway, Alarms())
            first = found.first() if found else np.zeros(len(windows), np.int64)
            heard = Heard(passage, windows, first)
            judged, news = _judge(rosters[gateway], alarms, heard, seen)
            incidents += news
            if judged != alarms:
                changes[ALARMS + gateway] = judged
        for incident in sorted(incidents, key=lambda incident: (incident.decided_at, incident.id)):
            segment = incident.place.segment if incident.place else ""
            outputs.append(Output(INCIDENTS, incident, segment or incident.sources[0]))
        mark = Watermark(self.name, self.reads, at.partition, passage.watermark, now.tick)
        outputs.append(Output(INCIDENTS, mark, partition=EVERY_PARTITION))
        return Result(changes, tuple(outputs), counts)

    def _score(self, control: Control, released: list[Released]) -> NDArray[np.uint16]:
        """One call for all gateways, so that its padding depends on this tick alone."""
        features = [found.features for found in released]
        scorer = self._scorers.get(self._in_force(control))
        rows = sum(map(len, features))
        if scorer is None or not rows:
            return not_scored(rows)
        return scorer.score(np.concatenate(features))

    def _finish(
        self,
        gateway: str,
        rank: NDArray[np.intp],
        passage: Passage,
        found: Released,
        ripe_scores: NDArray[np.uint16],
    ) -> tuple[Windows, Seen, list[Output]]:
        views = found.views
        own = not_scored(len(views.slot))
        own[found.ripe] = ripe_scores
        windowed = views.gather.pick(found.windows.read_scores(), own)
        all_scores = not_scored(len(found.rows))
        all_scores[found.usable] = own
        model = self._in_force(passage.control)
        envelope = Envelope(gateway, passage.watermark, model)
        scored = to_scored(
            envelope, found.intake, rank, found.rows, scores=all_scores, flags=found.flags
        )
        seen = Seen(views, windowed, found.rows.origin[found.usable], model)
        return keep(found.windows, views, windowed), seen, [_scored(event) for event in scored]

    def _in_force(self, control: Control) -> str:
        """The model that the control events name, where it is there; empty where none is."""
        named = control.models.get(TASK, "")
        for model in sorted(self._scorers):
            if named in (model, model.partition("@")[0]):
                return model
        return min(self._scorers, default="")


def _judge(
    roster: Roster, alarms: Alarms, heard: Heard, seen: Seen | None
) -> tuple[Alarms, list[Incident]]:
    """Every rule over one gateway's sources."""
    alarms, incidents = withdraw(alarms, roster, heard)
    by_rule = dict(alarms.by_rule)
    for rule, applies in roster.rules:
        own = by_rule.get(rule.id, {})
        if rule.kind == "silence":
            floors = alarms.floors.get(rule.id, {})
            own, news = listen(rule, applies, roster, own, heard, floors=floors)
        elif seen:
            own, news = watch(rule, applies, roster, own, seen)
        else:
            continue
        incidents += news
        by_rule[rule.id] = own
    kept = {name: own for name, own in by_rule.items() if own}
    return Alarms(kept, alarms.floors), incidents


def _scored(event: Any) -> Output:
    return Output(SCORED, event, event.gateway, SAME_PARTITION)


def _letters(arrival: Arrival, control: Control, at: Position) -> list[Output]:
    """A dead letter holds a pack of just the rows it is about, so that it can be retried."""
    letters = []
    for reason, detail, remnant in arrival.refused:
        headers, value = encode(remnant)
        letter = DeadLetter(
            reason, detail, at.topic, at.partition, at.offset, control.tick, tuple(headers), value
        )
        letters.append(Output(DEAD_LETTERS, letter, partition=SAME_PARTITION))
    return letters


def _tally(**which: NDArray[np.bool_]) -> dict[str, int]:
    return {name: n for name, rows in which.items() if (n := int(np.count_nonzero(rows)))}
