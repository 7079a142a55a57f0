"""An earlier release, running, is stopped; this one goes on: nothing is lost, nothing doubled."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tarfile import open as open_tar
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import psycopg
import pytest

from deploy.local import kafka, timescale
from deploy.local.errors import StackError
from deploy.local.parts import PREPARE
from streams.database import connect
from streams.events import SECOND, Change, Incident, Source, Tick, Topology, encode
from streams.kafka.access import CITY
from streams.kafka.broker import create_topics, delete_topics
from streams.kafka.publisher import Publisher
from streams.recordings import canonical, outcome, path, spans
from streams.recordings.namespace import Workers, environment
from streams.recordings.rerun import Rerun
from streams.runtime.partition import Snapshot
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import DEAD_LETTERS, READINGS
from tests.support import accounts, servers, town
from tests.support.loops import pack
from tests.support.stack import PATIENCE_SECONDS, System
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
OLD = "bb89791"
"""As in tests/pinned: kinds and feeds had other names, and snapshots no version."""
BUILD = ("cython==3.3.1", "setuptools>=77")
"""What that commit's ``pyproject.toml`` builds with."""
NEEDS = ("python-multipart==0.0.34", "sse-starlette==3.7.0")
"""What that commit's ``constraints.txt`` has and this one's has not."""
STEPS = path.steps("interpret")
STORED = town.START + 152 * SECOND
"""Up to here the old workers have taken and stored everything: one loop is silent, and a jam is on
its way to an incident."""
STOPPED = town.START + 157 * SECOND
"""Up to here there are messages when they are stopped."""
FIRST_PART = """
import sys

from streams.broker import create_topics
from streams.events import Tick, encode
from streams.publisher import Publisher
from streams.recordings import outcome, path, spans
from streams.recordings.namespace import Workers
from streams.settings import load
from streams.topics import INCIDENTS
from tests.support import town

settings, steps = load(), path.steps("interpret")
last = town.TOPICS[-1], settings.partitions - 1
told = town.messages(town.events(), settings.partitions)


def publish(until):
    publisher = Publisher(settings, "town")
    for topic, partition, event, mark in told:
        publisher.publish_raw(topic, partition, *encode(event, mark))
        if isinstance(event, Tick) and event.time >= until and (topic, partition) == last:
            break
    publisher.close(30)


create_topics(settings)
with Workers(settings, steps, 1) as workers:
    publish(int(sys.argv[1]))
    outcome.settle(settings, steps)
    before = spans.kept(settings, INCIDENTS)
    publish(int(sys.argv[2]))
    while spans.kept(settings, INCIDENTS) == before:
        time.sleep(0.005)
    for process in workers.processes.values():
        process.kill()
"""
"""Killed as soon as they go on, most often before that is stored: so it is sent again."""

