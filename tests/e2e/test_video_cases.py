"""Films that went wrong once, each added by ``camera add`` to a running system.

Outcomes are those that came with the films; without a film's folder all are skipped. They play at
their own pace, all beside one another. ``tests/integration/test_video_cases.py`` has the same films
through the decoder alone.
"""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import cv2
import httpx
import numpy as np
import pytest

from deploy.local import kafka, timescale
from simulators.city import assets
from streams.kafka.heartbeat import read_heartbeats
from tests.support import servers
from tests.support.cameras import Rtsp, h264, multipart, web
from tests.support.films import film
from tests.support.stack import System
from tests.support.trust import TRUST
from tests.support.waiting import eventually

CASES = Path("../shared/cases/video").absolute()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CASES.is_dir(), reason=f"no {CASES.name} of films"),
]
MODEL = "street_detector"
"""They were drawn as it knows them."""
WHOLE = "0,0 1,0 1,1 0,1"
SECRET = "S3cr3t"
ADDRESSES = (
    f"rtsp://127.0.0.1:9/user=a&password={SECRET}&channel=1",
    f"rtsp://a:{SECRET}#x@127.0.0.1:9/l",
    f"rtsp://a:{SECRET}/x@127.0.0.1:9/l",
)


class Case(NamedTuple):
    """What a film comes to."""

    pictures: tuple[int, int]
    """How many are published, shed ones included: at least, at most."""
    kinds: tuple[str, ...] = ()
    """Of the incidents that begin."""
    options: tuple[str, ...] = ()
    zone: str = ""
    """Empty: the carriageway."""


FILMS = {
    "stands60s.mp4": Case((55, 75), ("stopped_vehicle",), ("--fps", "1")),
    "edge.mp4": Case((150, 400), ("stopped_vehicle",), zone=WHOLE),
    "vfr-false.mp4": Case((20, 80)),
    "raw.h264": Case((100, 100)),
    "frozen.mp4": Case((150, 200), ("camera_frozen",)),
    "ghost.mp4": Case((40, 60)),
    "ghost-clean.mp4": Case((250, 250)),
    "base.mp4": Case((20, 400)),
    "one.mp4": Case((1, 1)),
    "fps7.mp4": Case((45, 50), options=("--fps", "5")),
    "av1.mp4": Case((25, 25)),
    "jpeg/trail-crlf.jpg": Case((1, 1)),
    "jpeg/trail-nul.jpg": Case((1, 1)),
    "jpeg/base.jpg": Case((1, 1)),
    "jpeg/progressive.jpg": Case((1, 1)),
    "noise4k.avi": Case((2, 2)),
}


