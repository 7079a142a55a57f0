"""The poller as one process: it asks addresses, and publishes what they say, until SIGTERM."""

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.gateway.reach import Reach
from services.notifier.connecting import Connector
from services.poller import mapping
from services.poller.asking import PART, Asking
from services.poller.mapping import Address, MappingError
from services.receiver.following import Following
from services.receiver.letters import Letters
from services.receiver.outlet import Outlet
from streams import logs
from streams.kafka.heartbeat import Beat
from streams.networks import networks
from streams.settings import SettingError, Settings
from streams.stamps import StampClock

CLOSE_SECONDS = 3.0
BEAT_SECONDS = 1.0
THREADS = 32
"""Addresses that are asked at the same time: those that do not answer hold up no other."""


class Poller:
    """All that is asked, and what becomes of it."""

    def __init__(self, askings: Sequence[Asking], following: Following, outlet: Outlet) -> None:
        self.askings = askings
        self._following, self._outlet = following, outlet

    @property
    def problem(self) -> str:
        """Of its own; that somebody else's server fails is none."""
        return self._following.problem or self._outlet.problem

    @property
    def detail(self) -> str:
        wrong = [one.problem for one in self.askings if one.problem]
        failing = f", {len(wrong)} of them fail: {wrong[0]}" if wrong else ""
        return self.problem or f"{len(self.askings)} addresses{failing}"


def connector(settings: Settings) -> Connector:
    """To what polled addresses may be, and never to our own servers."""
    reach = Reach((), networks(settings.polled_networks), Reach.of(settings).servers)
    return Connector(reach.order())


@asynccontextmanager
async def polling(
    settings: Settings, addresses: Sequence[Address], counts: Counter[str]
) -> AsyncIterator[Poller]:
    """Until the end of the context."""
    following, outlet = Following(settings, PART), Outlet(settings, PART)
    clock, letters = StampClock.of(settings, PART), Letters(PART, counts)
    way = connector(settings)

    def token(name: str) -> str:
        return settings.secret(f"polled-{name}").read_text(errors="replace").strip()

    threads = ThreadPoolExecutor(THREADS, "asking")
    askings = [
        Asking(
            one,
            way,
            following,
            outlet,
            clock,
            letters=letters,
            counts=counts,
            token=token,
            threads=threads,
        )
        for one in addresses
    ]
    outlet.start()
    following.start()
    tasks = [asyncio.create_task(one.run()) for one in askings]
    try:
        yield Poller(askings, following, outlet)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(outlet.close, CLOSE_SECONDS)
        await asyncio.to_thread(following.close, CLOSE_SECONDS)


def run(settings: Settings) -> None:
    """Asks until SIGTERM; raises SettingError where no file names addresses."""
    if not settings.polled_addresses:
        raise SettingError("CITYOPS_POLLED_ADDRESSES names no file")
    logs.configure(logging.INFO)
    asyncio.run(_run(settings, Path(settings.polled_addresses)))


async def _run(settings: Settings, file: Path) -> None:
    stop, beat = asyncio.Event(), Beat(settings, PART)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        while not stop.is_set():
            stamp = _stamp(file)
            try:
                addresses = mapping.read(file)
            except MappingError as error:
                beat.beat(False, str(error))
                await _waited(stop)
                continue
            counts = Counter[str]()
            async with polling(settings, addresses, counts) as poller:
                while not stop.is_set() and _stamp(file) == stamp:
                    beat.beat(not poller.problem, poller.detail, counts=counts)
                    await _waited(stop)
    finally:
        beat.close()


async def _waited(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(BEAT_SECONDS):
            await stop.wait()


def _stamp(file: Path) -> float:
    """Another one where it was written again."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
