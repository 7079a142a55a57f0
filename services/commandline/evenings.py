"""What the commands share that play an evening beside the running city."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from services.commandline.output import CommandError
from services.commandline.servers import no_database, no_kafka

if TYPE_CHECKING:
    from services.api.client import Client

AT_ONCE = 100
"""So many alerts are closed by one request."""
PATIENCE_S = 60.0
"""So long an answer may take: a storm is work for the alerts service, too."""
SETTLES_S = 12.0
"""Until what was told last is decided behind the watermark."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def alerts_of(client: "Client", prefix: str, since: int | None) -> list[dict[str, Any]]:
    """Those of an evening's sources; of what was proven not before ``since``."""
    from streams.events import from_rfc3339

    return [
        one
        for one in client.pages("/api/alerts", "alerts", origin="simulated", text=prefix)
        if one["source"].startswith(prefix)
        and (since is None or from_rfc3339(one["decided_at"]) >= since)
    ]


def close(client: "Client", found: Sequence[dict[str, Any]], comment: str) -> int:
    """Closes what is open as a test; how many that were."""
    ids = [one["id"] for one in found if one["state"] not in ("resolved", "normal")]
    closed = 0
    for first in range(0, len(ids), AT_ONCE):
        body = {
            "command_id": str(uuid4()),
            "ids": ids[first : first + AT_ONCE],
            "action": "resolve",
            "disposition": "test",
            "comment": comment,
        }
        closed += sum(one["done"] for one in client.once("/api/alerts/bulk", body))
    return closed


@contextmanager
def interrupted(stopping: threading.Event) -> Iterator[None]:
    """Ctrl-C ends the evening, and its sources rest; a second one is as always.

    So do SIGTERM, and a terminal that is closed (unless ``nohup`` says that this is no matter):
    what has not been let rest is missed by everybody.
    """

    def stop(number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(number, before[number])

    before: dict[int, Any] = {
        number: signal.getsignal(number)
        for number in ENDING
        if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT
    }
    try:
        for number in before:
            signal.signal(number, stop)
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


@contextmanager
def answering() -> Iterator[None]:
    """What is not there is said in one line."""
    import psycopg

    from streams.configuration.check import InvalidChangeError
    from streams.configuration.log import NotPublishedError
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.publisher import PublishError

    try:
        yield
    except psycopg.OperationalError as error:
        raise no_database(error) from None
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (NotPublishedError, InvalidChangeError, PublishError) as error:
        raise CommandError(str(error)) from None
