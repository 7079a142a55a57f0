"""Very many clients resume the live stream at once, as consoles do when the service comes back."""

import asyncio
import time
from collections import Counter
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest

from services.alerts import store
from services.alerts.exhibits import exhibit
from services.alerts.lifecycle import receive
from services.api import app, backlog
from services.api.users import first_start
from streams.database import connect
from streams.events import MINUTE
from streams.settings import Settings
from tests.support.alerting import START, incident
from tests.support.serving import serving, with_free_port

CLIENTS = 200
MISSED = 70
STARTS = 50
"""So many different sequences do they resume after."""
MOST = app.CONNECTIONS + backlog.READERS + 2
"""Connections of the service, with the one by which it hears of what is new, and the one by which
it knows that the database lives."""


def raise_alerts(connection: store.Connection, number: int) -> None:
    with connection.transaction():
        store.lock(connection)
        for n in range(number):
            one = incident(start=START + n * MINUTE, source=f"cam-{n}")
            evidence = tuple(exhibit(each) for each in one.evidence)
            store.append(connection, None, receive(None, one, None, evidence=evidence), "test")


async def resume(settings: Settings, token: str, after: int, last: int) -> list[int]:
    """Sequences as they come, up to the last; asks again after a second where it is refused."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.http_port)
        try:
            asked = f"GET /api/events?after={after} HTTP/1.1\r\nHost: x\r\n"
            writer.write(f"{asked}Authorization: Bearer {token}\r\n\r\n".encode())
            if b" 200 " not in await reader.readline():
                await asyncio.sleep(1)
                continue
            got: list[int] = []
            sequence = 0
            while not got or got[-1] < last:
                line = await reader.readline()
                if line.startswith(b"id: "):
                    sequence = int(line[4:])
                elif line.startswith(b"event: alert"):
                    got.append(sequence)
                elif line.startswith(b"event: reset"):
                    raise AssertionError("told to load everything again")
            return got
        finally:
            writer.close()


class Storm(NamedTuple):
    first: int
    """The sequence before the oldest that is missed."""
    got: list[list[int]]
    connections: int
    """The most that the service had at a time."""
    longest: float
    """Seconds that it took at most to say that it is healthy."""


async def watched(settings: Settings, done: asyncio.Event) -> tuple[int, float]:
    most, longest = 0, 0.0
    async with (
        await psycopg.AsyncConnection.connect(settings.database, autocommit=True) as own,
        httpx.AsyncClient(base_url=settings.api, timeout=60) as client,
    ):
        while not done.is_set():
            found = await own.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s",
                [f"cityops {settings.namespace} alerts-%"],
            )
            (number,) = await found.fetchone() or (0,)
            most, began = max(most, number), time.monotonic()
            assert (await client.get("/healthz")).status_code == 200
            longest = max(longest, time.monotonic() - began)
    return most, longest


def storm(settings: Settings, clients: int) -> Storm:
    """So many clients resume at once; not all have missed the same."""
    settings = with_free_port(settings)

    async def all_at_once(token: str, first: int) -> Storm:
        done = asyncio.Event()
        watching = asyncio.create_task(watched(settings, done))
        each = (resume(settings, token, first + n % STARTS, first + MISSED) for n in range(clients))
        got = await asyncio.wait_for(asyncio.gather(*each), 300)
        done.set()
        return Storm(first, got, *await watching)

    with connect(settings, "test", autocommit=True) as connection:
        first_start(connection, settings)
        raise_alerts(connection, MISSED)
        row = connection.execute("SELECT min(sequence) - 1 FROM alert_transitions").fetchone()
        assert row
        with serving(settings):
            token = settings.secret("token").read_text().strip()
            return asyncio.run(all_at_once(token, row[0]))


def test_each_gets_what_it_missed_once_and_the_service_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = Counter[int]()
    read = backlog.read

    async def counted(own: psycopg.AsyncConnection[Any], after: int) -> list[backlog.Streamed]:
        reads[after] += 1
        return await read(own, after)

    monkeypatch.setattr(backlog, "PAGE", 20)
    monkeypatch.setattr(backlog, "read", counted)
    found = storm(settings, CLIENTS)
    for n, sequences in enumerate(found.got):
        assert sequences == list(range(found.first + n % STARTS + 1, found.first + MISSED + 1))
    assert found.connections <= MOST
    assert sum(reads.values()) < CLIENTS / 4, reads
    assert found.longest < 20


def test_control_a_reader_for_each_client_takes_a_connection_for_each(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def alone(self: backlog.Backlog, sequence: int) -> list[backlog.Streamed]:
        async with await backlog.connection(self._settings) as own:
            await asyncio.sleep(1)  # so long do two hundred keep each other waiting
            return await backlog.read(own, sequence)

    monkeypatch.setattr(backlog.Backlog, "after", alone)
    assert storm(settings, 2 * MOST).connections > MOST
