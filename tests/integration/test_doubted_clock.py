"""While the machine's clock is not believed, what people see and do goes by event time."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from services.alerts import store
from services.alerts.lifecycle import receive
from services.api.users import first_start
from streams.database import connect
from streams.events import DAY, MINUTE, SECOND, Micros, from_rfc3339
from streams.kafka.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support.alerting import incident
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.serving import serving, with_free_port
from tests.support.waiting import eventually

NEAR: Micros = 30 * SECOND


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    settings = with_free_port(settings)
    with connect(settings, "test", autocommit=True) as connection:
        first_start(connection, settings)
        with connection.transaction():
            store.lock(connection)
            store.append(connection, None, receive(None, incident(), None), "test")
    headers = {"Authorization": f"Bearer {settings.secret('token').read_text().strip()}"}
    with (
        serving(settings),
        httpx.Client(base_url=settings.api, headers=headers, timeout=30) as client,
    ):
        yield client


def told(client: httpx.Client) -> Micros:
    """The time that the live stream gives a console to count ages by."""
    with client.stream("GET", "/api/events", timeout=20) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                return from_rfc3339(json.loads(line[6:])["time"])
    raise AssertionError("the stream says nothing")


def offset(time: Micros) -> Micros:
    return wall_clock() - time


@pytest.mark.parametrize("ahead", [40 * DAY, 10 * MINUTE, 0, -10 * MINUTE, -40 * DAY])
def test_ages_acts_and_accounts_go_by_event_time(
    settings: Settings, client: httpx.Client, ahead: Micros
) -> None:
    def is_heard() -> bool:
        gateway.beat(clock_ahead=ahead)
        return bool(client.get("/api/status").json()["parts"])

    gateway = Beat(settings, "gateway")
    try:
        eventually(is_heard)
    finally:
        gateway.close()
    assert abs(offset(told(client)) - ahead) < NEAR

    alert = client.get("/api/alerts").json()["alerts"][0]
    act = {"command_id": str(uuid4()), "expected_version": alert["version"], "comment": ""}
    done = client.post(f"/api/alerts/{alert['id']}/acknowledge", json=act).json()
    assert abs(offset(from_rfc3339(done["acknowledged_at"])) - ahead) < NEAR

    event_time = datetime.fromisoformat(client.get("/api/clock").json()["event_time"])
    since = (event_time - timedelta(hours=1)).isoformat()
    assert client.get("/api/unjudged/hours", params={"since": since}).status_code == 200
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    for asked in ([], ["--since", "1h"], ["--since", "90d"]):
        shown = cityops("status", "--accounts", *asked, env=there)
        assert shown.exit_code == 0, shown.output
