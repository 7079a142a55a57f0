"""The alerts service's HTTP interface on a port of its own, within the test's process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import uvicorn
from fastapi import FastAPI

from services.api.app import create_app
from streams.settings import Settings
from tests.support.waiting import eventually


def with_free_port(settings: Settings) -> Settings:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return msgspec.structs.replace(settings, http_port=free.getsockname()[1])


@contextmanager
def serving(settings: Settings) -> Iterator[FastAPI]:
    """Until the end of the context; ``settings`` name a port that is free."""
    app = create_app(settings)
    config = uvicorn.Config(app, port=settings.http_port, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield app
    finally:
        app.state.live.close_soon()
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()
