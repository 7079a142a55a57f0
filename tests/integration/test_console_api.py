"""What the console asks of the service beside alerts: its own files, live pictures, the status."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from fastapi import FastAPI
from kafka import KafkaProducer

from models.registry import Registry
from services.api import outage, static
from services.api.life import Acquaintance
from services.api.signin import sign_in
from services.api.small import BYTES_AT
from services.api.users import first_start
from services.privacy.masker import Masker
from streams.configuration import clock_orders
from streams.configuration.log import append_missing, current, rest
from streams.database import connect
from streams.events import (
    DAY,
    MINUTE,
    SECOND,
    Heard,
    Heartbeat,
    Place,
    Rule,
    Source,
    Tick,
    encode,
    to_rfc3339,
)
from streams.kafka.heartbeat import Beat
from streams.kafka.outage import away as away_of
from streams.kafka.publisher import Publisher
from streams.readers import PARTS, READS
from streams.settings import Settings
from streams.stamps import steady_clock, wall_clock
from streams.topics import HEARTBEATS, READINGS, physical
from tests.support.alerting import Kafka, photograph
from tests.support.commandline import cityops
from tests.support.extension import extended
from tests.support.fleet import environment
from tests.support.people import PASSWORD, settle
from tests.support.serving import serving, with_free_port
from tests.support.waiting import eventually

PAGE = {"Accept": "text/html"}

MOST_AT_240 = dict(BYTES_AT)[240]


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    kafka = Kafka(settings)
    yield kafka
    kafka.close()


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The service; two cameras are configured, and ``admin`` may sign in."""
    settings = msgspec.structs.replace(with_free_port(settings), admin_password=PASSWORD)
    cameras = [
        Source(camera, "camera", "Cầu Rào", "Rào bridge", origin, Place(20.8, 106.7), period=SECOND)
        for camera, origin in (("cam-1", "live"), ("cam-2", "recorded"))
    ]
    append_missing(settings, cameras, "test")
    with connect(settings, "test", autocommit=True) as connection:
        first_start(connection, settings)
        settle(connection)
    with serving(settings) as app:
        yield app


@pytest.fixture
def client(settings: Settings, app: FastAPI) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    with connect(settings, "test", autocommit=True) as connection:
        token, _ = sign_in(connection, "admin", PASSWORD, "test")
    headers = {"Authorization": f"Bearer {token}"}
    api = app.state.settings.api
    with httpx.Client(base_url=api, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console of one page and one script."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the page</title>")
    (folder / "assets" / "main-1.js").write_text("plain")
    (folder / "assets" / "main-1.js.gz").write_bytes(b"squeezed")
    (folder / "pages.json").write_text('["cameras"]')
    (folder / "pushed.js").write_text("shows")
    (folder / "cityops.webmanifest").write_text("{}")
    (folder / "secret.txt").write_text("not for browsers")
    monkeypatch.setattr(static, "BUILT", folder)
    return folder


def test_browsers_get_the_page_and_programs_the_description(
    built: Path, client: httpx.Client
) -> None:
    page = client.get("/", headers=PAGE)
    assert page.text == "<title>the page</title>"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert client.get("/").json()["name"] == "CityOps"
    for path in ("/cameras", "/cameras/cam-1"):
        assert client.get(path, headers=PAGE).text == page.text, path
        assert client.get(path).status_code == 404, path
    # Where there is none the page says so itself, and the API as it says everything.
    for path in ("/camerasx", "/pages.json", "/a/b", "/apis", "/assets/none.js"):
        nothing = client.get(path, headers=PAGE | {"Range": "bytes=0-1"})
        assert (nothing.status_code, nothing.text) == (404, page.text), path
        assert (
            nothing.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
        ), path
        assert client.get(path).json()["reason"] == "not_found", path
    for path in ("/api", "/api/", "/api/nothing", "/healthz/x", "/openapi.json/x"):
        nothing = client.get(path, headers=PAGE)
        assert (nothing.status_code, nothing.json()["reason"]) == (404, "not_found"), path
    assert client.post("/nothing", headers=PAGE).json()["reason"] == "not_found"


