"""Records a stretch of a day, the present one or one that is past: from tick A to tick B.

What is recorded goes on beyond B by the allowed lateness, since what happened until B may arrive
so much later; what that decides after B is left out of the result.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import msgspec

from streams import control
from streams.configuration.address import without_credentials
from streams.control import EMPTY, KEY, Control
from streams.events import (
    MINUTE,
    BadMessage,
    ControlChange,
    DeadLetter,
    Micros,
    Source,
    Tick,
    decode,
    encode,
    to_rfc3339,
)
from streams.feeds.registry import city_lateness
from streams.kafka.reader import Message, Place, Reader
from streams.kafka.signatures import Signatures, unsigned
from streams.models import providers
from streams.pipeline import Step
from streams.recordings import canonical, machine, outcome, path, rewind, spans, together, turns
from streams.recordings.folder import FORMAT, Index, Slice, State, Writer
from streams.recordings.packing import Record
from streams.recordings.versions import Named
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.stages.detect import NO_MODEL, Detect
from streams.topics import DEAD_LETTERS, FRAMES, TICKED, WATERMARKED

PATIENCE_SECONDS = 30.0
"""A recording ends with a tick; where none comes for so long, it is given up."""

Progress = Callable[[Micros], None]
"""Told how far event time has come."""


class NoTicksError(Exception):
    """Event time does not go on: the gateway is not running."""


def next_tick(settings: Settings) -> Micros:
    """Event time now: the next tick that the stages do not refuse.

    Raises:
        NoTicksError: none came within ``PATIENCE_SECONDS``.
        streams.recordings.files.RecordingError: a checkpoint is of a later release.
        BrokerAwayError: Kafka does not answer.
    """
    there = spans.kept(settings, FRAMES)
    if not there:
        raise NoTicksError(f"there is no topic {FRAMES!r}; run 'make up' first")
    begin, end = there[0]
    (detect,) = (step for step in path.steps(Detect.name) if step.stage == Detect.name)
    partition = rewind.lately(settings, path.knowing(settings, detect), 0)
    known: Control = partition.states.get(KEY, EMPTY)
    signatures = Signatures(settings)
    reader = Reader(settings, "recording", {(FRAMES, 0): max(begin, partition.next_offset)})
    heard = time.monotonic()
    try:
        while time.monotonic() - heard < PATIENCE_SECONDS:
            for found in reader.poll(1.0):
                if not isinstance(found, Message) or not (event := _tick(found, signatures)):
                    continue
                before = known
                with suppress(BadMessage):
                    known = control.tick(known, event)
                if known is not before:
                    heard = time.monotonic()
                    if found.offset >= end:
                        return known.tick
    finally:
        reader.close()
    raise NoTicksError("event time does not advance; is the gateway running? ('cityops status')")


def record(
    settings: Settings,
    folder: Path,
    after: Micros,
    until: Micros,
    *,
    from_stage: str = "interpret",
    progress: Progress = lambda _: None,
) -> Index:
    """Makes the recording, and returns once the live run has decided all that belongs to it.

    Raises:
        streams.recordings.files.RecordingError: the folder is not empty.
        streams.recordings.rewind.TooEarlyError, spans.LostError: it is not kept any more.
        streams.recordings.turns.TurnError, turns.StoodError: event time went back within it, or
            did not pass.
        NoTicksError, rewind.BehindError: event time does not come to its end.
        BrokerAwayError: Kafka does not answer.
        ValueError: a stage that a recording cannot begin with.
    """
    chosen = path.steps(from_stage)
    writer = Writer(folder)
    try:
        return _record(settings, writer, after, until, chosen=chosen, progress=progress)
    except Exception:
        writer.discard()
        raise


def _record(
    settings: Settings,
    writer: Writer,
    after: Micros,
    until: Micros,
    *,
    chosen: tuple[Step, ...],
    progress: Progress,
) -> Index:
    from_stage = chosen[0].stage
    end = until + city_lateness() + 1  # the watermark has to pass what was decided at B itself
    stages = [path.knowing(settings, step) for step in chosen if step.reads in TICKED]
    turns.insist(settings, stages, after, end)
    partitions = list(rewind.at_tick(settings, stages, after))
    turns.pass_on(after, until, min(partition.tick for partition in partitions))
    # What was decided between A and the first tick after it, those who replay it know already.
    after = max(partition.tick for partition in partitions)
    topics = path.recorded(from_stage)
    start = {
        (partition.stage.reads, partition.number): partition.next_offset
        for partition in partitions
        if partition.stage.reads in topics
    }
    named = Named()
    named.known(partitions)
    known = {
        (partition.stage.reads, partition.number): partition.states.get(KEY, EMPTY)
        for partition in partitions
    }
    for piece in _slices(settings, start, known, after, end, progress=progress):
        named.told(piece)
        writer.add(piece)
    outcome.settle(settings, chosen)
    senders = {
        (partition.stage.name, (partition.stage.reads, partition.number)): rewind.until(
            partition.next_offset
        )
        for partition in partitions
        if partition.stage.name != Detect.name
    }
    for step in chosen:
        if step.reads in WATERMARKED:
            found = list(rewind.behind(settings, path.knowing(settings, step), senders, after))
            partitions += [partition for partition, _ in found]
            senders = {  # of the next such step, if any: it reads what this one sends
                (partition.stage.name, (partition.stage.reads, partition.number)): sent
                for partition, sent in found
            }
    states = [
        State(partition.stage.name, partition.stage.reads, partition.number, partition.encode())
        for partition in partitions
    ]
    lines = canonical.log(outcome.incidents(settings), after, until)
    seen_by = machine.seen_by(providers(settings)) if from_stage == Detect.name else ""
    index = Index(
        format=FORMAT,
        cityops=version("cityops"),
        namespace=settings.namespace,
        partitions=settings.partitions,
        from_stage=from_stage,
        after=after,
        until=until,
        end=end,
        log=canonical.VERSION,
        seen_by=seen_by,
        digest=canonical.digest(lines, seen_by=seen_by),
        kinds=canonical.kinds(lines),
        models=_models(partitions),
        kind_versions=named.kinds(),
        feed_versions=named.feeds(),
        feed_timings=named.timings(),
        calendar=named.calendar(after, end),
        together=together.digest(named.kinds()),
        unseen=_unseen(settings, after, end) if from_stage == Detect.name else {},
        states=writer.states(states),
        incidents=writer.incidents(canonical.whole(lines, seen_by=seen_by)),
        segments=[],
    )
    return writer.close(index)


class _Feed:
    """One input partition: what has been read of it and not been sliced, and how far it is."""

    def __init__(self, known: Control) -> None:
        self._known = Control(
            tick=known.tick,
            resumed_at=known.resumed_at,
            announced=known.announced,
            before=known.before,
            undone=known.undone,
        )
        self._sliced: deque[tuple[Micros, Record]] = deque()
        """With the tick that ends the slice of each."""
        self._open: list[Record] = []

    @property
    def tick(self) -> Micros:
        return self._known.tick

    @property
    def reached(self) -> Micros:
        """What watermarks follow: just after time has jumped, still the last tick before."""
        return self._known.before or self._known.tick

    def add(self, record: Record, event: Tick | None) -> None:
        """A tick that the stages refuse ends no slice either."""
        self._open.append(record)
        if event is None:
            return
        before = self.tick
        with suppress(BadMessage):
            self._known = control.tick(self._known, event)
        if self.tick < before:
            raise turns.TurnError(before, self.tick, self.tick + MINUTE)
        if self.tick > before:
            self._sliced.extend((self.tick, record) for record in self._open)
            self._open = []

    def ticks(self) -> set[Micros]:
        return {tick for tick, _ in self._sliced}

    def until(self, tick: Micros) -> list[Record]:
        found = []
        while self._sliced and self._sliced[0][0] <= tick:
            found.append(self._sliced.popleft()[1])
        return found


def _slices(
    settings: Settings,
    start: dict[Place, int],
    known: dict[Place, Control],
    after: Micros,
    end: Micros,
    *,
    progress: Progress,
) -> Iterator[Slice]:
    """Until every partition has a tick not before ``end``; whatever order they were read in."""
    feeds = {place: _Feed(known[place]) for place in sorted(start)}
    reader, signatures = Reader(settings, "recording", start), Signatures(settings)
    sliced, heard = after, time.monotonic()
    try:
        while sliced < end:
            for found in reader.poll(1.0):
                spans.check(found)
                if isinstance(found, Message):
                    feed = feeds[found.topic, found.partition]
                    if feed.reached < end and signatures.admit(*found):
                        headers = [
                            (name, bytes(value or b"")) for name, value in unsigned(found.headers)
                        ]
                        record = (found.topic, found.partition, headers, written(found))
                        feed.add(record, _tick(found, signatures))
            reached = min(feed.reached for feed in feeds.values())
            for tick in sorted(set[Micros]().union(*(feed.ticks() for feed in feeds.values()))):
                if tick <= reached or reached >= end:
                    yield Slice(tick, [r for feed in feeds.values() for r in feed.until(tick)])
            if reached > sliced:
                sliced, heard = reached, time.monotonic()
                progress(min(sliced, end))
            elif time.monotonic() - heard > PATIENCE_SECONDS:
                raise NoTicksError(
                    f"event time stopped at {to_rfc3339(sliced)}; is the gateway running?"
                    " ('cityops status')"
                )
    finally:
        reader.close()


def written(message: Message) -> bytes:
    """The value as it is recorded: without a camera's credentials, which earlier releases let into
    the control events where they stood in odd places of an address; they decide nothing."""
    value = message.value or b""
    if ("ce_type", b"cityops.control") not in message.headers:
        return value
    try:
        event, _ = decode(message.headers, value)
    except BadMessage:
        return value
    if not isinstance(event, ControlChange) or not isinstance(event.change, Source):
        return value
    shown = without_credentials(event.change.address)
    if shown == event.change.address:
        return value
    change = msgspec.structs.replace(event.change, address=shown)
    return encode(msgspec.structs.replace(event, change=change))[1]


def _tick(message: Message, signatures: Signatures) -> Tick | None:
    if ("ce_type", b"cityops.tick") not in message.headers:
        return None
    try:
        event, _ = signatures.read(*message)
    except BadMessage:
        return None
    return event if isinstance(event, Tick) else None


def _unseen(settings: Settings, after: Micros, end: Micros) -> dict[str, int]:
    """How many frames of each camera became dead letters because their model was missing.

    A replay on a machine that has it finds more. Dead letters past their retention are not counted,
    nor those beyond a quota after the last that was kept.
    """
    found: dict[str, dict[tuple[int, int], int]] = {}
    for number, span in spans.kept(settings, DEAD_LETTERS).items():
        with suppress(spans.LostError):
            for message in spans.read(settings, DEAD_LETTERS, {number: span}):
                letter = _letter(message)
                if letter and letter.reason in NO_MODEL and after <= letter.time < end:
                    camera = dict(letter.headers).get("ce_source", b"").decode(errors="replace")
                    before = sum(letter.left_out.get(reason, 0) for reason in NO_MODEL)
                    # A worker that was killed sends its dead letters again.
                    at = letter.partition, letter.offset
                    found.setdefault(camera, {})[at] = 1 + before
    return {camera: sum(found[camera].values()) for camera in sorted(found)}


def _letter(message: Message) -> DeadLetter | None:
    try:
        event, _ = decode(message.headers, message.value)
    except BadMessage:
        return None
    return event if isinstance(event, DeadLetter) else None


def _models(partitions: list[Partition]) -> list[str]:
    """Those that the configuration names at tick A."""
    names: set[str] = set()
    for partition in partitions:
        control = partition.states.get(KEY)
        if isinstance(control, Control):
            names |= set(control.models.values())
            names |= {alike.model for alike in control.alike.values()}
    return sorted(names - {""})
