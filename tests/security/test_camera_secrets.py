"""Where a camera's password might be seen; each search has the control that it finds one."""

import base64
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import msgspec
import psutil
import psycopg
import pytest
from kafka import KafkaConsumer, TopicPartition

from services.api.users import first_start
from streams.configuration.camera_addresses import addresses, seal_stored
from streams.configuration.log import read
from streams.database import connect
from streams.events import ControlChange, Place, Source, decode, encode
from streams.kafka.heartbeat import read_heartbeats
from streams.kafka.reader import Message
from streams.recordings.capture import written
from streams.sealing import Seal, SealError
from streams.settings import Settings
from tests.support.cameras import multipart, page, web
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.gateway import gateway_process
from tests.support.serving import serving, with_free_port
from tests.support.waiting import eventually

CANARY = "c4n4ry-Tr4ng-Ti3n"


@pytest.fixture
def database(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "test", autocommit=True) as connection:
        yield connection


@pytest.fixture
def service(settings: Settings, database: psycopg.Connection[Any]) -> Iterator[Settings]:
    settings = with_free_port(settings)
    first_start(database, settings)
    with serving(settings):
        yield settings


def add(settings: Settings, source: str, *words: object, **more: Any) -> Any:
    env = environment(settings) | more.pop("env", {})
    words = ("--id", "gate", "--source", source, "--force", *words)
    return cityops("camera", "add", *words, env=env, **more)


# --- the command line --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        f"rtsp://admin:{CANARY}@10.0.0.5/1",
        f"http://10.0.0.5/x?usr=admin&pwd={CANARY}",
        f"rtsp://10.0.0.5/user=admin&password={CANARY}&channel=1",
        f"rtsp://10.0.0.5/x?%74oken={CANARY}",
    ],
)
def test_a_password_on_the_command_line_is_refused(service: Settings, source: str) -> None:
    result = add(service, source)
    assert result.exit_code == 1
    assert "--password-file" in result.stderr
    assert result.stderr.count("\n") == 1
    assert CANARY not in result.output
    assert cityops("camera", "list", env=environment(service)).stdout == "no camera\n"


