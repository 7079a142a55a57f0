"""How Faust reads: from the offset stored with the state, never from a committed offset.

Faust loses messages on rebalance when it trusts the group's committed offsets; these small
classes replace that trust (docs/decisions/0003-position-comes-from-state.md).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError
from faust.stores import memory
from faust.tables import TableManager
from faust.transport.drivers import aiokafka
from faust.types import TP

from streams.kafka.access import access
from streams.kafka.clients import ANSWER_SECONDS, client_id
from streams.runtime.partition import next_offset_of
from streams.settings import Settings

LOOK_SECONDS = 0.05
FETCH_WAIT_MS = 10
FETCH_LEAST_BYTES = 2**18
"""The broker answers when it has so much, or after that time: not for each message alone, which
cost it, and the worker, more than the message did. Three workers stand between a frame and its
alert: with 25 ms each, one alert in a hundred came later than the 200 ms that are wanted."""


class OffsetPastEndError(RuntimeError):
    """The stored offset lies beyond the end of its partition: this is not the log it came from."""


class Store(memory.Store):
    """Recovery keeps, per partition, the snapshot with the highest offset, not the latest.

    Stages are pure, so the state at an offset is the same from any worker, and one that was paused
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
            if old is None or next_offset_of(old) <= next_offset_of(new):
                self.data[key] = new


class Tables(TableManager):
    """Does not wait a second for tables that might yet be declared: ours are, before the start."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()

    def on_actives_ready(self) -> None:
        """The state is there, and Faust has emptied its queues: now input may be read."""
        super().on_actives_ready()
        self.app.consumer.begin()


class ConsumerThread(aiokafka.AIOKafkaConsumerThread):
    """Asks the broker for all partitions again soon, and takes together what has come meanwhile.

    One request is under way at a time. While it waits at the broker for partitions in which
    nothing happens (Faust has it wait for 1.5 s), those that were consumed meanwhile wait too.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        consumer._fetch_min_bytes = FETCH_LEAST_BYTES
        return consumer


class Consumer(aiokafka.Consumer):
    """Reads each input partition from where ``offsets`` says, and hands on nothing before that.

    Only the task that fetches and hands on moves a position, between two fetches: then none is
    under way and none is being handed on. (Moved by another task, as Faust does at the end of a
    recovery, a position is overtaken by what was fetched before: Faust takes that for the newer
    one, and drops what it then reads as known.)
    """

    offsets: Callable[[set[TP]], Mapping[TP, int]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._inputs: set[TP] = set()
        self._recovered = False
        self._moves: dict[TP, int] = {}

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._inputs = {tp for tp in assigned if not self._is_changelog_tp(tp)}
        self._recovered, self._moves = False, {}
        await super().on_partitions_assigned(assigned, generation_id)

    def begin(self) -> None:
        """State has been recovered: reading begins at ``offsets``."""
        self._moves = dict(self.offsets(self._inputs))
        self._recovered = True

    def read_again(self, tp: TP, offset: int) -> None:
        """Goes back to ``offset``, unless the partition has been taken away."""
        if tp in self._inputs:
            self._moves[tp] = offset

    def is_moving(self, tp: TP) -> bool:
        """Whether what still comes of ``tp`` is from before it was put in its place."""
        return not self._recovered or tp in self._moves

    async def perform_seek(self) -> None:
        """Nothing: Faust asks for it where a fetch may be under way, and before it empties the
        queues that messages are handed on to.
        """

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        if self._recovered and self._moves and not await self._move():
            await self.sleep(LOOK_SECONDS)
            return {}
        records = await super()._getmany(active_partitions, timeout)
        return {
            tp: found
            for tp, found in records.items()
            if self._is_changelog_tp(tp) or not self.is_moving(tp)
        }

    async def _move(self) -> bool:
        """False where partitions have been taken away meanwhile; then others will be assigned."""
        moves = self._moves  # an assignment begins another
        wanted = dict(moves)
        ends = await self.highwaters(*wanted)
        for tp, offset in wanted.items():
            if offset > (ends.get(tp) or 0):
                raise OffsetPastEndError(
                    f"{tp.topic}/{tp.partition}: offset {offset} is past the end, {ends.get(tp)}"
                )
        try:
            await self.seek_wait(wanted)
        except IllegalStateError:
            return False
        for tp, offset in wanted.items():
            # What Faust has counted as done was of another reading.
            for known in (self._gap, self._acked, self._acked_index, self._committed_offset):
                known.pop(tp, None)
            if moves.get(tp) == offset:
                del moves[tp]
        return True

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _wait_next_records(self, timeout: float) -> Any:
        """Looks again soon, where Faust would for a second, whether partitions may be read."""
        if self.flow_active and not self._get_active_partitions():
            await self.sleep(LOOK_SECONDS)
            return {}, set()
        return await super()._wait_next_records(timeout)


def transport(app: Any, offsets: Callable[[set[TP]], Mapping[TP, int]]) -> Any:
    """Faust's own transport, with a consumer that starts at ``offsets``."""
    reader = type("Consumer", (Consumer,), {"offsets": staticmethod(offsets)})
    kind = type("Transport", (aiokafka.Transport,), {"Consumer": reader})
    return kind(app.conf.broker_consumer, app)


def credentials(settings: Settings) -> faust.SASLCredentials | faust.SSLCredentials | None:
    """As whom Faust's own clients speak to the broker.

    Raises:
        OSError: the file with the account's password cannot be read.
    """
    found = access(settings)
    if found.user:
        return faust.SASLCredentials(
            mechanism=found.mechanism,
            username=found.user,
            password=found.password,
            ssl_context=found.context(),
        )
    context = found.context()
    return faust.SSLCredentials(context) if context else None


async def first_kept(settings: Settings, part: str, tp: TP, offset: int) -> int:
    """Offset of the first message at or after ``offset`` that the broker still has.

    Asked for with a consumer of its own, so that nothing Faust has fetched is mistaken for it.

    Raises:
        TimeoutError: there is none, or the broker did not answer in time.
        aiokafka.errors.KafkaError: the broker cannot be reached.
    """
    at = TopicPartition(tp.topic, tp.partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        client_id=client_id(settings, part),
        **access(settings).async_options(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
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
