"""What the service says of rules that sources tell too little: now, and hour by hour."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import numpy as np
import psycopg
import pytest
from kafka import KafkaProducer

from services.api.signin import sign_in
from services.api.users import first_start
from streams.configuration.log import append_missing
from streams.database import connect
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Accounts,
    Blindness,
    Booked,
    Fate,
    Heard,
    Micros,
    Place,
    Rule,
    Sight,
    Source,
    Zone,
    encode,
    to_datetime,
    to_rfc3339,
)
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import positions
from streams.tables.positions import Progress
from streams.tables.rows import rows_of
from streams.tables.writer import PART, copy
from streams.topics import DETECTIONS, FRAMES, HEARTBEATS, physical
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.people import PASSWORD, settle
from tests.support.serving import serving, with_free_port
from tests.support.waiting import eventually

CAMERAS = ("dark", "gone", "new", "shed", "slow", "well", "model")
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


@pytest.fixture
def now() -> Micros:
    return wall_clock()


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    settings = msgspec.structs.replace(with_free_port(settings), admin_password=PASSWORD)
    sources = [
        Source(
            name, "camera", f"Máy {name}", name, "live", Place(20.8, 106.7),
            period=7 * SECOND if name == "new" else SECOND // 5,
        )
        for name in CAMERAS
    ]  # fmt: skip
    loop = Source(
        "loop-1", "loop", "Vòng", "Loop", "live", Place(20.8, 106.7), "gw", period=5 * SECOND
    )
    zones = [Zone(f"z-{name}", name, "Vùng", "Zone", SQUARE) for name in CAMERAS]
    rules = [
        Rule("crowd", "crowd", "low"),
        Rule("jam", "congestion", "low"),
        Rule("quiet", "no_data", "low"),
        Rule("stop", "stopped_vehicle", "low"),
    ]
    append_missing(settings, [*sources, loop, *zones, *rules], "test")
    with connect(settings, "test", autocommit=True) as connection:
        first_start(connection, settings)
        settle(connection)
        token, _ = sign_in(connection, "admin", PASSWORD, "test")
    headers = {"Authorization": f"Bearer {token}"}
    with (
        serving(settings),
        httpx.Client(base_url=settings.api, headers=headers, timeout=30) as client,
    ):
        yield client


def store(settings: Settings, *events: Sight | Accounts, now: Micros) -> None:
    with connect(settings, "test") as connection:
        for event in events:
            for table, rows in rows_of(event).items():
                copy(connection, table, rows)
        positions.load(connection, PART, DETECTIONS, 0)
        advance(connection, now)
        connection.commit()


def advance(connection: psycopg.Connection[Any], now: Micros) -> None:
    progress = Progress(next_offset=1, newest=now)
    positions.advance(connection, PART, DETECTIONS, 0, before=0, progress=progress)


def speak(settings: Settings, cameras: tuple[str, ...], now: Micros) -> None:
    """As ``detect`` does."""
    heard = np.full(len(cameras), now, "<i8").tobytes()
    lag = np.zeros(len(cameras), "<i8").tobytes()
    headers, value = encode(Heard("detect-1", FRAMES, 0, now, now, cameras, heard, lag))
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    topic = physical(settings.namespace, HEARTBEATS)
    producer.send(topic, value, headers=headers, partition=0).get(timeout=10)
    producer.close()


def sight(camera: str, apart: float, reason: Blindness, since: Micros, now: Micros) -> Sight:
    return Sight(camera, since, "live", round(apart * SECOND), reason, since, now)


def account(source: str, fate: Fate, reason: str, number: int, now: Micros) -> Accounts:
    row = Booked(source, now // HOUR * HOUR, fate, reason, number)
    return Accounts("gateway", FRAMES, 0, now, (row,))


def test_each_rule_says_by_what_it_is_not_judged_since_when_and_why(
    settings: Settings, client: httpx.Client, now: Micros
) -> None:
    since = now - 5 * MINUTE
    store(
        settings,
        sight("well", 0.2, "", since, now),
        sight("dark", 0, "", since - MINUTE, since - MINUTE),
        sight("dark", 0, "dark", since, now),
        sight("shed", 4, "missing", since, now),
        account("shed", "shed", "overload", 500, now),
        account("shed", "accepted", "", 20, now),
        sight("slow", 2, "sparse", since, now),
        sight("model", 0, "missing", since, now),
        account("model", "refused", "model_missing", 90, now),
        account("well", "shed", "overload", 3, now),
        account("gone", "shed", "overload", 30, now - MINUTE),  # before it fell silent
        now=now,
    )
    speaking = tuple(name for name in CAMERAS if name not in {"gone", "model"})

    def told() -> set[tuple[str, str, str, str]]:
        speak(settings, speaking, wall_clock())
        found = client.get("/api/unjudged").json()["unjudged"]
        return {(one["rule"], one["source"], one["reason"], one["detail"]) for one in found}

    eventually(lambda: ("crowd", "new", "sparse", "") in told())
    assert told() == {
        *((rule, "dark", "dark", "") for rule in ("crowd", "stop")),
        *((rule, "gone", "unheard", "") for rule in ("crowd", "stop")),
        *((rule, "new", "sparse", "") for rule in ("crowd", "stop")),
        *((rule, "model", "refused", "model_missing") for rule in ("crowd", "stop")),
        ("crowd", "shed", "shed", "overload"),  # four seconds apart are enough for who stands
        ("crowd", "slow", "sparse", ""),
        ("jam", "loop-1", "unheard", ""),
    }
    (dark,) = client.get("/api/unjudged", params={"rule": "stop", "source": "dark"}).json()[
        "unjudged"
    ]
    assert dark["since"] == to_rfc3339(since)
    assert dark["apart_seconds"] is None
    partly = {one["rule"]: one for one in client.get("/api/status").json()["unjudged"]["partly"]}
    assert sorted(partly) == ["crowd", "jam", "stop"]
    assert partly["crowd"]["sources"] == 6
    assert sum(partly["crowd"]["reasons"].values()) == 6
    assert len(partly["crowd"]["places"]) == 3
    by_id = {one["id"]: one for one in client.get("/api/sources").json()["sources"]}
    assert by_id["well"]["unjudged"] == []
    assert [one["rule"] for one in by_id["shed"]["unjudged"]] == ["crowd"]
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    shown = cityops("status", env=there).stdout
    assert "not judged: 3 rules in" in shown
    assert "rule crowd: not judged by" in shown


def test_hours_say_for_how_long_a_rule_was_not_judged(
    settings: Settings, client: httpx.Client, now: Micros
) -> None:
    hour = now // HOUR * HOUR - 2 * HOUR
    store(
        settings,
        sight("shed", 0.2, "", hour - 10 * MINUTE, hour - 10 * MINUTE),
        sight("shed", 4, "missing", hour + 40 * MINUTE, hour + 41 * MINUTE),
        sight("shed", 0.2, "", hour + 75 * MINUTE, hour + 76 * MINUTE),
        sight("dark", 0, "dark", hour + 30 * MINUTE, hour + 31 * MINUTE),
        sight("dark", 0.2, "", hour + 36 * MINUTE, hour + 37 * MINUTE),
        sight("well", 0.2, "", hour, hour),
        now=now,
    )
    asked = {"since": to_rfc3339(hour - 5 * MINUTE)}
    found = client.get("/api/unjudged/hours", params=asked).json()["hours"]
    first, second = to_rfc3339(hour), to_rfc3339(hour + HOUR)
    assert [(one["hour"], one["rule"], one["reason"], one["seconds"]) for one in found] == [
        (second, "crowd", "missing", 900.0),
        (first, "crowd", "dark", 360.0),
        (first, "crowd", "missing", 1200.0),
        (first, "stop", "dark", 360.0),
    ]
    only = client.get("/api/unjudged/hours", params={**asked, "source": "well"}).json()["hours"]
    assert only == []
    long = {"since": to_rfc3339(now - 40 * 24 * HOUR)}
    assert client.get("/api/unjudged/hours", params=long).status_code == 422
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    shown = cityops("status", "--accounts", "--since", "3h", env=there).stdout
    assert "rule crowd by a camera for 15.0 min together: missing" in shown
    said = json.loads(cityops("status", "--accounts", "--since", "3h", "--json", env=there).stdout)
    assert {one["rule"] for one in said["unjudged"]} == {"crowd", "stop"}
    assert to_datetime(hour) - to_datetime(now) > -timedelta(hours=4)
