"""``cityops demo storm``: an evening of storm beside the running city, and away again."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console, emit, notes
from services.commandline.servers import no_database, no_kafka
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client

AT_ONCE = 100
"""So many alerts are closed by one request."""
PATIENCE_S = 60.0
"""So long an answer may take: a storm is work for the alerts service, too."""
SETTLES_S = 12.0
"""Until what was told last is decided behind the watermark."""


def command(
    *,
    seed: Annotated[
        int, typer.Option(min=0, help="Same seed, same places and the same minute of each failure.")
    ] = 7,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take all of it away, and close its alerts as a test.")
    ] = False,
) -> None:
    """Play an evening of storm beside the running city: five minutes, and a handful of alerts.

    Some 200 things fail, and each alert lists what has to do with it: two feeders go off, a cable
    is cut, two places are under water, two vehicles collide, a portal is attacked, a tree falls,
    and citizens report it. All of it is marked as simulated, and has sources of its own (storm-…).
    Ctrl-C ends it early.

    Example: cityops demo storm
    """
    with connected(timeout_seconds=PATIENCE_S) as client:
        # Before anything is announced: without a city nobody would see it.
        client.get("/api/alerts", limit=1)
        if remove:
            _remove(client)
        else:
            _play(client, seed)


def _play(client: "Client", seed: int) -> None:
    from services.commandline.film import bar
    from simulators.demo import play
    from simulators.demo.evening import storm
    from streams.clock import wall_clock

    settings, evening, stopping = load(), storm(), threading.Event()
    began = wall_clock()
    with _answering(), _interrupted(stopping), bar() as progress:
        task = progress.add_task("announcing", total=evening.lasts_s)
        number = play.announce(settings, evening, seed)
        notes.print(
            f"an evening of storm, {number} sources, seed {seed}; stop with Ctrl-C", highlight=False
        )

        def told(second: float) -> None:
            progress.update(task, completed=second, description=_now(second))

        try:
            sent = play.play(settings, evening, seed, stopping, told)
            stopping.wait(SETTLES_S)
            found = _alerts(client, began)
        finally:
            play.let_rest(settings)
    roots = [one for one in found if not one["consequence_of"]]
    console.print(
        f"{sent:,} readings, {len(found)} incidents, {len(roots)} alerts that ask for something"
    )
    emit(
        [_root(one) for one in sorted(roots, key=lambda one: str(one["event_time"]))],
        as_json=False,
        columns=("alert", "kind", "where", "with it"),
        folded=("where",),
    )
    notes.print("'cityops alerts show ID' tells what is with it; 'cityops demo storm --remove'")


def _remove(client: "Client") -> None:
    from simulators.demo import play

    with _answering():
        number = play.remove(load())
    ids = [one["id"] for one in _alerts(client, None) if one["state"] not in ("resolved", "normal")]
    closed = 0
    for first in range(0, len(ids), AT_ONCE):
        body = {
            "command_id": str(uuid4()),
            "ids": ids[first : first + AT_ONCE],
            "action": "resolve",
            "disposition": "test",
            "comment": "cityops demo storm --remove",
        }
        closed += sum(one["done"] for one in client.once("/api/alerts/bulk", body))
    if not number and not ids:
        notes.print("there is nothing of it")
        return
    console.print(f"removed: {number} sources; closed as a test: {closed} alerts", highlight=False)


def _alerts(client: "Client", since: int | None) -> list[dict[str, Any]]:
    """Those of the evening's sources; of what was proven not before ``since``."""
    from simulators.demo.evening import PREFIX
    from simulators.demo.play import is_own
    from streams.events import from_rfc3339

    return [
        one
        for one in client.pages("/api/alerts", "alerts", origin="simulated", text=PREFIX)
        if is_own(one["source"]) and (since is None or from_rfc3339(one["decided_at"]) >= since)
    ]


def _root(one: dict[str, Any]) -> dict[str, Any]:
    names = one["names"]
    return {
        "alert": one["id"][:8],
        "kind": names["kind_en"],
        "where": names["source_en"] or one["source"],
        "with it": one["consequence_count"] or 0,
    }


_SAYS = (
    (0, "rain, and the tide is high"),
    (30, "the first feeder is off"),
    (60, "a cable is cut"),
    (90, "water in Lạch Tray"),
    (130, "a collision"),
    (200, "power is back"),
    (240, "the water goes"),
)


def _now(second: float) -> str:
    return next(said for since, said in reversed(_SAYS) if second >= since)


@contextmanager
def _interrupted(stopping: threading.Event) -> Iterator[None]:
    """Ctrl-C ends the evening, and its sources rest; a second one is as always."""

    def stop(_number: int, _frame: object) -> None:
        stopping.set()
        signal.signal(signal.SIGINT, before)

    before: Any = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, stop)
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _answering() -> Iterator[None]:
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
