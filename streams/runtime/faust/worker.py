"""The Faust shell: runs the stages of one group of workers, loses nothing, emits nothing twice.

For each message the outputs are handed to the producer at once; then state, marks and next offset
move in one instant. Twice a second (less often where they are large) a snapshot of each partition
that moved goes to the table's changelog, after the broker has acknowledged every output before it.
Reading starts at the snapshot's next offset. Any failure ends the process: the supervisor starts
it again, and what is emitted again carries the same marks, which consumers drop.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, NoReturn
from zlib import crc32

import faust
import uvloop
from aiokafka import AIOKafkaProducer
from faust.types import TP

from streams import logs
from streams.events import (
    MINUTE,
    BadMessage,
    Checkpoint,
    Event,
    Headers,
    Heartbeat,
    Mark,
    Micros,
    encode,
    subject,
)
from streams.kafka.access import access
from streams.kafka.clients import client_id
from streams.kafka.heartbeat import BEAT_SECONDS
from streams.kafka.limits import SNAPSHOT_BYTES
from streams.kafka.outage import Reads
from streams.kafka.publisher import record_time
from streams.kafka.signatures import Signatures
from streams.pipeline import Step, steps_of
from streams.runtime.backpressure import Backpressure
from streams.runtime.changelogs import create_changelogs
from streams.runtime.faust import reading
from streams.runtime.heard import heard
from streams.runtime.partition import Outcome, Outgoing, Partition, SnapshotError, next_offset_of
from streams.runtime.remarks import Remarks
from streams.settings import Settings
from streams.stage import Stage
from streams.stamps import wall_clock
from streams.topics import CHECKPOINTS, HEARTBEATS, logical, physical

FLUSH_SECONDS = 0.5
FLUSH_BYTES_A_SECOND = 16 * 2**20
"""A large city's snapshots come less often: after a crash more is read again, and less is written
day in, day out."""
SESSION_SECONDS = 10.0
PAUSED_SECONDS = 0.7 * SESSION_SECONDS
"""A process that stood still for this long, stopped or waiting for Kafka, may have lost its
partitions: it starts again."""
ROOM_SECONDS = 0.2
STALLED_SECONDS = 30.0
"""Lag without progress for this long: Faust's consumer is dead without saying so."""
CHECKPOINT_EVERY: Micros = MINUTE

EXIT_FAILED, EXIT_PAUSED, EXIT_STALLED, EXIT_OFFSET, EXIT_STATE = 3, 4, 5, 6, 7

log = logging.getLogger(__name__)


