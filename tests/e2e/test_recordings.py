"""Record and replay on a real broker: one recording, one digest, whoever runs it again and how."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from click.testing import Result
from kafka import KafkaAdminClient
from psycopg import sql

from streams.database import connect
from streams.events import SECOND, ControlChange, Tick, encode, from_datetime, to_rfc3339
from streams.kafka.publisher import Publisher
from streams.recordings import canonical, namespace, outcome, path, rerun, runs, tables, together
from streams.recordings.folder import INDEX, Index, Recording, Slice, Timing, Writer
from streams.recordings.namespace import Workers, environment
from streams.settings import Settings
from streams.topics import CHECKPOINTS, FRAMES, INPUTS, physical
from tests.support import town
from tests.support.alerting import START, photograph
from tests.support.commandline import cityops
from tests.support.databases import know_passwords
from tests.support.reached import reached
from tests.support.upstream import delete_before
from tests.support.watchman import camera
from tests.unit.test_pinned import SINCE

CITYOPS = str(Path(sys.executable).with_name("cityops"))
STEPS = path.steps("interpret")
PINNED = Path(__file__).parent.parent / "pinned/town"


class Town:
    """A namespace whose workers have taken all that the town has told, and a recording of it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        self.said = ""
        """What the command that recorded has printed."""

    def cityops(self, *arguments: str, code: int = 0) -> str:
        """Runs the command line; its standard output, or its error where it is to fail."""
        done = self.run(*arguments, code=code)
        return done.stderr if code else done.stdout

    def run(self, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [CITYOPS, *arguments],
            env=environment(self.settings),
            capture_output=True,
            text=True,
            timeout=300,  # a replay at the speed of the town takes as long as it, and starts
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def replay(self, *arguments: str) -> Any:
        return json.loads(self.cityops("replay", "run", str(self.folder), "--json", *arguments))

    def here(self, *arguments: str, code: int = 0) -> Result:
        """As ``run`` does, in this process: where what is compared is no digest."""
        done = cityops(*arguments, env=environment(self.settings))
        assert done.exit_code == code, done.output
        return done

    def compare(self, first: str, second: str) -> Any:
        said = self.here("replay", "compare", str(self.folder), first, second, "--json")
        return json.loads(said.stdout)

    @property
    def index(self) -> Index:
        return Recording(self.folder).index


@pytest.fixture(scope="module")
def lived(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    from streams.kafka.broker import create_topics, delete_topics

    base = tmp_path_factory.mktemp("recordings")
    settings = Settings(
        state_dir=base / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"town{os.getpid()}",
        partitions=3,
    )
    create_topics(settings)
    with Workers(settings, STEPS, 1):
        told = town.messages(town.events(), settings.partitions)
        publish(settings, told, town.AFTER - 5 * SECOND)
        outcome.settle(settings, STEPS)  # so that there are checkpoints in the middle
        publish(settings, told, town.START + town.SECONDS * SECOND)
        lived = Town(settings, base / "recording")
        text = [to_rfc3339(town.AFTER), to_rfc3339(town.UNTIL)]
        stretch = ("-o", str(lived.folder), "--from", text[0], "--to", text[1])
        lived.said = lived.cityops("record", *stretch, "--json")
    yield lived
    delete_topics(settings)


def publish(settings: Settings, told: Iterator[town.Message], until: int) -> None:
    """Goes on with what the town tells, up to a tick."""
    publisher = Publisher(settings, "town")
    last = town.TOPICS[-1], settings.partitions - 1
    for topic, partition, event, mark in told:
        publisher.publish_raw(topic, partition, *encode(event, mark))
        if isinstance(event, Tick) and event.time >= until and (topic, partition) == last:
            break
    publisher.close(30)


def test_the_recording_is_of_the_middle_of_a_run(lived: Town) -> None:
    index = lived.index
    assert msgspec.json.decode(lived.said, type=Index) == index
    assert (index.after, index.until) == (town.AFTER, town.UNTIL)
    assert index.until - index.after >= 180 * SECOND
    assert set(index.kinds) == {"stopped_vehicle", "crowd", "intrusion", "no_data", "congestion"}
    assert sum(index.kinds.values()) > 50
    assert index.kind_versions.keys() == index.kinds.keys()
    assert index.feed_versions.keys() == {"cameras", "induction_loops"}
    assert index.feed_timings["induction_loops"] == Timing("gateway", 2 * SECOND)
    assert index.together == together.digest(index.kind_versions)
    decided = [canonical.row(line) for line in Recording(lived.folder).incidents()]
    assert {row["why"] for row in decided} == {"", "late"}, "one is a consequence"
    assert len(Recording(lived.folder).states()) == len(STEPS) * index.partitions
    Recording(lived.folder).check()


def test_it_is_what_a_run_without_kafka_decides(lived: Town) -> None:
    """The live workers and the runner in memory drive the same stages."""
    cuts = town.slices(town.events(), 5)
    assert town.log(town.partitions(5), cuts) == Recording(lived.folder).incidents()


@pytest.mark.parametrize(
    "how",
    [
        ("--offline",),
        # With two workers it runs in tests/e2e/test_one_digest.py.
        pytest.param(("--speed", "max", "--workers", "3"), marks=pytest.mark.slow),
        pytest.param(("--speed", "20"), marks=pytest.mark.slow),
        pytest.param(("--speed", "1"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
@pytest.mark.timeout(400)
def test_every_replay_has_the_digest_of_the_live_run(lived: Town, how: tuple[str, ...]) -> None:
    run = lived.replay("--name", "again", *how)
    assert run["digest"] == lived.index.digest
    assert run["same_as_live"]
    assert run["kinds"] == lived.index.kinds
    assert leftovers(lived, "replay-again") == set(), "its topics are gone"


@pytest.mark.parametrize(
    "how",
    [("--offline",), pytest.param(("--speed", "max"), marks=pytest.mark.slow)],
    ids=" ".join,
)
def test_a_recording_of_the_old_format_is_replayed(
    lived: Town, tmp_path: Path, how: tuple[str, ...]
) -> None:
    """What it decides otherwise than its release did, ``tests/unit/test_pinned.py`` says."""
    shutil.copytree(PINNED, tmp_path / "old")
    old = Town(lived.settings, tmp_path / "old")
    run = old.replay("--name", "old", *how)
    assert run["digest"] == SINCE[PINNED.name]
    assert not run["same_as_live"]
    assert old.compare("live", "old") != []


def leftovers(lived: Town, name: str) -> set[str]:
    admin = KafkaAdminClient(**reached(lived.settings))
    try:
        return {topic for topic in admin.list_topics() if topic.startswith(name)}
    finally:
        admin.close()


def test_workers_that_are_killed_on_the_way_change_nothing(lived: Town) -> None:
    recording, chance = Recording(lived.folder), random.Random(5)
    settings = namespace.named(lived.settings, "killed")
    stages = [step.build(settings) for step in STEPS]
    parts = rerun.begin(stages, settings.partitions, recording.states(), town.TOPICS)
    killed = 0

    def kill(workers: Workers) -> None:
        nonlocal killed
        if chance.random() < 0.06:
            chance.choice(sorted(workers.processes.items()))[1].kill()
            killed += 1

    try:
        found = namespace.run(
            settings,
            STEPS,
            parts,
            recording.slices(),
            after=recording.index.after,
            speed=20,
            workers=3,
            disturb=kill,
        )
    finally:
        namespace.remove(settings)
    assert killed >= 4
    lines = canonical.log(found, town.AFTER, town.UNTIL)
    assert canonical.digest(lines) == recording.index.digest


def test_control_one_message_less_is_another_digest(lived: Town, tmp_path: Path) -> None:
    recording = Recording(lived.folder)
    writer = Writer(tmp_path / "less")
    camera, time = town.proof(recording.incidents())
    dropped = 0
    for piece in recording.slices():
        kept = []
        for record in piece.records:
            headers = dict(record[2])
            about = (headers["ce_source"].decode(), headers["ce_time"].decode())
            if about == (camera, to_rfc3339(time)):
                dropped += 1
            else:
                kept.append(record)
        writer.add(Slice(piece.tick, kept))
    index, lines = recording.index, recording.incidents()
    index = msgspec.structs.replace(
        index,
        states=writer.states(recording.states()),
        incidents=writer.incidents(canonical.whole(lines, index.log, index.seen_by)),
    )
    writer.close(index)
    assert dropped == 1
    less = ("replay", "run", str(tmp_path / "less"), "--offline", "--json")
    assert not json.loads(lived.here(*less).stdout)["same_as_live"]


def test_control_one_threshold_moved_is_another_digest_and_is_shown(
    lived: Town, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("- {id: crowd, kind: crowd, severity: high, parameters: {count: 5}}\n")
    how = ("--offline", "--rules", str(rules), "--name", "crowds", "--json")
    run = json.loads(lived.here("replay", "run", str(lived.folder), *how).stdout)
    assert not run["same_as_live"]
    assert set(run["kinds"]) == {"crowd"}, "these rules alone, whatever was changed on the way"
    assert "recorded changes passed over: 1" in run["how"]
    differences = lived.compare("live", "crowds")
    assert {"lost"} <= {each["change"] for each in differences}
    assert "stopped_vehicle" in {each["kind"] for each in differences}
    back = lived.compare("crowds", "live")
    assert {"gained"} <= {each["change"] for each in back}
    assert lived.compare("live", "live") == []


def test_the_digest_alone_is_for_scripts(lived: Town) -> None:
    printed = lived.cityops("replay", "run", str(lived.folder), "--offline", "--digest")
    assert printed.strip() == lived.index.digest


def test_a_digest_of_almost_nothing_is_an_error_of_its_own(lived: Town, tmp_path: Path) -> None:
    few = tmp_path / "few.yaml"
    few.write_text("- {id: none, kind: intrusion, severity: low, sources: [nobody]}\n")
    how = ("--offline", "--digest", "--rules", str(few))
    assert "too few" in lived.here("replay", "run", str(lived.folder), *how, code=3).stderr


@pytest.mark.slow
def test_a_kept_namespace_is_removed_by_one_command(lived: Town) -> None:
    logs = lived.settings.state_dir / "logs" / "replay-stays"
    run = lived.replay("--speed", "max", "--workers", "1", "--keep", "--name", "stays")
    assert run["digest"] == lived.index.digest
    assert leftovers(lived, "replay-stays")
    assert list(logs.iterdir())
    lived.cityops("replay", "remove", str(lived.folder), "--name", "stays")
    assert leftovers(lived, "replay-stays") == set()
    assert not logs.exists()
    said = lived.cityops("replay", "remove", str(lived.folder), "--name", "stays", code=1)
    assert "there is no replay 'stays'" in said


@pytest.mark.slow
def test_what_is_found_is_stored_in_tables_of_the_replays_own(
    lived: Town, database_server: str, database_url: str, tmp_path: Path
) -> None:
    own = {"state_dir": tmp_path, "database_url": database_url}
    settings = msgspec.structs.replace(lived.settings, **own)
    know_passwords(settings, database_server)
    analyst, replay = Town(settings, lived.folder), namespace.named(settings, "stored")
    run = analyst.replay("--speed", "max", "--workers", "2", "--tables", "--name", "stored")
    assert run["digest"] == lived.index.digest
    with connect(replay, "test") as connection:

        def rows(query: sql.SQL) -> set[Any]:
            return set(connection.execute(query).fetchall())

        found = rows(sql.SQL("SELECT id, revision, decided_at FROM incidents"))
        within = {
            (UUID(line["id"]), line["revision"])
            for line in (
                canonical.row(line) for line in runs.load(Recording(lived.folder), runs.LIVE).lines
            )
        }
        assert {
            row[:2]
            for row in found
            if lived.index.after < from_datetime(row[2]) <= lived.index.until
        } == within
        assert rows(sql.SQL("SELECT DISTINCT origin FROM incidents")) == {("replayed",)}
        assert rows(sql.SQL("SELECT DISTINCT origin FROM readings")) == {("replayed",)}
        assert rows(sql.SQL("SELECT count(*) > 0 FROM counts")) == {(True,)}
    again = ("replay", "run", str(lived.folder), "--speed", "max", "--tables", "--name", "stored")
    assert "replay 'stored' has tables already" in analyst.cityops(*again, code=1)
    said = analyst.run("replay", "remove", str(lived.folder), "--name", "stored").stderr
    assert "removed stored: 0 topics, its tables" in said
    assert not tables.exist(replay)


def test_what_was_altered_is_named_and_not_replayed(lived: Town, tmp_path: Path) -> None:
    copy = tmp_path / "altered"
    shutil.copytree(lived.folder, copy)
    segment = copy / "000001.zst"
    segment.write_bytes(segment.read_bytes()[:-1])
    offline = ("replay", "run", str(copy), "--offline")
    assert "000001.zst is cut short" in lived.here(*offline, code=1).stderr
    (copy / INDEX).unlink()
    assert "is not a recording" in lived.here(*offline, code=1).stderr


def test_what_cannot_be_done_is_said(lived: Town, tmp_path: Path) -> None:
    folder, settings = str(lived.folder), environment(lived.settings)
    for arguments, said in (
        (("replay", "run", folder, "--from-stage", "detect"), "has no pictures"),
        (("replay", "run", folder, "--model", "street_detector"), "--from-stage detect"),
        (("replay", "run", folder, "--model", "nothing"), "no model 'nothing'"),
        (("replay", "compare", folder, "live", "nothing"), "there are: live"),
        (
            ("replay", "run", folder, "--speed", "max", "--tables"),
            "no sign-in of the database's for 'owner': run 'make up'",
        ),
        (("replay", "run", folder, "--name", "Not/a name"), "at most 32 of a-z"),
        (("record", "-o", folder, "--from", to_rfc3339(town.AFTER)), "is not empty"),
    ):
        done = cityops(*arguments, env=settings)
        assert done.exit_code == 1, arguments
        assert said in " ".join(done.stderr.split()), arguments
    for arguments, said in (
        (("replay", "run", folder, "--speed", "fast"), "give a number such as 1 or 20, or max"),
        (("record", "-o", str(tmp_path / "x"), "--to", "1m"), "--to needs --from"),
        (("record", "-o", str(tmp_path / "x"), "--from", "1m", "--to", "2m"), "ends before"),
    ):
        done = cityops(*arguments, env=settings)
        assert done.exit_code == 2, arguments
        assert said in done.stderr, arguments


@pytest.fixture
def half_blind(kafka_bootstrap: str, tmp_path: Path) -> Iterator[Town]:
    """Two cameras' pictures, recorded where the model of one of them is missing."""
    from streams.kafka.broker import create_topics, delete_topics

    settings = Settings(
        state_dir=tmp_path / "state",
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"blind{os.getpid()}",
        partitions=1,
    )
    create_topics(settings)
    cameras = camera("sees"), msgspec.structs.replace(camera("blind"), model="absent@1")
    with Workers(settings, path.steps("detect"), 1):
        publisher = Publisher(settings, "cameras")
        for topic in INPUTS:
            for number, source in enumerate(cameras, 1):
                publisher.publish_raw(topic, 0, *encode(ControlChange(number, START, source)))
        for second in range(25):
            time = START + second * SECOND
            for topic in INPUTS:
                publisher.publish_raw(topic, 0, *encode(Tick(time)))
            for source in cameras:
                frame = photograph(source.id, time + 1, second)
                publisher.publish_raw(FRAMES, 0, *encode(frame))
        publisher.close(30)
        outcome.settle(settings, path.steps("detect"))
    blind = Town(settings, tmp_path / "recording")
    yield blind
    delete_topics(settings)


@pytest.mark.slow
def test_frames_whose_model_was_missing_are_counted_and_said(half_blind: Town) -> None:
    folder = str(half_blind.folder)
    text = [to_rfc3339(START + second * SECOND) for second in (5, 10)]
    stretch = ("--from", text[0], "--to", text[1], "--from-stage", "detect")
    made = half_blind.run("record", "-o", folder, *stretch)
    # From tick A to the end, which is later than B by what may come late.
    assert Recording(half_blind.folder).index.unseen == {"blind": 16}
    assert "16 of blind" in made.stderr
    again = half_blind.run("replay", "run", folder, "--offline")
    assert "16 of blind" in again.stderr
    assert "as in the live run" in again.stdout
    place = half_blind.folder / INDEX
    whole = json.loads(place.read_text())
    place.write_text(json.dumps({**whole, "unseen": {}}))
    assert "no model 'absent@1'" in half_blind.cityops("replay", "run", folder, "--offline", code=1)
    half_blind.cityops("replay", "run", folder, "--offline", "--model", "street_detector")


def test_what_is_not_kept_any_more_is_said(lived: Town, tmp_path: Path) -> None:
    """Last: it takes from the town what retention would take one day."""
    for partition in range(lived.settings.partitions):
        delete_before(lived.settings, town.TOPICS[0], partition, 30)
    admin = KafkaAdminClient(**reached(lived.settings))
    try:
        admin.delete_topics([physical(lived.settings.namespace, CHECKPOINTS)])
    finally:
        admin.close()
    window = (to_rfc3339(town.AFTER), to_rfc3339(town.UNTIL))
    said = lived.cityops(
        "record", "-o", str(tmp_path / "late"), "--from", window[0], "--to", window[1], code=1
    )
    assert "is no longer kept; choose a later time" in " ".join(said.split())
