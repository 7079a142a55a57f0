"""Kafka and TimescaleDB come back from SIGKILL with what they had acknowledged."""

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from deploy.local import kafka, ports, state
from deploy.local.parts import PREPARE, parts
from streams.database import connect
from streams.kafka import broker
from streams.kafka.access import OWNER
from streams.kafka.clients import BrokerAwayError
from streams.settings import PREFIX
from tests.support import servers
from tests.support.supervised import Supervised

SERVERS = ("kafka", "database", PREPARE)


@pytest.fixture(scope="module")
def stack(request: pytest.FixtureRequest) -> Iterator[Supervised]:
    # The fixtures fetch the programs, or skip where that cannot be.
    request.getfixturevalue("kafka_bootstrap")
    request.getfixturevalue("database_server")
    settings = msgspec.structs.replace(servers.private("servers"), kafka_security="")
    patched = pytest.MonkeyPatch()
    for name in ("KAFKA_BOOTSTRAP", "DATABASE_URL"):
        patched.delenv(PREFIX + name, raising=False)
    for name in ("state_dir", "kafka_port", "kafka_controller_port", "database_port"):
        patched.setenv(PREFIX + name.upper(), str(getattr(settings, name)))
    supervised = Supervised(settings)
    try:
        supervised.start(*(part for part in parts(settings) if part.name in SERVERS))
        supervised.until(lambda: supervised.part(PREPARE).state == "done")
        yield supervised
    finally:
        supervised.end()
        patched.undo()
        servers.remove(settings)


def _kill(stack: Supervised, name: str) -> None:
    """Kills the part's process; returns when another one has taken its place and answers."""
    old, restarts = stack.running(name), stack.part(name).restarts
    os.kill(old, signal.SIGKILL)
    stack.until(lambda: stack.part(name).restarts > restarts)
    stack.until(lambda: stack.part(name).pid not in (None, old))
    port = stack.settings.kafka_port if name == "kafka" else stack.settings.database_port
    stack.until(lambda: ports.answers(port))


def test_the_broker_maps_classes_that_were_laid_out_before(stack: Supervised) -> None:
    maps = Path(f"/proc/{stack.running('kafka')}/maps").read_text()
    assert str(kafka.jars(stack.settings).resolve() / kafka.ARCHIVE) in maps


def test_preparing_made_tables_and_topics(stack: Supervised) -> None:
    assert broker.create_topics(stack.settings) == []
    with connect(stack.settings, "test") as connection:
        applied = connection.execute("SELECT count(*) FROM migrations").fetchone()
    assert applied is not None
    assert applied[0] > 0


def test_the_database_comes_back_with_what_was_committed(stack: Supervised) -> None:
    with connect(stack.settings, "test", autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.kept AS SELECT 42 AS number")
    _kill(stack, "database")

    def answers() -> bool:
        try:
            with connect(stack.settings, "test") as connection:
                row = connection.execute("SELECT number FROM public.kept").fetchone()
        except psycopg.OperationalError:
            # It is still replaying its log.
            return False
        return row == (42,)

    stack.until(answers)


def test_kafka_comes_back_with_its_topics(stack: Supervised) -> None:
    extra = msgspec.structs.replace(stack.settings, namespace="kept", kafka_user=OWNER)
    created = broker.create_topics(extra)
    _kill(stack, "kafka")

    def still_there() -> bool:
        try:
            return broker.create_topics(extra) == []
        except BrokerAwayError:
            # The broker waits for the old one's registration to expire.
            return False

    stack.until(still_there)
    assert broker.delete_topics(extra) == created


def test_a_stale_lock_with_a_living_process_id_does_not_stop_the_database(
    stack: Supervised,
) -> None:
    """After a reboot the id in postmaster.pid may be another program's, even our own user's."""
    folder = (stack.settings.state_dir / "database").resolve()
    user = folder.stat().st_uid
    stack.stop()
    lock = folder / "postmaster.pid"
    impostor = subprocess.Popen(["sleep", "60"], user=user if os.geteuid() == 0 else None)
    try:
        lock.write_text(f"{impostor.pid}\n{folder}\n0\n{stack.settings.database_port}\n\n*\n")
        os.chown(lock, user, -1)
        only = [part for part in parts(stack.settings) if part.name in SERVERS]
        stack.start(*only)
        stack.until(lambda: state.current(stack.settings) is not None)
        stack.until(lambda: stack.part(PREPARE).state == "done")
        assert ports.answers(stack.settings.database_port)
    finally:
        impostor.kill()
        impostor.wait()


def test_no_process_is_left(stack: Supervised) -> None:
    now = state.current(stack.settings)
    assert now is not None
    assert stack.stop() == 0
    assert [part.name for part in now.parts if state.lives(part.pid, part.created)] == []
    assert not ports.answers(stack.settings.kafka_port)
    assert not ports.answers(stack.settings.database_port)


@pytest.mark.usefixtures("kafka_bootstrap")
def test_an_id_of_kafka_may_begin_with_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = servers.private("dash")
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(bytes=b"\xfb" + b"\x11" * 15))
    try:
        kafka.command(settings)
        formatted = settings.state_dir / "kafka/data/meta.properties"
        assert "cluster.id=-" in formatted.read_text()
    finally:
        servers.remove(settings)
