"""SIGKILL and SIGSTOP of decoders: every picture is published once, as in an undisturbed run."""

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import cv2
import msgspec
import numpy as np
import psutil
import pytest

from deploy.database.migrate import create_namespace
from services.gateway.orders import CameraOrder, add_camera
from streams.database import connect
from streams.events import SECOND, Frame
from streams.kafka.broker import create_topics
from streams.settings import Settings
from streams.topics import FRAMES
from tests.figures import faults
from tests.support import origin
from tests.support.fleet import Fleet
from tests.support.logs import Following
from tests.support.waiting import eventually

CAMERAS = ("cam-1", "cam-2", "cam-3", "cam-4", "cam-5")
HIT = CAMERAS[:2]
PICTURES, RATE = 120, 5.0
LENGTH_SECONDS = PICTURES / RATE
EVERY = SECOND // 5
COSTS = 5 * SECOND
"""What a decoder that dies or hangs may cost its camera."""
NOTHING = 3 * SECOND // 2
"""What it may cost others; what a busy machine costs, the undisturbed run beside it tells."""
RUN = "from streams.settings import load; from services.gateway.main import run; run(load())"
LAUNCHED = ("-m", "services.gateway.decoder.launcher", sys.executable)
"""Before ``-c RUN``, where root starts it: as the supervisor does."""

Published = dict[str, list[Frame]]
Harm = Callable[[Fleet, int], None]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each camera's, no picture of which is like another."""
    folder, found = tmp_path_factory.mktemp("films"), {}
    for number, camera in enumerate(CAMERAS):
        found[camera] = folder / f"{camera}.avi"
        writer = cv2.VideoWriter(
            str(found[camera]), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (160, 96)
        )
        random = np.random.default_rng(number)
        for _ in range(PICTURES):
            writer.write(random.integers(0, 256, (96, 160, 3), dtype=np.uint8))
        writer.release()
    return found


def decoder_of(fleet: Fleet, film: Path) -> int:
    """The process that has the camera's film open; 0: there is none now."""
    gateway = psutil.Process(fleet.processes["gateway"].pid)
    for child in gateway.children(recursive=True):
        try:
            if any(fd.readlink() == film for fd in Path(f"/proc/{child.pid}/fd").iterdir()):
                return child.pid
        except OSError:
            continue
    return 0


def frames(log: Following) -> Published:
    found: Published = {camera: [] for camera in CAMERAS}
    for one in log.read():
        if isinstance(one.event, Frame):
            found[one.event.camera].append(one.event)
    return found


def play(settings: Settings, films: dict[str, Path], logs: Path, harm: Harm) -> Published:
    """All films once, ``harm`` done each time that some more pictures are there."""
    create_namespace(settings, settings.namespace)
    create_topics(settings)
    logs.mkdir()
    with connect(settings, "test", autocommit=True) as database:
        for camera, film in films.items():
            add_camera(
                database, settings, CameraOrder(id=camera, address=str(film), fps=RATE), "test"
            )
    with Fleet(settings, logs) as fleet, closing(Following(settings, FRAMES)) as log:
        fleet.start("gateway", *(LAUNCHED if os.geteuid() == 0 else ()), "-c", RUN)
        eventually(lambda: all(len(each) > 3 for each in frames(log).values()), 60)
        began, turn = time.monotonic(), 0
        while time.monotonic() - began < LENGTH_SECONDS:
            if time.monotonic() - began > 4 * (turn + 1):
                harm(fleet, turn)
                turn += 1
            fleet.tend()
            time.sleep(0.1)

        def all_are_there() -> bool:
            fleet.tend()
            return all(len(each) >= PICTURES for each in frames(log).values())

        eventually(all_are_there, 120)  # whoever lost a decoder is so much later
        time.sleep(2)
        return frames(log)


def pictures(published: Published) -> dict[str, Counter[str]]:
    return {camera: Counter(one.sha256 for one in each) for camera, each in published.items()}


def gap(frames: list[Frame]) -> int:
    return max(later.time - earlier.time for earlier, later in pairwise(frames))


@pytest.fixture
def namespaces(settings: Settings) -> Callable[[str], Settings]:
    return lambda name: msgspec.structs.replace(settings, namespace=f"{settings.namespace}{name}")


@pytest.mark.timeout(400)
def test_decoders_that_die_or_hang_cost_their_camera_seconds_and_others_nothing(
    namespaces: Callable[[str], Settings], films: dict[str, Path], tmp_path: Path
) -> None:
    here = origin.here("faults")
    done: faults.Done = Counter()
    harms = ((signal.SIGKILL, "SIGKILL"), (signal.SIGSTOP, "SIGSTOP until it is given up"))

    def harm(fleet: Fleet, turn: int) -> None:
        if turn >= 4:
            return
        camera = HIT[turn % len(HIT)]
        number, name = harms[turn // len(HIT)]
        eventually(lambda: decoder_of(fleet, films[camera]))
        os.kill(decoder_of(fleet, films[camera]), number)
        done[name, f"decoder of {camera}"] += 1

    def restart(fleet: Fleet, turn: int) -> None:
        if turn == 1:
            fleet.kill("gateway")

    with ThreadPoolExecutor(3) as beside:  # so that a busy machine is as busy for each
        calm, faulty, restarted = (
            beside.submit(play, namespaces(name), films, tmp_path / name, done_to_it)
            for name, done_to_it in (
                ("calm", lambda *_: None),
                ("faults", harm),
                ("control", restart),
            )
        )
    undisturbed, disturbed = calm.result(), faulty.result()
    wanted = pictures(undisturbed)
    assert {camera: each.total() for camera, each in wanted.items()} == dict.fromkeys(
        CAMERAS, PICTURES
    )
    assert done.total() == 4
    assert pictures(disturbed) == wanted
    busy = max(gap(each) for each in undisturbed.values()) - EVERY
    for camera in CAMERAS:
        allowed = (COSTS if camera in HIT else NOTHING) + busy
        assert gap(disturbed[camera]) <= allowed, (camera, busy)
        assert len({one.sequence for one in disturbed[camera]}) == PICTURES
    # The comparison can fail: a gateway that is killed begins its files anew.
    control = pictures(restarted.result())
    assert control != wanted
    faults.record(
        "decoders",
        here,
        about="decoders of two of five cameras; every picture that is published against an"
        " undisturbed run, and no more than 5 s without any of the camera, 1.5 s of another",
        done=done,
        compared={"frames": sum(each.total() for each in wanted.values())},
        control=sum(
            ((control[each] - wanted[each]) + (wanted[each] - control[each])).total()
            for each in CAMERAS
        ),
    )
