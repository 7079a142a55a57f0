"""``cityops demo storm``: an evening of storm beside the running city, and away again."""

import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.evenings import (
    PATIENCE_S,
    SETTLES_S,
    alerts_of,
    answering,
    close,
    interrupted,
)
from services.commandline.output import console, counted, emit, notes
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client


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
    with answering(), interrupted(stopping), bar() as progress:
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
            if stopping.is_set():
                notes.print("ended early: what explains what is decided within a minute or so")
            found = alerts_of(client, evening.prefix, began)
        finally:
            play.let_rest(settings, evening)
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
    from simulators.demo.evening import storm

    with answering():
        number = play.remove(load(), storm())
    closed = close(client, alerts_of(client, storm().prefix, None), "cityops demo storm --remove")
    if not number and not closed:
        notes.print("there is nothing of it")
        return
    console.print(
        f"removed: {counted(number, 'source')}; closed as a test: {counted(closed, 'alert')}",
        highlight=False,
    )


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
