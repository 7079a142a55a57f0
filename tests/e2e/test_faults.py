"""SIGKILL and SIGSTOP of workers and writers: every row and incident as in an undisturbed run."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from deploy.database.migrate import create_namespace
from simulators.recording import Published, Recording
from simulators.scenario import load, stops
from streams.database import connect
from streams.events import Micros
from streams.kafka.broker import create_topics
from streams.kafka.publisher import Publisher
from streams.recordings import outcome, path
from streams.settings import Settings
from streams.topics import INPUTS
from tests.figures import faults
from tests.support import origin
from tests.support.fleet import Fleet
from tests.support.storing import COMPARED, every_row
from tests.support.waiting import eventually

START: Micros = 1_800_000_000_000_000
SECONDS = 44
"""The scripted stop begins after 12 s and is proven 20 s later."""
TURNS = 8
SEED = 5
PARTS = {
    "detect-1": "detect",
    "streams-1": "streams",
    "streams-2": "streams",
    "writer": "writer",
}
Rows = dict[str, Counter[Any]]
Fault = Callable[[Fleet, int], None]


@pytest.fixture(scope="module")
def recording() -> list[Published]:
    """Two cameras and all loops; the stop is in view of one of them."""
    staged = load("stopped_vehicle")
    soon = [msgspec.structs.replace(script, after_s=(12.0, 12.0)) for script in staged.incidents]
    scenario = msgspec.structs.replace(staged, incidents=tuple(soon))
    stopped = next(stops(scenario.incidents[0], SEED)).camera.id
    other = "cam-lach-tray" if stopped != "cam-lach-tray" else "cam-cau-rao"
    cameras = sorted((stopped, other))
    with Recording(scenario, SEED, START, cameras=cameras, warm_up_s=30) as city:
        return list(city.events(SECONDS))


def stored(settings: Settings) -> Rows:
    """Every row of every table, with how often it is there."""
    rows: Rows = {}
    with connect(settings, "test") as connection:
        for table in COMPARED:
            rows[table.name] = Counter(row[0] for row in connection.execute(every_row(table)))
    return rows


def settled(settings: Settings, fleet: Fleet) -> Rows:
    """The rows, once every stage and the writer have taken and stored all that there is."""

    def settle() -> None:
        outcome.settle(settings, path.steps("detect"))
        outcome.settle_tables(settings)

    with ThreadPoolExecutor(1) as aside:
        settling = aside.submit(settle)
        while not settling.done():
            fleet.tend()
            time.sleep(0.2)
        settling.result()
    return stored(settings)


def run(
    settings: Settings,
    recording: list[Published],
    logs: Path,
    fault: Fault,
    *,
    marks: bool = True,
    done: faults.Done | None = None,
) -> Rows:
    """Publishes the recording in ``TURNS`` stretches, a fault after each; ``done`` notes them."""
    create_namespace(settings, settings.namespace)
    create_topics(settings)
    logs.mkdir()
    publisher = Publisher(settings, "test")
    with faults.NotedFleet(settings, logs, done) as fleet:
        for name, part in PARTS.items():
            fleet.start(name, "-m", "tests.support.part", part, name, "marks" if marks else "none")
        length = len(recording) // TURNS + 1
        for turn in range(TURNS):
            for topic, event, key in recording[turn * length : (turn + 1) * length]:
                if topic:
                    publisher.publish(topic, event, key)
                else:
                    for everywhere in INPUTS:
                        publisher.publish_everywhere(everywhere, event)
            publisher.flush()
            fault(fleet, turn)
            fleet.tend()
        publisher.close()
        return settled(settings, fleet)


def calm(_: Fleet, turn: int) -> None:
    time.sleep(0.5)


def frames(settings: Settings) -> int:
    """How many are stored."""
    with connect(settings, "test") as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM frames").fetchall()
    return int(count)


@pytest.fixture
def namespaces(settings: Settings) -> Callable[[str], Settings]:
    """Namespaces of this test, all in its database."""
    return lambda name: msgspec.structs.replace(settings, namespace=f"{settings.namespace}{name}")


@pytest.mark.slow  # killed on the way are the parts of test_accounts and of test_worker too
@pytest.mark.timeout(600)
def test_rows_and_incidents_are_those_of_an_undisturbed_run(
    namespaces: Callable[[str], Settings], recording: list[Published], tmp_path: Path
) -> None:
    """All three runs beside each other; with the marks switched off, kills double rows."""
    here, done = origin.here("faults"), faults.Done()
    ours, control = namespaces("faults"), namespaces("control")

    def fault(fleet: Fleet, turn: int) -> None:
        if turn == 0:
            eventually(lambda: frames(ours), 120)  # everybody is at work
        time.sleep(1)  # and in the middle of it
        match turn:
            case 0 | 4:
                fleet.kill("detect-1")
            case 1:
                fleet.kill("streams-1")
            case 2:
                fleet.pause("streams-2", 13)  # longer than its session
            case 3:
                fleet.kill("writer")
            case 5:
                fleet.pause("writer", 3)
            case 6:
                fleet.pause("detect-1", 3)
            case 7:
                fleet.kill("streams-2")
                fleet.kill("writer")

    def fault_without_marks(fleet: Fleet, turn: int) -> None:
        if turn < TURNS - 1:
            return
        for _ in range(4):  # in the middle of the backlog, so that something is sent again
            before = frames(control)
            eventually(lambda seen=before: frames(control) > seen + 20, 120)
            fleet.kill("detect-1")

    with ThreadPoolExecutor(3) as beside:
        undisturbed, disturbed, unmarked = (
            beside.submit(run, namespaces("calm"), recording, tmp_path / "calm", calm),
            beside.submit(run, ours, recording, tmp_path / "faults", fault, done=done),
            beside.submit(
                run, control, recording, tmp_path / "control", fault_without_marks, marks=False
            ),
        )
    reference, found, doubled = undisturbed.result(), disturbed.result(), unmarked.result()
    assert any("stopped_vehicle" in row for row in reference["incidents"])
    assert set(reference["frames"].values()) == {1}
    for table, rows in reference.items():
        missing, more = rows - found[table], found[table] - rows
        assert not missing, f"{table} lacks {missing.total()}: {list(missing)[:3]}"
        assert not more, f"{table} has {more.total()} too many: {list(more)[:3]}"
    assert doubled != reference, "the comparison can fail"
    faults.record(
        "path",
        here,
        about="a detector, two stream workers and the writer; every stored row against an"
        " undisturbed run",
        done=done,
        compared={table: rows.total() for table, rows in reference.items()},
        control=sum(
            (rows - doubled[table]).total() + (doubled[table] - rows).total()
            for table, rows in reference.items()
        ),
    )
