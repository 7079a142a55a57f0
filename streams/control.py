"""What a partition knows of the city: its sources, zones, rules, models, and event time itself.

Only what decides, of only those sources that are the partition's: names, addresses, owners and
wards stay with what is configured (``streams.configuration``), where people look them up. With
thousands of assets this is written with every snapshot.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from streams.events import (
    DAY,
    MINUTE,
    NOWHERE,
    SECOND,
    ActiveModel,
    BadMessage,
    ControlChange,
    Mask,
    Micros,
    Origin,
    Place,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Tick,
    Zone,
)
from streams.events.time import shown

KEY = ""
"""Where a stage keeps its ``Control`` among the states of a partition."""

ABSURD_AHEAD: Micros = 10 * MINUTE
"""No more, since an accepted stamp makes everything before it on that source a repetition."""
ABSURD_BEHIND: Micros = 30 * DAY
RESUMED_AFTER: Micros = 10 * SECOND
"""Ticks this far apart mean that the publisher was away: no data is counted from its return.

No further ahead may a tick be that does not say that time resumes with it.
"""
UNDER_WAY: Micros = 5 * SECOND
"""For so long after time resumed may come what was stamped before."""


class Alike(msgspec.Struct, frozen=True, array_like=True):
    """What many sources have in common. Fields as in ``Source``."""

    kind: str
    origin: Origin
    gateway: str = ""
    model: str = ""
    period: Micros = 0
    gated: bool = True
    tours: bool = False
    rests: bool = False
    """Nothing is to come of it now, be it switched off or ended."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One source, as it is stored."""

    alike: int
    """Key of ``Control.alike``."""
    place: Place = NOWHERE
    view: int = 0


class KnownSource(NamedTuple):
    """One source, with what it shares with others. Fields as in ``Source``."""

    id: str
    kind: str
    origin: Origin
    gateway: str
    model: str
    period: Micros
    place: Place
    gated: bool = True
    view: int = 0
    tours: bool = False
    rests: bool = False


class Drawn(msgspec.Struct, frozen=True, array_like=True):
    """One zone, as it is stored."""

    source: str
    polygon: tuple[tuple[float, float], ...]


class KnownZone(NamedTuple):
    """A zone without its names. Fields as in ``Zone``."""

    id: str
    source: str
    polygon: tuple[tuple[float, float], ...]


class Control(msgspec.Struct, frozen=True, tag="control"):
    tick: Micros = 0
    """The partition's last tick; 0: none yet."""
    resumed_at: Micros = 0
    """The first tick after the last interruption of ticks."""
    sequence: int = 0
    """Of the last change that was taken, whether it matters here or not."""
    sources: dict[str, Entry] = {}
    zones: dict[str, Drawn] = {}
    rules: dict[str, Rule] = {}
    models: dict[str, str] = {}
    alike: dict[int, Alike] = {}
    announced: bool = False
    """The publisher says where time resumes; those of earlier releases, and of recordings of
    theirs, do not, and may be believed only as they were then."""
    before: Micros = 0
    """The last tick before time resumed, while what was sent then may still come; 0: that is
    over, or nobody said that it resumed."""
    undone: Micros = 0
    """The last tick before event time went back, while what was sent then may still come; 0: that
    is over, or it never went back."""
    masks: dict[str, Drawn] = {}
    scenery: dict[str, SceneryVerdict] = {}
    """What engineers say of it, by the id of the place."""

    @property
    def settled(self) -> Micros:
        """The last tick by which links and clocks may be judged; 0: none yet, or what was under way
        when time resumed elsewhere may still come."""
        return 0 if self.before or self.undone else self.tick

    @property
    def is_whole(self) -> bool:
        """Whether it has what each of its sources shares with others."""
        return all(entry.alike in self.alike for entry in self.sources.values())

    def source(self, id: str) -> KnownSource | None:
        """None where it is not known here."""
        entry = self.sources.get(id)
        if entry is None:
            return None
        alike = self.alike[entry.alike]
        return KnownSource(
            id,
            alike.kind,
            alike.origin,
            alike.gateway,
            alike.model,
            alike.period,
            entry.place,
            alike.gated,
            entry.view,
            alike.tours,
            alike.rests,
        )

    def kind(self, id: str) -> str:
        """The source's asset type; empty where it is not known here."""
        entry = self.sources.get(id)
        return self.alike[entry.alike].kind if entry else ""

    def all_sources(self) -> list[KnownSource]:
        """In order of their ids, so that a result never rests on who came first."""
        return [found for name in sorted(self.sources) if (found := self.source(name))]

    def all_rules(self) -> list[Rule]:
        """In order of their ids."""
        return [self.rules[name] for name in sorted(self.rules)]

    def zones_of(self, source: str) -> list[KnownZone]:
        """Those drawn on its picture, in order of their ids."""
        own = sorted(name for name, zone in self.zones.items() if zone.source == source)
        return [KnownZone(name, source, self.zones[name].polygon) for name in own]

    def masks_of(self, source: str) -> list[Drawn]:
        """Those drawn on its picture, in order of their ids."""
        return [mask for _, mask in sorted(self.masks.items()) if mask.source == source]

    def scenery_of(self, source: str) -> list[SceneryVerdict]:
        """What engineers say of its scenery, in order of ids."""
        return [said for _, said in sorted(self.scenery.items()) if said.source == source]