class Shell:
    """One worker process: the partitions it holds now, and how they are read and stored."""

    def __init__(
        self,
        settings: Settings,
        group: str,
        steps: Sequence[Step],
        name: str,
        *,
        marks: bool,
        reads: Reads,
    ) -> None:
        self.settings = settings
        self.name = name
        self.marks = marks
        """False only in the control of the fault test: nothing is recognised as sent again."""
        self.reads = reads
        self.backpressure: Backpressure | None = None
        self.waits: dict[TP, str] = {}
        """Partitions that wait for those who read what they send, and for whom."""
        self.stages: dict[str, Stage] = {}
        self.writes: dict[str, tuple[str, ...]] = {}
        self.partitions: dict[TP, Partition] = {}
        self.pending: dict[TP, list[asyncio.Future[Any]]] = {}
        self.flushed: dict[TP, int] = {}
        self.checkpointed: dict[TP, Micros] = {}
        self.remarks = Remarks()
        self.signatures = Signatures(settings)
        self.rereads = 0
        self.ran_at = self.moved_at = time.monotonic()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="stage")
        self.ahead = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self.producer: AIOKafkaProducer
        self.ready = asyncio.Event()
        self.tables: dict[str, Any] = {}
        self.app = self._app(group, [step.reads for step in steps])
        for step in steps:
            topic = physical(settings.namespace, step.reads)
            if topic in self.stages:
                raise ValueError(f"two stages of {group} read {step.reads}: use another group")
            self.stages[topic] = step.build(settings)
            self.writes[topic] = step.writes
        for topic, stage in self.stages.items():
            self._agent(topic, stage)
        self.app.transport = reading.transport(self.app, self._start_at)

    # --- wiring -----------------------------------------------------------------------------

    def _app(self, group: str, reads: Sequence[str]) -> faust.App:
        settings = self.settings
        datadir = settings.state_dir / "faust" / settings.namespace / self.name
        datadir.mkdir(parents=True, exist_ok=True)
        app = faust.App(
            f"{settings.namespace}.{group}",
            broker=f"kafka://{settings.bootstrap}",
            broker_credentials=reading.credentials(settings),
            broker_client_id=client_id(settings, self.name),
            store="memory://",
            datadir=str(datadir),
            topic_partitions=settings.partitions,
            topic_replication_factor=1,
            topic_disable_leader=True,
            key_serializer="raw",
            value_serializer="raw",
            consumer_auto_offset_reset="earliest",
            # Started again it keeps its partitions; reading more than before, as after an upgrade,
            # it is another: the broker gives one that it knows what that had, and no new topic.
            consumer_group_instance_id=f"{self.name}-{crc32(','.join(sorted(reads)).encode()):08x}",
            consumer_max_fetch_size=SNAPSHOT_BYTES,
            broker_session_timeout=SESSION_SECONDS,
            broker_heartbeat_interval=1,
            stream_buffer_maxsize=128,  # frames are 40 kB each
            web_enabled=False,
            TableManager=reading.Tables,
        )
        app.task(self._run)
        return app

    def _agent(self, topic: str, stage: Stage) -> None:
        app, settings = self.app, self.settings
        source = app.topic(
            topic, partitions=settings.partitions, key_serializer="raw", value_serializer="raw"
        )
        table = app.Table(
            stage.name, partitions=settings.partitions, key_type=bytes, value_type=bytes
        )
        table._new_store = lambda: reading.Store(
            "memory://",
            app,
            table,
            table_name=table.name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            options=None,
        )
        self.tables[topic] = table

        async def agent(stream: Any) -> None:
            async for event in stream.events():
                try:
                    await self._handle(stage, event.message)
                except SnapshotError as error:
                    self._exit(EXIT_STATE, f"what is stored cannot be used: {error}")
                except Exception as error:
                    if app.should_stop:
                        raise
                    where = (
                        f"{event.message.topic}/{event.message.partition}/{event.message.offset}"
                    )
                    log.exception("%s at %s", stage.name, where)
                    self._exit(EXIT_FAILED, f"could not take {where}: {error!r}")

        # Of a stage that takes milliseconds each partition has an actor of its own, so that the
        # thread has the next message while this loop sends what the last one did.
        app.agent(source, name=stage.name, isolated_partitions=stage.blocking)(agent)

    async def _run(self) -> None:
        """What goes on beside the agents, for as long as the process lives."""
        self.producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            client_id=client_id(self.settings, self.name),
            **access(self.settings).async_options(),
            enable_idempotence=True,
            acks="all",
            max_request_size=SNAPSHOT_BYTES + 2**16,  # a checkpoint says of what it is one
        )
        await self.producer.start()
        if self.reads:
            self.backpressure = Backpressure(self.settings, self.reads)
        self.ran_at = self.moved_at = time.monotonic()
        self.ready.set()
        beat_at = flush_at = 0.0
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                self._check_alive()
                if time.monotonic() >= flush_at:
                    size = await self._flush_all()
                    flush_at = time.monotonic() + size / FLUSH_BYTES_A_SECOND - FLUSH_SECONDS
                if time.monotonic() - beat_at > BEAT_SECONDS:
                    beat_at = time.monotonic()
                    await self._beat()
        finally:
            await self._flush_all()
            await self.producer.stop()
            if self.backpressure:
                self.backpressure.close()

    # --- one message ------------------------------------------------------------------------

    async def _handle(self, stage: Stage, message: Any) -> None:
        await self.ready.wait()
        tp, offset = message.tp, message.offset
        if not await self._has_room(tp):
            return
        partition = self.partitions.get(tp) or self._load(tp, stage)
        self._check_alive()
        if offset > partition.next_offset and not await self._gap(tp, partition, offset):
            return
        if offset < partition.next_offset:
            return
        mark, outcome = await self._compute(partition, offset, list(message.headers), message.value)
        sent = [await self._send(out) for out in outcome.outputs]
        # From here on no await: outputs, state, marks and next offset move in one instant.
        if self.partitions.get(tp) is partition and partition.next_offset == offset:
            partition.apply(offset, mark, outcome)
            self.remarks.look(partition)
            self.pending[tp] += sent
            self.moved_at = time.monotonic()

    async def _compute(
        self, partition: Partition, offset: int, headers: Headers, value: bytes | None
    ) -> tuple[Mark | None, Outcome]:
        def raw() -> tuple[Headers, bytes]:
            return headers, value or b""

        def read() -> tuple[Any, Mark | None]:
            event, mark = self.signatures.read(
                partition.stage.reads, partition.number, offset, headers, value
            )
            if partition.stage.prepare:
                with suppress(Exception):  # step does the same, and fails where that is dealt with
                    event = partition.stage.prepare(partition.states, event)
            return event, mark if self.marks else None

        loop = asyncio.get_running_loop()
        try:
            event, mark = (
                await loop.run_in_executor(self.ahead, read) if partition.stage.prepare else read()
            )
        except BadMessage as bad:
            return None, partition.reject(offset, bad, raw)
        if partition.stage.blocking:
            return mark, await loop.run_in_executor(
                self.thread, partition.take, offset, event, mark, raw
            )
        return mark, partition.take(offset, event, mark, raw)

    async def _has_room(self, tp: TP) -> bool:
        """Waits until what the stage sends has room; False: the partition is not ours any more."""
        while self.backpressure and (
            why := self.backpressure.why(self.writes[tp.topic], tp.partition)
        ):
            if self.app.should_stop or tp not in self.app.consumer.assignment():
                self.waits.pop(tp, None)
                return False
            if tp not in self.waits:
                log.warning("%s %s", tp, why)
            self.waits[tp] = why
            self.moved_at = time.monotonic()
            await asyncio.sleep(ROOM_SECONDS)
        if self.waits.pop(tp, None):
            log.warning("%s goes on", tp)
        return True

    async def _send(self, out: Outgoing) -> asyncio.Future[Any]:
        headers, value = encode(out.event, out.mark)
        if self.backpressure:
            self.backpressure.sent(out.topic, out.partition, len(value))
        sent: asyncio.Future[Any] = await self.producer.send(
            physical(self.settings.namespace, out.topic),
            value,
            partition=out.partition,
            headers=headers,
            timestamp_ms=record_time(subject(out.event)[1]),
        )
        return sent

    async def _gap(self, tp: TP, partition: Partition, offset: int) -> bool:
        """Messages are missing before ``offset``; True where reading can go on with it.

        Faust skips messages now and then on a rebalance. So the broker is asked for what lies at
        its next offset: only what it does not have any more is lost, anything else is read again.
        """
        if self.app.consumer.is_moving(tp):
            return False
        next_offset = partition.next_offset
        try:
            found = await reading.first_kept(self.settings, self.name, tp, next_offset)
        except Exception as error:
            self._exit(EXIT_FAILED, f"could not look for {tp} at {next_offset}: {error!r}")
        if (
            self.app.consumer.is_moving(tp)
            or self.partitions.get(tp) is not partition
            or partition.next_offset != next_offset
        ):
            return False  # while the broker was asked, another agent or a rebalance saw to it
        if found < offset:
            self.rereads += 1
            log.warning("%s: skipped from %d to %d, reading again", tp, next_offset, offset)
            self.app.consumer.read_again(tp, next_offset)
            return False
        log.error("%s: messages %d to %d are lost", tp, next_offset, offset - 1)
        outcome = partition.lose(offset)
        for out in outcome.outputs:
            self.pending[tp].append(await self._send(out))
        partition.apply(offset - 1, None, outcome)
        return True

    # --- position and state -----------------------------------------------------------------

    def _start_at(self, assigned: set[TP]) -> dict[TP, int]:
        """Where each input partition is to be read from; what was held in memory is dropped."""
        self.partitions.clear()
        return {tp: self._next_offset(tp) for tp in assigned if tp.topic in self.stages}

    def _next_offset(self, tp: TP) -> int:
        """Of what is held in memory, else of what is stored."""
        partition = self.partitions.get(tp)
        if partition:
            return partition.next_offset
        stored = self.tables[tp.topic].data.get(_key(tp))
        return next_offset_of(stored) if stored else 0

    def _load(self, tp: TP, stage: Stage) -> Partition:
        stored = self.tables[tp.topic].data.get(_key(tp))
        number, partitions = tp.partition, self.settings.partitions
        partition = (
            Partition.decode(stage, number, partitions, stored)
            if stored
            else Partition(stage, number, partitions)
        )
        self.partitions[tp], self.pending[tp], self.flushed[tp] = (
            partition,
            [],
            partition.next_offset,
        )
        self.remarks.look(partition)
        return partition

    async def _flush_all(self) -> int:
        """All at once, in few requests to the broker; gives the bytes of all snapshots."""
        return sum(await asyncio.gather(*(self._flush(tp) for tp in list(self.partitions))))

    async def _flush(self, tp: TP) -> int:
        """Outputs acknowledged, then the snapshot of that instant; then it is where we start."""
        partition = self.partitions.get(tp)
        if partition is None or partition.next_offset == self.flushed[tp]:
            return 0
        partition.counts["reread"] += self.rereads
        self.rereads = 0
        next_offset, tick, snapshot = partition.next_offset, partition.tick, partition.encode()
        of = partition.stage.name, partition.stage.reads, partition.number
        outputs, self.pending[tp] = self.pending[tp], []
        if len(snapshot) > SNAPSHOT_BYTES:
            log.critical("%s: state of %d bytes; use more partitions", tp, len(snapshot))
            os._exit(EXIT_FAILED)
        try:
            await asyncio.gather(*outputs)
            if self.partitions.get(tp) is not partition:
                return 0  # partitions moved meanwhile; the snapshot is valid but not needed
            table = self.tables[tp.topic]
            table.data[_key(tp)] = snapshot
            await self.producer.send_and_wait(
                table.changelog_topic.get_topic_name(),
                snapshot,
                key=_key(tp),
                partition=tp.partition,
            )
            await self._checkpoint(tp, Checkpoint(*of, next_offset, tick, snapshot))
        except Exception:
            log.critical("%s: an output or the state was not stored", tp, exc_info=True)
            os._exit(EXIT_FAILED)
        self.flushed[tp] = next_offset
        return len(snapshot)

    async def _checkpoint(self, tp: TP, checkpoint: Checkpoint) -> None:
        """Keeps the first snapshot of each minute, from which a recording can be begun later."""
        last = self.checkpointed.get(tp, 0)
        # Not only a later one: event time may go back.
        if checkpoint.time // CHECKPOINT_EVERY != last // CHECKPOINT_EVERY:
            self.checkpointed[tp] = checkpoint.time
            headers, value = encode(checkpoint)
            topic = physical(self.settings.namespace, CHECKPOINTS)
            sent = await self.producer.send(
                topic,
                value,
                partition=tp.partition,
                headers=headers,
                timestamp_ms=record_time(checkpoint.time),
            )
            self.pending[tp].append(sent)

    # --- health -----------------------------------------------------------------------------

    def _check_alive(self) -> None:
        now = time.monotonic()
        if now - self.ran_at > PAUSED_SECONDS:
            self._exit(EXIT_PAUSED, f"stopped, or without Kafka, for {now - self.ran_at:.0f} s")
        self.ran_at = now

    def _exit(self, code: int, reason: str) -> NoReturn:
        log.critical("%s: %s; starting again", self.name, reason)
        os._exit(code)

    async def _beat(self) -> None:
        consumer = self.app.consumer
        # Also those of which nothing has come: that is how a consumer dies.
        ours = [tp for tp in consumer.assignment() if tp.topic in self.stages]
        held = {tp: self.partitions[tp] for tp in ours if tp in self.partitions}
        lag = sum(max(0, (consumer.highwater(tp) or 0) - self._next_offset(tp)) for tp in ours)
        now = time.monotonic()
        if not lag:
            self.moved_at = now
        elif now - self.moved_at > STALLED_SECONDS:
            self._exit(EXIT_STALLED, f"{lag} messages waiting and none taken for 30 s")
        counts: Counter[str] = Counter(reread=self.rereads)
        newest: dict[str, Micros] = {}
        for tp, partition in held.items():
            topic = logical(tp.topic)
            counts.update({f"{topic}.{name}": n for name, n in partition.counts.items()})
            newest[f"{topic}/{tp.partition}"] = partition.tick
        began = [part.since for part in held.values() if part.since is not None]
        clock = wall_clock()
        beat = Heartbeat(
            self.name,
            version("cityops"),
            os.getpid(),
            clock,
            True,
            next(iter(self.waits.values()), ""),
            lag,
            dict(counts),
            newest,
            min(began, default=0),
            {
                f"{logical(tp.topic)}/{tp.partition}": self._next_offset(tp)
                for tp in ours
                if tp in held or _key(tp) in self.tables[tp.topic].data  # else it is not known yet
            },
        )
        said = [word for partition in held.values() for word in heard(partition, self.name, clock)]
        beats = physical(self.settings.namespace, HEARTBEATS)
        events: list[Event] = [beat, *said]
        for event in events:
            headers, value = encode(event)
            await self.producer.send(beats, value, partition=0, headers=headers)


