"""Who keeps the service waiting over HTTP/1.1 loses the connection; others are not kept waiting."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.web import connections
from services.web.connections import Bounds, bounded
from tests.support.waiting import eventually

PATIENCE = 0.5


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """``/large`` answers without an end, everything else with a word."""
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000 if scope["path"] == "/large" else 0):
        await send({"type": "http.response.body", "body": b"x" * 2**16, "more_body": True})
    await send({"type": "http.response.body", "body": b"here"})


@contextmanager
def served(http: type[asyncio.Protocol]) -> Iterator[tuple[int, uvicorn.Server]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = uvicorn.Config(
        app,
        port=port,
        http=http,
        ws="none",
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        timeout_keep_alive=1,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield port, server
    finally:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", PATIENCE)
    monkeypatch.setattr(connections, "READ_SECONDS", PATIENCE)


def connected(port: int, sent: bytes = b"", host: str = "127.0.0.1") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), 10, source_address=(host, 0))
    line.sendall(sent)
    return line


def end_of(line: socket.socket) -> bytes | None:
    """What comes until the connection ends; None: it does not end."""
    line.settimeout(10 * PATIENCE)
    found = b""
    try:
        while more := line.recv(2**16):
            found += more
    except TimeoutError:
        return None
    except ConnectionError:
        pass
    return found


SLOW = [
    b"",
    b"G",
    b"GET / HTTP/1.1\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /second",
]


@pytest.mark.parametrize("sent", SLOW)
def test_the_head_of_a_request_comes_in_time_or_not_at_all(sent: bytes) -> None:
    with served(bounded(())) as (port, _), connected(port, sent) as line:
        answer = end_of(line)
        assert answer is not None
        assert (b" 408 " in answer) == (len(sent) > 0 and b"\r\n\r\n" not in sent)


def test_who_sends_a_byte_now_and_then_is_not_waited_for() -> None:
    with served(bounded(())) as (port, _), connected(port, b"GET / HTTP/1.1\r\n") as line:
        began = time.monotonic()
        while time.monotonic() - began < 20 * PATIENCE:
            try:
                line.sendall(b"X-A: b\r\n")
            except ConnectionError:
                return
            time.sleep(PATIENCE / 4)
    raise AssertionError("it is still listened to")


@pytest.mark.parametrize("sent", SLOW[:4])
def test_control_without_bounds_it_waits_for_ever(sent: bytes) -> None:
    with served(H11Protocol) as (port, _), connected(port, sent) as line:
        assert end_of(line) is None


def test_a_connection_that_does_not_read_ends() -> None:
    asked = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
    with served(bounded(())) as (port, server), connected(port, asked):
        eventually(lambda: len(server.server_state.connections) == 1)
        eventually(lambda: not server.server_state.connections)


def test_control_without_bounds_one_that_does_not_read_stays() -> None:
    asked = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
    with served(H11Protocol) as (port, server), connected(port, asked):
        eventually(lambda: len(server.server_state.connections) == 1)
        time.sleep(6 * PATIENCE)
        assert server.server_state.connections


def test_one_address_does_not_keep_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 5)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 30)
    asked = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with served(bounded(())) as (port, _), ExitStack() as open_ones:
        held = [open_ones.enter_context(connected(port)) for _ in range(5)]
        with connected(port) as sixth:
            assert b" 503 " in (end_of(sixth) or b"")
        with connected(port, asked, "127.0.0.2") as other:
            assert b"here" in (end_of(other) or b"")
        held[0].close()

        def taken() -> bool:
            with connected(port, asked) as again:
                return b"here" in (end_of(again) or b"")

        eventually(taken)


def test_there_is_a_most_of_all_and_a_proxy_has_no_limit_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 2)
    monkeypatch.setattr(connections, "MOST", 8)
    bounds = Bounds(["10.0.0.0/30"])
    assert [bounds.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [bounds.enter("10.0.0.1") for _ in range(7)] == [True] * 6 + [False]
    assert not bounds.enter("192.0.2.9")
    bounds.leave("10.0.0.1")
    assert bounds.enter("192.0.2.9")


def test_a_head_has_an_end() -> None:
    with served(bounded(())) as (port, _):
        sent = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"b" * 2**18
        with connected(port) as line:
            try:
                line.sendall(sent)
            except ConnectionError:
                return
            assert b" 400 " in (end_of(line) or b" 400 ")
