"""The control log, published into every input partition in order, and remembered as published.

What concerns one stage only, assets of which nothing comes, is published into one partition only.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from typing import Any

import psycopg

from services.gateway.published import Published
from streams.configuration import clock_orders
from streams.configuration.camera_addresses import CameraAddress, addresses
from streams.configuration.configured import Configured, copied, folded, take
from streams.configuration.log import published, read, record_published, rest, restate
from streams.database import connect
from streams.events import ControlChange, Micros, Removed, Rests, Source
from streams.feeds.reporting import reports
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.topics import CITY, INPUTS, READINGS

log = logging.getLogger(__name__)

PART = "gateway"
POLL_SECONDS = 0.5
BACKOFF_SECONDS = 2.0
HANGS_SECONDS = 10.0
"""A poll that takes longer is a problem that people should see."""


def concerning(known: Configured, changes: Sequence[ControlChange]) -> list[ControlChange]:
    """Those that some stage may have to know, in order: not what is changed of an asset of which
    nothing comes. A city has thousands, and every change is a message in every input partition.

    Args:
        known: what was configured before them.
    """
    draft, found = copied(known), []
    for event in changes:
        change = event.change
        about = [change] if isinstance(change, Source) else []
        if isinstance(change, Source) or (isinstance(change, Removed) and change.kind == "source"):
            before = draft.sources.get(change.id)
            about += [before] if before else []
        # What a stage was once told of it must hear of its end, whatever its feed says by now.
        if not about or any(map(_was_told, about)):
            found.append(event)
        take(draft, change)
    return found


def _was_told(source: Source) -> bool:
    return reports(source) or bool(source.gateway or source.period or source.address)


class Configuration:
    """Follows the control log in a thread of its own.

    A change is handed to ``apply`` only after it was handed to the producer, so a camera's first
    frame lies behind its announcement in its partition. What a crash leaves published but not
    remembered is published again; stages ignore what they know.
    """

    def __init__(
        self,
        settings: Settings,
        topics: str,
        publisher: Publisher,
        apply: Callable[[Mapping[str, CameraAddress]], None],
        fail: Callable[[Exception], None],
        *,
        accept: Callable[[Micros], bool] = lambda _: False,
        ended: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """Args:
        accept: takes the machine's clock over where it is ahead by so much.
        ended: the cameras that gave all there is, under what ``apply`` was called with.
        """
        self._ended = ended
        self._accept = accept
        self._told = Published(settings, topics)
        self._settings, self._topics = settings, topics
        self._publisher, self._apply, self._fail = publisher, apply, fail
        self._stop = threading.Event()
        self._problem = "no database yet"
        self._polled = time.monotonic()
        self.sequence = 0
        """Of the newest change that was published."""
        self._thread = threading.Thread(target=self._run, name="configuration", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why it does not follow the log at the moment; empty: it does."""
        hangs = not self._problem and time.monotonic() - self._polled > HANGS_SECONDS
        return "the database does not answer" if hangs else self._problem

    def close(self, seconds: float) -> bool:
        """Whether the thread ended in time."""
        self._stop.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with connect(self._settings, "gateway", autocommit=True) as connection:
                    self._follow(connection)
            except psycopg.Error as error:
                self._problem = f"database: {type(error).__name__}"
                log.warning("%s: %s", self._problem, error)
                self._stop.wait(BACKOFF_SECONDS)
            except Exception as error:  # Kafka did not accept a change: order is at stake
                self._fail(error)
                return

    def _follow(self, connection: psycopg.Connection[Any]) -> None:
        self._heal(connection)
        self.sequence = published(connection, self._topics)
        log_so_far = read(connection)
        known = folded(change for change in log_so_far if change.sequence <= self.sequence)
        self._told.store(self.sequence, known)
        while not self._stop.is_set():
            changes = read(connection, self.sequence)
            if changes:
                self._publish(known, changes)
                record_published(connection, self._topics, changes[-1].sequence)
                known = folded(changes, known)
                self.sequence = changes[-1].sequence
                self._told.store(self.sequence, known)
            for number, ahead in clock_orders.pending(connection):
                clock_orders.answer(connection, number, self._accept(ahead))
            places = addresses(connection, self._settings)
            self._apply({name: places[name] for name in sorted(places) if name in known.sources})
            self._rest(connection, known, places)
            self._problem, self._polled = "", time.monotonic()
            self._stop.wait(POLL_SECONDS)

    def _rest(
        self, connection: psycopg.Connection[Any], known: Configured, played: Container[str]
    ) -> None:
        """Has it in the log which recordings have ended, or are played again; of what is played
        here, since others say of theirs that it is over."""
        ended = self._ended()
        wanted: dict[str, Rests] = {
            name: "ended" if name in ended else ""
            for name, source in known.sources.items()
            if name in played
            and (source.rests == "ended") != (name in ended)
            and source.rests != "off"
        }
        if wanted:
            rest(connection, wanted, PART)

    def _heal(self, connection: psycopg.Connection[Any]) -> None:
        """Goes on above what was ever published, where a backup was restored that ends below it.

        What was told is written down only after the database remembers it: it never ends lower
        of itself.
        """
        told, reached = self._told.load(), published(connection, self._topics)
        if told.sequence > reached:
            said = restate(connection, self._topics, told.sequence, told.removals(), PART)
            log.warning(
                "the database was restored: it ends at change %d, and %d were published;"
                " all that is configured is said again, in %d changes",
                reached,
                told.sequence,
                said,
            )

    def _publish(self, known: Configured, changes: Sequence[ControlChange]) -> None:
        """Of assets of which nothing comes one partition hears: what depends on them is explained
        city-wide."""
        everywhere = {event.sequence for event in concerning(known, changes)}
        for change in changes:
            if change.sequence in everywhere:
                for topic in INPUTS:
                    self._publisher.publish_everywhere(topic, change)
            else:
                self._publisher.publish_in(READINGS, CITY, change)
        self._publisher.flush()
