"""The gateway: the one publisher of ticks and control events, and of its cameras' frames."""

import logging
import os
import signal
import threading

from services.gateway.cameras import Cameras, Outlet
from services.gateway.clockwatch import ClockWatch
from services.gateway.configuration import Configuration
from services.gateway.decoder.leash import Child, Launcher, LauncherGoneError
from services.gateway.reach import Reach
from streams import logs
from streams.clock import spelled
from streams.configuration.log import topics_id
from streams.control import RESUMED_AFTER
from streams.events import SECOND, Micros, Tick
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import Beat
from streams.kafka.publisher import Publisher, PublishError
from streams.settings import Settings
from streams.shedding import Shedding
from streams.stamps import PUBLISHER, StampClock
from streams.topics import FRAMES, INPUTS

log = logging.getLogger(__name__)

PART = PUBLISHER
BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0)
CLOSE_SECONDS = 2.0
SAID_FOR: Micros = 2 * SECOND
"""For so long ticks say that time resumes with them."""


class Gateway:
    """Composes the gateway's parts; ``run`` returns when ``stop`` is set.

    Raises (from ``run``):
        PublishError: Kafka did not accept an event; the process must exit.
        LauncherGoneError: nobody starts decoders any more; so, too.
    """

    def __init__(
        self, settings: Settings, stop: threading.Event, launcher: Launcher | None = None
    ) -> None:
        """``launcher``: starts decoders; None: this process does."""
        self._settings, self._stop, self._launcher = settings, stop, launcher
        self._beat = Beat(settings, PART)
        self._clock = StampClock.of(settings, PART)
        self._failure: Exception | None = None
        self._ticks = 0
        self._last: Micros = 0
        """The last tick of this process."""
        self._said_until: Micros = 0
        self.clean = True
        """After ``run``: whether every thread has ended."""

    def run(self) -> None:
        publisher = self._wait_for_kafka()
        if publisher is None:
            return
        shedding = Shedding(self._settings, publisher)
        self._settings.media.mkdir(parents=True, exist_ok=True)
        # Event time moves before any source of ours speaks: a frame hours after the last tick,
        # which is where a night switched off ends, would be no frame to believe.
        self._tick(publisher, self._clock.now())
        begin = self._launcher.begin if self._launcher else Child
        reach = Reach.of(self._settings)
        cameras = Cameras(Outlet(publisher, self._clock, shedding, self._fail, reach, begin))
        configuration = Configuration(
            self._settings,
            topics_id(self._settings),
            publisher,
            cameras.update,
            self._fail,
            accept=lambda by: self._clock.accept(by, lambda now: self._tick(publisher, now)),
            ended=cameras.ended,
        )
        watch = ClockWatch(self._settings, publisher)
        try:
            self._work(publisher, shedding, cameras, configuration, watch)
        finally:
            ended = configuration.close(CLOSE_SECONDS)
            self.clean = cameras.close(CLOSE_SECONDS) and ended
            shedding.close()
            self._beat.close()
            if self._failure is None:
                publisher.account(FRAMES, self._clock.stamp(PART), at_once=True)
                publisher.close()
        if self._failure is not None:
            raise self._failure

    def _tick(self, publisher: Publisher, now: Micros) -> None:
        second, undone = now // SECOND * SECOND, self._clock.undone
        goes_back = undone is not None and second < undone.since <= self._last
        if second > self._last or goes_back:
            # After a night switched off, a standstill, or a clock that was taken over: stages
            # refuse to be so far ahead unless it is said. For some ticks, since the first of a
            # process that was soon started again is one that they know.
            if goes_back or second - self._last > RESUMED_AFTER:
                self._said_until = second + SAID_FOR
            resumes = second <= self._said_until
            wrong = undone if undone is not None and goes_back else ()
            for topic in INPUTS:
                publisher.publish_everywhere(topic, Tick(second, resumes, *wrong))
            if resumes:
                publisher.flush()  # before a source of another process is so far ahead
            self._last = second
            self._ticks += 1

    def _work(
        self,
        publisher: Publisher,
        shedding: Shedding,
        cameras: Cameras,
        configuration: Configuration,
        watch: ClockWatch,
    ) -> None:
        while not self._stop.is_set():
            if self._launcher and self._launcher.gone:
                raise LauncherGoneError("the launcher of decoders has ended, or does not answer")
            now = self._clock.tick(lambda now: self._tick(publisher, now))
            ahead = self._clock.wrong_by
            watch.see(now, ahead, self._clock.undone)
            states = cameras.states()
            faults = [f"{name}: {state}" for name, state in states.items() if state != "running"]
            if shedding.reason:
                faults.insert(0, shedding.reason)
            if ahead:
                faults.insert(0, f"the machine's clock is {spelled(ahead)}, and not believed")
            detail = configuration.problem or "; ".join(faults)
            counts = {
                "cameras": len(states),
                "pictures": cameras.frames(),
                "damaged": cameras.damaged(),
                "ticks": self._ticks,
                "control": configuration.sequence,
                **publisher.counts,
                **shedding.counts,
            }
            newest = cameras.newest()
            self._beat.beat(not configuration.problem, detail, 0, counts, newest, clock_ahead=ahead)
            publisher.account(FRAMES, self._clock.stamp(PART))
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
        SystemExit: code 1 where Kafka did not accept an event, stamps cannot be kept or nobody
            starts decoders, so that the supervisor starts it again.
    """
    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    gateway = Gateway(settings, stop, Launcher.inherited())
    try:
        gateway.run()
    except (PublishError, BrokerAwayError, LauncherGoneError, OSError) as error:
        log.critical("%s", error)
        logging.shutdown()
        os._exit(1)
    if not gateway.clean:
        # A thread that waits for a decoder or a device must not keep the process.
        logging.shutdown()
        os._exit(0)
