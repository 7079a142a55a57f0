"""The alerts service's HTTP interface on a port of its own, within the test's process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from fastapi import FastAPI

from services.api.app import create_app
from services.web.server import server_of
from streams.settings import Settings
from tests.support.waiting import PATIENCE_SECONDS, eventually


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def with_free_port(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, http_port=free_port())


@contextmanager
def serving(settings: Settings) -> Iterator[FastAPI]:
    """Until the end of the context; ``settings`` name a port that is free."""
    app = create_app(settings)
    server = server_of(app, settings, app.state.live.close_soon)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield app
    finally:
        server.end()
        thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
