"""SIGKILL and SIGSTOP of workers and writers: every row and incident as in an undisturbed run."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

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
from tests.support.origin import Run
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


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Rows]:
    """Filled by the first test that needs it: the fixture ``settings`` lives for one test only."""
    return {}


class Survived(NamedTuple):
    """What the README will say, once the control has shown that the comparison can fail."""

    run: Run
    done: faults.Done


@pytest.fixture(scope="module")
def survived() -> list[Survived]:
    """Filled by the test that passes."""
    return []


@pytest.fixture
def namespaces(settings: Settings) -> Callable[[str], Settings]:
    """Namespaces of this test, all in its database."""
    return lambda name: msgspec.structs.replace(settings, namespace=f"{settings.namespace}{name}")


@pytest.fixture
def reference(
    namespaces: Callable[[str], Settings],
    recording: list[Published],
    undisturbed: dict[str, Rows],
    tmp_path: Path,
) -> Rows:
    if not undisturbed:
        undisturbed |= run(namespaces("calm"), recording, tmp_path / "calm", calm)
    return undisturbed  # type: ignore[return-value]


@pytest.mark.timeout(400)
def test_rows_and_incidents_are_those_of_an_undisturbed_run(
    reference: Rows,
    namespaces: Callable[[str], Settings],
    recording: list[Published],
    survived: list[Survived],
    tmp_path: Path,
) -> None:
    found = Survived(origin.here("faults"), Counter())
    ours = namespaces("faults")

    def fault(fleet: Fleet, turn: int) -> None:
        if turn == 0:
            eventually(lambda: frames(ours), 60)  # everybody is at work
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

    assert any("stopped_vehicle" in row for row in reference["incidents"])
    assert set(reference["frames"].values()) == {1}
    disturbed = run(ours, recording, tmp_path / "faults", fault, done=found.done)
    for table, rows in reference.items():
        missing, more = rows - disturbed[table], disturbed[table] - rows
        assert not missing, f"{table} lacks {missing.total()}: {list(missing)[:3]}"
        assert not more, f"{table} has {more.total()} too many: {list(more)[:3]}"
    survived.append(found)


@pytest.mark.timeout(400)
def test_control_without_marks_rows_are_doubled(
    reference: Rows,
    namespaces: Callable[[str], Settings],
    recording: list[Published],
    survived: list[Survived],
    tmp_path: Path,
) -> None:
    """The comparison above can fail: with the marks switched off kills double rows."""
    control = namespaces("control")

    def fault(fleet: Fleet, turn: int) -> None:
        if turn < TURNS - 1:
            return
        for _ in range(4):  # in the middle of the backlog, so that something is sent again
            before = frames(control)
            eventually(lambda seen=before: frames(control) > seen + 20, 60)
            fleet.kill("detect-1")

    disturbed = run(control, recording, tmp_path / "control", fault, marks=False)
    assert disturbed != reference
    for found in survived:
        faults.record(
            "path",
            found.run,
            about="a detector, two stream workers and the writer; every stored row against an"
            " undisturbed run",
            done=found.done,
            compared={table: rows.total() for table, rows in reference.items()},
            control=sum(
                (rows - disturbed[table]).total() + (disturbed[table] - rows).total()
                for table, rows in reference.items()
            ),
        )
