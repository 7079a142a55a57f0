"""The local stack's broker lets nobody in without an account, and no part do another's work.

The control of each is the same attempt where nothing stops it: at a broker without accounts, or by
the part whose work it is.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from deploy.broker.accounts import admit
from deploy.broker.rights import ACCOUNTS, READS, WRITES
from streams.events import DAY, from_datetime
from streams.kafka import ageing
from streams.kafka.access import CLEAR, OWNER, SIGNED_IN, access
from streams.kafka.broker import create_topics
from streams.kafka.clients import BrokerAwayError, producer
from streams.kafka.publisher import Publisher, PublishError
from streams.settings import Settings
from streams.topics import FRAMES, HEARTBEATS, INCIDENTS, READINGS, physical
from tests.support.doors import (
    IMPATIENT,
    STRANGERS,
    as_account,
    first,
    list_topics,
    put,
    writes,
)
from tests.support.servers import Servers


@pytest.fixture(scope="module")
def guarded() -> Iterator[SimpleNamespace]:
    """A broker that ran without accounts, as the last release's did, and has them now."""
    servers = Servers("doors")
    before = servers.kafka()
    topics = msgspec.structs.replace(before, partitions=2)
    create_topics(topics)
    put(topics, FRAMES, b"before")
    servers.kill_kafka()
    servers.settings = msgspec.structs.replace(before, kafka_security=SIGNED_IN)
    servers.kafka()
    settings = msgspec.structs.replace(topics, kafka_security=SIGNED_IN)
    admit(as_account(settings, OWNER))
    create_topics(as_account(settings, OWNER))
    yield SimpleNamespace(settings=settings, servers=servers)
    servers.stop()


def test_what_was_kept_without_accounts_is_still_there(guarded: SimpleNamespace) -> None:
    assert first(as_account(guarded.settings, "detect"), FRAMES) == b"before"


DOORS = [("kafka_port", each) for each in STRANGERS] + [
    ("kafka_controller_port", "nobody"),
    ("kafka_controller_port", "broker"),
]


@pytest.mark.parametrize(("port", "who"), DOORS)
def test_nobody_comes_in_without_an_account(guarded: SimpleNamespace, port: str, who: str) -> None:
    address = f"127.0.0.1:{getattr(guarded.settings, port)}"
    with pytest.raises(KafkaError):
        list_topics(bootstrap_servers=address, **IMPATIENT, **STRANGERS[who])


def test_control_without_accounts_anybody_reads_frames_and_writes_incidents(
    kafka_bootstrap: str,
) -> None:
    open_door = Settings(kafka_bootstrap=kafka_bootstrap, namespace="doors", partitions=1)
    create_topics(open_door)
    put(open_door, FRAMES, b"a picture")
    assert first(open_door, FRAMES, security_protocol=CLEAR) == b"a picture"
    put(open_door, INCIDENTS)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_part_writes_what_is_its_to_write_and_nothing_else(
    guarded: SimpleNamespace, account: str
) -> None:
    may = writes(as_account(guarded.settings, account))
    assert may == set(WRITES[account])
    assert (INCIDENTS in may) is (account in {"detect", "streams"})


@pytest.mark.parametrize("account", ["gateway", "city"])
def test_a_source_may_say_what_it_has_not_sent(guarded: SimpleNamespace, account: str) -> None:
    account_of_loss(as_account(guarded.settings, account), account)


def test_control_who_may_not_say_so_ends_with_it(guarded: SimpleNamespace) -> None:
    with pytest.raises(PublishError, match="TopicAuthorization"):
        account_of_loss(as_account(guarded.settings, "alerts"), "alerts")


def account_of_loss(settings: Settings, part: str) -> None:
    """As a source does under overload: its pictures are shed, and it says how many."""
    publisher = Publisher(settings, part)
    try:
        publisher.unpublished.note("cam-1", "backlog")
        publisher.account(FRAMES, (from_datetime(datetime.now(UTC)), 1), at_once=True)
        publisher.flush()
    finally:
        with suppress(PublishError):
            publisher.close()


