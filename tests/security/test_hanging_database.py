"""A database that hangs refuses nothing, and everybody would wait for it: they are told instead."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import msgspec
import psutil
import psycopg
import pytest

from services.api import pulse
from services.api.users import first_start
from streams.database import connect
from streams.settings import Settings
from tests.support.serving import serving, with_free_port
from tests.support.swallowing import Swallower, swallowing
from tests.support.waiting import Doze, eventually

ASKED = ("/healthz", "/api/alerts", "/api/status", "/api/session", "/api/incidents")
MOST_SECONDS = 2.0
TURNS = 4
"""How often a busy machine has to let somebody run, from the question to the answer."""


@contextmanager
def over_a_line(settings: Settings) -> Iterator[tuple[Settings, Swallower, dict[str, str]]]:
    with connect(settings, "test", autocommit=True) as own:
        first_start(own, settings)
    token = settings.secret("token").read_text().strip()
    with swallowing(settings.database_url) as (line, there):
        own_settings = msgspec.structs.replace(with_free_port(settings), database_url=there)
        with serving(own_settings) as app:
            app.state.problem = lambda: ""
            eventually(lambda: answers(own_settings, "/healthz")[0] == 200)
            yield own_settings, line, {"Authorization": f"Bearer {token}"}


def answers(
    settings: Settings, path: str, headers: dict[str, str] | None = None, **how: Any
) -> tuple[int, float]:
    """Status, and seconds that it took.

    Without certificates: to read all of them, in each of sixty threads, takes longer than what is
    measured.
    """
    method = how.pop("method", "GET")
    with httpx.Client(base_url=settings.api, headers=headers, timeout=30, verify=False) as client:
        began = time.monotonic()
        answer = client.request(method, path, **how)
    return answer.status_code, time.monotonic() - began


def test_all_are_told_in_time_that_it_hangs_and_it_serves_on_afterwards(settings: Settings) -> None:
    with (
        over_a_line(settings) as (own, line, who),
        ThreadPoolExecutor(60) as crowd,
        Doze() as doze,
    ):
        line.swallow()
        first = list(crowd.map(lambda n: answers(own, ASKED[n % 5], who), range(60)))
        assert {status for status, _ in first} == {503}
        # The first wait until it is noticed; on a busy machine so do their sockets.
        assert max(took for _, took in first) < 2 * MOST_SECONDS + TURNS * doze.overslept
        for path in ASKED:
            status, took = answers(own, path, who)
            in_time = took < MOST_SECONDS + TURNS * doze.overslept
            assert (status, in_time) == (503, True), (path, took)
        body = {"name": "admin", "password": "x"}
        status, took = answers(own, "/api/session", method="POST", json=body)
        assert (status, took < MOST_SECONDS + TURNS * doze.overslept) == (503, True)
        assert answers(own, "/openapi.json", who)[0] in (200, 401, 404)  # it needs none
        line.pass_on()
        eventually(lambda: answers(own, "/healthz")[0] == 200)
        for path in ASKED:
            assert answers(own, path, who)[0] == 200, path


def test_control_without_a_sign_of_life_they_wait(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse.Pulse, "start", lambda self: None)
    with over_a_line(settings) as (own, line, who):
        line.swallow()
        began = time.monotonic()
        try:
            # Where the pool has no connection left it gives up by itself, later than is promised.
            with suppress(httpx.ReadTimeout):
                httpx.get(f"{own.api}/api/alerts", headers=who, timeout=3 * MOST_SECONDS)
        finally:
            line.pass_on()
        assert time.monotonic() - began > 2 * MOST_SECONDS


def test_a_stopped_server_is_a_hanging_one(settings: Settings) -> None:
    """SIGSTOP of what the service's own connections lead to."""
    with over_a_line(settings) as (own, _, who), Doze() as doze:
        with connect(settings, "test", autocommit=True) as asking:
            rows = asking.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE %s",
                [f"cityops {settings.namespace} alerts-%"],
            ).fetchall()
        stopped = [pid for (pid,) in rows if psutil.pid_exists(pid)]
        if not stopped or not all(_is_postgres(pid) for pid in stopped):
            pytest.skip("the database runs elsewhere")
        try:
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            found = []
            until = time.monotonic() + 3 * MOST_SECONDS
            while time.monotonic() < until:
                found.append(answers(own, "/api/alerts", who))
                time.sleep(0.05)
            most = 2 * MOST_SECONDS + TURNS * doze.overslept
            assert all(took < most for _, took in found), found
            assert {status for status, _ in found} <= {200, 503}
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        eventually(lambda: answers(own, "/api/alerts", who)[0] == 200)