WATCHED = """
from streams.control_log import append_missing, current, wait_published
from streams.events import SECOND, Place, Rule, Source
from streams.settings import load

settings = load()
sources = current(settings).sources
cameras = tuple(sorted(name for name in sources if name.startswith("cam-")))
vehicles = ("bus", "car", "truck", "two-wheeler")
changes = [
    Source(
        f"quiet-{n}", "loop", f"Im lặng {n}", f"Quiet {n}", "simulated", Place(20.8, 106.7),
        gateway=f"cabinet-{n}", period=2 * SECOND,
    )
    for n in (1, 2)
]
changes += [
    Rule("quiet", "silence", "high", ("quiet-1", "quiet-2"), parameters={"silence_seconds": 8.0}),
    Rule(
        "busy", "crowd", "low", cameras, classes=vehicles,
        parameters={"count": 1.0, "hold_seconds": 1.0, "clear_part": 1.0, "clear_seconds": 2.0},
    ),
]
wait_published(settings, append_missing(settings, changes, "lan"))
"""
"""Two loops that say nothing and rules that soon raise alerts, by names of then."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of the old commit, its compiled module built."""
    folder = tmp_path_factory.mktemp("old")
    archive = subprocess.run(["git", "archive", OLD], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"the history has no {OLD}: {archive.stderr.decode().strip()}")
    with open_tar(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    _python(folder, "-m", *_install(folder / "build-tools", *BUILD))
    _python(folder, "setup.py", "build_ext", "--inplace")
    return folder


def _install(folder: Path, *packages: str) -> list[str]:
    return ["pip", "install", "--quiet", "--no-compile", "--target", str(folder), *packages]


def _python(folder: Path, *command: str) -> None:
    """In the folder of the old commit, with what builds it."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "build-tools")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr[-500:]
        pytest.skip(f"the earlier release cannot be built or run here: {command}: {said}")


@pytest.fixture
def apart(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    """A namespace of which this code has made no topic yet."""
    return Settings(
        state_dir=tmp_path / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"upgrade{uuid4().hex[:8]}",
        partitions=3,
    )


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_this_release_goes_on_where_an_earlier_one_stopped(old: Path, apart: Settings) -> None:
    try:
        first_part(old, apart)
        assert snapshots(apart) == {4}, "fields of a snapshot, which had no version"
        before = [*outcome.incidents(apart)]
        rest(apart)
        assert snapshots(apart) >= {len(Snapshot.__struct_fields__)}
        found = [*outcome.incidents(apart)]
    finally:
        delete_topics(apart)
    open_then = {incident.id for incident in before if incident.kind == "silence"}
    ended = {incident.id for incident in found if incident.kind == "no_data" and incident.end}
    assert open_then & ended, "what the old workers opened, these have ended"
    # What the old workers had sent and not stored is sent once more, by way of another topic.
    sent = {(incident.id, incident.revision) for incident in before}
    revisions = Counter((incident.id, incident.revision) for incident in found)
    assert {one for one, n in revisions.items() if n > 1} <= sent, "none was decided twice"
    assert max(revisions.values()) <= 2
    decided = alike(spelled(found))
    assert len(decided) > 20
    assert decided == alike(spelled(undisturbed()))


def first_part(old: Path, settings: Settings) -> None:
    """By the old workers, who know nothing of where cameras may be."""
    usual = Settings()
    before = msgspec.structs.replace(
        settings, camera_folders=usual.camera_folders, camera_networks=usual.camera_networks
    )
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PART, str(STORED), str(STOPPED)],
        cwd=old,
        env={**environment(before), "PYTHONPATH": str(old)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def rest(settings: Settings) -> None:
    """On the same topics, by the workers of this code."""
    last = town.TOPICS[-1], settings.partitions - 1
    create_topics(settings)
    with Workers(settings, STEPS, 1) as workers:
        publisher, told = Publisher(settings, "town"), False
        events = town.events(explained=False)  # as the old commit has them
        for topic, partition, event, mark in town.messages(events, settings.partitions):
            if told:
                publisher.publish_raw(topic, partition, *encode(event, mark))
            elif isinstance(event, Tick) and event.time >= STOPPED and (topic, partition) == last:
                told = True
        publisher.close(30)
        outcome.settle(settings, STEPS)
        assert not workers.restarts


def snapshots(settings: Settings) -> set[int]:
    """How many fields the newest snapshots of each step have."""
    found = set()
    for step in STEPS:
        topic = outcome.changelog(step)
        kept = spans.kept(settings, topic).items()
        newest = {number: (end - 1, end) for number, (_, end) in kept if end}
        for message in spans.read(settings, topic, newest):
            found.add(len(msgspec.msgpack.decode(message.value or b"\x90")))
    return found


def undisturbed() -> list[Incident]:
    """What one run of this code decides, from the beginning."""
    run = Rerun(town.partitions(3))
    return [
        found for piece in town.slices(town.events(explained=False), 3) for found in run.feed(piece)
    ]


def spelled(found: list[Incident]) -> list[str]:
    """Lines in the words of the old commit."""
    lines = canonical.log(found, town.START, town.UNTIL, version=1)
    return [line.decode() for line in lines]


def alike(lines: list[str]) -> list[str]:
    """Without those that the old commit decides otherwise (decision 0032): of vehicles that return
    to their place, and of the road on which a jam becomes part of one."""
    rows = ((line, canonical.row(line)) for line in lines)
    return [
        line
        for line, row in rows
        if row["kind"] != "stopped_vehicle" and row["place"][2] != "street-south-1"
    ]


class Before(NamedTuple):
    """What the database held when the old release had been killed."""

    positions: dict[tuple[str, str, int], int]
    control: list[tuple[Any, ...]]
    transitions: list[tuple[Any, ...]]
    alerts: dict[str, tuple[Any, ...]]
    lasting: set[Any]
    """Ids of incidents of the rule ``busy`` that had not ended."""


ALERTS = "SELECT id, source, state, active, count, acknowledged_by, acknowledged_at FROM alerts"
TRANSITIONS = (
    "SELECT sequence, alert, version, kind, actor, command, incident, revision, body::text"
    " FROM alert_transitions ORDER BY sequence"
)
CONTROL = "SELECT sequence, time, actor, change::text FROM control_log ORDER BY sequence"
LASTING = "SELECT id FROM incidents WHERE rule = 'busy' GROUP BY id HAVING count(end_time) = 0"


@pytest.fixture
def system(old: Path, tmp_path: Path) -> Iterator[System]:
    """The stack as the old commit starts it, with its simulated city."""
    packages = old / "packages"
    _python(old, "-m", *_install(packages, "--no-deps", *NEEDS))
    system = System(tmp_path / "stack" / "state", old, packages)
    try:
        servers.fetch(system.settings, kafka, timescale)
    except StackError as error:
        pytest.skip(str(error))
    yield system
    system.stop()


@pytest.mark.slow  # the same parts, without their servers and their city, are upgraded above
@pytest.mark.timeout(4 * PATIENCE_SECONDS)
def test_a_whole_running_release_is_upgraded(system: System) -> None:
    system.up()
    system.python(WATCHED)
    one, two = raised(system)
    system.json("alerts", "ack", one)
    with system.killed() as parts:
        assert {"alerts", "city", "detect-1", "gateway", "streams-1", "writer"} <= set(parts)
        before = state(system)
    assert before.lasting, "it was killed in the middle of something"
    system.run("down")

    system = system.upgraded()
    system.up()
    began = wall_clock()
    speak(system, "quiet-2")
    eventually(lambda: goes_on(system, before), PATIENCE_SECONDS)
    eventually(lambda: silent_again(system), PATIENCE_SECONDS)
    eventually(lambda: system.query(UNTOLD) == [], PATIENCE_SECONDS)

    after = state(system)
    assert all(after.positions[at] >= offset for at, offset in before.positions.items())
    kept, added = after.control[: len(before.control)], after.control[len(before.control) :]
    assert kept == before.control, "the city and its rules are as they were, each once"
    assert_only_new_facts(kept, added)
    assert after.transitions[: len(before.transitions)] == before.transitions
    assert after.alerts[one] == before.alerts[one], "acknowledged, by whom and when"
    assert after.alerts[one][1:5] == ("acknowledged", True, 1, "admin")
    assert set(before.alerts) <= set(after.alerts)
    # It ended, and is not heard of again within ten minutes: the same alert, raised once more.
    assert after.alerts[two][1:4] == ("unacknowledged", True, 2)
    assert [alert["id"] for alert in system.json("alerts", "list", "--source", "quiet-2")] == [two]

    assert incidents(system, "quiet-1") == [("silence", 0, False)]
    assert incidents(system, "quiet-2") == [
        ("silence", 0, False),
        ("no_data", 1, True),
        ("no_data", 0, False),
    ]
    assert patience(system, began) == timedelta(seconds=8), "as its parameter of then says"
    status = system.json("status")
    assert status["healthy"]
    assert (status["unjudged"]["rules"], status["unjudged"]["sources"]) == ([], [])
    types = "SELECT DISTINCT type FROM assets ORDER BY type"
    assert system.query(types) == [("camera",), ("induction_loop",)]
    pictured = next(alert for alert in system.json("alerts", "list") if alert["rule"] == "busy")
    assert system.picture(pictured, raw=True).startswith(b"\xff\xd8")

    assert not any(end for _, end in spans.kept(system.settings, DEAD_LETTERS).values())
    assert system.query(DOUBLED) == []
    assert accounts.faults(system.settings) == []
    with connect(system.settings, "test") as connection:
        spoil(connection)
        found = accounts.faults(system.settings, connection)
        connection.rollback()
    for expected in SPOILT:
        assert any(line.startswith(expected) for line in found), (expected, found)


def assert_only_new_facts(before: list[tuple[Any, ...]], added: list[tuple[Any, ...]]) -> None:
    """The simulated city has said of what it has that which this release knows besides, once.

    That is its wards, and another path of the footage: cameras reach no film beyond their own
    folder (decision 0049).
    """
    known: dict[str, Source] = {}
    for *_, text in before:
        change = msgspec.json.decode(text, type=Change)
        if isinstance(change, Source):
            known[change.id] = change
    again = [msgspec.json.decode(text, type=Change) for *_, who, text in added if who == PREPARE]
    assert again == [*(known[name] for name in sorted(known)), Topology(True, True)], (
        "all of it once more, for the stage that explains"
    )
    told = [msgspec.json.decode(text, type=Change) for *_, who, text in added if who != PREPARE]
    assert len({one.id for one in told if isinstance(one, Source)}) == len(told), "each once"
    for one in told:
        assert isinstance(one, Source), one
        if not one.address.endswith("media/vtest.avi"):
            renamed = {"loop": "induction_loop"}.get(known[one.id].kind, known[one.id].kind)
            assert one == msgspec.structs.replace(known[one.id], kind=renamed, ward=one.ward)
            assert one.ward, one


UNTOLD = (
    "SELECT id FROM incidents WHERE revision = 0 AND NOT EXISTS"
    " (SELECT FROM alert_transitions WHERE incident = id::text)"
)
"""Incidents of which no alert was told."""
DOUBLED = (
    "SELECT incident, revision, kind FROM alert_transitions WHERE incident IS NOT NULL"
    " GROUP BY alert, incident, revision, kind HAVING count(*) > 1"
)
SPOILT = (
    "readings: 3 lost",
    "readings: the writer counted",
    "detections: 1 of no event, or of one twice",
    "incidents: 1 of no event, or of one twice",
    "incidents: 1 doubled",
    "frames: 1 lost",
    "frames: 1 sent, and never looked at",
)


def spoil(connection: psycopg.Connection[Any]) -> None:
    """The control: what an upgrade must not do to rows, so that it is seen where it does."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    for text in (
        "DELETE FROM readings WHERE (source, time) ="
        " (SELECT source, time FROM readings GROUP BY 1, 2 HAVING count(*) = 3 LIMIT 1)",
        "DELETE FROM frames WHERE (frame_partition, frame_offset) ="
        " (SELECT frame_partition, min(frame_offset) FROM frames GROUP BY 1 LIMIT 1)",
        "INSERT INTO incidents SELECT * FROM incidents LIMIT 1",
        "INSERT INTO detections SELECT * FROM detections LIMIT 1",
    ):
        assert connection.execute(text).rowcount in (1, 3)