def named(name: str) -> str:
    return name.replace("/", "-").replace(".", "-")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Without a simulated city, and without footage of its own."""
    folder = tmp_path_factory.mktemp("cases")
    system = System(folder / "state")
    system.environment |= {"CITYOPS_SIMULATE": "0", "CITYOPS_DATA_DIR": str(folder)}
    servers.fetch(system.settings, kafka, timescale)
    system.up()
    yield system
    system.stop()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Of films that are made here; open, as pytest's are not: the gateway may be another user."""
    folder = Path(mkdtemp(prefix="cityops-films-"))
    folder.chmod(0o755)
    night = cv2.VideoWriter(
        str(folder / "noise4k.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 2, (3840, 2160)
    )
    random = np.random.default_rng(0)
    for _ in range(2):
        noise = 60 + random.normal(0, 25, (2160, 3840, 3))
        night.write(np.clip(noise, 0, 255).astype(np.uint8))
    night.release()
    yield folder
    shutil.rmtree(folder)


def carriageway() -> str:
    zones = [zone for camera in assets.read().cameras for zone in camera.zones]
    (drawn,) = [zone.polygon for zone in zones if zone.id == "to-hieu-toward"]
    return " ".join(f"{x},{y}" for x, y in drawn)


def add(system: System, id: str, source: object, *options: str, zone: str = "") -> Any:
    """What ``camera add`` said."""
    zone = zone or carriageway()
    return system.run(
        "camera", "add", "--id", id, "--source", str(source), "--zone", zone, *options
    )


def states(system: System) -> str:
    """What the gateway says of cameras that are not running."""
    parts = system.json("status")["parts"]
    return str(next(part["detail"] for part in parts if part["name"] == "gateway"))


@pytest.fixture(scope="module")
def played(system: System, folder: Path) -> dict[str, Any]:
    """All films, added and played to their end; camera to what ``camera add`` said of it."""
    token = system.settings.secret("token").read_text().strip()
    rule = {"id": "stands", "kind": "stopped_vehicle", "severity": "high"}
    address = f"http://127.0.0.1:{system.settings.http_port}/api/rules"
    answer = httpx.post(
        address, json=rule, headers={"Authorization": f"Bearer {token}"}, timeout=30, verify=TRUST
    )
    assert answer.status_code == 201, answer.text
    said = {}
    for name, case in FILMS.items():
        source = next(path for path in (CASES / name, folder / name) if path.is_file())
        options = ("--model", MODEL, *case.options, "--json")
        done = add(system, named(name), source, *options, zone=case.zone)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        said[name] = json.loads(done.stdout)

    def ended() -> bool:
        detail = states(system)
        return all(f"{named(name)}: ended" in detail for name in FILMS)

    eventually(ended, 240)
    # What is proven by the absence of more pictures is decided seconds after the last one.
    time.sleep(20)
    return said


@pytest.mark.parametrize("name", FILMS)
def test_a_film_comes_to_what_is_in_it(system: System, played: dict[str, Any], name: str) -> None:
    case, camera = FILMS[name], named(name)
    ((shed,),) = system.query(
        f"SELECT coalesce(sum(shed), 0) FROM accounts_by_hour WHERE source = '{camera}'"
    )
    ((stored,),) = system.query(f"SELECT count(*) FROM frames WHERE camera = '{camera}'")
    least, most = case.pictures
    assert least <= shed + stored <= most, states(system)
    assert stored, "none was processed"
    begun = system.query(
        f"SELECT kind FROM incidents WHERE sources[1] = '{camera}' AND revision = 0"
    )
    assert sorted(kind for (kind,) in begun) == sorted(case.kinds)
    assert played[name]["origin"] == "recorded"


def test_what_the_edge_cuts_is_counted_in_its_zone(system: System, played: dict[str, Any]) -> None:
    assert played
    ((peak,),) = system.query(
        "SELECT max(peak) FROM counts WHERE camera = 'edge-mp4' AND zone = 'edge-mp4-zone-1'"
    )
    assert peak >= 1


def test_what_is_lost_is_said(system: System, played: dict[str, Any]) -> None:
    beats = read_heartbeats(system.settings)
    assert beats["gateway"].counts["damaged"] > 100, "of ghost.mp4"


@pytest.mark.parametrize("tag", [b"XXXX", b"VP60"])
def test_what_has_no_decoder_is_refused(system: System, tmp_path: Path, tag: bytes) -> None:
    """AV1 has one now; a codec that nobody knows, and one that no camera has, have none."""
    path = film(tmp_path / "film.avi", 20, 7.0)
    path.write_bytes(path.read_bytes().replace(b"MJPG", tag))
    done = add(system, "unknown-codec", path, "--model", MODEL)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "decode" in done.stderr.splitlines()[-1]
    assert "unknown-codec" not in [camera["id"] for camera in system.json("camera", "list")]


def test_half_a_picture_of_a_stream_is_not_published(system: System) -> None:
    def half(number: int, whole: bytes) -> bytes:
        return whole[: len(whole) // 2] if number == 20 else whole

    with web({"/trunc": multipart(40, half)}) as address:
        done = add(system, "trunc", f"{address}/trunc", "--model", MODEL, "--fps", "30")
        assert done.returncode == 0, done.stderr
        seen = "SELECT count(*) FROM frames WHERE camera = 'trunc' AND origin = 'live'"
        eventually(lambda: system.query(seen)[0][0] > 30, 60)
        system.run("camera", "remove", "trunc")
    ((refused,),) = system.query(
        "SELECT coalesce(sum(refused), 0) FROM accounts_by_hour WHERE source = 'trunc'"
    )
    assert refused == 0


def test_a_stream_is_opened_again_and_a_recording_is_never_live(system: System) -> None:
    live, recording = Rtsp(h264(50)), Rtsp(h264(50), seconds=5.0)
    for name, server in (("rtsp-live", live), ("rtsp-vod", recording)):
        done = add(system, name, server.address, "--model", MODEL)
        assert done.returncode == 0, done.stderr
    looked = live.asked
    eventually(lambda: live.asked >= looked + 2, 60)
    eventually(lambda: "rtsp-vod: ended" in states(system), 60)
    origins = "SELECT DISTINCT origin FROM frames WHERE camera = '{}'"
    eventually(lambda: system.query(origins.format("rtsp-live")) == [("live",)], 30)
    eventually(lambda: system.query(origins.format("rtsp-vod")) == [("recorded",)], 30)
    for name, server in (("rtsp-live", live), ("rtsp-vod", recording)):
        system.run("camera", "remove", name)
        server.shutdown()
        server.server_close()


def test_no_password_is_shown_anywhere(system: System) -> None:
    for number, address in enumerate(ADDRESSES):
        for options in ((), ("--force",)):
            done = add(system, f"secret-{number}", address, "--model", MODEL, *options)
            assert SECRET not in done.stdout + done.stderr
    assert SECRET not in system.run("camera", "list", "--json").stdout
    assert SECRET not in system.run("status", "--json").stdout
    assert system.query(f"SELECT 1 FROM control_log WHERE change::text LIKE '%{SECRET}%'") == []
    logs = system.settings.state_dir / "logs"
    for log in logs.rglob("*.log"):
        assert SECRET not in log.read_text(errors="replace"), log.name


def test_every_film_has_a_case() -> None:
    """Stills are many of one kind; those that are none are in the tests of the decoder."""
    found = {path.name for path in CASES.iterdir() if path.suffix in {".mp4", ".h264", ".avi"}}
    assert found <= set(FILMS)
