"""Compose's broker lets nobody in without an account, and no part do another's work.

No container engine is at hand: the broker is run by the image's own program, with the environment
and the file that it has in Compose, and prepared by the command that Compose runs.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.broker.doors import HEALTH, PROPERTIES
from deploy.broker.rights import ACCOUNTS, READS, WRITES
from deploy.local import kafka
from streams.kafka.access import CLEAR, OWNER, SIGNED_IN, Access, password
from streams.kafka.clients import BrokerAwayError, consumer
from streams.settings import load
from streams.topics import FRAMES, INCIDENTS, READINGS, physical
from tests.support import compose, servers
from tests.support.databases import cloned, know_passwords
from tests.support.doors import (
    IMPATIENT,
    STRANGERS,
    as_account,
    first,
    list_topics,
    put,
    writes,
)
from tests.support.kafka_image import KafkaImage
from tests.support.renewing import TEMPLATE_NAMESPACE

PARTS, MACHINE, CONTROLLER = "9092", "19092", "19093"
"""Ports within the container."""


def run(service: str, **instead: str) -> None:
    """What Compose runs as a service, in its environment; raises CalledProcessError."""
    said = compose.services()[service]
    program, *arguments = said["entrypoint"]
    assert program == "python"
    environment = {**os.environ, **compose.environment(said), **instead}
    subprocess.run([sys.executable, *arguments], env=environment, check=True, cwd=compose.ROOT)


@pytest.fixture(scope="module")
def started(database_server: str, template_database: str) -> Iterator[SimpleNamespace]:
    """Compose's broker after ``doors`` and ``prepare``, and settings of this machine's clients."""
    private = servers.private("compose")
    state = private.state_dir.absolute()
    try:
        servers.fetch(private, kafka)
        run("doors", CITYOPS_STATE_DIR=str(state))
        broker = KafkaImage(
            private, compose.environment(compose.services()["kafka"]), state / "kafka"
        )
        try:
            with cloned(database_server, template_database) as database:
                instead = {
                    "CITYOPS_STATE_DIR": str(state),
                    "CITYOPS_KAFKA_BOOTSTRAP": broker.address(PARTS),
                    "CITYOPS_DATABASE_URL": database,
                    "CITYOPS_NAMESPACE": TEMPLATE_NAMESPACE,
                    "CITYOPS_PARTITIONS": "2",
                }
                settings = load(compose.environment(compose.services()["gateway"]) | instead)
                know_passwords(settings, database_server)
                run("prepare", **instead)
                yield SimpleNamespace(settings=settings, broker=broker, again=instead)
        finally:
            broker.stop()
    finally:
        servers.remove(private)


DOORS = [
    *((port, who) for port in (PARTS, MACHINE) for who in STRANGERS),
    (CONTROLLER, "nobody"),
    (CONTROLLER, "broker"),
]


def test_nobody_comes_in_without_an_account(started: SimpleNamespace) -> None:
    def comes_in(door: tuple[str, str]) -> bool:
        port, who = door
        address = started.broker.address(port)
        try:
            list_topics(bootstrap_servers=address, **IMPATIENT, **STRANGERS[who])
        except KafkaError:
            return False
        return True

    with ThreadPoolExecutor(len(DOORS)) as at_once:  # each is waited for
        assert [
            door for door, came in zip(DOORS, at_once.map(comes_in, DOORS), strict=True) if came
        ] == []


@pytest.mark.parametrize("port", [PARTS, MACHINE])
@pytest.mark.parametrize("account", ["command", OWNER])
def test_control_with_the_right_password_they_do(
    started: SimpleNamespace, port: str, account: str
) -> None:
    known = Access(SIGNED_IN, account, password(started.settings, account))
    if account == OWNER:
        known = known._replace(mechanism="PLAIN")
    found = list_topics(bootstrap_servers=started.broker.address(port), **known.options())
    assert physical(started.settings.namespace, FRAMES) in found


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_part_writes_what_is_its_to_write_and_nothing_else(
    started: SimpleNamespace, account: str
) -> None:
    assert writes(as_account(started.settings, account)) == set(WRITES[account])


@pytest.mark.parametrize("account", ["city", "detect"])
def test_a_part_reads_what_is_its_to_read_and_nothing_else(
    started: SimpleNamespace, account: str
) -> None:
    put(as_account(started.settings, "gateway"), FRAMES, b"a picture")
    settings = as_account(started.settings, account)
    if FRAMES in READS[account]:
        assert first(settings, FRAMES)
        return
    with pytest.raises(TopicAuthorizationFailedError):
        first(settings, FRAMES)


def test_a_part_outside_containers_comes_by_its_account(started: SimpleNamespace) -> None:
    """As where Compose runs the servers only: the broker leads clients to where they came in."""
    outside = msgspec.structs.replace(
        started.settings, kafka_bootstrap=started.broker.address(MACHINE)
    )
    put(as_account(outside, "city"), READINGS)
    with pytest.raises(TopicAuthorizationFailedError):
        put(as_account(outside, "city"), INCIDENTS)


def test_compose_hears_whether_it_answers(started: SimpleNamespace) -> None:
    """As the account in the file that the health check names, by what it asks."""
    path = started.settings.state_dir / "kafka" / HEALTH
    said = dict(line.split("=", 1) for line in path.read_text().strip().splitlines())
    words = dict(
        word.split("=", 1) for word in said["sasl.jaas.config"].rstrip(";").split() if "=" in word
    )
    how: dict[str, Any] = {
        "security_protocol": said["security.protocol"],
        "sasl_mechanism": said["sasl.mechanism"],
        "sasl_plain_username": words["username"].strip('"'),
        "sasl_plain_password": words["password"].strip('"'),
    }
    assert list_topics(bootstrap_servers=started.broker.address(PARTS), **how)


def test_who_comes_as_before_is_told_what_to_set(started: SimpleNamespace) -> None:
    before = msgspec.structs.replace(started.settings, kafka_owned=False, kafka_security=CLEAR)
    with pytest.raises(BrokerAwayError, match="CITYOPS_KAFKA_OWNED"):
        consumer(before, "attempt", 3.0)


def test_what_is_prepared_again_stays_as_it_was(started: SimpleNamespace) -> None:
    secrets = sorted(started.settings.secret("").glob("kafka-*"))
    assert len(secrets) == len(ACCOUNTS) + 2
    kept = {path: path.read_text() for path in secrets}
    file = started.settings.state_dir / "kafka" / PROPERTIES
    before = file.read_text()
    run("doors", CITYOPS_STATE_DIR=started.again["CITYOPS_STATE_DIR"])
    assert file.read_text() == before
    assert {path: path.read_text() for path in kept} == kept


def test_no_password_is_said(started: SimpleNamespace) -> None:
    said = started.broker.log.read_text()
    assert "KafkaRaftServer" in said or "started" in said, "the control: it says what it does"
    written = (started.settings.state_dir / "kafka" / PROPERTIES).read_text()
    for path in started.settings.secret("").glob("kafka-*"):
        assert path.read_text().strip() not in said
        assert (path.read_text().strip() in written) is (
            path.name in {"kafka-owner", "kafka-broker"}
        )


def test_without_the_file_of_its_doors_it_does_not_start(tmp_path: Path) -> None:
    private = servers.private("doorless")
    environment = compose.environment(compose.services()["kafka"])
    try:
        servers.fetch(private, kafka)
        with pytest.raises(RuntimeError, match="JAAS"):
            KafkaImage(private, environment, tmp_path)
    finally:
        servers.remove(private)