def raised(system: System) -> tuple[str, str]:
    """The alerts of the two loops, once there is one with a picture too."""
    eventually(
        lambda: system.query(
            "SELECT count(*) FROM alerts WHERE rule = 'quiet' HAVING count(*) = 2"
            " AND EXISTS (SELECT FROM alerts WHERE rule = 'busy')"
        ),
        PATIENCE_SECONDS,
    )
    found = dict(system.query("SELECT source, id FROM alerts WHERE rule = 'quiet'"))
    return found["quiet-1"], found["quiet-2"]


def state(system: System) -> Before:
    positions = system.query("SELECT consumer, topic, partition, next_offset FROM positions")
    return Before(
        {row[:3]: row[3] for row in positions},
        system.query(CONTROL),
        system.query(TRANSITIONS),
        {row[0]: row[1:] for row in system.query(ALERTS)},
        {row[0] for row in system.query(LASTING)},
    )


def speak(system: System, loop: str) -> None:
    """A reading of a loop that was not heard of."""
    settings = msgspec.structs.replace(system.settings, kafka_user=CITY)  # who may say so
    publisher, now = Publisher(settings, "cabinet"), wall_clock()
    gateway = loop.replace("quiet", "cabinet")
    row = (loop, now, 600.0, 10.0, 40.0)
    publisher.publish(READINGS, pack([row], 1, now, gateway), gateway)
    publisher.close(30)


def goes_on(system: System, before: Before) -> bool:
    """What lasted has ended, and more of it has been found since."""
    lasting = {row[0] for row in system.query(LASTING)}
    known = {row[6] for row in before.transitions}
    new = system.query("SELECT id FROM incidents WHERE rule = 'busy' AND revision = 0")
    return before.lasting.isdisjoint(lasting) and any(str(row[0]) not in known for row in new)


def silent_again(system: System) -> bool:
    return len(incidents(system, "quiet-2")) > 2


def incidents(system: System, source: str) -> list[tuple[Any, ...]]:
    """Kind, revision, and whether it has ended, in the order of decision."""
    return system.query(
        "SELECT kind, revision, end_time IS NOT NULL FROM incidents"
        f" WHERE rule = 'quiet' AND sources = ARRAY['{source}'] ORDER BY decided_at"
    )


def patience(system: System, began: int) -> timedelta:
    """From the last that was heard of the loop to the proof that it is silent."""
    ((found,),) = system.query(
        "SELECT decided_at - start_time FROM incidents WHERE rule = 'quiet' AND revision = 0"
        f" AND start_time >= to_timestamp({began / SECOND})"
    )
    assert isinstance(found, timedelta)
    return found