def _is_postgres(pid: int) -> bool:
    try:
        return psutil.Process(pid).name().startswith(("postgres", "ld-linux"))
    except psutil.NoSuchProcess:
        return False


def test_a_stream_goes_on_and_misses_nothing(settings: Settings) -> None:
    with over_a_line(settings) as (own, line, who):
        came: list[str] = []
        ended = threading.Event()

        def listen() -> None:
            with (
                httpx.Client(timeout=30) as client,
                client.stream("GET", f"{own.api}/api/events", headers=who) as stream,
            ):
                for text in stream.iter_lines():
                    came.append(text)
                    if ended.is_set():
                        return

        listener = threading.Thread(target=listen)
        listener.start()
        eventually(lambda: "event: hello" in came)
        line.swallow()
        eventually(lambda: answers(own, "/healthz")[0] == 503)
        heard = len(came)
        eventually(lambda: came[heard:].count("event: alive") >= 2, 60)
        line.pass_on()
        eventually(lambda: answers(own, "/healthz")[0] == 200)
        ended.set()
        listener.join(30)
        assert not listener.is_alive()


def test_a_waiting_thread_is_freed(settings: Settings) -> None:
    with swallowing(settings.database_url) as (line, there):
        own = msgspec.structs.replace(settings, database_url=there)
        with connect(own, "test", autocommit=True) as connection, ThreadPoolExecutor(1) as thread:
            line.swallow()
            asked = thread.submit(connection.execute, "SELECT 1")
            time.sleep(0.2)
            assert not asked.done()
            pulse.shut(connection)
            with pytest.raises(psycopg.OperationalError):
                asked.result(10)
            line.pass_on()


def test_an_answer_that_was_not_heard_in_a_busy_process_counts() -> None:
    async def busy() -> str:
        async def answer() -> str:
            await asyncio.sleep(pulse.PATIENCE_SECONDS - 0.2)
            return "here"

        asking = asyncio.create_task(pulse.within(answer()))
        await asyncio.sleep(0.1)
        time.sleep(pulse.PATIENCE_SECONDS + 0.5)
        return await asking

    assert asyncio.run(busy()) == "here"


async def test_who_gives_up_leaves_nobody_waiting_on_a_line_that_is_then_closed(
    settings: Settings,
) -> None:
    """Under uvloop that would end the process: a closed file is still waited for."""
    others = asyncio.all_tasks()
    with swallowing(settings.database_url) as (line, there):
        for cancelled in (False, True):
            line.pass_on()
            own = await psycopg.AsyncConnection.connect(there, autocommit=True)
            line.swallow()
            asking = asyncio.create_task(pulse.within(own.execute("SELECT 1"), own))
            if cancelled:
                await asyncio.sleep(0.2)
                asking.cancel()
            with pytest.raises((TimeoutError, asyncio.CancelledError)):
                await asking
            assert asyncio.all_tasks() == others
            await own.close()
        connecting = asyncio.create_task(
            pulse.within(psycopg.AsyncConnection.connect(there, connect_timeout=10))
        )
        with pytest.raises(TimeoutError):
            await connecting
        assert asyncio.all_tasks() == others
        line.pass_on()
