"""The whole system as its user meets it: up, alerts, acknowledge, kill all, down, up again."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import cv2
import msgspec
import numpy as np
import psutil
import pytest

from deploy.local import folders, kafka, state, timescale, users
from services.commandline.stack import judged
from services.privacy.keys import Place
from services.privacy.vault import Vault
from streams.database import connect
from streams.events import from_datetime, from_rfc3339, new_frame
from streams.kafka.dead_lettered import dead_lettered
from streams.kafka.heartbeat import read_heartbeats
from streams.kafka.publisher import Publisher
from streams.models import FOOTAGE
from streams.sealing import CAMERA_ADDRESSES, CHANNELS
from streams.tables.rows import TABLES
from streams.topics import FRAMES
from tests.figures import faults
from tests.support import origin, quay, servers
from tests.support.stack import PATIENCE_SECONDS, System
from tests.support.waiting import eventually

ONCE = {
    "counts": ("camera", "zone", "label", "time"),
    "frames": ("camera", "time"),
    "incidents": ("id", "revision"),
    "readings": ("source", "metric", "time"),
}
"""Table to the columns that no two of its rows share; of any other all of them together."""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    # In a folder that other users can enter, as pytest's cannot be: root starts each part as one.
    folder = Path(mkdtemp(prefix="cityops-stack-"))
    folder.chmod(0o755)
    system = System(folder / "state")
    servers.fetch(system.settings, kafka, timescale)
    system.up()
    yield system
    system.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stopped(system: System) -> dict[str, Any]:
    return system.alert("stopped_vehicle", "simulated")


def pids(system: System) -> dict[str, int | None]:
    """Part to its process."""
    now = state.current(system.settings)
    return {part.name: part.pid for part in now.parts} if now else {}


def healthy(system: System) -> bool:
    parts, _ = judged(system.settings)
    return all(part["state"] == "healthy" for part in parts)


@pytest.mark.timeout(2 * PATIENCE_SECONDS)
def test_a_stopped_vehicle_is_an_alert_with_its_exact_frame(
    system: System, stopped: dict[str, Any]
) -> None:
    assert stopped["severity"] == "high"
    assert stopped["evidence"]["model"] == "street_detector"
    assert stopped["evidence"]["version"]
    shown = cv2.imdecode(np.frombuffer(system.picture(stopped), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    raw = system.picture(stopped, raw=True)
    ((frame,),) = system.query(
        "SELECT evidence->0->'frame'->>'sha256' FROM incidents"
        " WHERE kind = 'stopped_vehicle' AND revision = 0 ORDER BY start_time LIMIT 1"
    )
    assert stopped["evidence"]["frame"]["sha256"] == frame
    assert hashlib.sha256(raw).hexdigest() != frame, "people and plates are masked"
    vault = Vault.from_settings(system.settings)
    place = Place(stopped["source"], from_rfc3339(stopped["evidence"]["time"]), frame)
    with connect(system.settings, "test") as connection:
        kept = vault.find(connection, place)
    assert kept is not None
    assert hashlib.sha256(vault.original(place, kept) or b"").hexdigest() == frame
    incidents = system.json("incidents", "--kind", "stopped_vehicle")
    assert {"id", "kind", "origin", "sources", "start", "decided_at", "end"} <= set(incidents[0])


@pytest.mark.timeout(2 * PATIENCE_SECONDS)
def test_real_footage_raises_an_alert(system: System) -> None:
    if not (system.settings.data_dir / "video/vtest.avi").is_file():
        pytest.skip("no vtest.avi: CITYOPS_DATA_DIR names the folder that has it")
    cameras = {camera["id"]: camera for camera in system.json("camera", "list")}
    assert cameras["vtest"]["origin"] == "recorded"
    alert = system.alert("crowd", "recorded")
    assert alert["source"] == "vtest"
    assert alert["evidence"]["model"] in FOOTAGE
    assert cv2.imdecode(np.frombuffer(system.picture(alert), np.uint8), 1) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts parts as other users")
@pytest.mark.usefixtures("stopped")  # then there is something of everything
def test_each_part_has_a_user_of_its_own_that_reads_nothing_of_anothers(system: System) -> None:
    now = state.current(system.settings)
    assert now is not None
    running = {part.name: part.pid for part in now.parts if part.pid}
    apart = {name: pid for name, pid in running.items() if name.partition("-")[0] in users.PARTS}
    started = set(users.PARTS) - {"mqtt", "poller"}  # these where a setting says from where
    assert {name.partition("-")[0] for name in apart} == started
    ids = {}
    for name, pid in (*apart.items(), ("database", running["database"])):
        told = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        (uid,) = set(told["Uid"].split())
        assert set(told["Gid"].split()) == {uid} or name == "database"
        assert not told["Groups"].split()
        assert {int(told[kind], 16) for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {0}
        assert told["NoNewPrivs"].strip() == "1"
        ids[name] = int(uid)
    assert 0 not in ids.values()
    assert len(set(ids.values())) == len(started) + 1
    folder = system.settings.state_dir
    closed = [folder / name for name in ("secrets", "keys", "audit", "kafka", "database", "logs")]
    files = [path for each in closed for path in each.resolve().rglob("*") if path.is_file()]
    readable = {name: _readable(users.numbered(uid), files) for name, uid in ids.items()}
    secrets = {path for path in files if path.parent == (folder / "secrets").resolve()}
    names = {name: {path.name for path in found & secrets} for name, found in readable.items()}
    for name, found in names.items():
        own = users.SECRETS.get(name.partition("-")[0], ())
        assert found >= set(own), name
        own = (*own, *(users.ALERTS_OWN if name == "alerts" else ()))
        own = (*own, *((CAMERA_ADDRESSES,) if name == "gateway" else ()))
        own = (*own, *((CHANNELS,) if name == "notifier" else ()))
        assert all(any(map(partial(fnmatch, each), own)) for each in found), name
    assert "token" in names["alerts"]
    assert CAMERA_ADDRESSES in names["gateway"]
    assert CHANNELS in names["notifier"]
    whose = {"keys": "alerts", "audit": "alerts", "kafka": "kafka", "database": "database"}
    for each in closed[1:]:
        inside = {path for path in files if path.is_relative_to(each.resolve())}
        assert inside, f"the control: root reads {each}"
        for name, found in readable.items():
            assert bool(found & inside) is (whose.get(each.name) == name), (name, each)


def _readable(user: Any, files: list[Path]) -> set[Path]:
    """Those that a user of the machine can read."""
    asked = "".join(f"{path}\0" for path in files)
    test = ["xargs", "-0", "sh", "-c", 'for each; do test -r "$each" && echo "$each"; done', "-"]
    said = subprocess.run(
        [*folders.as_user(user), *test], input=asked, capture_output=True, text=True, check=False
    )
    return {Path(line) for line in said.stdout.splitlines()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the gateway as another user")
def test_a_gateway_whose_launcher_dies_is_started_again(system: System) -> None:
    def gateway() -> int:
        return pids(system)["gateway"] or 0

    before = psutil.Process(gateway())
    (launcher,) = before.children()
    assert (before.uids().real != 0, launcher.uids().real) == (True, 0)
    decoders = launcher.children()  # of the real footage, where it is
    for each in decoders:
        each.suspend()
    launcher.kill()
    psutil.wait_procs([before, launcher, *decoders], timeout=60)
    assert not any(each.is_running() for each in (before, launcher, *decoders))
    eventually(lambda: gateway() not in (0, before.pid))
    eventually(lambda: gateway() and _below(gateway()) == [len(decoders)])
    if decoders:  # looking at real footage takes most of a processor, and all is seen of it
        assert system.quick("camera", "remove", "vtest").returncode == 0
        eventually(lambda: _below(gateway()) == [0])


def _below(pid: int) -> list[int]:
    """How many children each of its children has."""
    with suppress(psutil.NoSuchProcess):
        return [len(each.children()) for each in psutil.Process(pid).children()]
    return []


def test_the_citys_account_and_key_pass_nothing_off_as_live(system: System) -> None:
    """All that parts publish is signed by who may; what a forger adds is not."""

    def untrusted() -> dict[str, int]:
        return dead_lettered(read_heartbeats(system.settings).values()).untrusted

    def published() -> int:
        return read_heartbeats(system.settings)["city"].counts["frames"]

    assert untrusted() == {}
    assert system.run("keys", "renew", "city", "--revoke").returncode == 0
    renewed = published()
    settings = msgspec.structs.replace(system.settings, kafka_user="city")
    forger = Publisher(settings, "city")
    camera = system.json("camera", "list")[0]["id"]
    picture = quay.picture(quay.DIM, quay.DARK.start * 4)
    now = from_datetime(datetime.now(UTC))
    forger.publish(FRAMES, new_frame(camera, now, 2**40, "live", picture), camera)
    forger.close()
    eventually(lambda: untrusted() == {"not_allowed": 1}, PATIENCE_SECONDS)
    (letter,) = (each for each in system.json("dlq", "list") if each["reason"] == "not_allowed")
    assert system.quick("dlq", "retry", letter["id"]).returncode == 1
    eventually(lambda: published() > renewed + 50, PATIENCE_SECONDS)
    said = system.json("status")["dead_lettered"]["untrusted"]
    assert said == {"not_allowed": 1}, "the city goes on with its new key"
    assert system.query("SELECT count(*) FROM alerts WHERE origin = 'live'") == [(0,)]


def test_an_operator_acknowledges_and_resolves(system: System, stopped: dict[str, Any]) -> None:
    name = stopped["id"][:13]
    acknowledged = system.json("alerts", "ack", name)
    # Normal where the vehicle has left meanwhile: ISA-18.2 asks for nothing more then.
    assert acknowledged["state"] in ("acknowledged", "normal")
    assert acknowledged["acknowledged_by"] == "machine"
    second = system.quick("alerts", "ack", name)
    assert second.returncode != 0
    assert "machine" in second.stderr, "a second acknowledger is told who was first"
    system.quick("alerts", "resolve", name, "--comment", "towed away")
    assert system.json("alerts", "show", name)["state"] == "resolved"


@pytest.mark.timeout(2 * PATIENCE_SECONDS)
def test_every_killed_process_comes_back_and_nothing_is_doubled(system: System) -> None:
    here = origin.here("faults")
    before = {name: pid for name, pid in pids(system).items() if pid}
    assert len(before) >= 9
    for pid in before.values():
        psutil.Process(pid).kill()
        time.sleep(0.5)

    def all_are_back() -> bool:
        now = pids(system)
        return all(now.get(name) not in (None, pid) for name, pid in before.items())

    # Asked of files, then of heartbeats: a command again and again would slow down the system.
    eventually(all_are_back, PATIENCE_SECONDS)
    eventually(lambda: healthy(system), PATIENCE_SECONDS)
    eventually(lambda: system.json("status")["healthy"], PATIENCE_SECONDS)
    assert all_are_back()
    compared = {}
    rows = system.query("SELECT count(*) FROM frames")[0][0]
    eventually(lambda: system.query("SELECT count(*) FROM frames")[0][0] > rows, 60)
    for table in TABLES:
        key = ", ".join(f'"{name}"' for name in ONCE.get(table.name, table.columns))
        doubled = system.query(
            f'SELECT {key}, count(*) FROM "{table.name}" GROUP BY {key} HAVING count(*) > 1'
        )
        assert doubled == [], table.name
        ((compared[table.name],),) = system.query(f'SELECT count(*) FROM "{table.name}"')
    assert system.query("SELECT count(*) FROM frames WHERE late")[0][0] == 0
    faults.record(
        "system",
        here,
        about="every process of the running system, one after the other; all come back, and no row"
        " is there twice",
        done={("SIGKILL", name): 1 for name in before},
        compared=compared,
    )


def test_loops_are_stored(system: System) -> None:
    ((sources,),) = system.query("SELECT count(DISTINCT source) FROM readings")
    assert sources >= 24


@pytest.mark.slow  # it waits for minutes to pass; in test_loops.py they have passed
@pytest.mark.timeout(2 * PATIENCE_SECONDS)
def test_loops_are_scored_and_stored(system: System) -> None:
    """Late: by now loops were heard half of the 36 times, three minutes, that a score needs."""
    scored = "SELECT count(*) FROM readings WHERE anomaly_score IS NOT NULL AND model <> ''"
    eventually(lambda: system.query(scored)[0][0] > 0, PATIENCE_SECONDS)


@pytest.mark.timeout(2 * PATIENCE_SECONDS)
def test_down_leaves_nothing_running_and_up_finds_the_data(
    system: System, stopped: dict[str, Any]
) -> None:
    ours = system.processes()
    assert len(ours) >= 9
    assert system.run("down").returncode == 0
    psutil.wait_procs(ours, timeout=5)
    assert system.processes() == []
    system.environment["CITYOPS_SIMULATE"] = "0"  # it has shown what it is here for
    system.up()
    assert system.json("alerts", "show", stopped["id"])["id"] == stopped["id"]
