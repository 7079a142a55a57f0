"""What a partition knows of the city: its sources, zones, rules, models, and event time itself."""

from typing import Any, TypeVar

import msgspec

from streams.events import (
    DAY,
    MINUTE,
    SECOND,
    ActiveModel,
    BadMessage,
    ControlChange,
    Micros,
    Removed,
    Rule,
    Source,
    Tick,
    Zone,
)

Thing = TypeVar("Thing", Zone, Rule, Source)

KEY = ""
"""Where a stage keeps its ``Control`` among the states of a partition."""

ABSURD_AHEAD: Micros = 10 * MINUTE
"""No more, since an accepted stamp makes everything before it on that source a repetition."""
ABSURD_BEHIND: Micros = 30 * DAY
RESUMED_AFTER: Micros = 10 * SECOND
"""Ticks this far apart mean that the publisher was away: silence is measured from the return."""


class Control(msgspec.Struct, frozen=True, tag="control"):
    tick: Micros = 0
    """The partition's last tick; 0: none yet."""
    resumed_at: Micros = 0
    """The first tick after the last interruption of ticks."""
    sequence: int = 0
    sources: dict[str, Source] = {}
    zones: dict[str, Zone] = {}
    rules: dict[str, Rule] = {}
    models: dict[str, str] = {}


EMPTY = Control()


def tick(control: Control, event: Tick) -> Control:
    """The same object where the tick is not later than the last."""
    if event.time <= control.tick:
        return control
    resumed = event.time - control.tick > RESUMED_AFTER
    return msgspec.structs.replace(
        control, tick=event.time, resumed_at=event.time if resumed else control.resumed_at
    )


def change(control: Control, event: ControlChange) -> Control:
    """The same object where the change is already known."""
    if event.sequence <= control.sequence:
        return control
    sources, zones, rules = dict(control.sources), dict(control.zones), dict(control.rules)
    models = dict(control.models)
    match event.change:
        case Source() as source:
            sources[source.id] = source
        case Zone() as zone:
            zones[zone.id] = zone
        case Rule() as rule:
            rules[rule.id] = rule
        case ActiveModel(task, model):
            models[task] = model
        case Removed(kind, id):
            things: dict[str, dict[str, Any]] = {"source": sources, "zone": zones, "rule": rules}
            things[kind].pop(id, None)
    return msgspec.structs.replace(
        control,
        sequence=event.sequence,
        sources=sources,
        zones=zones,
        rules=rules,
        models=models,
    )


def known(control: Control, source: str) -> Source:
    """Raises BadMessage ``unknown_source``."""
    try:
        return control.sources[source]
    except KeyError:
        raise BadMessage("unknown_source", source) from None


def judge_time(control: Control, time: Micros) -> None:
    """Raises BadMessage ``absurd_time`` where no clock of a working source would say this."""
    if control.tick and not (control.tick - ABSURD_BEHIND <= time <= control.tick + ABSURD_AHEAD):
        raise BadMessage("absurd_time", f"{time} with the last tick at {control.tick}")


def in_order(things: dict[str, Thing]) -> list[Thing]:
    """Keys are visited in sorted order, so that a result never rests on insertion order."""
    return [things[key] for key in sorted(things)]