def _key(tp: TP) -> bytes:
    return b"%d" % tp.partition


def run(
    settings: Settings,
    group: str,
    name: str,
    steps: Sequence[Step] = (),
    *,
    marks: bool = True,
    reads: Reads = MappingProxyType({}),
) -> NoReturn:
    """Runs the stages of ``group`` until SIGTERM; exit code 0 then, above 0 on any failure.

    Args:
        steps: other than those the path gives to the group; for tests.
        marks: False only in the control of a fault test.
        reads: who is waited for, before what they have not read would be pushed out; where nobody
            is named, nobody is.
    """
    logs.configure()
    uvloop.install()
    shell = Shell(settings, group, steps or steps_of(group), name, marks=marks, reads=reads)
    create_changelogs(
        settings, [table.changelog_topic.get_topic_name() for table in shell.tables.values()]
    )
    worker = faust.Worker(shell.app, loglevel="WARN", redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it would have every debug message of every library made, to turn by
    try:
        worker.execute_from_commandline()
    except SystemExit:
        why = worker.crash_reason
        if isinstance(why, reading.OffsetPastEndError):
            log.critical("%s: %s: was the topic recreated? See 'cityops reset'", name, why)
            raise SystemExit(EXIT_OFFSET) from None
        if isinstance(why, SnapshotError):
            log.critical("%s: the stored state cannot be used: %s", name, why)
            raise SystemExit(EXIT_STATE) from None
        raise
    raise SystemExit(0)
