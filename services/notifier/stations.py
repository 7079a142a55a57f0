"""Whether loudspeaker stations are there: each is asked every minute, and answers for itself.

Nothing is sent that a station could speak, so this is no message, and asks nothing of the gate.
What is found stands in ``station_calls``; who has not answered the last time is dead.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from services.notifier import stored
from services.notifier.channel import FailedError, RefusedError, Way
from services.notifier.connecting import Connector
from services.notifier.registry import find, stationed
from services.notifier.stored import SQL, Connection, StoredChannel, StoredStation
from streams.settings import Settings
from streams.visible import line

EVERY_SECONDS = 60.0
AT_ONCE = 8
LONGEST_DETAIL = 200

log = logging.getLogger(__name__)


class Watch:
    """``look`` is called over and over; it waits for nobody."""

    def __init__(self, settings: Settings, connection: Connection, connector: Connector) -> None:
        self._settings, self._connection, self._connector = settings, connection, connector
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="stations")
        self._asked: dict[str, Future[str]] = {}
        self._next = 0.0

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def look(self, *, at_once: bool = False) -> None:
        """Writes down who has answered meanwhile, and asks again who is due.

        Args:
            at_once: all are, and are waited for.
        """
        if at_once or time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_SECONDS
            self._ask()
        for name, future in list(self._asked.items()):
            if at_once or future.done():
                del self._asked[name]
                row = {"station": name, "detail": future.result()}
                self._connection.execute(SQL["station_called"], row)

    def _ask(self) -> None:
        channels = stored.channels(self._connection, self._settings)
        for one in stored.stations(self._connection, self._settings):
            channel = channels.get(one.channel)
            if channel is None or one.name in self._asked:
                continue
            self._asked[one.name] = self._pool.submit(answer, channel, one, self._connector)


def answer(channel: StoredChannel, one: StoredStation, connector: Connector) -> str:
    """Why it is taken for dead; empty: it is there."""
    try:
        probe = stationed(channel.type)
        if probe is None:
            return f"channel {channel.name} is of no type with stations any more"
        if channel.secrets is None or not one.address:
            return "its address was sealed with a key that is not here: set it again"
        kind = find(channel.type)
        configuration = msgspec.convert(channel.configuration, kind.Configuration)
        secrets = msgspec.convert(channel.secrets, kind.Secrets)
        probe(Way(configuration, secrets, one.address, "", connector))
    except (FailedError, RefusedError) as error:
        return line(str(error))[:LONGEST_DETAIL]
    except Exception as error:  # a defect: one station must not stop all messages
        log.exception("a station cannot be asked")
        return f"a defect: {type(error).__name__}"
    return ""
