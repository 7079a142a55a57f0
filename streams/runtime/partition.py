"""One stage on one partition: its state, marks, counts and offset, moved by one message at a time.

The Faust shell and the offline runner are two thin ways to feed it. Nothing here waits, reads a
clock or talks to a broker; ``take`` computes, ``apply`` moves everything in one instant.
"""

import logging
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from streams.accounts.entries import NOTHING as NO_VALUES
from streams.accounts.entries import Added
from streams.accounts.ledger import Ledger, Stored, Whose
from streams.control import KEY, Control
from streams.events import (
    UNTRUSTED,
    BadMessage,
    DeadLetter,
    Event,
    Headers,
    Mark,
    Micros,
    Tick,
    dead_letter,
)
from streams.events.about import account_of
from streams.feeds.shares import Share
from streams.kinds.registry import lost
from streams.quotas import NOT_KEPT, Quotas, Spent, keep
from streams.runtime import upgrades
from streams.runtime.marks import Marks
from streams.runtime.unusable import refused
from streams.runtime.whose import whose
from streams.stage import (
    EVERY_PARTITION,
    SAME_PARTITION,
    Accountable,
    Output,
    Position,
    Result,
    Stage,
)
from streams.topics import CORRELATED, DEAD_LETTERS, INCIDENTS, WATERMARKED, partition_of

log = logging.getLogger(__name__)

Raw = Callable[[], tuple[Headers, bytes]]
"""Gives a message's original headers and value, for its dead letter."""


class Outgoing(NamedTuple):
    """One message to send, its partition decided."""

    topic: str
    partition: int
    event: Event
    mark: Mark


class Outcome(NamedTuple):
    """What one message did; nothing has moved until it is applied."""

    changes: Mapping[str, Any]
    outputs: tuple[Outgoing, ...]
    counts: Mapping[str, int]
    quotas: Quotas | None = None
    """What of them is spent then; None: no more than before."""
    accounts: Added = NO_VALUES
    """What it adds to the ledger …"""
    ledger: Ledger | None = None
    """… or the ledger as it is then, with that."""


NOTHING = Outcome({}, (), {})


class SnapshotError(Exception):
    """A stored snapshot is not one of this stage, or of a later release; says so in one line."""


class Snapshot(msgspec.Struct, array_like=True):
    """Everything a partition needs to go on; one record, so one instant."""

    next_offset: int
    """Offset of the next message to read."""
    marks: list[tuple[str, str, int, int, int]]
    counts: dict[str, int]
    states: dict[str, msgspec.Raw]
    version: int = 1
    """Of the stage's stored form, see ``upgrades``; the first releases wrote none."""
    quotas: dict[str, Spent] = {}
    since: Micros | None = 0
    """The first tick that was counted; None: none yet. 0: an earlier release began to count."""
    ledger: Stored | None = None
    """None: an earlier release kept none."""


class _Beginning(msgspec.Struct, array_like=True):
    """The beginning of a snapshot of any version."""

    next_offset: int
    marks: list[tuple[str, str, int, int, int]]