@pytest.mark.parametrize("account", ["city", "alerts"])
def test_a_part_reads_what_is_its_to_read_and_nothing_else(
    guarded: SimpleNamespace, account: str
) -> None:
    settings = as_account(guarded.settings, account)
    for topic in (FRAMES, READINGS):
        if topic in READS[account]:
            put(as_account(guarded.settings, "gateway"), topic, b"in")
            assert first(settings, topic)
        else:
            with pytest.raises(TopicAuthorizationFailedError):
                first(settings, topic)
    put(settings, HEARTBEATS, b"well")
    assert first(settings, HEARTBEATS) == b"well"


def test_no_part_takes_anothers_place_or_deletes(guarded: SimpleNamespace) -> None:
    settings = as_account(guarded.settings, "city")
    client = KafkaConsumer(
        physical(settings.namespace, HEARTBEATS),
        bootstrap_servers=settings.bootstrap,
        group_id=f"{settings.namespace}.streams",
        **access(settings).options(),
    )
    try:
        with pytest.raises(GroupAuthorizationFailedError):
            client.poll(5000)
    finally:
        client.close(autocommit=False)
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap, **access(settings).options())
    try:
        with pytest.raises(KafkaError):
            admin.delete_topics([physical(settings.namespace, READINGS)])
    finally:
        admin.close()
    put(as_account(guarded.settings, "gateway"), READINGS)


def test_the_writer_deletes_what_is_old_and_the_city_does_not(guarded: SimpleNamespace) -> None:
    put(as_account(guarded.settings, "gateway"), READINGS)
    with pytest.raises(KafkaError):
        delete(as_account(guarded.settings, "city"), READINGS)
    later = from_datetime(datetime.now(UTC)) + 1000 * DAY
    assert READINGS in ageing.delete_old(as_account(guarded.settings, "writer"), later)


def delete(settings: Settings, topic: str) -> None:
    place = TopicPartition(physical(settings.namespace, topic), 0)
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap, **access(settings).options())
    try:
        admin.delete_records({place: 1})
    finally:
        admin.close()


def test_a_right_that_is_no_more_is_taken_back(
    guarded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, owner = (as_account(guarded.settings, each) for each in ("city", OWNER))
    monkeypatch.setitem(WRITES, "city", (*WRITES["city"], INCIDENTS))
    admit(owner)
    put(city, INCIDENTS)  # it had the right
    monkeypatch.undo()
    admit(owner)
    with pytest.raises(TopicAuthorizationFailedError):
        put(city, INCIDENTS)


def test_a_lost_password_is_one_clear_error(guarded: SimpleNamespace, tmp_path: Path) -> None:
    lost = msgspec.structs.replace(
        guarded.settings, state_dir=tmp_path, kafka_bootstrap=guarded.settings.bootstrap
    )
    with pytest.raises(BrokerAwayError, match="kafka-city"):
        producer(as_account(lost, "city"), "attempt")


def test_passwords_and_messages_are_their_owners_alone(guarded: SimpleNamespace) -> None:
    state = guarded.settings.state_dir
    secrets = sorted(guarded.settings.secret("x").parent.glob("kafka-*"))
    assert len(secrets) == len(ACCOUNTS) + 2
    for path in (*secrets, state / "kafka/server.properties"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for path in (state / "kafka", secrets[0].parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    for path in secrets:
        assert path.read_text().strip() not in Path("/proc/self/environ").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_of_the_machine_reads_neither(guarded: SimpleNamespace) -> None:
    state = guarded.settings.state_dir.absolute()
    become = [shutil.which("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
    beside = state / "anybodys"
    beside.write_text("control")
    beside.chmod(0o644)
    if subprocess.run([*become, "cat", beside], capture_output=True, check=False).returncode:
        pytest.skip("the folder of the clone is closed to others as a whole")
    closed = state / "kafka/server.properties", guarded.settings.secret("kafka-detect").absolute()
    for path in closed:
        tried = subprocess.run([*become, "cat", path], capture_output=True, check=False)
        assert tried.returncode != 0
