"""Yesterday's data with other rules or another model: what was known at tick A, changed first.

A change goes through the stage as any change of the configuration does; what the stage says to it
then is dropped, since it belongs to no time of the recording. The number of the last change is put
back, so that the recorded ones still count: all but those that would undo what is tried. They are
passed over, and a camera that is added on the way gets the model that is tried.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from models.documents import DocumentError, document
from models.files import SMALL, read_file
from models.manifest import Manifest
from streams.configuration.check import (
    InvalidChangeError,
    check_parameters,
    kind_of,
    unjudgeable,
)
from streams.control import KEY, Control, KnownSource
from streams.events import (
    ActiveModel,
    BadMessage,
    Change,
    ControlChange,
    Removed,
    Rule,
    Source,
    decode,
    encode,
)
from streams.feeds.registry import carries_frames
from streams.recordings.packing import Record
from streams.runtime.partition import Outcome, Partition
from streams.stages.detect import TASK as DETECTION


class RulesError(Exception):
    """A file of rules cannot be used; says which line of it."""


def rules(path: Path) -> list[Rule]:
    """The rules of a YAML file: a list, each with the fields of ``streams.events.Rule``.

    Raises:
        RulesError: it is missing, no YAML, no such list, or has a rule that cannot be.
    """
    try:
        found = document(read_file(path, SMALL))
    except OSError as error:
        raise RulesError(f"{path}: {error.strerror}") from None
    except DocumentError as error:
        raise RulesError(f"{path}: {error}") from None
    if not isinstance(found, list) or not found:
        raise RulesError(f"{path}: give a list of rules, each with at least id, kind and severity")
    made = []
    for number, item in enumerate(found, 1):
        try:
            # Built by name, then validated: on the wire a rule is an array.
            rule = msgspec.convert(msgspec.to_builtins(Rule(**item)), Rule)
            check_parameters(kind_of(rule), rule)
            made.append(rule)
        except (TypeError, msgspec.ValidationError, InvalidChangeError) as error:
            raise RulesError(f"{path}: rule {number}: {error}") from None
    if len({rule.id for rule in made}) < len(made):
        raise RulesError(f"{path}: two rules have one id")
    return made


def replacing(control: Control, wanted: Sequence[Rule]) -> list[Change]:
    """The changes that leave exactly the rules that are wanted."""
    gone = sorted(set(control.rules) - {rule.id for rule in wanted})
    return [*(Removed("rule", name) for name in gone), *wanted]


def activating(control: Control, model: Manifest) -> list[Change]:
    """The changes that put a model in force for its task, wherever another one is now."""
    changes: list[Change] = [ActiveModel(model.task, model.id)]
    if model.task == DETECTION:
        changes += [
            _source(known._replace(model=model.id))
            for known in control.all_sources()
            if carries_frames(known.kind)
        ]
    return changes


class Trial:
    """Other rules, another model, or both, for the whole of a recording.

    Without rules, or without a model, those that were in force then stay, with their changes.
    """

    def __init__(self, wanted: Sequence[Rule] = (), model: Manifest | None = None) -> None:
        self._rules, self._model = wanted, model
        self._passed_over: set[int] = set()

    @property
    def passed_over(self) -> int:
        """Recorded changes of rules or of the active model that ``under`` has left out so far."""
        return len(self._passed_over)

    def apply(self, partitions: Iterable[Partition]) -> None:
        """Changes what every partition knows at tick A.

        Raises:
            RulesError: a rule names a source that is known there, and cannot judge it.
        """
        knowing = [p for p in partitions if isinstance(p.states.get(KEY), Control)]
        for partition in knowing:
            self._check(partition.states[KEY])
        for partition in knowing:
            before: Control = partition.states[KEY]
            changes = replacing(before, self._rules) if self._rules else []
            changes += activating(before, self._model) if self._model else []
            for number, change in enumerate(changes, 1):
                event = ControlChange(before.sequence + number, before.tick, change)
                outcome = partition.take(-1, event, None, _never)
                partition.apply(-1, None, Outcome(outcome.changes, (), {}))
            after: Control = partition.states[KEY]
            restored = msgspec.structs.replace(after, sequence=before.sequence)
            partition.apply(-1, None, Outcome({KEY: restored}, (), {}))

    def _check(self, control: Control) -> None:
        """As a rule that is added is checked; a source may also be added on the way."""
        for rule in self._rules:
            for name in rule.sources:
                source = control.source(name)
                fault = source and unjudgeable(kind_of(rule), rule, source)
                if fault:
                    raise RulesError(f"rule {rule.id}: {name}: {fault}")

    def under(self, record: Record) -> Record | None:
        """A recorded message as the trial has it; None: it would undo what is tried."""
        topic, partition, headers, value = record
        if ("ce_type", b"cityops.control") not in headers:
            return record
        try:
            event, mark = decode(headers, value)
        except BadMessage:
            return record
        if not isinstance(event, ControlChange):
            return record
        change = self._overruled(event.change)
        if change is event.change:
            return record
        if change is None:
            # One change lies in every input partition.
            self._passed_over.add(event.sequence)
            return None
        return topic, partition, *encode(msgspec.structs.replace(event, change=change), mark)

    def _overruled(self, change: Change) -> Change | None:
        task = self._model.task if self._model else ""
        match change:
            case Rule() | Removed("rule") if self._rules:
                return None
            case ActiveModel(of) if of == task:
                return None
            case Source(kind=kind) if self._model and task == DETECTION and carries_frames(kind):
                return msgspec.structs.replace(change, model=self._model.id)
        return change


def _source(known: KnownSource) -> Source:
    """Announced anew: a stage asks for no more than it knows, so the names are the id."""
    return Source(
        known.id,
        known.kind,
        known.id,
        known.id,
        known.origin,
        known.place,
        known.gateway,
        known.model,
        known.period,
        gated=known.gated,
        view=known.view,
        tours=known.tours,
        rests="off" if known.rests else "",
    )


def _never() -> tuple[list[tuple[str, bytes]], bytes]:
    raise AssertionError("a change that was made here is no bad message")
