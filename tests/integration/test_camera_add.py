"""``camera add`` looks first: what it says, asks and refuses."""

import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.local import state
from models import registry
from tests.support.cameras import Rtsp, h264
from tests.support.commandline import cityops
from tests.support.films import film
from tests.support.reach import FOLDERS, NETWORKS
from tests.support.threaded import serve

DRAWN = "street_detector@1.0.0"


class Service(ThreadingHTTPServer):
    """Takes cameras; one address is another's."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.bodies: list[dict[str, Any]] = []
        self.taken = ""


class _Answers(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        refused = body["alone"] and body["address"] == self.server.taken
        said = {"detail": "camera other has this address"} if refused else {"sequence": 1}
        data = json.dumps(said).encode()
        self.send_response(409 if refused else 201)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Service]:
    with Service() as server:
        serve(server)
        monkeypatch.setenv("CITYOPS_HTTP_PORT", str(server.server_port))
        monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("CITYOPS_TOKEN", "token")
        monkeypatch.setenv("CITYOPS_CAMERA_FOLDERS", FOLDERS)
        monkeypatch.setenv("CITYOPS_CAMERA_NETWORKS", NETWORKS)
        yield server
        server.shutdown()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return film(tmp_path / "film.avi", 20, 7.0)


def add(source: object, *words: str, typed: str | None = None) -> Any:
    return cityops("camera", "add", "--id", "a", "--source", source, *words, typed=typed)


def test_it_says_what_the_source_is_and_what_it_costs(service: Service, video: Path) -> None:
    result = add(video, "--model", DRAWN, "--json")
    assert result.exit_code == 0, result.output
    seen = json.loads(result.stdout)
    assert (seen["codec"], seen["width"], seen["height"]) == ("mjpeg", 64, 48)
    assert (seen["rate"], seen["origin"], seen["model"]) == (7.0, "recorded", DRAWN)
    assert 0 < seen["processor_decoding"] < 5
    assert 0 < seen["processor_detecting"] < 5
    assert seen["bytes_per_second"] > 0
    assert "mjpeg, 64x48, 7 pictures/s, recorded, 3 s" in result.stderr
    assert "of a processor to decode" in result.stderr
    assert "learnt from drawings" in result.stderr
    [body] = service.bodies
    assert (body["recorded"], body["alone"], body["model"]) == (True, True, DRAWN)


@pytest.mark.parametrize("content", [b"not a film", b"", b"\xff\xd8\xff\xe0garbage"])
def test_it_refuses_what_cannot_be_decoded(service: Service, video: Path, content: bytes) -> None:
    video.write_bytes(content)
    result = add(video, "--model", DRAWN)
    assert result.exit_code == 1
    assert "error: " in result.stderr
    assert not service.bodies


@pytest.mark.parametrize(
    ("tag", "why"), [(b"VP60", "vp6, which is not decoded here"), (b"XXXX", "there is no decoder")]
)
def test_it_refuses_a_codec_that_cameras_do_not_have(
    service: Service, video: Path, tag: bytes, why: str
) -> None:
    video.write_bytes(video.read_bytes().replace(b"MJPG", tag))
    result = add(video, "--model", DRAWN)
    assert result.exit_code == 1
    assert why in result.stderr
    assert not service.bodies


@pytest.mark.parametrize("fps", ["nan", "inf", "1e999"])
def test_a_rate_without_end_is_none(service: Service, fps: str) -> None:
    result = add("rtsp://10.255.255.1/1", "--model", DRAWN, "--fps", fps)
    assert result.exit_code == 2
    assert "give a finite number" in result.stderr
    assert not service.bodies


@pytest.mark.parametrize("fps", ["0", "-3", "1e-9", "61"])
def test_a_rate_that_cannot_be_is_refused_before_it_looks(service: Service, fps: str) -> None:
    result = add("rtsp://10.255.255.1/1", "--model", DRAWN, "--fps", fps)
    assert result.exit_code == 1
    assert "give at least one picture a day" in result.stderr
    assert "looking" not in result.stderr
    assert not service.bodies


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--zone", "0,0 nan,1 1,1"), "in fractions, 0 to 1"),
        (("--zone", "0,0 inf,1 1,1"), "in fractions, 0 to 1"),
        (("--lat", "nan", "--lon", "106"), "--lat"),
        (("--lat", "20", "--lon", "181"), "--lon"),
    ],
)
def test_what_is_no_place_is_refused(
    service: Service, video: Path, words: tuple[str, ...], why: str
) -> None:
    result = add(video, "--model", DRAWN, *words)
    assert result.exit_code == 2
    assert why in result.stderr
    assert not service.bodies


@pytest.mark.parametrize("id", ["", "a b", "á", "../a", "x" * 65])
def test_what_is_no_id_is_refused_before_it_looks(service: Service, video: Path, id: str) -> None:
    result = cityops("camera", "add", "--id", id, "--source", video, "--model", DRAWN)
    assert result.exit_code == 2
    assert "give 1 to 64 letters" in result.stderr
    assert "looking" not in result.stderr
    assert not service.bodies


def test_an_address_without_its_slashes_is_no_file(service: Service) -> None:
    result = add("rtsp:/10.0.0.5/1", "--model", DRAWN)
    assert result.exit_code == 2
    assert "rtsp://host/path" in result.stderr


def test_a_device_that_is_not_there_is_no_host(service: Service) -> None:
    result = add("999", "--model", DRAWN)
    assert result.exit_code == 1
    assert "there is no such camera on this machine" in result.stderr
    assert "NETWORKS" not in result.stderr


def test_no_source_is_no_folder(service: Service) -> None:
    result = add("", "--model", DRAWN)
    assert result.exit_code == 1
    assert "--source is empty" in result.stderr


@pytest.mark.parametrize("character", ["\n", "\x1b", "\u202e", "\x00", "\x9b"])
def test_a_character_that_is_not_seen_is_named_before_it_looks(
    service: Service, character: str
) -> None:
    for words in ((), ("--force",)):
        result = add(f"rtsp://10.255.255.1/{character}[31m", "--model", DRAWN, *words)
        assert result.exit_code == 1
        said = f"a control character, U+{ord(character):04X}, at position 21"
        assert said in result.stderr
        assert "looking" not in result.stderr
        assert character == "\n" or character not in result.output
    assert not service.bodies


@pytest.mark.parametrize(
    "source", ["/elsewhere/a.avi", "/dev/sda", "udp://10.0.0.1:5", "file:///a"]
)
def test_force_is_proposed_only_where_it_helps(
    service: Service, video: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setenv("CITYOPS_CAMERA_FOLDERS", str(video.parent))
    refused = add(source, "--model", DRAWN)
    assert refused.exit_code == 1
    assert "--force" not in refused.stderr
    video.write_bytes(b"not a film yet")
    assert "--force adds it anyway" in add(video, "--model", DRAWN).stderr


def test_help_says_no_value_of_a_flag_that_is_its_opposite() -> None:
    said = " ".join(cityops("camera", "add", "--help").output.split())
    assert "--no-verify" in said
    assert "default: True" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the gateway as another user")
def test_it_refuses_a_film_that_the_gateway_of_this_machine_may_not_read(
    service: Service, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "current", lambda _: state.SupervisorState(1, 0.0, []))
    video.chmod(0o600)
    result = add(video, "--model", DRAWN)
    assert (result.exit_code, service.bodies) == (1, [])
    assert "may not read it: open the file" in result.stderr
    monkeypatch.setenv("CITYOPS_PART_USERS", "-1")
    assert add(video, "--model", DRAWN).exit_code == 0, "the control: a gateway that is root"


def test_it_asks_where_no_model_is_named(
    service: Service, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.commands.camera.add._drawn", lambda _: False)
    result = add(video, typed="")
    assert result.exit_code == 1
    assert f"\nerror: name a detector with --model: {DRAWN}" in result.stderr
    assert not service.bodies
    assert add(video, typed="\n").exit_code == 0
    assert service.bodies[0]["model"] == DRAWN


def test_it_never_proposes_one_that_learnt_from_drawings(service: Service, video: Path) -> None:
    assert (registry.OWN / "street_detector/model.onnx").is_file()
    result = add(video, typed="\n")
    assert result.exit_code == 1
    assert "cityops models fetch yolox_nano" in result.stderr
    assert "street_detector" not in result.stderr


def test_it_asks_where_the_address_is_another_cameras(service: Service, video: Path) -> None:
    service.taken = str(video)
    for typed in ("n\n", ""):
        result = add(video, "--model", DRAWN, typed=typed)
        assert result.exit_code == 1
        assert "camera other has this address" in result.stderr
    assert add(video, "--model", DRAWN, typed="y\n").exit_code == 0
    assert [body["alone"] for body in service.bodies] == [True, True, True, False]


def test_by_force_it_neither_looks_nor_asks(service: Service) -> None:
    assert add("rtsp://10.255.255.1/1", "--force").exit_code == 0
    [body] = service.bodies
    assert (body["alone"], body["recorded"], body["model"]) == (False, False, "")


def test_a_recording_that_a_server_plays_is_said_to_be_one(service: Service) -> None:
    server = Rtsp(h264(20), seconds=2.0)
    result = add(server.address, "--model", DRAWN)
    server.shutdown()
    server.server_close()
    assert result.exit_code == 0, result.output
    assert service.bodies[0]["recorded"]


def test_no_password_is_said(service: Service) -> None:
    result = add("rtsp://a:S3cr3t#x@127.0.0.1:9/l?token=S3cr3t", "--model", DRAWN)
    assert result.exit_code == 1
    assert "S3cr3t" not in result.output