def test_assets_are_kept_for_ever_and_nothing_beside_them_is_served(
    built: Path, client: httpx.Client
) -> None:
    script = client.get("/assets/main-1.js", headers={"Accept-Encoding": "identity"})
    assert script.text == "plain"
    assert "immutable" in script.headers["Cache-Control"]
    asked = client.build_request("GET", "/assets/main-1.js", headers={"Accept-Encoding": "gzip"})
    squeezed = client.send(asked, stream=True)
    assert b"".join(squeezed.iter_raw()) == b"squeezed"
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert "javascript" in squeezed.headers["Content-Type"]
    worker = client.get("/pushed.js")
    assert (worker.text, worker.headers["Cache-Control"]) == ("shows", "no-cache")
    assert "javascript" in worker.headers["Content-Type"]
    manifest = client.get("/cityops.webmanifest")
    assert (manifest.text, manifest.headers["Content-Type"]) == ("{}", "application/manifest+json")
    for path in ("/assets/../secret.txt", "/assets/%2e%2e%2fsecret.txt", "/assets/", "/secret.txt"):
        assert client.get(path).status_code == 404, path


def test_a_camera_shows_its_newest_frame(client: httpx.Client, kafka: Kafka) -> None:
    silent = client.get("/api/cameras/cam-1/picture", timeout=30)
    assert (silent.status_code, silent.json()["reason"]) == (404, "no_picture")
    unknown = client.get("/api/cameras/cam-3/picture")
    assert (unknown.status_code, unknown.json()["reason"]) == (404, "no_camera")
    first, second = photograph(number=1), photograph(time=wall_clock(), number=2)
    for frame in (first, photograph("cam-2"), second):
        kafka.frame(frame)

    def newest() -> httpx.Response:
        return client.get("/api/cameras/cam-1/picture", timeout=30)

    moment = to_rfc3339(second.time)
    eventually(lambda: newest().headers.get("X-Frame-Time") == moment)
    found = newest()
    masked = Masker(Registry()).mask(second.jpeg, second.origin)
    assert (found.content, found.headers["X-Picture-Masked"]) == (masked.jpeg(), masked.said)
    assert found.headers["X-Frame-Time"] == to_rfc3339(second.time)
    assert found.headers["X-Frame-Origin"] == "simulated"
    tile = client.get("/api/cameras/cam-1/picture?width=240")
    assert tile.headers["Content-Type"] == "image/webp"
    assert tile.headers["ETag"] != found.headers["ETag"]
    said = sum(len(name) + len(value) + 4 for name, value in tile.headers.raw)
    assert 16 * 60 * (MOST_AT_240 + said) < 3_000_000, "a wall of 16, once a second for a minute"
    again = client.get(
        "/api/cameras/cam-1/picture", headers={"If-None-Match": found.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_status_names_who_is_silent(
    settings: Settings, app: FastAPI, client: httpx.Client
) -> None:
    """Of whom nothing came yet it says so, until it would have been their turn."""

    def waited_for() -> tuple[int, list[str]]:
        status = client.get("/api/status").json()
        return status["awaited"], [source["id"] for source in status["silent"]]

    app.state.acquaintance = Acquaintance(steady_clock())
    assert waited_for() == (2, [])
    assert [one["awaited"] for one in client.get("/api/sources").json()["sources"]] == [True, True]
    app.state.acquaintance = Acquaintance(steady_clock() - MINUTE)
    assert waited_for() == (0, ["cam-1", "cam-2"])
    status = client.get("/api/status").json()
    assert status["origins"] == ["live", "recorded"]
    assert status["broker"] is True
    beat = Beat(settings, "city")
    try:
        beat.beat(sources={"cam-1": wall_clock(), "cam-2": wall_clock() - 60 * SECOND})
        eventually(lambda: client.get("/api/status").json()["parts"])
    finally:
        beat.close()
    status = client.get("/api/status").json()
    assert [source["id"] for source in status["silent"]] == ["cam-2"]
    assert status["sources"]["frames"] == {"up": 1, "all": 2}


def test_a_sensor_is_up_by_what_a_stage_heard_of_it(
    settings: Settings, client: httpx.Client
) -> None:
    loops = [
        Source(name, "loop", name, name, "live", Place(20.8, 106.7), "gw-1", period=3 * SECOND)
        for name in ("loop-1", "loop-2")
    ]
    append_missing(settings, loops, "test")
    now = wall_clock()
    times = np.array([now - SECOND, now - MINUTE], "<i8")
    lags = np.array([20 * SECOND, -30 * SECOND], "<i8").tobytes()
    told = Heard("streams-1", READINGS, 0, now, now, ("loop-1", "loop-2"), times.tobytes(), lags)
    headers, value = encode(told)
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    topic = physical(settings.namespace, HEARTBEATS)
    producer.send(topic, value, headers=headers, partition=0).get(timeout=10)
    producer.close()

    def of(name: str) -> dict[str, Any]:
        listed = client.get("/api/sources").json()["sources"]
        return next(source for source in listed if source["id"] == name)

    eventually(lambda: of("loop-1")["heard"])
    assert of("loop-1") | {
        "up": True,
        "heard": to_rfc3339(now - SECOND),
        "newest": to_rfc3339(now - 21 * SECOND),
        "lag_ms": 20_000,
        "gateway": "gw-1",
        "gateway_heard": to_rfc3339(now - SECOND),
    } == of("loop-1")
    assert of("loop-2") | {"up": False, "lag_ms": -30_000} == of("loop-2"), "its gateway lives"
    assert of("loop-2")["gateway_heard"] == to_rfc3339(now - SECOND)
    status = client.get("/api/status").json()
    assert status["sources"]["readings"] == {"up": 1, "all": 2}
    assert "loop-2" in [source["id"] for source in status["silent"]]
    assert [(one["id"], one["lag_ms"]) for one in status["lagging"]] == [("loop-1", 20_000)]


def something_of(settings: Settings, *topics: str) -> None:
    """A message in each of their partitions: of an empty one nobody has anything to say."""
    publisher = Publisher(settings, "test")
    for topic in topics:
        publisher.publish_everywhere(topic, Tick(wall_clock()))
    publisher.close()


def test_the_status_says_how_long_readers_may_be_away(
    settings: Settings, client: httpx.Client
) -> None:
    def outages() -> dict[tuple[str, str], dict[str, Any]]:
        found = client.get("/api/status").json()["outages"]
        return {(one["reader"], one["topic"]): one for one in found}

    something_of(settings, "scored", "frames")
    eventually(lambda: ("writer", "scored") in outages())
    eventually(lambda: outages()["writer", "scored"]["seconds"] is None)
    beat = Beat(settings, "writer")
    try:
        everywhere = {f"scored/{number}": 1 for number in range(settings.partitions)}
        beat.beat(next_offsets=everywhere)
        eventually(lambda: outages()["writer", "scored"]["seconds"])
    finally:
        beat.close()
    week = 7 * 86_400
    assert outages()["writer", "scored"]["seconds"] == week, "all is read: its age"
    assert outages()["detect", "frames"]["seconds"] is None


def test_the_status_says_how_long_parts_may_be_away(
    settings: Settings, client: httpx.Client
) -> None:
    def away() -> dict[str, int | None]:
        return {one["part"]: one["seconds"] for one in client.get("/api/status").json()["away"]}

    something_of(settings, "frames", "readings")
    beats = {part: Beat(settings, part) for part in ("writer", "alerts")}
    try:
        for part, beat in beats.items():
            places = (f"{name}/{n}" for name in READS[part] for n in range(settings.partitions))
            beat.beat(next_offsets=dict.fromkeys(places, 0))
        eventually(lambda: away().get("database"))
    finally:
        for beat in beats.values():
            beat.close()
    week = 7 * 86_400
    expected = {"writer": week, "database": week, "detect": None, "streams": None, "alerts": week}
    assert away() == expected
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    shown = cityops("status", env=there).stdout
    assert "database may be away for 7 d (writer of" in shown
    assert "detect may be away: not known yet (detect of frames)" in shown
    said = json.loads(cityops("status", "--json", env=there).stdout)
    assert {one["part"]: one["seconds"] for one in said["away"]} == expected
    found = outage.now(settings, {})
    assert {one.part: one.seconds for one in away_of(found, PARTS)} == expected, "without it too"


def test_a_clock_in_doubt_is_said_and_makes_no_source_silent(
    settings: Settings, client: httpx.Client
) -> None:
    assert client.get("/api/clock").json()["ahead"] == ""
    refused = client.post("/api/clock/accept", json={"ahead_seconds": 0})
    assert (refused.status_code, refused.json()["reason"]) == (409, "believed")
    ahead = 40 * DAY
    gateway, city = Beat(settings, "gateway"), Beat(settings, "city")
    try:
        gateway.beat(clock_ahead=ahead)
        city.beat(sources=dict.fromkeys(("cam-1", "cam-2"), wall_clock() - ahead))
        eventually(lambda: len(client.get("/api/status").json()["parts"]) == 2)
    finally:
        gateway.close()
        city.close()
    status = client.get("/api/status").json()
    assert status["clock_ahead_seconds"] == 40 * 86400
    assert status["silent"] == []
    clock = client.get("/api/clock").json()
    assert (clock["ahead"], clock["ahead_seconds"]) == ("40 d ahead", 40 * 86400)
    assert clock["event_time"] < clock["time"]
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    assert "40 d ahead, and not believed" in cityops("clock", env=there).stdout
    assert "clock: 40 d ahead, and not believed" in cityops("status", env=there).stdout
    # There is no gateway that could answer: then nothing is taken over later either.
    refused = client.post("/api/clock/accept", json={"ahead_seconds": 40 * 86400}, timeout=30)
    assert (refused.status_code, refused.json()["reason"]) == (503, "no_gateway")
    with connect(settings, "test", autocommit=True) as connection:
        assert clock_orders.pending(connection) == []
    asked = cityops("clock", "accept", env=there)
    assert "40 d ahead of event time. Is the clock right?" in asked.stderr
    assert asked.exit_code == 1


INVERTED = {"speed_below": 30.0, "speed_clear": 10.0}


def test_a_rule_that_clears_where_it_opens_is_refused_and_a_stored_one_is_named(
    settings: Settings, client: httpx.Client
) -> None:
    append_missing(settings, [Rule("jam", "congestion", "high")], "test")
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    assert client.get("/api/status").json()["contradictory"] == []
    for parameters in (INVERTED, {"speed_clear": 10}, {"occupancy_above": 5}):
        body = {"id": "jam", "kind": "congestion", "severity": "low", "parameters": parameters}
        refused = client.post("/api/rules", json=body)
        assert refused.status_code == 422
        assert "it would end while it is proven" in refused.json()["detail"]
    with connect(settings, "test", autocommit=True) as connection:  # as before it was refused
        connection.execute(
            "INSERT INTO control_log (sequence, time, actor, form, change)"
            " SELECT sequence + 1, time, actor, form, jsonb_set(change, '{7}', %s::jsonb)"
            " FROM control_log ORDER BY sequence DESC LIMIT 1",
            [json.dumps(INVERTED)],
        )
    assert current(settings).rules["jam"].parameters == INVERTED
    (named,) = client.get("/api/status").json()["contradictory"]
    assert (named["id"], named["kind"]) == ("jam", "congestion")
    assert named["reason"] == "speed_clear is below speed_below: it would end while it is proven"
    assert f"rule jam: {named['reason']}: set it again" in cityops("status", env=there).stdout
    assert json.loads(cityops("status", "--json", env=there).stdout)["contradictory"] == [named]


@pytest.fixture
def left_behind(settings: Settings) -> None:
    """A gauge and a rule, from when a folder of extensions was there."""
    river = Source("river", "gauge", "Sông", "River", "live", Place(20.8, 106.7), "box")
    with extended():
        append_missing(settings, [river, Rule("hw", "high_water", "high")], "test")


def test_the_status_names_what_is_configured_and_not_judged(
    left_behind: None, settings: Settings, client: httpx.Client
) -> None:
    passed_over = client.get("/api/status").json()["unjudged"]
    assert passed_over == {
        "rules": [{"id": "hw", "kind": "high_water"}],
        "sources": [{"id": "river", "kind": "gauge", "name_vi": "Sông", "name_en": "River"}],
        "partly": [],
        "masked": [],
        "tours": [],
    }
    there = environment(settings) | {"CITYOPS_HTTP_PORT": str(client.base_url.port)}
    assert json.loads(cityops("status", "--json", env=there).stdout)["unjudged"] == passed_over
    shown = cityops("status", env=there).stdout
    assert "rule hw: no kind 'high_water' here, not judged" in shown
    assert "source river: no feed declares 'gauge' here, not read" in shown
    away = environment(settings) | {"CITYOPS_HTTP_PORT": "1"}
    assert "not judged: not known: the alerts service does not answer" in (
        cityops("status", env=away).stdout
    )


@pytest.fixture
def gone(settings: Settings) -> str:
    """A part that was last heard of a minute ago."""
    return _last_heard(settings, "detect-1")


def _last_heard(settings: Settings, part: str) -> str:
    then = wall_clock() - MINUTE
    headers, value = encode(Heartbeat(part, "0", 1, then, True, "", 0, {}, {}))
    topic = physical(settings.namespace, HEARTBEATS)
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    sent = producer.send(topic, value, headers=headers, partition=0, timestamp_ms=then // 1000)
    sent.get(timeout=10)
    producer.close()
    return part


def test_a_part_that_fell_silent_before_the_service_began_is_missed(
    gone: str, client: httpx.Client
) -> None:
    eventually(lambda: client.get("/api/status").json()["parts"])
    (part,) = client.get("/api/status").json()["parts"]
    assert (part["part"], part["ok"], part["detail"]) == (gone, False, "silent")


def test_the_city_is_missed_where_it_is_to_run_only(settings: Settings) -> None:
    """And a source that rests is told apart from one that fell silent."""
    cameras = [
        Source(name, "camera", name, name, "live", Place(20.8, 106.7), period=SECOND)
        for name in ("off", "ended", "gone")
    ]
    settings = msgspec.structs.replace(settings, admin_password=PASSWORD)
    append_missing(settings, cameras, "test")
    with connect(settings, "test", autocommit=True) as connection:
        rest(connection, {"off": "off", "ended": "ended", "no-such": "off"}, "test")
        first_start(connection, settings)
        settle(connection)
        token, _ = sign_in(connection, "admin", PASSWORD, "test")
    for part in ("detect-1", "city"):
        _last_heard(settings, part)
    headers = {"Authorization": f"Bearer {token}"}
    for simulate, parts in (False, ["detect-1"]), (True, ["city", "detect-1"]):
        here = msgspec.structs.replace(with_free_port(settings), simulate=simulate)
        with serving(here) as app, httpx.Client(base_url=here.api, headers=headers) as client:
            app.state.acquaintance = Acquaintance(steady_clock() - MINUTE)
            eventually(lambda client=client: client.get("/api/status").json()["parts"])
            status = client.get("/api/status").json()
            listed = client.get("/api/sources").json()["sources"]
            own = client.get("/api/cameras").json()
        assert [part["part"] for part in status["parts"]] == parts
        assert [one["id"] for one in status["silent"]] == ["gone"]
        assert {one["id"]: one["rests"] for one in status["resting"]} == {
            "ended": "ended",
            "off": "off",
        }
        assert status["sources"] == {"frames": {"up": 0, "all": 1}}
        for rows in listed, own:
            assert [one["rests"] for one in rows] == ["ended", "", "off"]
