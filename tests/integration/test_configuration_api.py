import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import msgspec
import numpy as np
import pytest
import uvicorn

from services.api.app import create_app
from services.api.users import add_user, first_start
from services.gateway.footage import add_footage
from streams.configuration.log import append_missing, current
from streams.database import connect
from streams.events import Place, Source
from streams.models import FOOTAGE
from streams.settings import Settings
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.trust import TRUST
from tests.support.waiting import eventually

ZONE = {"id": "gate-1", "source": "gate", "polygon": [[0, 0], [1, 0], [1, 1]]}
RULE = {"id": "gate-crowd", "kind": "crowd", "severity": "low", "zones": ["gate-1"]}
CAMERA = {"id": "gate", "address": "rtsp://lan:s3cret@10.0.0.5/1", "name_vi": "Cổng"}


@pytest.fixture
def service(settings: Settings) -> Iterator[Settings]:
    """The alerts service's HTTP interface, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings = msgspec.structs.replace(settings, http_port=free.getsockname()[1])
    with connect(settings, "test", autocommit=True) as connection:
        first_start(connection, settings)
        add_user(connection, "lan", "operator", "correct horse")
    config = uvicorn.Config(create_app(settings), port=settings.http_port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    yield settings
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


def call(settings: Settings, method: str, path: str, body: Any = None, token: str = "") -> Any:
    token = token or settings.secret("token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.request(
        method, settings.api + path, json=body, headers=headers, timeout=30, verify=TRUST
    )


def configure(settings: Settings, *arguments: str) -> Any:
    return cityops("camera", *arguments, env=environment(settings))


def test_a_camera_that_is_to_be_alone_is_refused_anothers_address(service: Settings) -> None:
    assert call(service, "POST", "/api/cameras", CAMERA).status_code == 201
    again = CAMERA | {"id": "gate-2", "zones": [], "rules": [], "alone": True}
    refused = call(service, "POST", "/api/cameras", again)
    assert (refused.status_code, refused.json()["detail"]) == (409, "camera gate has this address")
    assert call(service, "POST", "/api/cameras", CAMERA | {"alone": True}).status_code == 201
    assert call(service, "POST", "/api/cameras", again | {"alone": False}).status_code == 201


def test_an_address_may_play_a_recording_which_is_not_missed(service: Settings) -> None:
    body = {"id": "vod", "address": "rtsp://10.0.0.5/vod", "recorded": True}
    assert call(service, "POST", "/api/cameras", body).status_code == 201
    (camera,) = call(service, "GET", "/api/cameras").json()
    assert (camera["origin"], camera["period"]) == ("recorded", 0)


def test_what_is_configured_comes_and_goes(service: Settings) -> None:
    assert call(service, "POST", "/api/cameras", CAMERA).status_code == 201
    assert call(service, "POST", "/api/zones", ZONE).status_code == 201
    assert call(service, "POST", "/api/rules", RULE).json() == {"sequence": 3}

    (camera,) = call(service, "GET", "/api/cameras").json()
    assert (camera["name_vi"], camera["name_en"], camera["zones"]) == ("Cổng", "Cổng", ["gate-1"])
    assert camera["address"] == "rtsp://10.0.0.5/1"
    assert call(service, "GET", "/api/zones").json()[0]["polygon"] == ZONE["polygon"]
    assert call(service, "GET", "/api/rules").json()[0]["zones"] == ["gate-1"]

    refused = call(service, "DELETE", "/api/zones/gate-1")
    assert (refused.status_code, refused.json()["detail"][:15]) == (422, "rule gate-crowd")
    assert call(service, "DELETE", "/api/cameras/gate").status_code == 200
    control = current(service)
    assert (control.sources, control.zones, control.rules) == ({}, {}, {})
    for kind in ("cameras/gate", "zones/gate-1", "rules/gate-crowd"):
        assert call(service, "DELETE", f"/api/{kind}").status_code == 404


OUTSIDE = CAMERA | {"zones": [ZONE | {"polygon": [[0, 0], [2, 0], [0, 1]]}]}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("cameras", CAMERA | {"fps": -1}, "fps"),
    ("cameras", CAMERA | {"id": "a/b"}, "a/b"),
    ("cameras", CAMERA | {"model": "no_such_model"}, "no_such_model"),
    ("cameras", CAMERA | {"colour": "red"}, "colour"),
    ("cameras", OUTSIDE, "0 to 1"),
    ("zones", ZONE, "no camera 'gate'"),
    ("rules", RULE | {"kind": "loitering"}, "kind"),
    ("rules", RULE | {"zones": [], "parameters": {"wheels": 4}}, "wheels"),
]


def test_a_view_is_accepted_by_hand_or_with_another_address_only(service: Settings) -> None:
    def view() -> int:
        (camera,) = call(service, "GET", "/api/cameras").json()
        return int(camera["view"])

    assert call(service, "POST", "/api/cameras", CAMERA).status_code == 201
    assert view() == 0
    accepted = configure(service, "accept-view", "gate")
    assert accepted.exit_code == 0, accepted.output
    assert view() == 1
    named = CAMERA | {"name_en": "Gate", "fps": 2}
    assert call(service, "POST", "/api/cameras", named).status_code == 201
    assert view() == 1, "the same view under another name"
    elsewhere = CAMERA | {"address": "rtsp://lan:s3cret@10.0.0.6/1"}
    assert call(service, "POST", "/api/cameras", elsewhere).status_code == 201
    assert view() == 2
    unknown = configure(service, "accept-view", "nobody")
    assert unknown.exit_code == 1
    assert "there is no camera 'nobody'" in unknown.stderr


def test_what_cannot_be_is_refused_in_one_line(service: Settings) -> None:
    for path, body, says in REFUSED:
        answer = call(service, "POST", f"/api/{path}", body)
        assert answer.status_code == 422, body
        assert says in answer.json()["detail"]
        assert "\n" not in answer.json()["detail"]
    assert current(service).sequence == 0


def test_operators_look_and_engineers_change(service: Settings) -> None:
    body = {"name": "lan", "password": "correct horse"}
    token = httpx.post(service.api + "/api/session", json=body, timeout=30, verify=TRUST).json()[
        "token"
    ]
    for path, thing in (("cameras", CAMERA), ("zones", ZONE), ("rules", RULE)):
        assert call(service, "GET", f"/api/{path}", token=token).status_code == 200
        assert call(service, "POST", f"/api/{path}", thing, token).status_code == 403
        assert call(service, "DELETE", f"/api/{path}/x", token=token).status_code == 403
        assert httpx.get(f"{service.api}/api/{path}", timeout=30, verify=TRUST).status_code == 401
    assert current(service).sequence == 0


def test_the_command_makes_a_file_a_camera(service: Settings, tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    added = configure(
        service, "add", "--id", "film", "--source", str(path), "--loop", "--model",
        "street_detector", "--zone", "0,.5 1,.5 1,1", "--zone", "0,0 1,0", "--json",
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    seen = json.loads(added.stdout)
    assert (seen["id"], seen["sequence"], seen["codec"]) == ("film", 3, "mjpeg")

    (camera,) = json.loads(configure(service, "list", "--json").stdout)
    assert (camera["id"], camera["origin"], camera["loop"]) == ("film", "recorded", True)
    assert camera["model"].startswith("street_detector@")
    assert camera["zones"] == ["film-zone-1", "film-zone-2"]
    assert "film" in configure(service, "list").stdout

    assert configure(service, "remove", "film").exit_code == 0
    assert json.loads(configure(service, "list", "--json").stdout) == []
    again = configure(service, "remove", "film")
    assert (again.exit_code, again.stderr) == (1, "error: there is no camera 'film'\n")


WRONG = [
    (("--source", "no-such.avi"), "there is no such file"),
    (("--source", __file__), "it cannot be opened"),
    (("--source", __file__, "--force", "--zone", "1,2,3"), "'x,y x,y x,y'"),
    (("--source", __file__, "--force", "--zone", "1,1"), "3 to 100 corners"),
    (("--source", __file__, "--force", "--model", "nothing"), "no model 'nothing'"),
    (("--source", __file__, "--force", "--lat", "100"), "--lat"),
]


def test_the_command_says_in_one_line_what_is_wrong(service: Settings) -> None:
    for arguments, says in WRONG:
        answer = configure(service, "add", "--id", "film", *arguments)
        assert answer.exit_code != 0, arguments
        assert says in answer.stderr
    assert current(service).sequence == 0


def test_a_source_that_does_not_open_is_added_when_told(service: Settings) -> None:
    assert configure(service, "add", "--id", "x", "--source", __file__, "--force").exit_code == 0
    assert sorted(current(service).sources) == ["x"]


def test_without_the_service_the_command_says_where_it_looked(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = msgspec.structs.replace(settings, token="t", http_port=port)
    answer = configure(away, "list")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert f"does not answer at http://127.0.0.1:{port}" in answer.stderr


def test_footage_is_a_camera_where_video_and_model_are_there(
    settings: Settings, tmp_path: Path
) -> None:
    settings = msgspec.structs.replace(settings, data_dir=tmp_path)
    assert add_footage(settings) is None
    for path in ("video/vtest.avi", "models/yolox_nano/yolox_nano.onnx"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    assert add_footage(settings) == "vtest"
    first = current(settings)
    assert add_footage(settings) == "vtest"
    assert current(settings) == first
    camera = first.sources["vtest"]
    assert (camera.origin, camera.period) == ("recorded", 200_000)
    assert camera.model.startswith("yolox_nano_street@")
    assert sorted(first.rules) == ["vtest-crowd", "vtest-lawn"]
    better = tmp_path / "models" / FOOTAGE[0]
    better.mkdir()
    (better / "model.onnx").touch()
    assert add_footage(settings) == "vtest"
    assert current(settings) == first, "a camera that is there keeps its detector"


def test_a_sensor_comes_and_goes_with_what_is_known_of_it(service: Settings) -> None:
    station = {"id": "box", "kind": "induction_loop", "gateway": "gw", "owner": "Điện lực"}
    sensor = {
        "id": "loop-7", "kind": "loop", "gateway": "gw", "name_vi": "Vòng từ 7", "parents": ["box"],
        "ward": "Ngô Quyền",
        "shape": {"form": "line", "points": [[20.85, 106.68], [20.87, 106.68]]},
    }  # fmt: skip
    for body in (station, sensor):
        assert call(service, "POST", "/api/sources", body).status_code == 201
    source = current(service).sources["loop-7"]
    assert (source.kind, source.period, source.origin) == ("induction_loop", 5_000_000, "live")
    listed = {one["id"]: one for one in call(service, "GET", "/api/sources").json()["sources"]}
    assert listed["loop-7"]["parents"] == ["box"]
    assert (listed["loop-7"]["latitude"], listed["loop-7"]["longitude"]) == (20.86, 106.68)
    assert listed["loop-7"]["shape"] == sensor["shape"]
    assert (listed["box"]["latitude"], listed["box"]["shape"]) == (None, None)

    for change, status, says in (
        ({"kind": "camera"}, 422, "/api/cameras"),
        ({"kind": "submarine"}, 422, "types are"),
        ({"gateway": ""}, 422, "gateway id"),
        ({"latitude": 20.8}, 422, "both latitude and longitude"),
        ({"parents": ["nobody"]}, 422, "parent 'nobody' does not exist"),
        ({"shape": {"form": "line", "points": [[20.85, 106.68]]}}, 422, "2 to 1000"),
        ({"shape": {"form": "blob", "points": []}}, 422, "line"),
        ({"period_seconds": -1}, 422, "greater"),
        ({"colour": "red"}, 422, "colour"),
        ({"origin": "invented"}, 422, "live"),
    ):
        answer = call(service, "POST", "/api/sources", sensor | change)
        assert (answer.status_code, says in answer.text) == (status, True), answer.text
    lan = call(service, "POST", "/api/session", {"name": "lan", "password": "correct horse"})
    token = lan.json()["token"]
    assert call(service, "POST", "/api/sources", station, token=token).status_code == 403
    assert call(service, "DELETE", "/api/sources/box", token=token).status_code == 403

    rule = {"id": "jam", "kind": "congestion", "severity": "low", "sources": ["loop-7"]}
    assert call(service, "POST", "/api/rules", rule).status_code == 201
    assert call(service, "DELETE", "/api/sources/loop-7").status_code == 200
    assert (sorted(current(service).sources), current(service).rules) == (["box"], {})
    assert call(service, "DELETE", "/api/sources/loop-7").status_code == 404


def test_the_commands_add_and_remove_a_sensor(service: Settings) -> None:
    def source(*words: str) -> Any:
        return cityops("source", *words, env=environment(service))

    words = ("add", "--id", "loop-7", "--type", "induction_loop", "--gateway", "gw")
    assert json.loads(source(*words, "--ward", "Hải An", "--json").stdout)["id"] == "loop-7"
    (listed,) = json.loads(source("list", "--json").stdout)
    assert (listed["id"], listed["ward"], listed["up"]) == ("loop-7", "Hải An", False)
    wrong = source(*words, "--parent", "nobody")
    assert wrong.exit_code == 1
    assert source("remove", "loop-7").exit_code == 0
    assert json.loads(source("list", "--json").stdout) == []


def test_the_commands_make_zones_and_rules(service: Settings) -> None:
    def rule(*words: str) -> Any:
        return cityops("rule", *words, env=environment(service))

    def zone(*words: str) -> Any:
        return cityops("zone", *words, env=environment(service))

    assert call(service, "POST", "/api/cameras", CAMERA).status_code == 201
    for drawn in (("kerb", "0,.5 1,.5 1,1"), ("line", "0,0 1,0")):
        made = zone("add", "gate", drawn[1], "--id", drawn[0], "--json")
        assert json.loads(made.stdout)["id"] == drawn[0]
    assert [one["id"] for one in json.loads(zone("list", "--json").stdout)] == ["kerb", "line"]
    assert json.loads(zone("list", "quay", "--json").stdout) == []

    words = ("add", "--id", "many", "--kind", "crowd", "--zone", "kerb", "--class", "person")
    assert json.loads(rule(*words, "--set", "count=3", "--json").stdout)["id"] == "many"
    (listed,) = json.loads(rule("list", "--json").stdout)
    shown = json.loads(rule("show", "many", "--json").stdout)
    assert shown == listed
    assert (shown["severity"], shown["parameters"]["count"]) == ("medium", 3)
    assert "many" in rule("list").stdout
    assert "count" in rule("show", "many").stdout
    for wrong in ("count", "count=x", "=3"):
        assert rule(*words, "--set", wrong).exit_code == 2
    assert rule(*words, "--set", "colour=3").exit_code == 1
    assert zone("remove", "kerb").exit_code == 1, "a rule names it"
    assert rule("remove", "many").exit_code == 0
    assert rule("show", "many").exit_code == 1
    assert zone("remove", "kerb").exit_code == 0


def test_a_key_for_readings_is_shown_once_and_only_engineers_make_one(service: Settings) -> None:
    def key(*words: str) -> Any:
        return cityops("source", "key", *words, env=environment(service))

    for name, origin in (("loop-7", "live"), ("loop-8", "simulated")):
        sensor = {"id": name, "kind": "induction_loop", "gateway": "gw", "origin": origin}
        assert call(service, "POST", "/api/sources", sensor).status_code == 201
    made = key("add", "pumps", "--source", "loop-7", "--rate", "5", "--days", "2", "--json")
    found = json.loads(made.stdout)
    assert found["key"].startswith("cityops_")
    assert "not shown again" in key("add", "all", "--gateway", "gw").stdout
    listed = json.loads(key("list", "--json").stdout)
    assert [(one["label"], one["sources"], one["gateways"]) for one in listed] == [
        ("all", [], ["gw"]),
        ("pumps", ["loop-7"], []),
    ]
    assert (listed[1]["rate"], listed[1]["daily"], listed[1]["taken"]) == (5, 10_000_000, 0)
    assert found["key"] not in key("list").stdout + json.dumps(listed)
    with connect(service, "test", autocommit=True) as connection:
        kept = connection.execute("SELECT source_keys::text FROM source_keys").fetchall()
    assert found["key"] not in str(kept)
    for wrong in ({}, {"sources": ["x"]}, {"gateways": ["x"]}, {"sources": ["loop-8"]}):
        assert call(service, "POST", "/api/source-keys", {"label": "x"} | wrong).status_code == 422
    assert key("revoke", found["id"]).exit_code == 0
    assert key("revoke", found["id"]).exit_code == 1
    assert json.loads(key("list", "--json").stdout)[1]["revoked_by"] == "machine"
    body = {"name": "lan", "password": "correct horse"}
    token = httpx.post(service.api + "/api/session", json=body, timeout=30, verify=TRUST).json()[
        "token"
    ]
    for method, end in (("GET", ""), ("POST", ""), ("DELETE", "/x")):
        asked = {"label": "x", "gateways": ["gw"]} if method == "POST" else None
        assert call(service, method, f"/api/source-keys{end}", asked, token).status_code == 403


def test_what_an_earlier_release_stored_is_listed_by_the_names_of_now(service: Settings) -> None:
    stored = (
        ["source", "loop-1", "loop", "Vòng từ", "Loop", "live", [20.86, 106.68, ""], "gw"],
        ["rule", "quiet", "silence", "high", ["loop-1"], [], [], {"silence_seconds": 5.0}],
    )
    with connect(service, "test", autocommit=True) as connection:
        for number, change in enumerate(stored, 1):
            connection.execute(
                "INSERT INTO control_log (sequence, time, actor, change)"
                " VALUES (%s, now(), 'earlier', %s)",
                (number, json.dumps(change)),
            )
    (rule,) = call(service, "GET", "/api/rules").json()
    assert (rule["kind"], rule["parameters"]) == ("no_data", {"least_seconds": 5.0})
    (loop,) = call(service, "GET", "/api/sources").json()["sources"]
    assert loop["kind"] == "induction_loop"


def test_a_feeds_default_rules_are_put_in_force_by_whoever_asks(service: Settings) -> None:
    place = Place(20.86, 106.68)
    loop = Source("loop-1", "loop", "Vòng từ", "Loop", "live", place, "gw", period=5_000_000)
    append_missing(service, [loop], "test")
    assert current(service).rules == {}
    lan = call(service, "POST", "/api/session", {"name": "lan", "password": "correct horse"})
    path = "/api/feeds/induction_loops/rules"
    assert call(service, "POST", path, token=lan.json()["token"]).status_code == 403
    assert call(service, "POST", "/api/feeds/pigeons/rules").status_code == 404

    def watch() -> Any:
        words = ("feed", "watch", "induction_loops", "--json")
        return json.loads(cityops(*words, env=environment(service)).stdout)

    added = {rule["id"]: rule for rule in watch()}
    assert sorted(added) == sorted(current(service).rules)
    assert added["induction_loops.congestion"]["parameters"]["speed_below"] == 15.0
    assert added["induction_loops.no_data"]["types"] == ["induction_loop"]
    assert watch() == []
    strange = cityops("feed", "watch", "pigeons", env=environment(service))
    assert strange.exit_code == 2
    assert "there is no feed 'pigeons'; feeds are base_stations, " in strange.stderr
    listed = json.loads(cityops("catalogue", "--json", env=environment(service)).stdout)["feeds"]
    (loops,) = (feed for feed in listed if feed["id"] == "induction_loops")
    assert [rule["kind"] for rule in loops["default_rules"]] == ["congestion", "anomaly", "no_data"]