EMPTY = Control()

Keep = Callable[[Source], Source | None]
"""Whether a stage of a partition has to know a source; None: it has not. What it gives back may
lack what that stage does not ask for."""


def keep_all(source: Source) -> Source:
    """Of a stage with one partition, and for readers of the whole configuration."""
    return source


def tick(control: Control, event: Tick) -> Control:
    """The same object where the tick is not later than the last, unless event time goes back.

    Raises:
        BadMessage: ``absurd_tick``: it is far ahead, and does not say that time resumes there.
            Believed, it would make all that follows too late, for as long as it was ahead.
    """
    if event.time < event.wrong_since <= control.tick <= event.wrong_until:
        return msgspec.structs.replace(
            control,
            tick=event.time,
            resumed_at=event.time,
            announced=True,
            before=0,
            undone=control.tick,
        )
    if event.time <= control.tick:
        return control
    resumed = event.time - control.tick > RESUMED_AFTER
    if resumed and control.announced and not event.resumes:
        raise BadMessage("absurd_tick", f"{event.time} with the last tick at {control.tick}")
    before = control.before
    if resumed and event.resumes:
        before = before or control.tick
    elif before and event.time - control.resumed_at >= UNDER_WAY:
        before = 0
    undone = control.undone if event.time - control.resumed_at < UNDER_WAY else 0
    return msgspec.structs.replace(
        control,
        tick=event.time,
        resumed_at=event.time if resumed else control.resumed_at,
        announced=control.announced or event.resumes,
        before=before,
        undone=undone,
    )


def went_back(before: Control, after: Control) -> bool:
    """Whether the tick between them undoes a stretch of event time: all sources begin anew."""
    return after.tick < before.tick


def is_undone(control: Control, time: Micros) -> bool:
    """Whether that was stamped, and is only now heard, in a stretch that has just been undone."""
    return control.tick + ABSURD_AHEAD < time <= control.undone + ABSURD_AHEAD


def passed(control: Control, lateness: Micros) -> Micros:
    """What lies before it is not waited for any more; 0 before the first tick.

    Where time resumes much later, as when a clock is taken over, it follows a little after: what
    was under way then is not late because of it.
    """
    return (control.before or control.tick) - lateness if control.tick else 0


