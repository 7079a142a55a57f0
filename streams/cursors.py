"""Where Faust starts to read: at the cursor stored with the state, never at a committed offset.

Faust loses messages on rebalance when it trusts the group's committed offsets; these small
classes replace that trust (docs/decisions/0003-position-comes-from-state.md).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.stores import memory
from faust.tables import TableManager
from faust.transport.drivers import aiokafka
from faust.types import TP

from streams.partition import cursor_of

LOOK_SECONDS = 0.05
FETCH_WAIT_MS = 50
ANSWER_SECONDS = 10.0
SETTLE_SECONDS = 0.1
"""Longer than Faust takes to leave the batch that it was handing on."""


class CursorPastEndError(RuntimeError):
    """The stored cursor lies beyond the end of its partition: this is not the log it came from."""


class Store(memory.Store):
    """Recovery keeps, per partition, the snapshot with the highest cursor, whoever wrote it last.

    Stages are pure, so the state at a cursor is the same from any worker, and one that was paused
    beyond its session cannot take the state back.
    """

    def apply_changelog_batch(
        self,
        batch: Iterable[Any],
        to_key: Callable[[Any], Any],
        to_value: Callable[[Any], Any],
    ) -> None:
        for event in batch:
            key, new = to_key(event.key), to_value(event.value)
            self._key_partition[key] = event.message.partition
            old = self.data.get(key)
            if old is None or cursor_of(old) <= cursor_of(new):
                self.data[key] = new


class Tables(TableManager):
    """Does not wait a second for tables that might yet be declared: ours are, before the start."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


class ConsumerThread(aiokafka.AIOKafkaConsumerThread):
    """Asks the broker for all partitions again soon.

    One request is under way at a time. While it waits at the broker for partitions in which
    nothing happens (Faust has it wait for 1.5 s), those that were consumed meanwhile wait too.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer


class Consumer(aiokafka.Consumer):
    """``cursors`` says where each input partition is to be read from."""

    cursors: Callable[[set[TP]], Mapping[TP, int]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._fetched = asyncio.Event()
        self._fetched.set()

    async def read_again(self) -> None:
        """Goes back to ``cursors``, in a way that Faust does not undo.

        A fetch that is under way brings messages from beyond the cursor; handed on after the seek,
        they set the position that Faust compares with ahead again, and what is fetched then is
        dropped as known. (Faust's own ``wait_for_stopped_flow`` never waits: its event is only
        ever set.) So is a message that was being handed on.
        """
        self.stop_flow()
        try:
            await self._fetched.wait()
            while True:
                await self.perform_seek()
                positions = dict(self._read_offset)
                await asyncio.sleep(SETTLE_SECONDS)
                if positions == dict(self._read_offset):
                    return
        finally:
            self.resume_flow()

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        self._fetched.clear()
        try:
            return await super()._getmany(active_partitions, timeout)
        finally:
            self._fetched.set()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> Any:
        """Looks again soon, where Faust would for a second, whether partitions may be read."""
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(LOOK_SECONDS)
            return {}, set()
        return await super()._wait_next_records(timeout)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        positions = dict(await super().seek_to_committed())
        wanted = self.cursors(set(positions))
        if wanted:
            ends = await self.highwaters(*wanted)
            for tp, cursor in wanted.items():
                if cursor > (ends.get(tp) or 0):
                    raise CursorPastEndError(
                        f"{tp.topic}/{tp.partition}: cursor {cursor}, end {ends.get(tp)}"
                    )
            await self.seek_wait(wanted)
        positions.update(wanted)
        return positions


def transport(app: Any, cursors: Callable[[set[TP]], Mapping[TP, int]]) -> Any:
    """Faust's own transport, with a consumer that starts at ``cursors``."""
    reader = type("Consumer", (Consumer,), {"cursors": staticmethod(cursors)})
    kind = type("Transport", (aiokafka.Transport,), {"Consumer": reader})
    return kind(app.conf.broker_consumer, app)


async def first_kept(bootstrap: str, tp: TP, offset: int) -> int:
    """Offset of the first message at or after ``offset`` that the broker still has.

    Asked for with a consumer of its own, so that nothing Faust has fetched is mistaken for it.

    Raises:
        TimeoutError: there is none, or the broker did not answer in time.
        aiokafka.errors.KafkaError: the broker cannot be reached.
    """
    at = TopicPartition(tp.topic, tp.partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with asyncio.timeout(ANSWER_SECONDS):
        try:
            await consumer.start()
            consumer.assign([at])
            consumer.seek(at, offset)
            message = await consumer.getone(at)
        finally:
            await consumer.stop()
    first: int = message.offset
    return first
