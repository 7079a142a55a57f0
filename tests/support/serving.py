"""The alerts service's HTTP interface on a port of its own, within the test's process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from fastapi import FastAPI

from deploy.local import ports
from services.api.app import create_app
from services.web.server import server_of
from streams.settings import Settings
from tests.support.waiting import PATIENCE_SECONDS, eventually


def with_free_port(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, http_port=ports.free())


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