def test_it_is_typed_or_in_a_file_or_in_the_environment(
    service: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(CANARY + "\n")
    ways: list[dict[str, Any]] = [
        {"typed": CANARY + "\n"},
        {"env": {"CITYOPS_CAMERA_PASSWORD": CANARY}},
    ]
    for way in ways:
        assert add(service, "rtsp://admin@10.0.0.5/1", **way).exit_code == 0
    asked = add(service, "rtsp://10.0.0.5/1", "--user", "admin", "--password-file", file)
    assert asked.exit_code == 0, asked.output
    rows = database.execute("SELECT address, sealed FROM camera_addresses").fetchall()
    [(shown, sealed)] = rows
    assert shown == "rtsp://10.0.0.5/1"
    whole = Seal(service, "camera-addresses").open(sealed)
    assert whole == f"rtsp://admin:{CANARY}@10.0.0.5/1"


@pytest.mark.parametrize(
    ("source", "public"),
    [
        ("rtsp://10.0.0.5/{password}", "rtsp://10.0.0.5/…"),
        ("rtsp://10.0.0.5/{user}/{password}/1", "rtsp://10.0.0.5/…"),
        ("http://10.0.0.5/x?channel={password}", "http://10.0.0.5/x"),
    ],
)
def test_a_password_that_is_an_ordinary_word_is_not_shown_either(
    service: Settings, database: psycopg.Connection[Any], source: str, public: str
) -> None:
    added = add(service, source, "--user", "lan", typed="quay\n")
    assert added.exit_code == 0, added.output
    (row,) = database.execute(
        "SELECT address, change FROM camera_addresses, control_log"
    ).fetchall()
    assert row[0] == public
    assert "quay" not in str(row)
    (found,) = addresses(database, service).values()
    assert "quay" in found.address
    assert "quay" not in repr(found)


@pytest.mark.parametrize("source", ["rtsp://admin@10.0.0.5/1", "http://10.0.0.5/?pwd={password}"])
def test_without_one_it_says_how(service: Settings, source: str) -> None:
    result = add(service, source, typed="")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "password" in result.stderr


# --- everywhere else ---------------------------------------------------------------------------


def locked(asked: list[str]) -> Any:
    """Pictures for whoever gives the password; notes what was given."""
    pictures = multipart(500, lambda _, whole: whole)

    def answer(request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        asked.append(given)
        if base64.b64encode(f"admin:{CANARY}".encode()).decode() in given:
            pictures(request)
            return
        request.send_response(401)
        request.send_header("WWW-Authenticate", 'Basic realm="camera"')
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def in_tables(database: psycopg.Connection[Any], settings: Settings) -> list[str]:
    """Names of the tables that hold it, as text or in bytes."""
    listed = database.execute(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'v', 'p') AND nspname = %s",
        (settings.namespace,),
    ).fetchall()
    spelled = (f"%{CANARY}%", f"%{CANARY.encode().hex()}%")
    found = []
    for (name,) in listed:
        query = f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE %s OR t::text LIKE %s'
        if database.execute(query, spelled).fetchone() != (0,):
            found.append(name)
    return found


def in_topics(settings: Settings) -> list[str]:
    """Topics that hold it, up to what they have now."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap, group_id=None, auto_offset_reset="earliest"
    )
    try:
        topics = sorted(t for t in consumer.topics() if t.startswith(settings.namespace))
        tails = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t)]
        consumer.assign(tails)
        ends = consumer.end_offsets(tails)
        found, read = set(), 0
        while any(consumer.position(tail) < end for tail, end in ends.items()):
            for tail, records in consumer.poll(timeout_ms=500).items():
                read += len(records)
                if any(CANARY.encode() in (r.value or b"") + (r.key or b"") for r in records):
                    found.add(tail.topic)
        assert read, "nothing was searched"
        return sorted(found)
    finally:
        consumer.close(autocommit=False)


def in_processes(pids: list[int]) -> list[str]:
    places = [f"/proc/{pid}/{what}" for pid in pids for what in ("cmdline", "environ")]
    return [place for place in places if CANARY.encode() in Path(place).read_bytes()]


def test_a_password_is_used_and_found_nowhere(
    service: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    asked: list[str] = []
    log = tmp_path / "log"
    pages = {"/live": locked(asked), "/none": page(lambda: b"x", "text/plain")}
    with web(pages) as address, gateway_process(service, log) as gateway:
        for camera, path in (("gate", "live"), ("gone", "none")):
            result = add(
                service,
                f"{address}/{path}",
                "--id",
                camera,
                "--user",
                "admin",
                typed=CANARY + "\n",
            )
            assert result.exit_code == 0, result.output
            assert CANARY not in result.output
        eventually(lambda: read_heartbeats(service).get("gateway"))
        eventually(lambda: "gate" in read_heartbeats(service)["gateway"].sources)
        decoders = psutil.Process(gateway.pid).children()
        assert decoders
        assert not in_processes([gateway.pid, *(child.pid for child in decoders)])
        assert not in_topics(service)
        eventually(lambda: b"gone" in log.read_bytes())
        listed = cityops("camera", "list", "--json", env=environment(service))
        assert CANARY not in listed.stdout
    assert any(asked), "the control: the camera was given it"
    assert not in_tables(database, service)
    assert CANARY.encode() not in log.read_bytes()
    secrets = [path for path in service.state_dir.rglob("*") if path.is_file()]
    assert not [path for path in secrets if CANARY.encode() in path.read_bytes()]


def test_the_searches_find_one(settings: Settings, database: psycopg.Connection[Any]) -> None:
    """The control of the test above: as it was before addresses were sealed."""
    database.execute(
        "INSERT INTO camera_addresses (source, address, fps, loop) VALUES ('gate', %s, 5, false)",
        (f"rtsp://admin:{CANARY}@10.0.0.5/1",),
    )
    assert in_tables(database, settings) == ["camera_addresses"]
    process = psutil.Popen(["sleep", "60"], env={**os.environ, "X": CANARY})
    try:
        # It shows its environment a moment after it was started.
        eventually(lambda: in_processes([process.pid]) == [f"/proc/{process.pid}/environ"])
    finally:
        process.kill()
        process.wait()


# --- what is sealed ----------------------------------------------------------------------------


def test_another_key_opens_nothing_and_says_nothing(tmp_path: Path) -> None:
    one, other = (Seal(Settings(state_dir=tmp_path / name), "key") for name in ("a", "b"))
    sealed = one.close(CANARY)
    assert CANARY.encode() not in sealed
    assert one.open(sealed) == CANARY
    with pytest.raises(SealError) as caught:
        other.open(sealed)
    assert CANARY not in str(caught.value)


def test_of_two_who_make_a_key_at_once_both_have_the_same(tmp_path: Path) -> None:
    settings, start, made = Settings(state_dir=tmp_path), threading.Barrier(8), list[Seal]()

    def make() -> None:
        start.wait()
        made.append(Seal(settings, "key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {seal.open(made[0].close(CANARY)) for seal in made} == {CANARY}
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]
    assert (tmp_path / "secrets/key").stat().st_mode & 0o077 == 0


# --- what an earlier release has stored ----------------------------------------------------------


def test_what_was_stored_in_the_clear_is_sealed_and_leaves_the_log(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    clear = {
        "usual": (f"rtsp://admin:{CANARY}@10.0.0.5/1", "rtsp://10.0.0.5/1"),
        "path": (
            f"rtsp://10.0.0.6/user=admin&password={CANARY}",
            f"rtsp://10.0.0.6/user=admin&password={CANARY}",
        ),
        "none": ("rtsp://10.0.0.7/1", "rtsp://10.0.0.7/1"),
    }
    for number, (camera, (whole, told)) in enumerate(clear.items(), 1):
        database.execute(
            "INSERT INTO camera_addresses (source, address, fps, loop) VALUES (%s, %s, 2.5, true)",
            (camera, whole),
        )
        source = Source(camera, "camera", "a", "b", "live", Place(None, None), address=told)
        database.execute(
            "INSERT INTO control_log (sequence, time, actor, form, change)"
            " VALUES (%s, now(), 'lan', 1, %s)",
            (number, msgspec.json.encode(source).decode()),
        )
    assert sorted(in_tables(database, settings)) == ["camera_addresses", "control_log"]
    before = read(database)

    assert seal_stored(database, settings) == 3
    assert not in_tables(database, settings)
    found = addresses(database, settings)
    assert {name: one.address for name, one in found.items()} == {
        name: whole for name, (whole, _) in clear.items()
    }
    assert {(one.fps, one.loop, one.verified) for one in found.values()} == {(2.5, True, True)}
    after = read(database)
    assert [one.change.address for one in after if isinstance(one.change, Source)] == [
        "rtsp://10.0.0.5/1", "rtsp://10.0.0.6/…", "rtsp://10.0.0.7/1",
    ]  # fmt: skip
    assert [(one.sequence, one.time) for one in after] == [
        (one.sequence, one.time) for one in before
    ]
    assert seal_stored(database, settings) == 0, "asked again, it changes nothing"
    with pytest.raises(psycopg.errors.RaiseException, match="append only"):
        database.execute("UPDATE control_log SET actor = 'somebody else'")


def test_a_recording_has_no_password_that_an_earlier_release_let_pass() -> None:
    told = f"rtsp://10.0.0.6/user=admin&password={CANARY}"
    for address, shown in ((told, "rtsp://10.0.0.6/…"), ("rtsp://h/1", "rtsp://h/1")):
        source = Source("gate", "camera", "a", "b", "live", Place(None, None), address=address)
        headers, value = encode(ControlChange(1, 1_800_000_000_000_000, source))
        kept = written(Message("frames", 0, 0, headers, value))
        change = decode(headers, kept)[0].change
        assert change.address == shown
        assert change.id == "gate"
    assert (
        CANARY.encode()
        in encode(ControlChange(1, 1, msgspec.structs.replace(source, address=told)))[1]
    )
