"""Waiting until every part is healthy, telling of each part as it gets there."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from deploy.local import state
from deploy.local.health import PartHealth, judge, last_line
from streams.events import Heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import HeartbeatReader
from streams.settings import Settings

POLL_SECONDS = 0.5
WAIT_SECONDS = 180.0
START_SECONDS = 15.0
"""For a supervisor to come up at all."""
NOTED_RESTARTS = 2
"""A part that exits once may only have been early; after this many times it is reported."""


class News(NamedTuple):
    """Something to tell: a part has become healthy, or keeps failing."""

    part: PartHealth
    seconds: float
    """Since the waiting began."""
    trouble: str = ""


class SupervisorGoneError(Exception):
    """The supervisor ended while its parts were waited for; the message is what it said last."""


def follow(settings: Settings, wait_seconds: float = WAIT_SECONDS) -> Iterator[News]:
    """Changes as they happen, until every part is healthy or the time is up.

    Raises:
        SupervisorGoneError: there is nothing (any more) to wait for.
    """
    began = time.monotonic()
    told: dict[str, str] = {}
    speech = _Speech(settings)
    try:
        while (seconds := time.monotonic() - began) < wait_seconds:
            if state.current(settings) is None:
                if seconds > START_SECONDS or told:
                    raise SupervisorGoneError(last_line(settings, "supervisor"))
                time.sleep(POLL_SECONDS)
                continue
            rows = judge(settings, speech.heard())
            for row in rows:
                change = _change(settings, row, seconds)
                if change and told.get(row.name) != (about := change.trouble or "healthy"):
                    told[row.name] = about
                    yield change
            if all(row.state == "healthy" for row in rows):
                return
            speech.may_open = any(row.name == "kafka" and row.state == "healthy" for row in rows)
            time.sleep(POLL_SECONDS)
    finally:
        speech.close()


def _change(settings: Settings, row: PartHealth, seconds: float) -> News | None:
    if row.state == "healthy":
        return News(row, seconds)
    if row.state == "failing" and row.restarts >= NOTED_RESTARTS:
        said = last_line(settings, row.name)
        return News(row, seconds, f"{row.detail}: {said}" if said else row.detail)
    return None


class _Speech:
    """Heartbeats as they come, through whatever reconnecting that takes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: HeartbeatReader | None = None
        self.may_open = False
        """Opening waits for seconds where no broker answers, so only when one does."""

    def heard(self) -> dict[str, Heartbeat]:
        try:
            if self._reader is None and self.may_open:
                self._reader = HeartbeatReader(self._settings)
            if self._reader is not None:
                self._reader.poll(0.1)
                return self._reader.latest
        except (BrokerAwayError, KeyError):
            # KeyError: the topic is not there yet.
            self.close()
        return {}

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
