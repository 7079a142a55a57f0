"""That the machine's clock is right after all: asked for by people, done by the gateway.

Connections must be in autocommit.
"""

import time
from typing import Any

import psycopg

from streams.events import Micros

Connection = psycopg.Connection[Any]
LOOK_SECONDS = 0.1


def ask(connection: Connection, ahead: Micros, actor: str) -> int:
    """Gives the order's number. ``ahead``: what the person saw, so that no other step is meant."""
    row = connection.execute(
        "INSERT INTO clock_orders (ahead_us, actor) VALUES (%s, %s) RETURNING id", (ahead, actor)
    ).fetchone()
    assert row is not None
    return int(row[0])


def pending(connection: Connection) -> list[tuple[int, Micros]]:
    """(number, ahead) of what nobody has answered yet, oldest first."""
    return connection.execute(
        "SELECT id, ahead_us FROM clock_orders WHERE done_at IS NULL ORDER BY id"
    ).fetchall()


def answer(connection: Connection, number: int, taken: bool) -> None:
    connection.execute(
        "UPDATE clock_orders SET done_at = clock_timestamp(), taken = %s WHERE id = %s",
        (taken, number),
    )


def wait(connection: Connection, number: int, timeout_seconds: float) -> bool | None:
    """Whether the clock was taken over; None: the gateway has not answered in time.

    Then the order is withdrawn: a clock is not taken over behind the back of who gave up.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        row = connection.execute(
            "SELECT taken FROM clock_orders WHERE id = %s", (number,)
        ).fetchone()
        if row is not None and row[0] is not None:
            return bool(row[0])
        if time.monotonic() > deadline:
            withdrawn = connection.execute(
                "UPDATE clock_orders SET done_at = clock_timestamp(), taken = false"
                " WHERE id = %s AND done_at IS NULL",
                (number,),
            )
            if withdrawn.rowcount == 1:
                return None
        time.sleep(LOOK_SECONDS)
