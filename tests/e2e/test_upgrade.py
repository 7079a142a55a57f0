"""An earlier release, running, is stopped; this one goes on: nothing is lost, nothing doubled."""

import os
import subprocess
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path
from tarfile import open as open_tar
from uuid import uuid4

import msgspec
import pytest

from streams.events import SECOND, Incident, Tick, encode
from streams.kafka.broker import create_topics, delete_topics
from streams.kafka.publisher import Publisher
from streams.recordings import canonical, outcome, path, spans
from streams.recordings.namespace import Workers, environment
from streams.recordings.rerun import Rerun
from streams.settings import Settings
from tests.support import town

ROOT = Path(__file__).parents[2]
OLD = "bb89791"
"""As in tests/pinned: kinds and feeds had other names, and snapshots no version."""
BUILD = ("cython==3.3.1", "setuptools>=77")
"""What that commit's ``pyproject.toml`` builds with."""
STEPS = path.steps("interpret")
STORED = town.START + 152 * SECOND
"""Up to here the old workers have taken and stored everything: one loop is silent, and a jam is on
its way to an incident."""
STOPPED = town.START + 157 * SECOND
"""Up to here there are messages when they are stopped."""
FIRST_PART = """
import sys
import time

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


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of the old commit, its compiled module built."""
    folder = tmp_path_factory.mktemp("old")
    archive = subprocess.run(["git", "archive", OLD], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"the history has no {OLD}: {archive.stderr.decode().strip()}")
    with open_tar(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    tools = folder / "build-tools"
    ours = {**os.environ, "PYTHONPATH": str(tools)}
    for command in (
        ["-m", "pip", "install", "--quiet", "--no-compile", "--target", tools, *BUILD],
        ["setup.py", "build_ext", "--inplace"],
    ):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder,
            env=ours,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"its compiled module cannot be built here: {done.stderr[-500:]}")
    return folder


@pytest.fixture
def apart(kafka_bootstrap: str, tmp_path: Path) -> Settings:
    """A namespace of which this code has made no topic yet."""
    return Settings(
        state_dir=tmp_path / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"upgrade{uuid4().hex[:8]}",
        partitions=3,
    )


@pytest.mark.timeout(400)
def test_this_release_goes_on_where_an_earlier_one_stopped(old: Path, apart: Settings) -> None:
    try:
        first_part(old, apart)
        assert snapshots(apart) == {4}, "fields of a snapshot, which had no version"
        before = [*outcome.incidents(apart)]
        rest(apart)
        assert snapshots(apart) >= {5}
        found = [*outcome.incidents(apart)]
    finally:
        delete_topics(apart)
    open_then = {incident.id for incident in before if incident.kind == "silence"}
    ended = {incident.id for incident in found if incident.kind == "no_data" and incident.end}
    assert open_then & ended, "what the old workers opened, these have ended"
    revisions = Counter((incident.id, incident.revision) for incident in found)
    assert set(revisions.values()) == {1}, "none was decided twice"
    assert spelled(found) == spelled(undisturbed())


def first_part(old: Path, settings: Settings) -> None:
    """By the old workers."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PART, str(STORED), str(STOPPED)],
        cwd=old,
        env={**environment(settings), "PYTHONPATH": str(old)},
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
        for topic, partition, event, mark in town.messages(town.events(), settings.partitions):
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
    return [found for piece in town.slices(town.events(), 3) for found in run.feed(piece)]


def spelled(found: list[Incident]) -> list[str]:
    """Lines in the words of the old commit."""
    lines = canonical.log(found, town.START, town.UNTIL, version=1)
    return [line.decode() for line in lines]
