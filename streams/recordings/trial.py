"""Yesterday's data with other rules or another model: what was known at tick A, changed first.

A change goes through the stage as any change of the configuration does; what the stage says to it
then is dropped, since it belongs to no time of the recording. The number of the last change is put
back, so that the recorded ones still count.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import yaml

from models.registry import Registry
from streams.events import ActiveModel, Change, ControlChange, Removed, Rule
from streams.partition import Outcome, Partition
from streams.stages.control import KEY, Control


class RulesError(Exception):
    """A file of rules cannot be used; says which line of it."""


def rules(path: Path) -> list[Rule]:
    """The rules of a YAML file: a list, each with the fields of ``streams.events.Rule``.

    Raises:
        RulesError: it is missing, no YAML or no such list.
    """
    try:
        found = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise RulesError(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(found, list) or not found:
        raise RulesError(f"{path}: give a list of rules, each with at least id, kind and severity")
    made = []
    for number, item in enumerate(found, 1):
        try:
            # Built by name, then validated: on the wire a rule is an array.
            made.append(msgspec.convert(msgspec.to_builtins(Rule(**item)), Rule))
        except (TypeError, msgspec.ValidationError) as error:
            raise RulesError(f"{path}: rule {number}: {error}") from None
    if len({rule.id for rule in made}) < len(made):
        raise RulesError(f"{path}: two rules have one id")
    return made


def replacing(control: Control, wanted: Sequence[Rule]) -> list[Change]:
    """The changes that leave exactly the rules that are wanted."""
    gone = sorted(set(control.rules) - {rule.id for rule in wanted})
    return [*(Removed("rule", name) for name in gone), *wanted]


def activating(control: Control, registry: Registry, model: str) -> list[Change]:
    """The changes that put a model in force for its task, wherever another one is now.

    Raises models.manifest.ModelError where there is no such model.
    """
    manifest = registry.find(model)
    changes: list[Change] = [ActiveModel(manifest.task, manifest.id)]
    if manifest.task == "detection":
        changes += [
            msgspec.structs.replace(source, model=manifest.id)
            for source in control.sources.values()
            if source.kind == "camera"
        ]
    return changes


def overrules(change: Change, *, rules: bool, task: str) -> bool:
    """Whether a recorded change would undo what is tried, and so is left out.

    Args:
        rules: whether other rules are tried.
        task: that of the model which is tried; empty: none is.
    """
    match change:
        case Rule() | Removed("rule"):
            return rules
        case ActiveModel(of):
            return of == task
    return False


def apply(
    parts: Iterable[Partition], wanted: Sequence[Rule], models: Registry | None, model: str
) -> None:
    """Changes what every partition knows; without rules or without a model those stay."""
    for part in parts:
        before = part.states.get(KEY)
        if not isinstance(before, Control):
            continue  # it knows of no configuration
        changes = replacing(before, wanted) if wanted else []
        changes += activating(before, models, model) if models and model else []
        for number, change in enumerate(changes, 1):
            event = ControlChange(before.sequence + number, before.tick, change)
            outcome = part.take(-1, event, None, _never)
            part.apply(-1, None, Outcome(outcome.changes, (), {}))
        after: Control = part.states[KEY]
        restored = msgspec.structs.replace(after, sequence=before.sequence)
        part.apply(-1, None, Outcome({KEY: restored}, (), {}))


def _never() -> tuple[list[tuple[str, bytes]], bytes]:
    raise AssertionError("a change that was made here is no bad message")
