"""The receiver as one process: readings in over HTTP, packs out to Kafka, until SIGTERM."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from psycopg_pool import ConnectionPool

from services.receiver.app import create_app
from services.receiver.following import FollowingKeys
from services.receiver.outlet import Outlet
from services.receiver.receiving import PART, Receiving
from services.receiver.remembered import Remembered
from services.receiver.usage import Usage
from services.web.server import server_of
from streams import logs
from streams.database import conninfo
from streams.kafka.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import StampClock

CONNECTIONS = 4
WAIT_SECONDS = 3.0
STATEMENT_SECONDS = 5
CLOSE_SECONDS = 3.0
BEAT_SECONDS = 1.0


@contextmanager
def receiving(settings: Settings) -> Iterator[Receiving]:
    """All that requests need, until the end of the context."""
    pool = ConnectionPool(
        lambda: conninfo(settings, PART, statement_seconds=STATEMENT_SECONDS),
        min_size=1,
        max_size=CONNECTIONS,
        timeout=WAIT_SECONDS,
        kwargs={"autocommit": True},
        check=ConnectionPool.check_connection,
        open=False,
    )
    usage, remembered = Usage(), Remembered(pool)
    outlet = Outlet(settings, PART)
    following = FollowingKeys(settings, PART, usage, remembered)
    clock = StampClock.of(settings, PART)
    found = Receiving(following, outlet, usage, remembered, clock)
    pool.open(wait=False)
    outlet.start()
    following.start()
    try:
        yield found
    finally:
        outlet.close(CLOSE_SECONDS)
        following.close(CLOSE_SECONDS)
        found.close()
        pool.close(CLOSE_SECONDS)


def listening(settings: Settings) -> Settings:
    """With the receiver's address in the place of the console's."""
    return msgspec.structs.replace(
        settings, http_host=settings.receiver_host, http_port=settings.receiver_port
    )


def run(settings: Settings) -> None:
    """Serves until SIGTERM; raises SystemExit with the exit status."""
    logs.configure(logging.INFO)
    stop, beat = threading.Event(), Beat(settings, PART)
    with receiving(settings) as found:
        server = server_of(create_app(settings, found), listening(settings))
        beating = threading.Thread(
            target=_say, args=(found, beat, stop), name="beating", daemon=True
        )
        beating.start()
        try:
            server.run()
        finally:
            stop.set()
            beating.join(CLOSE_SECONDS)
            beat.close()
    raise SystemExit(0 if server.started else 1)


def _say(found: Receiving, beat: Beat, stop: threading.Event) -> None:
    while not stop.wait(BEAT_SECONDS):
        problem = found.problem
        beat.beat(not problem, problem, counts=found.counts)
