"""No answer of the service that its description does not have, and no fault, whatever is asked."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI

from services.api import users
from services.api.routes import clock
from tests.support.described import ask_all
from tests.support.desk import Desk, open_desk
from tests.support.waiting import eventually

STREAMS = ("/api/events", "/api/wall")
"""They have no end; what the first refuses is tested in test_hostile_input.py."""


@pytest.fixture
def desk(
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    monkeypatch.setattr(clock, "ANSWER_SECONDS", 0.0)  # there is no gateway to wait for
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        frames = desk.app.state.frames
        desk.app.state.frames = SimpleNamespace(newest=lambda _camera: None)  # nor Kafka
        yield desk
        desk.app.state.frames = frames


def seed(desk: Desk) -> dict[str, dict[str, str]]:
    """Something of every sort; by path up to its parameter, the parameters that name it."""
    machine = desk.machine()
    zone = {"id": "zone-1", "source": "cam-1", "polygon": [[0, 0], [1, 0], [1, 1]]}
    rule = {"id": "rule-1", "kind": "crowd", "severity": "low", "zones": ["zone-1"]}
    camera = {"id": "cam-1", "address": "rtsp://10.0.0.5/ch1", "zones": [zone], "rules": [rule]}
    machine.post("/api/cameras", json=camera).raise_for_status()
    desk.person(name="lan")
    return {
        "/api/alerts/": {"id": desk.alert()},
        "/api/cameras/": {"id": "cam-1", "camera": "cam-1"},
        "/api/feeds/": {"id": "loops"},
        "/api/rules/": {"id": "rule-1"},
        "/api/sources/": {"id": "cam-1"},
        "/api/users/": {"name": "lan"},
        "/api/zones/": {"id": "zone-1"},
    }


@pytest.mark.parametrize(
    ("seconds", "examples"), [(15, 12), pytest.param(600, 300, marks=pytest.mark.slow)]
)
@pytest.mark.timeout(900)
def test_what_an_administrator_may_ask_is_answered_as_described(
    desk: Desk, seconds: float, examples: int
) -> None:
    name, things = desk.person("administrator"), seed(desk)

    def signed_in() -> dict[str, str]:
        desk.database.execute("DELETE FROM sign_in_failures")
        token, _ = users.keep(desk.database, name, users.CONSOLE, seconds=3600)
        return {"Authorization": f"Bearer {token}"}

    def known(path: str) -> dict[str, str]:
        return next((found for start, found in things.items() if path.startswith(start)), {})

    asked = ask_all(
        desk.settings.api,
        signed_in,
        seconds=seconds,
        examples=examples,
        passed_over=frozenset(STREAMS),
        known=known,
    )
    assert not asked.faults, "\n".join(asked.faults)
    described = desk.client().get("/openapi.json").json()["paths"]
    assert len(asked.counts) == sum(map(len, described.values())) - len(STREAMS)
    assert sum(asked.counts.values()) > 2 * len(asked.counts)


def test_a_service_that_is_not_as_described_is_found_out() -> None:
    double = FastAPI()

    @double.get("/fault")
    def fault(number: int) -> dict[str, int]:
        return {"a": 1 // number}

    @double.get("/other")
    def other(text: str) -> dict[str, int]:
        return {"a": text}  # type: ignore[dict-item]

    server = uvicorn.Server(uvicorn.Config(double, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        asked = ask_all(f"http://127.0.0.1:{port}", dict, seconds=20, examples=20)
    finally:
        server.should_exit = True
        thread.join(30)
    assert any("GET /fault: 500" in fault for fault in asked.faults)
    assert any("no problem document" in fault for fault in asked.faults), "FastAPI's own 422"
    assert any("GET /other: 500" in fault for fault in asked.faults)
