"""When a consumer is put in its place, with the broker's answers made up."""

import asyncio
from collections.abc import Mapping
from typing import Any

import faust
import pytest
from aiokafka.errors import IllegalStateError
from faust.types import TP

from streams.runtime.faust import reading

INPUT, CHANGELOG = TP("readings", 0), TP("known", 0)
NEXT, COMMITTED, END = 7, 50, 100


class Log:
    """In the place of Faust's thread: a fetch gives the message at the position, and moves it."""

    def __init__(self) -> None:
        self.positions = {INPUT: COMMITTED, CHANGELOG: 0}
        self.asked, self.answer = asyncio.Event(), asyncio.Event()
        self.answer.set()
        self.taken_away = False

    async def getmany(self, active: set[TP], timeout: float) -> Mapping[TP, list[int]]:
        found = {tp: [self.positions[tp]] for tp in active}
        self.positions.update({tp: self.positions[tp] + 1 for tp in active})
        self.asked.set()
        await self.answer.wait()
        return found

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        return dict.fromkeys(partitions, END)

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        if self.taken_away:
            raise IllegalStateError
        self.positions.update(partitions)


async def assigned(log: Log) -> Any:
    """A consumer that has just been given both partitions."""

    async def ignore(*_: Any) -> None:
        pass

    app = faust.App("test", store="memory://", TableManager=reading.Tables)
    app.tables._changelogs[CHANGELOG.topic] = None
    app.transport = reading.transport(app, lambda partitions: dict.fromkeys(partitions, NEXT))
    consumer = app.transport.create_consumer(
        callback=ignore, on_partitions_revoked=ignore, on_partitions_assigned=ignore
    )
    app.consumer = consumer
    consumer._thread.thread_loop.close()
    consumer._thread = log
    await consumer.on_partitions_assigned({INPUT, CHANGELOG})
    return consumer


async def fetch(consumer: Any) -> Mapping[TP, list[int]]:
    found: Mapping[TP, list[int]] = await consumer._getmany({INPUT, CHANGELOG}, 1.0)
    return found


def test_input_is_handed_on_from_its_next_offset_and_not_before_the_state_is_there() -> None:
    async def scene() -> None:
        consumer = await assigned(Log())
        assert await fetch(consumer) == {CHANGELOG: [0]}
        consumer.app.tables.on_actives_ready()
        assert await fetch(consumer) == {INPUT: [NEXT], CHANGELOG: [1]}
        assert await fetch(consumer) == {INPUT: [NEXT + 1], CHANGELOG: [2]}

    asyncio.run(scene())


@pytest.mark.parametrize("recovery_ends", [False, True])
def test_what_is_under_way_when_it_is_to_be_read_again_is_not_handed_on(
    recovery_ends: bool,
) -> None:
    """Whatever Faust does at the end of a recovery meanwhile."""

    async def scene() -> None:
        log = Log()
        consumer = await assigned(log)
        consumer.app.tables.on_actives_ready()
        await fetch(consumer)
        log.asked.clear()
        log.answer.clear()
        under_way = asyncio.create_task(fetch(consumer))
        await log.asked.wait()
        consumer.read_again(INPUT, NEXT)
        if recovery_ends:
            await consumer.perform_seek()
            consumer.resume_flow()
            consumer.app.tables.on_actives_ready()
        log.answer.set()
        assert await under_way == {CHANGELOG: [1]}
        assert await fetch(consumer) == {INPUT: [NEXT], CHANGELOG: [2]}
        assert not consumer.is_moving(INPUT)

    asyncio.run(scene())


def test_of_a_partition_that_is_taken_away_nothing_is_handed_on() -> None:
    async def scene() -> None:
        log = Log()
        consumer = await assigned(log)
        consumer.app.tables.on_actives_ready()
        log.taken_away = True
        assert await fetch(consumer) == {}
        await consumer.on_partitions_assigned({CHANGELOG})
        consumer.app.tables.on_actives_ready()
        consumer.read_again(INPUT, NEXT)
        assert await consumer._getmany({CHANGELOG}, 1.0) == {CHANGELOG: [0]}

    asyncio.run(scene())


def test_an_offset_beyond_the_end_is_fatal() -> None:
    async def scene() -> None:
        consumer = await assigned(Log())
        consumer.app.tables.on_actives_ready()
        consumer.read_again(INPUT, END + 1)
        with pytest.raises(reading.OffsetPastEndError):
            await fetch(consumer)

    asyncio.run(scene())
