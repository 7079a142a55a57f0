"""Events at their moment, as a city publishes them, and when each was handed over."""

import threading
import time
from collections.abc import Iterable
from contextlib import closing

from streams.events import Event, Micros, subject
from streams.kafka.publisher import Publisher
from streams.settings import Settings

BEHIND_SECONDS = 0.5
"""A feed further behind than this is no longer the load that it claims to be."""

Due = tuple[float, str, Event, str]
"""(seconds after the start, topic, event, key); without a key into every partition."""


class FeedBehind(RuntimeError):
    """The machine could not publish as fast as the figure says."""


class Feed:
    """Publishes from a thread of its own; stops early when the context ends.

    ``published``: (source, event time) to the seconds, since the epoch, of its publication.
    """

    def __init__(self, settings: Settings, events: Iterable[Due]) -> None:
        self._settings, self._events = settings, events
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._failure: Exception | None = None
        self.published: dict[tuple[str, Micros], float] = {}

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def running(self) -> bool:
        """Raises what ended the feed: FeedBehind or PublishError."""
        if self._failure is not None:
            raise self._failure
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            with closing(Publisher(self._settings, "feed")) as publisher:
                self._publish(publisher)
        except Exception as error:
            self._failure = error

    def _publish(self, publisher: Publisher) -> None:
        began = time.monotonic()
        for due, topic, event, key in self._events:
            wait = began + due - time.monotonic()
            if wait < -BEHIND_SECONDS:
                raise FeedBehind(f"the feed is {-wait:.1f} s behind")
            if wait > 0 and self._stop.wait(wait):
                return
            source, moment, _ = subject(event)
            self.published.setdefault((source, moment), time.time())
            if key:
                publisher.publish(topic, event, key)
            else:
                publisher.publish_everywhere(topic, event)
