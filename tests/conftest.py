"""Real servers for the tests that need them.

``CITYOPS_KAFKA_BOOTSTRAP`` and ``CITYOPS_DATABASE_URL`` name servers that already run; otherwise
private ones are started. Where neither can be had a test is skipped, except in CI, where it fails.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings as settings_of_hypothesis
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.local.errors import StackError
from streams.settings import Settings
from tests.support.servers import Servers

settings_of_hypothesis.register_profile("cityops", deadline=None)  # a busy machine is no fault
settings_of_hypothesis.load_profile("cityops")

TEMPLATE_NAMESPACE = "template"
LONGEST_FIRST = (
    "tests/e2e/test_stack.py",
    "tests/integration/test_worker.py",
    "tests/e2e/test_recordings.py",
    "tests/e2e/test_upgrade.py",
    "tests/e2e/test_console.py",
    "tests/e2e/test_faults.py",
    "tests/integration/test_writers.py",
    "tests/integration/test_alert_service.py",
    "tests/e2e/test_chaos.py",
    "tests/integration/test_gateway.py",
    "tests/integration/",
    "tests/e2e/",
)
"""What takes longest begins first, so that processes end together; what is not named comes last.

The whole system takes all the machine has: beside it stands what waits more than it computes.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.nodeid))
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: give --slow"))


def _turn(nodeid: str) -> int:
    """When a test's file is to begin, against the others."""
    turns = (turn for turn, start in enumerate(LONGEST_FIRST) if nodeid.startswith(start))
    return next(turns, len(LONGEST_FIRST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A process takes the next file as it ends one; each starts servers of its own, once.

    So no test meets a broker that another one has stopped, and none waits for the end alone.
    """
    from xdist.scheduler import LoadFileScheduling

    if config.args and all("unit" in name or "contract" in name for name in config.args):
        return None  # no servers: tests one by one keep both processes busy to the end
    config.option.loadscopereorder = False  # it would put files of many tests first
    return LoadFileScheduling(config, log)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.stop()


def _started(start: Callable[[], Settings]) -> Settings:
    try:
        return start()
    except StackError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest) -> str:
    """Address of a Kafka that runs."""
    given = os.environ.get("CITYOPS_KAFKA_BOOTSTRAP")
    return given or _started(request.getfixturevalue("servers").kafka).bootstrap


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> str:
    """Connection string of an administrator, to a database that exists."""
    given = os.environ.get("CITYOPS_DATABASE_URL")
    return given or _started(request.getfixturevalue("servers").database).database


@pytest.fixture(scope="session")
def template_database(database_server: str) -> Iterator[str]:
    """Name of a database with every migration applied, to be cloned."""
    from deploy.database.migrate import migrate

    name = f"template_{uuid4().hex[:8]}"
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(database_server, dbname=name)
    migrate(Settings(database_url=url, namespace=TEMPLATE_NAMESPACE))
    with psycopg.connect(database_server, autocommit=True) as connection:
        # TimescaleDB's scheduler stays connected, and a database in use cannot be cloned.
        closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        connection.execute(closed)
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ended, (name,))
        yield name
        _drop(connection, name)


@pytest.fixture
def database_url(database_server: str, template_database: str) -> Iterator[str]:
    """Connection string of a fresh database of this test's own; its schema is ``template``."""
    name = f"test_{uuid4().hex[:8]}"
    cloned = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(cloned.format(sql.Identifier(name), sql.Identifier(template_database)))
        yield make_conninfo(database_server, dbname=name)
        _drop(connection, name)


@pytest.fixture
def settings(kafka_bootstrap: str, database_url: str, tmp_path: Path) -> Iterator[Settings]:
    """A namespace of this test's own: its topics, and its schema in a fresh database."""
    from streams.kafka.broker import create_topics, delete_topics

    settings = Settings(
        state_dir=tmp_path / "state",
        kafka_bootstrap=kafka_bootstrap,
        database_url=database_url,
        namespace=f"test{uuid4().hex[:8]}",
        partitions=3,
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        renamed = sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
            sql.Identifier(TEMPLATE_NAMESPACE), sql.Identifier(settings.namespace)
        )
        connection.execute(renamed)
    create_topics(settings)
    yield settings
    delete_topics(settings)


def _drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
