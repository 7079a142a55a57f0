"""MQTT as one process: messages in, packs out to Kafka, until SIGTERM."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from services.receiver.following import Following
from services.receiver.mqtt import mapping
from services.receiver.mqtt.line import Line, LineError
from services.receiver.mqtt.mapping import MappingError, Subscription
from services.receiver.mqtt.taking import PART, Taking
from services.receiver.outlet import Outlet
from streams import logs
from streams.kafka.heartbeat import Beat
from streams.settings import SettingError, Settings
from streams.stamps import StampClock

CLOSE_SECONDS = 3.0
BEAT_SECONDS = 1.0

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(
    settings: Settings, subscriptions: Sequence[Subscription]
) -> AsyncIterator[tuple[Line, Taking]]:
    """Until the end of the context."""
    following, outlet = Following(settings, PART), Outlet(settings, PART)
    taking = Taking(subscriptions, following, outlet, StampClock.of(settings, PART))
    line = Line(settings, subscriptions, taking, asyncio.get_running_loop())
    outlet.start()
    following.start()
    line.open()
    try:
        yield line, taking
    finally:
        await line.close()
        await asyncio.to_thread(outlet.close, CLOSE_SECONDS)
        await asyncio.to_thread(following.close, CLOSE_SECONDS)


def run(settings: Settings) -> None:
    """Takes messages until SIGTERM; raises SettingError where no broker is named."""
    if not settings.mqtt_broker:
        raise SettingError("CITYOPS_MQTT_BROKER names no broker")
    logs.configure(logging.INFO)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop, beat, said = asyncio.Event(), Beat(settings, PART), ""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        while not stop.is_set():
            read = _stamp(settings.mqtt_mapping)
            try:
                subscriptions = mapping.read(settings.mqtt_mapping)
                await _listen(settings, subscriptions, read, stop, beat)
            except (MappingError, LineError) as error:  # tried again: somebody may mend it
                if str(error) != said:
                    log.error("%s", error)
                said = str(error)
                beat.beat(False, said)
                await _waited(stop)
    finally:
        beat.close()


async def _listen(
    settings: Settings,
    subscriptions: Sequence[Subscription],
    read: float,
    stop: asyncio.Event,
    beat: Beat,
) -> None:
    """Until it is to stop, or the file of topics has changed."""
    async with listening(settings, subscriptions) as (line, taking):
        while not stop.is_set() and _stamp(settings.mqtt_mapping) == read:
            problem = taking.problem or line.problem
            beat.beat(not problem, problem or line.detail, counts=taking.counts)
            await _waited(stop)


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