def change(control: Control, event: ControlChange, keep: Keep = keep_all) -> Control:
    """The same object where the change is already known.

    Zones, masks and what is said of scenery are kept of the sources that are; rules and models all.
    """
    if event.sequence <= control.sequence:
        return control
    control = msgspec.structs.replace(control, sequence=event.sequence)
    match event.change:
        case Source() as source:
            kept = keep(source)
            return _with(control, kept) if kept else _without(control, source.id)
        case Zone(id=id, source=source_id, polygon=polygon):
            zones = {name: zone for name, zone in control.zones.items() if name != id}
            if source_id in control.sources:
                zones[id] = Drawn(source_id, polygon)
            return msgspec.structs.replace(control, zones=zones)
        case Rule() as rule:
            return msgspec.structs.replace(control, rules={**control.rules, rule.id: rule})
        case ActiveModel(task, model):
            return msgspec.structs.replace(control, models={**control.models, task: model})
        case Mask(id=id, source=source_id, polygon=polygon):
            masks = {name: mask for name, mask in control.masks.items() if name != id}
            if source_id in control.sources:
                masks[id] = Drawn(source_id, polygon)
            return msgspec.structs.replace(control, masks=masks)
        case SceneryVerdict(id=id, source=source_id) as said:
            scenery = {name: kept for name, kept in control.scenery.items() if name != id}
            if source_id in control.sources:
                scenery[id] = said
            return msgspec.structs.replace(control, scenery=scenery)
        case Removed("source", id):
            return _without(control, id)
        case Removed("mask", id):
            masks = {name: mask for name, mask in control.masks.items() if name != id}
            return msgspec.structs.replace(control, masks=masks)
        case Removed("scenery", id):
            scenery = {name: kept for name, kept in control.scenery.items() if name != id}
            return msgspec.structs.replace(control, scenery=scenery)
        case Removed("zone", id):
            zones = {name: zone for name, zone in control.zones.items() if name != id}
            return msgspec.structs.replace(control, zones=zones)
        case Removed("rule", id):
            rules = {name: rule for name, rule in control.rules.items() if name != id}
            return msgspec.structs.replace(control, rules=rules)
    return control


def _with(control: Control, source: Source) -> Control:
    """Replaces whatever was known of the source before."""
    shared = Alike(
        source.kind,
        source.origin,
        source.gateway,
        source.model,
        source.period,
        source.gated,
        source.tours,
        bool(source.rests),
    )
    before = control.sources.get(source.id)
    if before and control.alike[before.alike] == shared:
        entry = Entry(before.alike, source.place, source.view)
        return msgspec.structs.replace(control, sources={**control.sources, source.id: entry})
    control = _without(control, source.id)
    number = next((n for n, known in control.alike.items() if known == shared), None)
    if number is None:
        number = next(n for n in range(len(control.alike) + 1) if n not in control.alike)
    return msgspec.structs.replace(
        control,
        sources={**control.sources, source.id: Entry(number, source.place, source.view)},
        alike={**control.alike, number: shared},
    )


def _without(control: Control, id: str) -> Control:
    """The same object where it knows no such source. What the last of its like shared goes too."""
    before = control.sources.get(id)
    if before is None:
        return control
    sources = {name: entry for name, entry in control.sources.items() if name != id}
    alike = control.alike
    if all(entry.alike != before.alike for entry in sources.values()):
        alike = {n: known for n, known in alike.items() if n != before.alike}
    return msgspec.structs.replace(control, sources=sources, alike=alike)


def known(control: Control, source: str) -> KnownSource:
    """Raises BadMessage ``unknown_source``."""
    found = control.source(source)
    if found is None:
        raise BadMessage("unknown_source", source)
    return found


def judge_time(control: Control, time: Micros) -> None:
    """Raises BadMessage ``absurd_time`` where no clock of a working source would say this."""
    earliest = (control.before or control.tick) - ABSURD_BEHIND
    latest = max(control.tick, control.undone) + ABSURD_AHEAD
    if control.tick and not earliest <= time <= latest:
        raise BadMessage("absurd_time", absurdity([time], control))


def absurdity(times: Sequence[Micros], control: Control) -> str:
    """What is said of the first of some times that cannot be, and of how many more there are."""
    more = f" and {len(times) - 1} more" if len(times) > 1 else ""
    tick = f"the last tick was at {shown(control.tick)}" if control.tick else "no tick came before"
    return f"{shown(times[0])}{more}: {tick}"
