"""The gateway: the one publisher of ticks and control events, and of its cameras' frames."""

import logging
import os
import signal
import threading

from services.gateway.cameras import Cameras, Outlet
from services.gateway.configuration import Configuration
from streams import logs
from streams.configuration.log import topics_id
from streams.events import SECOND, Micros, Tick
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import Beat
from streams.kafka.publisher import Publisher, PublishError
from streams.settings import Settings
from streams.shedding import Shedding
from streams.stamps import StampClock
from streams.topics import INPUTS

log = logging.getLogger(__name__)

PART = "gateway"
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0)
CLOSE_SECONDS = 2.0


class Gateway:
    """Composes the gateway's parts; ``run`` returns when ``stop`` is set.

    Raises (from ``run``):
        PublishError: Kafka did not accept an event; the process must exit.
    """

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        self._settings, self._stop = settings, stop
        self._beat = Beat(settings, PART)
        self._clock = StampClock.of(settings, PART)
        self._failure: Exception | None = None
        self._ticks = 0
        self._last: Micros = 0
        self.clean = True
        """After ``run``: whether every thread has ended."""

    def run(self) -> None:
        publisher = self._wait_for_kafka()
        if publisher is None:
            return
        shedding = Shedding(self._settings, publisher)
        # Event time moves before any source of ours speaks: a frame hours after the last tick,
        # which is where a night switched off ends, would be no frame to believe.
        self._tick(publisher, self._clock.now())
        cameras = Cameras(Outlet(publisher, self._clock, shedding, self._fail))
        configuration = Configuration(
            self._settings, topics_id(self._settings), publisher, cameras.update, self._fail
        )
        try:
            self._work(publisher, shedding, cameras, configuration)
        finally:
            ended = configuration.close(CLOSE_SECONDS)
            self.clean = cameras.close(CLOSE_SECONDS) and ended
            shedding.close()
            self._beat.close()
            if self._failure is None:
                publisher.close()
        if self._failure is not None:
            raise self._failure

    def _tick(self, publisher: Publisher, now: Micros) -> None:
        second = now // SECOND * SECOND
        if second > self._last:
            for topic in INPUTS:
                publisher.publish_everywhere(topic, Tick(second))
            self._last = second
            self._ticks += 1

    def _work(
        self,
        publisher: Publisher,
        shedding: Shedding,
        cameras: Cameras,
        configuration: Configuration,
    ) -> None:
        while not self._stop.is_set():
            now = self._clock.now()
            self._tick(publisher, now)
            states = cameras.states()
            detail = (
                configuration.problem
                or shedding.reason
                or "; ".join(
                    f"{source}: {state}" for source, state in states.items() if state != "running"
                )
            )
            counts = {
                "cameras": len(states),
                "pictures": cameras.frames(),
                "ticks": self._ticks,
                "control": configuration.sequence,
                **publisher.counts,
                **shedding.counts,
            }
            self._beat.beat(not configuration.problem, detail, 0, counts, cameras.newest())
            self._stop.wait((SECOND - now % SECOND) / SECOND)

    def _wait_for_kafka(self) -> Publisher | None:
        """A publisher once Kafka and the input topics are there; None: told to stop first."""
        attempt = 0
        while not self._stop.is_set():
            try:
                topics_id(self._settings)
                return Publisher(self._settings, PART)
            except BrokerAwayError as error:
                log.warning("%s", error)
                self._beat.beat(False, str(error))
                self._stop.wait(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)])
                attempt += 1
        return None

    def _fail(self, error: Exception) -> None:
        log.critical("%s: %s", type(error).__name__, error)
        self._failure = self._failure or error
        self._stop.set()


def run(settings: Settings) -> None:
    """Runs the gateway until SIGTERM.

    Raises:
        SystemExit: code 1 where Kafka did not accept an event or stamps cannot be kept, so that
            the supervisor starts it again.
    """
    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    gateway = Gateway(settings, stop)
    try:
        gateway.run()
    except (PublishError, BrokerAwayError, OSError) as error:
        log.critical("%s", error)
        logging.shutdown()
        os._exit(1)
    if not gateway.clean:
        # A thread inside OpenCV that outlives the interpreter would abort the process.
        logging.shutdown()
        os._exit(0)
