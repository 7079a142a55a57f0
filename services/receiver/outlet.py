"""How readings from outside are published: each request's packs, and word of them once the broker
has them all.

Each request is told for itself, so nothing is lost in silence where one fails: unlike other parts
it goes on then, with another producer, and answers meanwhile that Kafka is away.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from kafka import errors
from kafka.errors import KafkaError

from streams.events import DeadLetter, Event, Readings
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import REMEMBERED_SECONDS, HeartbeatFollower
from streams.kafka.publisher import Publisher, PublishError, RejectedError
from streams.kafka.signing import SigningError
from streams.refusing import Refusing
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, READINGS

PATIENCE_SECONDS = 12.0
"""For which a request waits for the broker."""
BACKLOG_BYTES = 16 * 2**20
"""No more is taken while this much waits for the broker."""
RETRY_SECONDS = 0.5
THREADS = 2

log = logging.getLogger(__name__)


class KafkaAwayError(Exception):
    """It is not known whether the broker has, or will have, all of it."""


class RefusedError(Exception):
    """It will not be taken, however often it is sent; says why."""


class UnreadError(Exception):
    """What is there has not been read, and would be deleted for it; says by whom."""


_OF_RECORD = (
    errors.InvalidRecordError,
    errors.InvalidTimestampError,
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
)
"""What the broker, or its client, has against a record itself. All else it says may pass: also that
an account lacks a right, which is no fault of what is sent."""
_MAY_PASS = (
    BrokerAwayError,
    KafkaAwayError,
    KafkaError,
    OSError,
    PublishError,
    RuntimeError,  # this part ends, or a thread could not be had
    SigningError,
)


def _is_of_record(error: Exception) -> bool:
    """Whether it would be the same the next time; a defect would be, too."""
    if isinstance(error, RejectedError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    return isinstance(error, _OF_RECORD) or not isinstance(error, _MAY_PASS)


Told = Callable[[Exception | None], None]


class Outlet:
    """Thread-safe.

    Raises (from ``deliver``):
        KafkaAwayError
        RefusedError
        UnreadError
    """

    def __init__(self, settings: Settings, part: str) -> None:
        self._settings, self._part = settings, part
        self._publisher: Publisher | None = None
        self._follower: HeartbeatFollower | None = None
        self._refusing: Refusing | None = None
        self._problem = "it has not reached Kafka yet"
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS, "publishing")
        self._thread = threading.Thread(target=self._keep, name="outlet", daemon=True)
        self.published = 0
        """Packs that the broker has."""

    @property
    def problem(self) -> str:
        """Why nothing, or not everything, can be published now; empty: all can be."""
        return self._problem or (self._refusing.reason if self._refusing else "")

    def start(self) -> None:
        self._thread.start()

    def check(self, gateways: Sequence[str]) -> None:
        """Whether packs of these gateways can be published now; raises as ``deliver``."""
        publisher, refusing = self._publisher, self._refusing
        if publisher is None or refusing is None:
            raise KafkaAwayError(self._problem)
        if publisher.backlog > BACKLOG_BYTES:
            raise KafkaAwayError("the broker does not keep up")
        if any(refusing.refuses(READINGS, gateway) for gateway in gateways):
            raise UnreadError(refusing.reason)

    async def deliver(self, packs: Sequence[Readings]) -> None:
        """Returns once the broker has all of them."""
        self.check([pack.gateway for pack in packs])
        await self._publish([(READINGS, pack, pack.gateway) for pack in packs])
        self.published += len(packs)

    async def keep(self, letter: DeadLetter, whose: str) -> None:
        """Returns once the broker has it; raises KafkaAwayError and RefusedError.

        Args:
            whose: letters of one are kept in their order.
        """
        self.check([])
        await self._publish([(DEAD_LETTERS, letter, whose)])

    async def _publish(self, events: Sequence[tuple[str, Event, str]]) -> None:
        """Of each its topic and key."""
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[None]] = [loop.create_future() for _ in events]

        def told_of(future: asyncio.Future[None]) -> Told:
            def settle(error: Exception | None) -> None:
                if not future.done():
                    future.set_exception(error) if error else future.set_result(None)

            def told(error: Exception | None) -> None:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(settle, error)

            return told

        told = [told_of(future) for future in waiting]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + 1):
                await loop.run_in_executor(self._pool, self._hand_over, events, told)
                await asyncio.gather(*waiting)
        except Exception as error:
            for future in waiting:
                future.cancel()
            if _is_of_record(error):
                raise RefusedError(f"{type(error).__name__}: {error}") from error
            raise KafkaAwayError(str(error) or "the broker did not answer in time") from error

    def _hand_over(self, events: Sequence[tuple[str, Event, str]], told: Sequence[Told]) -> None:
        publisher = self._publisher
        if publisher is None:
            raise KafkaAwayError(self._problem)
        for (topic, event, key), each in zip(events, told, strict=True):
            publisher.publish_told(topic, event, key, each)

    def close(self, seconds: float) -> None:
        self._stop.set()
        self._thread.join(seconds)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._refusing is not None:
            self._refusing.close()
        if self._follower is not None:
            self._follower.close()
        if self._publisher is not None:
            with suppress(PublishError):
                self._publisher.close(seconds)

    def _keep(self) -> None:
        """Always a publisher that works, where there is a broker."""
        while not self._stop.is_set():
            try:
                if self._publisher is None:
                    self._begin()
                else:
                    self._publisher.check()
                    self._problem = ""
            except (BrokerAwayError, PublishError, OSError) as error:
                self._problem = str(error)
                log.warning("%s", error)
                self._drop()
            except Exception as error:  # else the thread would end, and nothing go out any more
                self._problem = f"a fault: {type(error).__name__} (its log says more)"
                log.exception("a fault while Kafka was looked for")
                self._drop()
            self._stop.wait(RETRY_SECONDS)

    def _drop(self) -> None:
        broken, self._publisher = self._publisher, None
        if broken is not None:
            with suppress(PublishError):
                broken.close(0)

    def _begin(self) -> None:
        publisher = Publisher(self._settings, self._part, patience_seconds=PATIENCE_SECONDS)
        if self._refusing is None:
            self._follower = HeartbeatFollower(self._settings, REMEMBERED_SECONDS)
            self._refusing = Refusing(self._settings, self._follower, (READINGS,))
        self._publisher, self._problem = publisher, ""