class Partition:
    """State after every message below ``next_offset``."""

    def __init__(self, stage: Stage, number: int, partitions: int) -> None:
        self.stage = stage
        self.number = number
        self.partitions = partitions
        self.next_offset = 0
        self.marks = Marks()
        self.counts: Counter[str] = Counter()
        self.states: dict[str, Any] = {}
        self.quotas: Quotas = {}
        """What is spent of the quotas of dead letters."""
        self.since: Micros | None = None
        """See ``Snapshot``."""
        self.ledger = Ledger()
        self._encoded: dict[str, msgspec.Raw] = {}
        self._dirty: set[str] = set()
        self._tables: dict[str, tuple[dict[str, Any], msgspec.Raw]] = {}

    # --- one message ------------------------------------------------------------------------

    def take(self, offset: int, event: Event, mark: Mark | None, raw: Raw) -> Outcome:
        """What the message at ``offset`` does. A message that was already taken does nothing.

        Raises MemoryError and OSError, which are this machine's and not the message's: elsewhere,
        or later, the same step would have gone well.
        """
        if mark is not None and not self.marks.is_new(mark):
            return NOTHING._replace(counts={"resent": 1})
        at = Position(self.stage.reads, self.number, offset)
        try:
            result = self.stage.step(self.states, event, at)
        except BadMessage as bad:
            return self.reject(offset, bad, raw, event)
        except (MemoryError, OSError):
            raise
        except Exception as error:
            # A defect of ours must not stop the city: the message is kept with its reason.
            log.exception("%s failed at %s", self.stage.name, at)
            return self.reject(offset, BadMessage("stage_failed", repr(error)), raw, event)
        outputs, left_out, spent = self._within_quotas(result.outputs, raw)
        counts = {**result.counts, **left_out} if left_out else result.counts
        ledger = None
        if isinstance(event, Tick) and isinstance(self.stage, Accountable):
            accounts, ledger = self._add_up(self.stage, result)
            outputs += accounts
        addressed = self._address(offset, outputs)
        return Outcome(result.changes, addressed, counts, spent, result.accounts, ledger)

    def _add_up(
        self, stage: Accountable, result: Result
    ) -> tuple[tuple[Output, ...], Ledger | None]:
        """What the ledger says after a tick, where it is due, and the ledger then."""
        states = ChainMap(dict(result.changes), self.states)
        tick = getattr(states.get(KEY), "tick", 0)
        if not self.ledger.is_due(tick):
            return (), None
        ledger = self.ledger.with_(result.accounts)
        whose = Whose(self.stage.name, self.stage.reads, self.number)
        told = ledger.say(whose, tick, stage.waiting(states))
        outputs = tuple(Output(stage.accounts_to, each, partition=SAME_PARTITION) for each in told)
        return outputs, ledger.after(tick)

    def reject(self, offset: int, bad: BadMessage, raw: Raw, event: Any = None) -> Outcome:
        """Sends the message at ``offset`` to the dead letters with its reason.

        Args:
            event: None where it could not be decoded.
        """
        headers, value = raw()
        at = (self.stage.reads, self.number, offset)
        letter = dead_letter(bad, at, self.tick, headers, value)
        made = (Output(DEAD_LETTERS, letter, partition=SAME_PARTITION),)
        outputs, left_out, spent = self._within_quotas(made, raw)
        counts = {"dead_lettered": 1, **left_out}
        if bad.reason in UNTRUSTED:
            counts[bad.reason] = 1
        known = self.states.get(KEY)
        accounts = refused(
            self.stage, known, event, reason=bad.reason, headers=headers, value=value
        )
        return Outcome({}, self._address(offset, outputs), counts, spent, accounts)

    def _within_quotas(
        self, outputs: tuple[Output, ...], raw: Raw
    ) -> tuple[tuple[Output, ...], Mapping[str, int], Quotas | None]:
        """Without the dead letters that are not kept; how many by reason; what is spent then."""
        if all(output.topic != DEAD_LETTERS for output in outputs):
            return outputs, {}, None
        kept: list[Output] = []
        left_out: Counter[str] = Counter()
        spent, control = self.quotas, self.states.get(KEY)
        for output in outputs:
            letter = output.event
            if not isinstance(letter, DeadLetter):
                kept.append(output)
                continue
            if not letter.account:  # of a pack's remnant: who sent it says the message alone
                letter = msgspec.structs.replace(letter, account=account_of(raw()[0]))
            spent, own = keep(spent, whose(letter, control), letter, self.tick)
            if own is None:
                left_out[f"{NOT_KEPT}{letter.reason}"] += 1
            else:
                kept.append(output._replace(event=own))
        return tuple(kept), left_out, spent

    def lose(self, offset: int) -> Outcome:
        """Messages from the next one up to ``offset`` are gone for good: an incident of its own."""
        source = f"{self.stage.reads}/{self.number}"
        incident = lost(source, self.next_offset, offset - 1, self.tick)
        topic = CORRELATED if self.stage.reads in WATERMARKED else INCIDENTS
        outputs = self._address(offset - 1, (Output(topic, incident, source),))
        return Outcome({}, outputs, {"lost": offset - self.next_offset})

    def apply(self, offset: int, mark: Mark | None, outcome: Outcome) -> None:
        """Moves state, marks, counts and ``next_offset`` past the message at ``offset``."""
        if mark is not None:
            self.marks.take(mark)
        if outcome.changes:
            self.states.update(outcome.changes)
            self._dirty.update(outcome.changes)
        for name, more in outcome.counts.items():  # a Counter's own update costs ten times this
            self.counts[name] += more
        if outcome.quotas is not None:
            self.quotas = outcome.quotas
        if outcome.ledger is not None:
            self.ledger = outcome.ledger
        elif outcome.accounts is not NO_VALUES:
            self.ledger.add(outcome.accounts)
        if self.since is None:
            self.since = self.tick or None
        self.next_offset = offset + 1

    @property
    def tick(self) -> int:
        """Event time of the partition's last tick; 0 where the stage keeps none."""
        return getattr(self.states.get(KEY), "tick", 0)

    def _address(self, offset: int, outputs: tuple[Output, ...]) -> tuple[Outgoing, ...]:
        addressed: list[Outgoing] = []
        for output in outputs:
            for partition in self._partitions(output):
                mark = Mark(self.stage.name, self.stage.reads, self.number, offset, len(addressed))
                addressed.append(Outgoing(output.topic, partition, output.event, mark))
        return tuple(addressed)

    def _partitions(self, output: Output) -> range | tuple[int]:
        if output.partition is None:
            return (partition_of(output.key, self.partitions),)
        if output.partition == EVERY_PARTITION:
            return range(self.partitions)
        return (self.number if output.partition == SAME_PARTITION else output.partition,)

    # --- the stored form --------------------------------------------------------------------

    def encode(self) -> bytes:
        """Only states that changed since the last call are encoded again."""
        for key in self._dirty:
            state = self.states[key]
            known = self._same(state) if key == KEY else state
            self._encoded[key] = msgspec.Raw(msgspec.msgpack.encode(known))
        self._dirty.clear()
        marks, version = self.marks.to_json(), upgrades.version(self.stage.name)
        beginning = self.next_offset, marks, dict(self.counts), self._encoded, version
        rest = self.quotas, self.since, self.ledger.stored()
        return msgspec.msgpack.encode(Snapshot(*beginning, *rest))  # type: ignore[arg-type]

    def _same(self, control: Any) -> Any:
        """With its tables as they were encoded before: a tick changes none of them."""
        tables = {}
        for name in control.__struct_fields__:
            table = getattr(control, name)
            if isinstance(table, dict):
                kept = self._tables.get(name)
                if kept is None or kept[0] is not table:
                    kept = table, msgspec.Raw(msgspec.msgpack.encode(table))
                    self._tables[name] = kept
                tables[name] = kept[1]
        return msgspec.structs.replace(control, **tables)

    @classmethod
    def decode(cls, stage: Stage, number: int, partitions: int, data: bytes) -> "Partition":
        """Raises SnapshotError where ``data`` is not of this stage, or of a later release."""
        partition = cls(stage, number, partitions)
        try:
            partition._restore(data)
        except (upgrades.NewerVersionError, msgspec.MsgspecError) as error:
            raise SnapshotError(f"{stage.name} on {stage.reads}/{number}: {error}") from error
        except Exception as error:
            # An upgrade that meets what no release has stored.
            raise SnapshotError(f"{stage.name} on {stage.reads}/{number}: {error!r}") from error
        return partition

    def _restore(self, data: bytes) -> None:
        snapshot = msgspec.msgpack.decode(data, type=Snapshot)
        self.next_offset = snapshot.next_offset
        self.marks = Marks.from_json(snapshot.marks)
        self.counts = Counter(snapshot.counts)
        self.quotas, self.since = snapshot.quotas, snapshot.since
        share = Share(self.number, self.partitions)
        states = upgrades.upgraded(self.stage.name, snapshot.version, snapshot.states, share)
        decoder = msgspec.msgpack.Decoder(self.stage.state_type)
        for key, raw in states.items():
            self._encoded[key] = raw.copy()
            self.states[key] = decoder.decode(raw)
        known = self.states.get(KEY)
        if isinstance(known, Control) and not known.is_whole:
            raise SnapshotError("a source is known without what it shares with others")
        if snapshot.ledger is not None:
            self.ledger = Ledger.of(snapshot.ledger)
        elif isinstance(self.stage, Accountable):
            # What waited before anything was counted will come to something.
            self.ledger.add(Added(received=self.stage.waiting(self.states)))
            # Said later: what that release had sent beyond this is not taken again, nor would this.
            self.ledger = self.ledger.after(self.tick)


def next_offset_of(data: bytes) -> int:
    """Where an encoded partition of any version goes on; raises SnapshotError where it is none."""
    return _beginning(data).next_offset


def marks_of(data: bytes) -> Marks:
    """What an encoded partition of any version has taken; raises SnapshotError as above."""
    return Marks.from_json(_beginning(data).marks)


def _beginning(data: bytes) -> _Beginning:
    try:
        return msgspec.msgpack.decode(data, type=_Beginning)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"a stored snapshot cannot be read: {error}") from None
