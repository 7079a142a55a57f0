"""Threads of the alerts service that end by a defect end the service, so that somebody sees it."""

import threading
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from services.alerts.pacing import Pacing
from services.api.main import Service
from services.web.server import Server
from streams.settings import Settings


class Defective(Pacing):
    def run(self, stop: threading.Event) -> None:
        raise ZeroDivisionError("a defect")


@pytest.mark.parametrize("defective", [True, False])
def test_deciding_that_fails_ends_the_service(tmp_path: Path, defective: bool) -> None:
    async def app(*_: Any) -> None: ...

    settings = Settings(state_dir=tmp_path)
    closed: list[str] = []
    server = Server(uvicorn.Config(app), lambda: closed.append("streams"))
    service = Service(settings)
    service._stop.set()  # control: without a defect it ends when it is told to
    pacing = (Defective if defective else Pacing)(settings, lambda: None)
    service._pace(pacing, server)
    assert server.should_exit is defective
    assert bool(closed) is defective
    assert isinstance(service._failure, ZeroDivisionError) is defective
